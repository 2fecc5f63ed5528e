"""Invoices as CSV for a spreadsheet: numbers as numbers, days as ISO dates, and no text that runs as a formula."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from infactor.dashboard import eligibility_labels
from infactor.invoices.models import Invoice

HEAD = (
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
FORMULA_STARTS = ("=", "+", "-", "@")
CHUNK = 500


class Line:
    """What csv.writer writes to: hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def invoice_csv(found: QuerySet[Invoice], *, today: date) -> Iterator[str]:
    """A line for the head and one for each invoice, as they come from the database, on the supplier's day `today`."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow(HEAD)  # Excel takes a file without the mark for Latin-1.
    for invoice in found.iterator(chunk_size=CHUNK):
        yield writer.writerow(_cells(invoice, today=today))


def _cells(invoice: Invoice, *, today: date) -> Iterable[str]:
    return (
        harmless(invoice.invoice_no),
        harmless(invoice.company_name),
        harmless(invoice.buyer_email),
        invoice.txn_date.isoformat() if invoice.txn_date else "",
        invoice.payable_date.isoformat() if invoice.payable_date else "",
        harmless(invoice.currency),
        number(invoice.invoice_amount),
        number(invoice.balance),
        number(invoice.tax_amount),
        invoice.label.text,
        invoice.get_books_status_display(),
        harmless(invoice.qbk_invoice_id),
        harmless(invoice.source),
        eligibility_labels.words(invoice, today=today),
        number(eligibility_labels.cash_now(invoice)),
    )


def harmless(text: str) -> str:
    """`text` as it is, with an apostrophe before it where a spreadsheet would take it for a formula."""
    text = text.replace("\x00", "")
    start = text.lstrip()[:1]
    risky = start in FORMULA_STARTS if start else False
    return f"'{text}" if risky or text[:1] in ("\t", "\r", "\n") else text


def number(amount: Decimal | None) -> str:
    """An amount as a spreadsheet reads it; empty for none."""
    return "" if amount is None else f"{amount:f}"
