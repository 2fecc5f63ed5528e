"""Invoices as CSV for a spreadsheet: plain numbers, ISO dates, no text that runs as a formula."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from defusedcsv import csv
from django.db.models import QuerySet

from infactor.dashboard import eligibility_labels
from infactor.invoices.models import Invoice

HEADER = (
    "Invoice number",
    "Buyer",
    "Buyer e-mail",
    "Issued",
    "Due",
    "Currency",
    "Amount",
    "Open",
    "Tax",
    "Status",
    "In QuickBooks",
    "QuickBooks reference",
    "Source",
    "Financing",
    "Cash now",
)
CHUNK_SIZE = 500


class EchoBuffer:
    """A file-like object for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


def invoice_csv(queryset: QuerySet[Invoice], *, today: date) -> Iterator[str]:
    """The header, then one line for each invoice, streamed from the database. `today` is the supplier's date."""
    writer = csv.writer(EchoBuffer())
    yield "\ufeff" + writer.writerow(HEADER)  # Without a byte order mark, Excel reads the file as Latin-1.
    for invoice in queryset.iterator(chunk_size=CHUNK_SIZE):
        yield writer.writerow(_row(invoice, today=today))


def _row(invoice: Invoice, *, today: date) -> Iterable[str]:
    return (
        plain_text(invoice.invoice_no),
        plain_text(invoice.company_name),
        plain_text(invoice.buyer_email),
        invoice.txn_date.isoformat() if invoice.txn_date else "",
        invoice.payable_date.isoformat() if invoice.payable_date else "",
        plain_text(invoice.currency),
        plain_number(invoice.invoice_amount),
        plain_number(invoice.balance),
        plain_number(invoice.tax_amount),
        invoice.label.text,
        invoice.get_books_status_display(),
        plain_text(invoice.qbk_invoice_id),
        plain_text(invoice.source),
        eligibility_labels.badge_text(invoice, today=today),
        plain_number(eligibility_labels.advance_of(invoice)),
    )


def plain_text(text: str) -> str:
    """`text` without NUL and surrounding whitespace, so that defusedcsv sees whether it starts like a formula."""
    return text.replace("\x00", "").strip()


def plain_number(amount: Decimal | None) -> str:
    """An amount without exponent or separators; empty for None."""
    return "" if amount is None else f"{amount:f}"
