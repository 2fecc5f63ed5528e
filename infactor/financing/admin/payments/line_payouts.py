"""Staff's decisions about a line of a statement that is money sent: which payouts a debit is, and what came back."""

from decimal import Decimal
from functools import cached_property
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from infactor.banking.models import StatementLine
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing import payouts
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH
from infactor.financing.admin.payments.line_decisions import LineDecision
from infactor.financing.admin.payments.payout_decisions import code_choices
from infactor.financing.models import CollectionCost, Payout
from infactor.financing.money_out import bank_lines, debit_candidates, endings

MAX_LISTED = 200


class SentForm(forms.Form):
    """Asks which payouts, batches and costs a debit is."""

    items = forms.MultipleChoiceField(label=gettext_lazy("It is"), choices=[], widget=forms.CheckboxSelectMultiple)


class ConfirmDebitView(LineDecision):
    """Say that a debit is money that infactor sent."""

    name, label, title, button = (
        "sent",
        gettext_lazy("Money that we sent"),
        gettext_lazy("Which payouts is this debit?"),
        gettext_lazy("Confirm"),
    )
    permission = bank_lines.MATCH_DEBITS
    form_class = SentForm
    notes = (
        gettext_lazy("What you tick comes to the amount of the line: whole batches, single payouts, collection costs."),
        gettext_lazy("It is posted on the day of the line, and the payouts count as confirmed."),
    )

    @classmethod
    def is_possible(cls, row: StatementLine) -> bool:
        return row.status == StatementLine.Status.DEBIT

    @cached_property
    def payouts(self) -> list[Payout]:
        return list(debit_candidates.undebited(line=self.row).order_by("pk")[:MAX_LISTED])

    @cached_property
    def costs(self) -> list[CollectionCost]:
        return list(debit_candidates.unpaid_costs(line=self.row).order_by("pk")[:MAX_LISTED])

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["items"].choices = [(key, label) for key, label, _ in self.choices]
        return form

    @cached_property
    def choices(self) -> list[tuple[str, str, Any]]:
        """Each choice with its key, its words and its amount; those of the line's amount first."""
        currency = self.row.account.currency
        by_batch: dict[int, list[Payout]] = {}
        for one in self.payouts:
            by_batch.setdefault(one.batch_id or 0, []).append(one)
        found = [
            (
                f"batch:{key}",
                gettext("All of batch %(key)s, %(count)s payouts") % {"key": key, "count": len(rows)},
                sum((one.amount for one in rows), Decimal(0)),
            )
            for key, rows in by_batch.items()
            if len(rows) > 1
        ]
        found += [
            (
                f"payout:{one.pk}",
                gettext("%(one)s to %(payee)s, batch %(batch_id)s")
                % {"one": one, "payee": one.payee, "batch_id": one.batch_id},
                one.amount,
            )
            for one in self.payouts
        ]
        found += [
            (f"cost:{one.pk}", gettext("%(one)s, to %(payee)s") % {"one": one, "payee": one.payee}, one.amount)
            for one in self.costs
        ]
        found.sort(key=lambda one: one[2] != -self.row.amount)
        return [(key, f"{label}: {format_amount(amount, currency)}", amount) for key, label, amount in found]

    def get_initial(self) -> dict[str, Any]:
        exact = [key for key, _, amount in self.choices if amount == -self.row.amount]
        return {"items": exact if len(exact) == 1 else []}

    def perform(self, form: Any) -> str:
        chosen = [one.partition(":") for one in form.cleaned_data["items"]]
        of_batches = {int(key) for kind, _, key in chosen if kind == "batch"}
        ids = {int(key) for kind, _, key in chosen if kind == "payout"}
        ids |= {one.pk for one in self.payouts if one.batch_id in of_batches}
        costs = {int(key) for kind, _, key in chosen if kind == "cost"}
        bank_lines.confirm(line=self.row, payout_ids=ids, cost_ids=costs, by=self.user, at=timezone.now())
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
