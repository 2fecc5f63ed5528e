"""What the demo books hold where no QuickBooks company stands behind them, as the records of an import."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.demo.content import BooksContent
from infactor.financing.demo.customers import CUSTOMERS, Customer
from infactor.financing.demo.dates import ISSUED, OPENED_HOUR, PAID, DemoCalendar
from infactor.financing.demo.invoices import (
    CREDIT_MEMOS,
    CURRENCY,
    DemoInvoice,
    all_invoices,
    items_of,
    memo_reference,
    payments_of,
    receipt_number,
)
from infactor.invoices.ingest.records import (
    AllocationRecord,
    BuyerRecord,
    CreditMemoRecord,
    InvoiceRecord,
    PaymentRecord,
)

SOURCE = "QuickBooks"
FIRST_VERSION = "0"
_json = msgspec.json.Encoder(decimal_format="number")
_customers = {one.reference: one for one in CUSTOMERS}


def content(calendar: DemoCalendar, *, opened_days_ago: int) -> BooksContent:
    """Everything that is in the books today."""
    invoices = all_invoices()
    return BooksContent(
        [_buyer(one, calendar, opened_days_ago) for one in CUSTOMERS],
        [_invoice(one, calendar) for one in invoices],
        list(_payments(invoices, calendar)),
        [_memo(place, calendar) for place in range(len(CREDIT_MEMOS))],
    )


def _invoice(invoice: DemoInvoice, calendar: DemoCalendar) -> InvoiceRecord:
    customer = _customers[invoice.customer]
    issued_at = calendar.moment(invoice.issued, ISSUED)
    return InvoiceRecord(
        qbk_invoice_id=invoice.number,
        invoice_no=invoice.number,
        invoice_amount=invoice.total,
        invoice_date=issued_at,
        payable_date=calendar.day(invoice.due),
        tax_amount=invoice.tax,
        items=_items(invoice, customer),
        tax_details=_text({"TotalTax": invoice.tax}),
        company_name=customer.name,
        buyer_email=customer.email,
        contact_name=customer.name,
        company_email=customer.email,
        purchase_date=issued_at,
        source=SOURCE,
        txn_date=calendar.day(invoice.issued),
        balance=invoice.total,
        currency=CURRENCY,
        sync_token=FIRST_VERSION,
        customer_reference=customer.reference,
        sales_term=f"Net {invoice.terms}",
        email_status="EmailSent" if customer.email else "NotSet",
        emailed_at=issued_at if customer.email else None,
        books_updated_at=issued_at,
    )


def _payments(invoices: list[DemoInvoice], calendar: DemoCalendar) -> Iterator[PaymentRecord]:
    for reference, invoice, payment in payments_of(invoices):
        yield PaymentRecord(
            reference=reference,
            customer_reference=invoice.customer,
            number=receipt_number(invoice),
            paid_on=calendar.day(payment.day),
            amount=payment.amount,
            unapplied=Decimal(0),
            currency=CURRENCY,
            sync_token=FIRST_VERSION,
            books_updated_at=calendar.moment(payment.day, PAID),
            allocations=(AllocationRecord("Invoice", invoice.number, payment.amount),),
        )


def _memo(place: int, calendar: DemoCalendar) -> CreditMemoRecord:
    memo = CREDIT_MEMOS[place]
    return CreditMemoRecord(
        reference=memo_reference(place),
        customer_reference=memo.customer,
        number=memo.number,
        issued_on=calendar.day(memo.issued),
        amount=memo.amount,
        remaining=memo.amount,
        currency=CURRENCY,
        sync_token=FIRST_VERSION,
        books_updated_at=calendar.moment(memo.issued, ISSUED),
    )


def _buyer(customer: Customer, calendar: DemoCalendar, opened_days_ago: int) -> BuyerRecord:
    opened_at = calendar.moment(opened_days_ago, ISSUED.replace(hour=OPENED_HOUR))
    return BuyerRecord(
        reference=customer.reference,
        name=customer.name,
        full_name=customer.name,
        company_name=customer.company,
        contact_name=customer.contact,
        email=customer.email,
        phone=customer.phone,
        address=", ".join(customer.address),
        currency=CURRENCY,
        sync_token=FIRST_VERSION,
        books_updated_at=opened_at,
    )


def _items(invoice: DemoInvoice, customer: Customer) -> str:
    """The lines of an invoice as QuickBooks writes them, with the subtotal."""
    lines: list[dict[str, Any]] = [
        {
            "Id": str(number),
            "LineNum": number,
            "Description": item.description,
            "Amount": item.amount,
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {
                "ItemRef": {"value": str(number), "name": item.name},
                "UnitPrice": item.amount,
                "Qty": 1,
            },
        }
        for number, item in enumerate(items_of(invoice, customer), start=1)
    ]
    return _text([*lines, {"Amount": invoice.net, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}])


def _text(value: object) -> str:
    return _json.encode(value).decode()
