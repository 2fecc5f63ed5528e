"""Staff's decisions about a line of a statement that is money sent: which payouts a debit is, and what came back."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing import payouts
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH, parse_key
from infactor.financing.admin.payments.line_choices import MAX_LISTED, ChoicesForm, ChoicesView
from infactor.financing.admin.payments.line_decisions import LineDecision
from infactor.financing.admin.payments.payout_decisions import code_choices
from infactor.financing.admin.search import PAYOUTS
from infactor.financing.models import CollectionCost, Payout
from infactor.financing.money_out import bank_lines, debit_candidates, endings

Choice = tuple[str, str, Decimal]


class SentForm(ChoicesForm):
    """Asks which payouts, batches and costs a debit is."""

    items = forms.MultipleChoiceField(label=gettext_lazy("It is"), choices=[], widget=forms.CheckboxSelectMultiple)


class ConfirmDebitView(ChoicesView):
    """Say that a debit is money that infactor sent."""

    name, label, title, button = (
        "sent",
        gettext_lazy("Money that we sent"),
        gettext_lazy("Which payouts is this debit?"),
        gettext_lazy("Confirm"),
    )
    permission = bank_lines.MATCH_DEBITS
    form_class = SentForm
    ticked_field = "items"
    notes = (
        gettext_lazy("What you tick comes to the amount of the line: whole batches, single payouts, collection costs."),
        gettext_lazy("It is posted on the day of the line, and the payouts count as confirmed."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.DEBIT

    def ticked_keys(self, kind: str) -> set[int]:
        parts = [one.partition(":") for one in self.ticked]
        return {key for name, _, text in parts if name == kind and (key := parse_key(text))}

    def first(self, rows: "QuerySet[Any]", kind: str, amount: str = "amount") -> Any:
        """`rows`, what is ticked and what has the amount of the line first."""
        is_first = Q(**{amount: -self.row.amount}) | Q(pk__in=self.ticked_keys(kind))
        return rows.annotate(is_first=Case(When(is_first, then=True), default=False)).order_by("-is_first", "pk")

    @cached_property
    def matching_payouts(self) -> "QuerySet[Payout]":
        rows = debit_candidates.undebited(line=self.row)
        if self.words.text:
            ids = self.ticked_keys("payout")
            rows = rows.filter(Q(pk__in=ids) | PAYOUTS.matching(self.words))
        return rows

    @cached_property
    def matching_costs(self) -> "QuerySet[CollectionCost]":
        rows = debit_candidates.unpaid_costs(line=self.row)
        if self.words.text:
            found = Q(payee__name__icontains=self.words.text) | Q(amount=self.words.amount)
            rows = rows.filter(Q(pk__in=self.ticked_keys("cost")) | found)
        return rows

    @cached_property
    def payouts(self) -> list[Payout]:
        return list(self.first(self.matching_payouts, "payout")[:MAX_LISTED])

    @cached_property
    def costs(self) -> list[CollectionCost]:
        return list(self.first(self.matching_costs, "cost")[:MAX_LISTED])

    @cached_property
    def not_listed(self) -> int:
        return max(self.matching_payouts.count() - MAX_LISTED, 0) + max(self.matching_costs.count() - MAX_LISTED, 0)

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["items"].choices = [(key, label) for key, label, _ in self.choices]
        return form

    @cached_property
    def choices(self) -> list[Choice]:
        """Each choice with its key, its words and its amount; those of the line's amount first."""
        currency = self.row.account.currency
        found: list[Choice] = [
            *self.batch_choices(),
            *(
                (
                    f"payout:{one.pk}",
                    gettext("%(one)s to %(payee)s, batch %(batch_id)s")
                    % {"one": one, "payee": one.payee, "batch_id": one.batch_id},
                    one.amount,
                )
                for one in self.payouts
            ),
            *(
                (f"cost:{one.pk}", gettext("%(one)s, to %(payee)s") % {"one": one, "payee": one.payee}, one.amount)
                for one in self.costs
            ),
        ]
        found.sort(key=lambda one: one[2] != -self.row.amount)
        return [(key, f"{label}: {format_amount(amount, currency)}", amount) for key, label, amount in found]

    def batch_choices(self) -> Iterator[Choice]:
        """Each batch whole, and without what has failed since, where that is less. Counted over all its payouts."""
        rows = debit_candidates.whole_batches(line=self.row)
        amount = -self.row.amount
        is_first = Q(total=amount) | Q(sent_total=amount) | Q(batch__in=self.ticked_keys("batch"))
        is_first |= Q(batch__in=self.ticked_keys("sent")) | Q(batch=self.words.number_after("IFB") or self.words.number)
        rows = rows.annotate(is_first=Case(When(is_first, then=True), default=False))
        for one in rows.order_by("-is_first", "-batch_id")[:MAX_LISTED]:
            values = {"key": one["batch_id"], "count": one["count"]}
            yield f"batch:{one['batch_id']}", gettext("All of batch %(key)s, %(count)s payouts") % values, one["total"]
            if 1 < one["sent_count"] < one["count"]:
                values["count"] = one["sent_count"]
                label = gettext("Batch %(key)s without what has failed, %(count)s payouts") % values
                yield f"sent:{one['batch_id']}", label, one["sent_total"]

    def get_initial(self) -> dict[str, Any]:
        exact = [key for key, _, amount in self.choices if amount == -self.row.amount]
        return {"items": exact if len(exact) == 1 else []}

    def perform(self, form: Any) -> str:
        chosen = {kind: self.ticked_keys(kind) for kind in ("batch", "sent", "payout", "cost")}
        undebited = debit_candidates.undebited(line=self.row)
        of_batches = Q(batch__in=chosen["batch"]) | Q(batch__in=chosen["sent"], status=Payout.Status.SENT)
        ids = chosen["payout"] | set(undebited.filter(of_batches).values_list("pk", flat=True))
        bank_lines.confirm(line=self.row, payout_ids=ids, cost_ids=chosen["cost"], by=self.user, at=timezone.now())
        return gettext("%(row)s is in the books: it confirms what you chose.") % {"row": self.row}


class CameBackForm(forms.Form):
    """Asks which payout came back, and what the bank said."""

    payout = forms.ModelChoiceField(Payout.objects.none(), label=gettext_lazy("Payout"))
    code = forms.ChoiceField(
        label=gettext_lazy("Code"), required=False, choices=lambda: [("", gettext("No code")), *code_choices()]
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MAX_REASON_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("In words, where there is no code. The supplier reads it."),
    )


class CameBackView(LineDecision):
    """Accept that a credit is a payout that the bank returned."""

    name, label, title, button = (
        "came_back",
        gettext_lazy("A payout that came back"),
        gettext_lazy("Which payout came back?"),
        gettext_lazy("Accept"),
    )
    permission = payouts.PREPARE_PAYOUTS
    form_class = CameBackForm
    notes = (
        gettext_lazy("The money is on the account again, and still owed. It can be prepared again."),
        gettext_lazy("A code that says that the account is closed or wrong suspends the account."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.WAITING

    @cached_property
    def proposed(self) -> debit_candidates.Returned | None:
        return debit_candidates.returned(line=self.row)

    def facts(self) -> Facts:
        why = self.proposed.reason if self.proposed is not None else gettext("Nothing says so for certain.")
        return [*super().facts(), (gettext("Likely"), why)]

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        rows = debit_candidates.returnable(line=self.row)
        form.fields["payout"].queryset = rows
        form.fields["payout"].label_from_instance = lambda one: (
            gettext("%(one)s to %(payee)s") % {"one": one, "payee": one.payee}
        )
        return form

    def get_initial(self) -> dict[str, Any]:
        found = self.proposed
        return {} if found is None else {"payout": found.payout, "code": found.code}

    def perform(self, form: Any) -> str:
        endings.record_return(line=self.row, by=self.user, at=timezone.now(), **form.cleaned_data)
        return gettext("%(payout)s came back. It is still owed.") % {"payout": form.cleaned_data["payout"]}
