"""Payments and credits applied to an invoice, including deleted and voided ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infactor.invoices.models import CreditMemo, Invoice, PaymentAllocation
from infactor.invoices.status_label import StatusLabel


@dataclass(frozen=True)
class AppliedPayment:
    """The part of a payment or credit that is applied to the invoice. `status` is set if it no longer counts."""

    kind: str
    number: str
    payer: str
    day: date | None
    amount: Decimal | None
    currency: str
    status: StatusLabel | None


def applied_payments(invoice: Invoice) -> list[AppliedPayment]:
    """All payments and credits applied to `invoice`, the latest first. At most three queries."""
    allocations = list(
        invoice.allocations.select_related("payment__buyer").order_by("-payment__paid_on", "-payment_id", "position")
    )
    numbers = _credit_memo_numbers(invoice, allocations)
    return [
        AppliedPayment(
            kind="Payment" if line.payment.moves_money else "Credit applied",
            number=line.payment.number or ", ".join(numbers[line.payment_id]),
            payer=str(line.payment.buyer) if line.payment.buyer else invoice.company_name,
            day=line.payment.paid_on,
            amount=line.amount,
            currency=line.payment.currency or invoice.currency,
            status=_status(line),
        )
        for line in allocations
    ]


def _status(line: PaymentAllocation) -> StatusLabel | None:
    if line.payment.deleted_at:
        return StatusLabel("Deleted in QuickBooks", "neutral")
    return StatusLabel("Voided", "neutral") if line.payment.is_void else None


def _credit_memo_numbers(invoice: Invoice, allocations: list[PaymentAllocation]) -> dict[int, list[str]]:
    """Credit memo numbers by payment id, for payments that apply credits instead of money."""
    numbers: dict[int, list[str]] = defaultdict(list)
    credits = {line.payment_id for line in allocations if not line.payment.moves_money}
    if not credits:
        return numbers
    sources = list(PaymentAllocation.objects.filter(payment__in=credits, kind="CreditMemo"))
    memos = CreditMemo.objects.filter(
        company_file=invoice.company_file_id, reference__in=[line.reference for line in sources]
    )
    names = {memo.reference: str(memo) for memo in memos}
    for line in sources:
        if line.reference in names:
            numbers[line.payment_id].append(names[line.reference])
    return numbers
