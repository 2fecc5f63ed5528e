"""Staff's corrections of payments: unmatch one, change its day or amount, refund its payer."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from infactor.core.admin.decisions import RowDecision
from infactor.core.admin.formatting import amount_text, day_text
from infactor.core.admin.forms import MIN_REASON_LENGTH
from infactor.core.admin.preview import Preview
from infactor.core.admin.tables import Facts
from infactor.core.money import format_amount
from infactor.financing.admin.base.decisions import FinancingPreview, cash_facts
from infactor.financing.admin.base.forms import MAX_REASON_LENGTH, SupplierReasonForm, ValueDateAndReasonForm
from infactor.financing.admin.payments.payment_entry import payment_facts
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.corrections import refunds
from infactor.financing.models import Approval, Collection, CollectionAllocation, Correction, Refund
from infactor.financing.value_dates import day_of_all
from infactor.suppliers.models import Supplier


class UnmatchForm(SupplierReasonForm):
    """Asks which parts of the payment are unmatched, and why."""

    allocations = forms.ModelMultipleChoiceField(
        CollectionAllocation.objects.none(),
        label="What it is not for",
        widget=forms.CheckboxSelectMultiple,
        help_text="The money of these parts waits to be matched again.",
    )
    field_order = ("allocations", "reason")

    def __init__(self, *args: Any, allocations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["allocations"]
        field.queryset = allocations
        field.label_from_instance = _allocation_label


class DayForm(SupplierReasonForm):
    """Asks for the right value date, and why it was wrong."""

    value_date = forms.DateField(label="Right value date", widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("value_date", "reason")


class AmountForm(SupplierReasonForm):
    """Asks for the right amount, and why it was wrong."""

    amount = forms.DecimalField(label="Right amount", max_digits=18, decimal_places=2)
    field_order = ("amount", "reason")


class RefundForm(ValueDateAndReasonForm):
    """Asks how much goes back to whom, when and why."""

    amount = forms.DecimalField(max_digits=18, decimal_places=2)
    payee = forms.CharField(
        max_length=200, label="Paid back to", help_text="The payer, and how: like its bank and the end of its account."
    )
    reason = forms.CharField(
        min_length=MIN_REASON_LENGTH,
        max_length=MAX_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The audit log keeps it.",
    )
    field_order = ("amount", "payee", "value_date", "reason")


class PaymentCorrection(RowDecision, FinancingPreview):
    """A correction of one payment. What would be posted is previewed; a large one waits for a second person."""

    row: Collection
    permission = payments.RECORD_COLLECTIONS
    needs_fresh_factor = True
    kind = ""
    legend = "The correction"

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.returned_on is None

    def facts(self) -> Facts:
        return payment_facts(self.row)

    def preview(self, form: Any) -> Preview:
        return Preview(notes=("Settlements that this payment led to are undone: settle those advances again.",))

    def request_correction(self, summary: str, counted: Decimal, **arguments: Any) -> str:
        request = ApprovalRequest(
            kind=Approval.Kind.CORRECTION,
            subject=self.row.ledger_owner,
            permission=self.permission,
            supplier=_only_supplier(self.row),
            currency=self.row.currency,
            amount=counted,
            summary=summary,
            arguments={"kind": self.kind, "collection": self.row.pk, **arguments},
        )
        return self.execute_or_request_approval(request, done=f"{self.row} is corrected.")


class UnmatchView(PaymentCorrection):
    """The payment was matched to what it is not for."""

    name = "unmatch"
    label = title = "Unmatch"
    button = "Unmatch"
    kind = Correction.Kind.UNMATCH
    form_class = UnmatchForm

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.returned_on is None and row.allocations.filter(reversed_at__isnull=True).exists()

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = self.row.allocations.filter(reversed_at__isnull=True).select_related("supplier", "advance__invoice")
        return {**super().get_form_kwargs(), "allocations": rows}

    def perform(self, form: Any) -> str:
        chosen = list(form.cleaned_data["allocations"])
        amount = sum((one.amount for one in chosen), Decimal(0))
        return self.request_correction(
            f"Unmatch {format_amount(amount, self.row.currency)} of {self.row}",
            amount,
            allocations=[one.pk for one in chosen],
            reason=form.cleaned_data["reason"],
        )


class ChangeDayView(PaymentCorrection):
    """The payment was recorded on the wrong day."""

    name = "value_date"
    label = title = "Change the value date"
    button = "Change"
    kind = Correction.Kind.VALUE_DATE
    form_class = DayForm
    notes = ("Where the payment closed an advance, its fee is charged until the right day.",)

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": self.row.value_date}

    def perform(self, form: Any) -> str:
        day = form.cleaned_data["value_date"]
        return self.request_correction(
            f"Change the value date of {self.row} from {day_text(self.row.value_date)} to {day_text(day)}",
            self.row.amount,
            value_date=day.isoformat(),
            reason=form.cleaned_data["reason"],
        )


class ChangeAmountView(PaymentCorrection):
    """The amount was typed wrong."""

    name = "amount"
    label = title = "Change the amount"
    button = "Change"
    kind = Correction.Kind.AMOUNT
    form_class = AmountForm
    notes = ("A smaller amount leaves the last parts less. What is more goes where the whole payment went, or waits.",)

    def get_initial(self) -> dict[str, Any]:
        return {"amount": self.row.amount}

    def perform(self, form: Any) -> str:
        amount, currency = form.cleaned_data["amount"], self.row.currency
        before = format_amount(self.row.amount, currency)
        return self.request_correction(
            f"Change the amount of {self.row} from {before} to {format_amount(amount, currency)}",
            max(amount, self.row.amount),
            amount=str(amount),
            reason=form.cleaned_data["reason"],
        )


class RefundView(PaymentCorrection):
    """What is not matched goes back to who paid it."""

    name = "refund"
    label = title = button = "Refund"
    legend = "The refund"
    form_class = RefundForm
    notes = ("Only what is not matched can go back. Unmatch it first where it is.",)

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return payments.unallocated(collection=row) > 0

    def get_initial(self) -> dict[str, Any]:
        left = payments.unallocated(collection=self.row)
        return {"amount": left, "payee": self.row.payer, "value_date": day_of_all(at=timezone.now())}

    def preview(self, form: Any) -> Preview:
        data = form.cleaned_data
        return Preview(
            facts=(
                ("Paid back", amount_text(data["amount"], self.row.currency)),
                ("To", data["payee"]),
                *cash_facts(amount=data["amount"], currency=self.row.currency),
            )
        )

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        amount = format_amount(data["amount"], self.row.currency)
        request = ApprovalRequest(
            kind=Approval.Kind.REFUND,
            subject=self.row.ledger_owner,
            permission=self.permission,
            supplier=None,
            currency=self.row.currency,
            amount=data["amount"],
            summary=f"Refund {amount} of {self.row} to {data['payee']}",
            arguments={
                "collection": self.row.pk,
                "amount": str(data["amount"]),
                "payee": data["payee"],
                "value_date": data["value_date"].isoformat(),
                "reason": data["reason"],
            },
        )
        return self.execute_or_request_approval(request, done=f"{amount} goes back to {data['payee']}.")


class FailedRefundForm(ValueDateAndReasonForm):
    """Asks which refund came back, when and why."""

    refund = forms.ModelChoiceField(Refund.objects.none())
    field_order = ("refund", "value_date", "reason")

    def __init__(self, *args: Any, refunds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["refund"]
        field.queryset = refunds
        field.label_from_instance = _refund_label
        self.fields["reason"].help_text = "The reason that the bank gave. The audit log keeps it."


class RefundFailedView(PaymentCorrection):
    """A refund came back: its money waits to be matched again."""

    name = "refund_failed"
    label = title = "Record a refund that came back"
    button = "Record"
    legend = "The refund"
    form_class = FailedRefundForm

    @classmethod
    def is_possible(cls, row: Collection) -> bool:
        return row.refunds.filter(failed_on__isnull=True).exists()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "refunds": self.row.refunds.filter(failed_on__isnull=True)}

    def get_initial(self) -> dict[str, Any]:
        return {"value_date": day_of_all(at=timezone.now())}

    def preview(self, form: Any) -> Preview:
        refund = form.cleaned_data["refund"]
        return Preview(facts=(("Came back", amount_text(refund.amount, self.row.currency)),))

    def perform(self, form: Any) -> str:
        data = form.cleaned_data
        refunds.record_failure(
            refund=data["refund"], value_date=data["value_date"], by=self.user, at=timezone.now(), reason=data["reason"]
        )
        return f"{data['refund']} came back. Its money waits to be matched."


def _allocation_label(one: CollectionAllocation) -> str:
    what = f"{one.advance}, invoice {one.advance.invoice}" if one.advance else str(one.supplier)
    return f"{one.get_kind_display()}: {format_amount(one.amount, one.collection.currency)}, {what}"


def _refund_label(one: Refund) -> str:
    return f"{format_amount(one.amount, one.collection.currency)} to {one.payee} on {day_text(one.value_date)}"


def _only_supplier(row: Collection) -> Supplier | None:
    """The supplier whose money the payment is, where it is that of one."""
    found = Supplier.objects.filter(pk__in=row.allocations.filter(reversed_at__isnull=True).values("supplier"))
    return found.first() if found.count() == 1 else None
