"""The statement as CSV for a spreadsheet."""

from collections.abc import Iterable, Iterator

from infactor.core.csv_files import Cell, csv_lines
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
    "To be paid to you",
    "To be paid in total",
    "Paid by buyer",
    "Fee",
    "Reserve",
    "Held in total",
    "Owed by you",
    "Owed in total",
    "Owed by buyers",
    "Owed by buyers in total",
    "Reference",
)


def statement_csv(statements: Iterable[Statement]) -> Iterator[str]:
    """The header, then one line for each transaction."""
    rows = (_row(one, currency=statement.currency) for statement in statements for one in statement.movements)
    return csv_lines(header=HEADER, rows=rows)


def _row(movement: Movement, *, currency: str) -> Iterable[Cell]:
    invoice = movement.advance.invoice if movement.advance is not None else None
    change, total = movement.change, movement.running_total
    return (
        movement.value_date,
        movement.label,
        invoice.invoice_no if invoice is not None else "",
        invoice.company_name if invoice is not None else "",
        movement.payment,
        "; ".join(movement.formulas),
        currency,
        change.paid,
        change.to_pay,
        total.to_pay,
        change.from_buyer,
        change.fee,
        change.held,
        total.held,
        change.owed,
        total.owed,
        change.receivable,
        total.receivable,
        movement.reference,
    )
