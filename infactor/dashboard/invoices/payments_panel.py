"""What was laid against an invoice: payments and credits, those too that no longer count."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infactor.invoices.models import CreditMemo, Invoice, PaymentAllocation
from infactor.invoices.states import Label


@dataclass(frozen=True)
class Received:
    """One payment's or credit's part in the invoice. `status` is there where it no longer counts."""

    kind: str
    number: str
    payer: str
    day: date | None
    amount: Decimal | None
    currency: str
    status: Label | None


def received(invoice: Invoice) -> list[Received]:
    """Everything that was laid against `invoice`, the latest first. At most three queries."""
    laid = list(
        invoice.allocations.select_related("payment__buyer").order_by("-payment__paid_on", "-payment_id", "position")
    )
    numbers = _credit_numbers(invoice, laid)
    return [
        Received(
            kind="Payment" if line.payment.moves_money else "Credit applied",
            number=line.payment.number or ", ".join(numbers[line.payment_id]),
            payer=str(line.payment.buyer) if line.payment.buyer else invoice.company_name,
            day=line.payment.paid_on,
            amount=line.amount,
            currency=line.payment.currency or invoice.currency,
            status=_status(line),
        )
        for line in laid
    ]


def _status(line: PaymentAllocation) -> Label | None:
    if line.payment.deleted_at:
        return Label("Deleted in QuickBooks", "neutral")
    return Label("Voided", "neutral") if line.payment.is_void else None


def _credit_numbers(invoice: Invoice, laid: list[PaymentAllocation]) -> dict[int, list[str]]:
    """The numbers of the credit memos that each payment of `laid` that moved no money took from."""
    numbers: dict[int, list[str]] = defaultdict(list)
    credits = {line.payment_id for line in laid if not line.payment.moves_money}
    if not credits:
        return numbers
    taken = list(PaymentAllocation.objects.filter(payment__in=credits, kind="CreditMemo"))
    memos = CreditMemo.objects.filter(
        company_file=invoice.company_file_id, reference__in=[line.reference for line in taken]
    )
    named = {memo.reference: str(memo) for memo in memos}
    for line in taken:
        if line.reference in named:
            numbers[line.payment_id].append(named[line.reference])
    return numbers
