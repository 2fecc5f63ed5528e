"""Staff's decisions about a line of a statement that is nothing new: booked already, or another line once more."""

from collections.abc import Collection as Items
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.banking import matches
from infactor.banking.models import StatementLine
from infactor.core.admin.formatting import day_text
from infactor.core.admin.forms import ReasonForm
from infactor.core.admin.tables import Table
from infactor.core.money import format_amount
from infactor.financing.admin.base.forms import parse_key
from infactor.financing.admin.payments.line_choices import MAX_LISTED, ChoicesForm, ChoicesView
from infactor.financing.admin.payments.line_decisions import OPEN, LineDecision, reasons_table
from infactor.financing.admin.payments.line_returns import is_return
from infactor.financing.collections import line_acceptance
from infactor.ledger.models import Entry


class BookedForm(ChoicesForm):
    """Asks which postings the line confirms."""

    entries = forms.MultipleChoiceField(label=gettext_lazy("Postings"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, entries: Sequence[Entry], undone_ids: Items[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = []
        for one in entries:
            posted = one.transaction
            moved = format_amount(one.debit - one.credit, posted.currency)
            undone = _(", undone since") if one.pk in undone_ids else ""
            choices.append((str(one.pk), f"{day_text(posted.effective_date)}: {moved}, {posted.description}{undone}"))
        self.fields["entries"] = forms.MultipleChoiceField(
            label=_("Postings"), choices=choices, widget=forms.CheckboxSelectMultiple
        )


class ConfirmBookedView(ChoicesView):
    """Say that a line is money that the books have already: a payout, a return, or a payment entered by hand."""

    name, label, title, button = (
        "booked",
        gettext_lazy("It is in the books"),
        gettext_lazy("Which postings does it confirm?"),
        gettext_lazy("Confirm"),
    )
    form_class = BookedForm
    ticked_field = "entries"
    notes = (
        gettext_lazy(
            "Nothing is posted: the books and the bank then say the same. Several postings may come to one line."
        ),
        gettext_lazy(
            "What is undone since is on a statement only if the money had moved: a refund or a payment that came back."
        ),
    )

    @cached_property
    def matching_entries(self) -> QuerySet[Any]:
        rows = matches.unconfirmed_entries(account=self.row.account, with_undone=True)
        rows = rows.filter(moved__gt=0) if self.row.amount > 0 else rows.filter(moved__lt=0)
        return rows.filter(self.is_ticked | self.is_found) if self.words.text else rows

    @property
    def is_ticked(self) -> Q:
        return Q(pk__in=[parse_key(one) for one in self.ticked])

    @property
    def is_found(self) -> Q:
        """By a part of the description or the reference, by the exact amount, or by the day."""
        text, amount, day = self.words.text, self.words.amount, self.words.day
        found = Q(transaction__description__icontains=text) | Q(transaction__reference__icontains=text)
        if amount is not None:
            found |= Q(moved__in=(amount, -amount))
        return found if day is None else found | Q(transaction__value_date=day)

    @cached_property
    def entries(self) -> list[Entry]:
        is_first = Case(When(Q(moved=self.row.amount) | self.is_ticked, then=True), default=False)
        rows = self.matching_entries.annotate(is_first=is_first)
        return list(rows.order_by("-is_first", "-transaction__value_date", "-pk")[:MAX_LISTED])

    @cached_property
    def not_listed(self) -> int:
        return max(self.matching_entries.count() - MAX_LISTED, 0)

    @cached_property
    def undone_ids(self) -> frozenset[int]:
        """Those of the entries that were reversed, or that reverse another, without a line for either."""
        in_force = matches.unconfirmed_entries(account=self.row.account).filter(pk__in=[one.pk for one in self.entries])
        return frozenset({one.pk for one in self.entries} - set(in_force.values_list("pk", flat=True)))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "entries": self.entries, "undone_ids": self.undone_ids}

    def get_initial(self) -> dict[str, Any]:
        in_force = [one for one in self.entries if one.pk not in self.undone_ids]
        exact = [one for one in in_force if one.debit - one.credit == self.row.amount]
        return {"entries": [str(exact[0].pk)] if len(exact) == 1 else []}

    def tables(self) -> list[Table]:
        return [reasons_table(self.row)]

    def perform(self, form: Any) -> str:
        wanted = {int(pk) for pk in form.cleaned_data["entries"]}
        chosen = [one for one in self.entries if one.pk in wanted]
        line_acceptance.confirm_booked(line=self.row, entries=chosen, by=self.user, at=timezone.now())
        return _("%(row)s confirms what the books have.") % {"row": self.row}


class DuplicateForm(ReasonForm):
    """Asks which line it is once more."""

    field_order = ("same_as", "reason")
    same_as = forms.ModelChoiceField(StatementLine.objects.none(), label=gettext_lazy("It is the same as"))

    def __init__(self, *args: Any, line: StatementLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = StatementLine.objects.filter(account=line.account, amount=line.amount).exclude(pk=line.pk)
        same: Any = self.fields["same_as"]
        same.queryset = rows.exclude(status=StatementLine.Status.DUPLICATE).select_related("account")
        same.label_from_instance = lambda one: f"{one}, {day_text(one.booking_date)}, {one.payer or one.remittance}"


class MarkDuplicateView(LineDecision):
    """Say that a line is another line once more, as where two formats of one statement were imported."""

    name, label, title, button = (
        "duplicate",
        gettext_lazy("It is another line once more"),
        gettext_lazy("The same as another line"),
        gettext_lazy("It is the same"),
    )
    form_class = DuplicateForm
    notes = (
        gettext_lazy("The line then counts no longer. The bank's balance shows whether that is right: see Reconcile."),
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "line": self.row}

    def perform(self, form: Any) -> str:
        line_acceptance.mark_duplicate(line=self.row, **form.cleaned_data, by=self.user, at=timezone.now())
        return _("%(row)s is the same as %(same_as)s.") % {"row": self.row, "same_as": form.cleaned_data["same_as"]}


class ReopenView(LineDecision):
    """Take back what was said of a line."""

    name, label, title, button = (
        "reopen",
        gettext_lazy("Take it back"),
        gettext_lazy("Take back what was said of this line"),
        gettext_lazy("Take back"),
    )
    form_class = ReasonForm

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status not in OPEN and not hasattr(row, "collection") and not is_return(row)

    @classmethod
    def blocker_of(cls, row: StatementLine) -> str:
        if hasattr(row, "collection"):
            return _("It is matched with %(collection)s. Withdraw that payment, on its page, if it is none.") % {
                "collection": row.collection
            }
        if is_return(row):
            return _("Something came back by it. Take that back with “Not a return”.")
        return super().blocker_of(row)

    def perform(self, form: Any) -> str:
        line_acceptance.reopen_line(line=self.row, reason=form.cleaned_data["reason"], by=self.user, at=timezone.now())
        return _("%(row)s is open again.") % {"row": self.row}
