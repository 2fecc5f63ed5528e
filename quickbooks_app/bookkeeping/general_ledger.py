"""QuickBooks' general ledger of one account: each transaction that moves it. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from quickbooks_app.completeness.report_table import ZERO, UnreadableReport, amount, find_column, parse_report

NAME = "GeneralLedger"
COLUMNS = ("tx_date", "txn_type", "doc_num", "debt_amt", "credit_amt")
BASIS = "Accrual"
# The names of transactions in English. Those of other languages are matched by id alone.
ENTITIES = {"Deposit": "Deposit", "Payment": "Payment", "Journal Entry": "JournalEntry"}
OTHERS = frozenset(
    {"Invoice", "Bill", "Check", "Expense", "Transfer", "Credit Memo", "Sales Receipt", "Refund", "Vendor Credit"}
)


class LedgerLine(NamedTuple):
    """One line: its transaction and the debit less the credit. `entity` is "" where the name says nothing."""

    type: str
    entity: str
    qbk_id: str
    day: date | None
    number: str
    amount: Decimal


def parse_general_ledger(body: bytes, *, home_currency: str, report_date: date) -> Sequence[LedgerLine]:
    """The lines of the account that was asked for. Raises UnreadableReport."""
    table = parse_report(body, name=NAME, currency=home_currency, report_date=report_date, basis=BASIS)
    day, kind, number = (find_column(table, (name,)) for name in ("tx_date", "txn_type", "doc_num"))
    debit = find_column(table, ("debt_amt", "debit_amt", "debt_home_amt"))
    credit = find_column(table, ("credit_amt", "credit_home_amt"))
    return [
        LedgerLine(
            type=row[kind].value,
            entity=ENTITIES.get(row[kind].value, row[kind].value if row[kind].value in OTHERS else ""),
            qbk_id=row[kind].id,
            day=_day(row[day].value),
            number=row[number].value[:40],
            amount=amount(row[debit].value) - amount(row[credit].value),
        )
        for row in table.rows
    ]


def total(lines: Iterable[LedgerLine]) -> Decimal:
    """The sum of the lines, a debit above zero."""
    return sum((line.amount for line in lines), ZERO)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        if text.strip():
            raise UnreadableReport("it has a day that is none") from error
        return None
