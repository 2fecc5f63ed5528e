"""Invoices as CSV for a spreadsheet."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import QuerySet

from infactor.core.csv_files import Cell, csv_lines
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


def invoice_csv(queryset: QuerySet[Invoice], *, today: date) -> Iterator[str]:
    """The header, then one line for each invoice, streamed from the database. `today` is the supplier's date."""
    invoices = queryset.iterator(chunk_size=CHUNK_SIZE)
    return csv_lines(header=HEADER, rows=(_row(invoice, today=today) for invoice in invoices))


def _row(invoice: Invoice, *, today: date) -> Iterable[Cell]:
    return (
        invoice.invoice_no,
        invoice.company_name,
        invoice.buyer_email,
        invoice.txn_date,
        invoice.payable_date,
        invoice.currency,
        invoice.invoice_amount,
        invoice.balance,
        invoice.tax_amount,
        invoice.label.text,
        invoice.get_books_status_display(),
        invoice.qbk_invoice_id,
        invoice.source,
        eligibility_labels.badge_text(invoice, today=today),
        eligibility_labels.advance_of(invoice),
    )
