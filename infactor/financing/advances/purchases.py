"""Purchased invoices: what was bought is written down when the advance is paid out."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import translation

from infactor.financing.models import Advance, PurchasedInvoice
from infactor.invoices import line_items
from infactor.invoices.customer_hierarchy import supplier_roots
from infactor.invoices.models import Invoice, PaymentAllocation
from infactor.invoices.open_credits import open_credits

ZERO = Decimal(0)


def write_down(*, advance: Advance, invoice: Invoice, at: datetime) -> PurchasedInvoice:
    """Keep what the books say of `invoice`, locked by the caller, as what `advance` buys. In its transaction."""
    roots = supplier_roots(supplier=advance.supplier)
    credits = open_credits(supplier=advance.supplier)
    lying_on_it = PaymentAllocation.objects.filter(
        invoice=invoice, payment__is_void=False, payment__deleted_at__isnull=True
    )
    return PurchasedInvoice.objects.create(
        advance=advance,
        number=invoice.invoice_no,
        currency=invoice.currency,
        amount=invoice.invoice_amount,
        balance=invoice.balance,
        tax_amount=invoice.tax_amount,
        deposit=invoice.deposit,
        txn_date=invoice.txn_date,
        due_on=invoice.payable_date,
        customer_reference=invoice.customer_reference,
        books_status=invoice.books_status,
        lines=lines_of(items=invoice.items),
        payments=sorted(set(lying_on_it.values_list("payment__reference", flat=True))),
        open_credit=credits.get((roots.get(advance.buyer_id, advance.buyer_id), invoice.currency), ZERO),
        taken_at=at,
    )


@translation.override("en")  # compared later, whatever the language
def lines_of(*, items: Any) -> list[list[str]]:
    """What each line of an invoice says, as texts: title, description, quantity, price, amount."""
    return [
        [line.title, line.description, *(_number(one) for one in (line.quantity, line.unit_price, line.amount))]
        for line in line_items.parse_lines(items).shown
    ]


def _number(value: Decimal | None) -> str:
    """The same text for 1, 1.0 and 1.00: sources write numbers differently."""
    return "" if value is None else f"{value.normalize():f}"
