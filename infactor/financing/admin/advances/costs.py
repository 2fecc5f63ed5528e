"""Staff's decisions about the costs of collecting an invoice: record one, or cancel it before the bank has it."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.core.admin.formatting import amount_text
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing.admin.advances.corrections import AdvanceCorrection
from infactor.financing.admin.base.forms import SupplierReasonForm, ValueDateAndReasonForm
from infactor.financing.advances import collection_costs, payees
from infactor.financing.advances.payees import PayeeDetails
from infactor.financing.collections import recoveries
from infactor.financing.models import Advance, Approval, CollectionCost, Correction, Payee
from infactor.suppliers.countries import countries


class CostForm(ValueDateAndReasonForm):
    """Asks what was paid to whom, when and for what."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount"),
        max_digits=18,
        decimal_places=2,
        help_text=gettext_lazy("In the currency of the advance."),
    )
    payee = forms.ModelChoiceField(
        Payee.objects.filter(joined_into=None).defer("tin", "fingerprint"),
        required=False,
        label=gettext_lazy("Paid to"),
        empty_label=gettext_lazy("A new payee"),
    )
    new_payee = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("New payee"),
        help_text=gettext_lazy("Its legal name. Complete it from its Form W-9 afterwards, under Payees."),
    )
    service = forms.ChoiceField(
        choices=Payee.Service.choices, label=gettext_lazy("What the new payee does"), required=False
    )
    country = forms.ChoiceField(
        choices=lambda: list(countries().items()), label=gettext_lazy("Country of the new payee"), required=False
    )
    field_order = ("amount", "payee", "new_payee", "service", "country", "value_date", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("What it was paid for. The audit log keeps it.")

    def clean(self) -> dict[str, Any]:
        """Require a payee of the list or a new one, and not both."""
        data: dict[str, Any] = super().clean() or {}
        chosen, named = data.get("payee"), (data.get("new_payee") or "").strip()
        if chosen and named:
            self.add_error("new_payee", _("Choose a payee or name a new one, not both."))
        elif not chosen and not named and "payee" not in self.errors:
            self.add_error("payee", _("Choose who is paid, or name a new payee."))
        return data


class CostChoiceForm(SupplierReasonForm):
    """Asks which collection cost is not paid, and why."""

    cost = forms.ModelChoiceField(CollectionCost.objects.none(), label=gettext_lazy("Cost"))
    field_order = ("cost", "reason")

    def __init__(self, *args: Any, costs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cost"]
        field.queryset = costs.select_related("advance")
        field.label_from_instance = lambda one: (
            _("%(amount)s to %(payee)s")
            % {"amount": format_amount(one.amount, one.advance.currency), "payee": one.payee}
        )


class CostView(AdvanceCorrection):
    """infactor paid somebody to collect the invoice."""

    name = "cost"
    label = title = gettext_lazy("Record a collection cost")
    button = gettext_lazy("Record")
    legend = gettext_lazy("The cost")
    form_class = CostForm
    notes = (
        gettext_lazy(
            "What comes in after a write-off repays principal, fee and costs in this order. The rest is not ours."
        ),
    )

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        return row.status in collection_costs.STATUSES

    def facts(self) -> Facts:
        if self.row.status != Advance.Status.WRITTEN_OFF:
            return super().facts()
        left = recoveries.recoverable(advance=self.row)
        return [
            *super().facts(),
            (_("Principal to recover"), amount_text(left.principal, self.row.currency)),
            (_("Fee to recover"), amount_text(left.fee, self.row.currency)),
            (_("Costs to recover"), amount_text(left.cost, self.row.currency)),
        ]

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "country": "US"}

    def preview(self, form: Any) -> Preview:
        paid = form.cleaned_data["payee"] or form.cleaned_data["new_payee"].strip()
        return Preview(facts=[(_("Paid to"), f"{paid}"), *self.cash_facts(form.cleaned_data["amount"])])

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        amount = format_amount(data["amount"], self.row.currency)
        with transaction.atomic():  # a payee of a cost that is refused is not kept
            payee = data["payee"] or payees.enter(
                details=PayeeDetails(name=data["new_payee"], service=data["service"], country=data["country"]),
                by=self.user,
                at=timezone.now(),
            )
            return self.ask(
                Approval.Kind.COST,
                _("Pay %(amount)s to %(payee)s for collecting invoice %(invoice)s")
                % {"amount": amount, "payee": payee, "invoice": self.row.invoice},
                data["amount"],
                {
                    "amount": str(data["amount"]),
                    "payee": payee.pk,
                    "value_date": data["value_date"].isoformat(),
                    "reason": data["reason"],
                },
                done=_("%(amount)s for collecting invoice %(invoice)s is recorded.")
                % {"amount": amount, "invoice": self.row.invoice},
            )


class CancelCostView(AdvanceCorrection):
    """A collection cost is not paid after all."""

    name = "cancel_cost"
    label = title = gettext_lazy("Cancel a collection cost")
    button = gettext_lazy("Cancel the cost")
    form_class = CostChoiceForm
    notes = (
        gettext_lazy("Only what no statement has yet. What came back is a line of a statement: accept that line."),
    )

    @classmethod
    def is_possible(cls, row: Advance) -> bool:
        known = getattr(row, "has_cost_in_transit", None)
        return bool(_cancellable(row)) if known is None else bool(known)

    @classmethod
    def blocker_of(cls, row: Advance) -> str:
        return _("No collection cost of it is in transit.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "costs": _cancellable(self.row)}

    def perform(self, form: Any) -> str:
        cost, amount = form.cleaned_data["cost"], form.cleaned_data["cost"].amount
        return self.ask(
            Approval.Kind.CORRECTION,
            _("Cancel the cost of %(amount)s to %(payee)s, %(invoice)s")
            % {"amount": format_amount(amount, self.row.currency), "payee": cost.payee, "invoice": self.row.invoice},
            amount,
            {"kind": Correction.Kind.COST, "cost": cost.pk, "reason": form.cleaned_data["reason"]},
            done=_("%(cost)s is cancelled.") % {"cost": cost},
        )


def _cancellable(row: Advance) -> Any:
    return row.collection_costs.filter(debited_on=None, cancelled_on=None)
