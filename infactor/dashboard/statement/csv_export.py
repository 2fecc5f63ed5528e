"""The statement as CSV for a spreadsheet: numbers as numbers, days as ISO dates, and no text that runs as a formula."""

import csv
from collections.abc import Iterable, Iterator

from infactor.dashboard.invoices.csv_export import Line, harmless, number
from infactor.financing.accounting.statement import Movement, Statement

HEAD = (
    "Date",
    "Movement",
    "Invoice number",
    "Buyer",
    "Payment or payout",
    "How it comes about",
    "Currency",
    "Paid to you",
    "Paid by buyer",
    "Fee",
    "Held for you",
    "Held in all",
    "Owed by you",
    "Owed in all",
    "Open with buyers",
    "Open in all",
    "Reference",
)


def lines(statements: Iterable[Statement]) -> Iterator[str]:
    """A line for the head and one for each movement."""
    writer = csv.writer(Line())
    yield "\ufeff" + writer.writerow(HEAD)  # Excel takes a file without the mark for Latin-1.
    for statement in statements:
        for movement in statement.movements:
            yield writer.writerow(_cells(movement, currency=statement.currency))


def _cells(movement: Movement, *, currency: str) -> Iterable[str]:
    invoice = movement.advance.invoice if movement.advance is not None else None
    change, after = movement.change, movement.after
    return (
        movement.value_date.isoformat(),
        harmless(movement.what),
        harmless(invoice.invoice_no) if invoice is not None else "",
        harmless(invoice.company_name) if invoice is not None else "",
        harmless(movement.about),
        harmless("; ".join(movement.formulas)),
        currency,
        number(change.paid),
        number(change.from_buyer),
        number(change.fee),
        number(change.held),
        number(after.held),
        number(change.owed),
        number(after.owed),
        number(change.receivable),
        number(after.receivable),
        movement.reference,
    )
