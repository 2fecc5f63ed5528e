"""Invoices as CSV and XLSX for a spreadsheet."""

import functools
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO, Protocol, cast

from django.utils import translation

from infactor.core import spreadsheets
from infactor.core.csv_files import Cell, csv_lines
from infactor.dashboard import eligibility_labels
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus

HEADER = (
    "Invoice number",
    "Buyer",
    "Buyer email",
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
READ_SIZE = 64 * 1024
WIDTH = 18


class Invoices(Protocol):
    """What is written: a QuerySet, or what reads one."""

    def iterator(self, *, chunk_size: int) -> Iterator[Invoice]: ...


def invoice_workbook(queryset: Invoices, *, today: date, at: datetime) -> Iterator[bytes]:
    """The same as an XLSX file, in parts. It is written to a temporary file first: its index comes last."""
    with tempfile.TemporaryFile() as file:
        book = spreadsheets.Workbook(cast("IO[bytes]", file), title="Invoices", created=at)
        book.write_heading(HEADER, widths=[WIDTH] * len(HEADER))
        for invoice in queryset.iterator(chunk_size=CHUNK_SIZE):
            book.write_row(_row(invoice, today=today))
        book.close()
        file.seek(0)
        while part := file.read(READ_SIZE):
            yield part


def invoice_csv(queryset: Invoices, *, today: date) -> Iterator[str]:
    """The header, then one line for each invoice, streamed from the database. `today` is the supplier's date."""
    invoices = queryset.iterator(chunk_size=CHUNK_SIZE)
    return csv_lines(header=HEADER, rows=(_row(invoice, today=today) for invoice in invoices))


@translation.override("en")  # programs read these files
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
        str(invoice.label.text),
        _books_status(invoice.books_status),
        invoice.qbk_invoice_id,
        invoice.source,
        eligibility_labels.badge_text(invoice, today=today),
        eligibility_labels.advance_of(invoice),
    )


@functools.cache
def _books_status(value: str) -> str:
    """In English, as the file is. Django would compare a value with every choice again, for each line."""
    return str(dict(BooksStatus.choices).get(value, value))
