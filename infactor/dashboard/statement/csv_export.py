"""The statement as CSV for a spreadsheet: plain numbers, ISO dates, no text that runs as a formula."""

from collections.abc import Iterable, Iterator

from defusedcsv import csv

from infactor.dashboard.invoices.csv_export import EchoBuffer, plain_number, plain_text
from infactor.financing.accounting.statement import Movement, Statement

HEADER = (
    "Date",
    "Transaction",
    "Invoice number",
    "Buyer",
    "Payment or payout",
    "Calculation",
    "Currency",
    "Paid to you",
    "Paid by buyer",
    "Fee",
    "Held for you",
    "Held in total",
    "Owed by you",
    "Owed in total",
    "Owed by buyers",
    "Owed by buyers in total",
    "Reference",
)


def statement_csv(statements: Iterable[Statement]) -> Iterator[str]:
    """The header, then one line for each transaction."""
    writer = csv.writer(EchoBuffer())
    yield "\ufeff" + writer.writerow(HEADER)  # Without a byte order mark, Excel reads the file as Latin-1.
    for statement in statements:
        for movement in statement.movements:
            yield writer.writerow(_row(movement, currency=statement.currency))


def _row(movement: Movement, *, currency: str) -> Iterable[str]:
    invoice = movement.advance.invoice if movement.advance is not None else None
    change, total = movement.change, movement.running_total
    return (
        movement.value_date.isoformat(),
        plain_text(movement.label),
        plain_text(invoice.invoice_no) if invoice is not None else "",
        plain_text(invoice.company_name) if invoice is not None else "",
        plain_text(movement.payment),
        plain_text("; ".join(movement.formulas)),
        currency,
        plain_number(change.paid),
        plain_number(change.from_buyer),
        plain_number(change.fee),
        plain_number(change.held),
        plain_number(total.held),
        plain_number(change.owed),
        plain_number(total.owed),
        plain_number(change.receivable),
        plain_number(total.receivable),
        movement.reference,
    )
