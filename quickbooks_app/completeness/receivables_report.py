"""QuickBooks' report of open receivables, AgedReceivableDetail: each open document with its open amount. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from quickbooks_app.completeness.report_table import (
    EMPTY,
    ZERO,
    ReportTable,
    Row,
    UnreadableReport,
    amount,
    find_column,
    parse_report,
)

NAME = "AgedReceivableDetail"
# Far ahead, so that documents and payments with a later date than today count, as they do in a balance.
REPORT_DATE = date(2099, 12, 31)
CELL_LIMIT = 400_000  # QuickBooks cuts a report off above
COLUMNS = ("tx_date", "txn_type", "doc_num", "cust_name", "subt_open_bal")
FEWEST_COLUMNS = ("txn_type", "cust_name", "subt_open_bal")  # of a company whose documents would not fit
CURRENCY_COLUMNS = ("currency", "foreign_open_bal")

# The kinds of objects that infactor reads, as QuickBooks names them in the languages of its editions.
READ_ENTITIES = {
    "invoice": "Invoice",
    "facture": "Invoice",
    "factura": "Invoice",
    "fatura": "Invoice",
    "tax invoice": "Invoice",
    "credit memo": "CreditMemo",
    "credit note": "CreditMemo",
    "adjustment note": "CreditMemo",
    "note de crédit": "CreditMemo",
    "nota de crédito": "CreditMemo",
    "payment": "Payment",
    "receive payment": "Payment",
    "paiement": "Payment",
    "pago": "Payment",
    "pagamento": "Payment",
}
# Kinds that change what a customer owes, and that infactor does not read.
OTHER_ENTITIES = {
    "journal entry": "JournalEntry",
    "journal": "JournalEntry",
    "general journal": "JournalEntry",
    "check": "Check",
    "cheque": "Check",
    "deposit": "Deposit",
    "expense": "Expense",
    "cash expense": "Expense",
    "cash purchase": "Expense",
    "credit card expense": "Expense",
    "credit card credit": "CreditCardCredit",
    "refund": "RefundReceipt",
    "refund receipt": "RefundReceipt",
    "transfer": "Transfer",
    "sales receipt": "SalesReceipt",
    "home currency adjustment": "JournalEntry",
    "currency revaluation": "JournalEntry",
}


@dataclass(frozen=True)
class ReportLine:
    """One open document. `open_amount` is in `currency`, negative if it lowers the debt; `home_amount` in the report's
    currency. `entity` is "" for a kind that infactor does not know; `kind` is QuickBooks' own word for it."""

    kind: str
    entity: str
    qbk_id: str
    number: str
    customer: str
    customer_name: str
    currency: str
    open_amount: Decimal
    home_amount: Decimal

    @property
    def is_read(self) -> bool:
        """Whether infactor reads objects of this kind."""
        return self.entity in ("Invoice", "CreditMemo", "Payment")


@dataclass(frozen=True)
class ReceivablesReport:
    """All open documents at `time`, by QuickBooks' clock, and their sum in `currency`."""

    time: datetime | None
    currency: str
    lines: Sequence[ReportLine]
    total: Decimal


def columns_for(*, documents: int, has_currencies: bool) -> tuple[str, ...]:
    """The columns to ask for. () if `documents` open documents do not fit into a report, even with the fewest."""
    more = CURRENCY_COLUMNS if has_currencies else ()
    for columns in (COLUMNS, FEWEST_COLUMNS):
        # A tenth is left for sums and for entries that infactor does not know of.
        if documents * len(columns + more) * 10 <= CELL_LIMIT * 9:
            return columns + more
    return ()


def parse_receivables_report(body: bytes, *, home_currency: str) -> ReceivablesReport:
    """The report as lines. Raises UnreadableReport if it is another one, not whole, or its sums do not add up."""
    table = parse_report(body, name=NAME, currency=home_currency, report_date=REPORT_DATE)
    open_column = find_column(table, ("subt_open_bal", "open_bal", "subt_nat_home_open_bal", "nat_home_open_bal"))
    _check_sums(table, column=open_column)
    reader = _LineReader(table, open_column=open_column)
    lines = [reader.line(row) for row in table.rows]
    return ReceivablesReport(
        time=table.time,
        currency=table.currency,
        lines=[line for line in lines if line.open_amount or line.home_amount],
        total=sum((line.home_amount for line in lines), ZERO),
    )


class _LineReader:
    def __init__(self, table: ReportTable, *, open_column: str) -> None:
        self._home, self._open = table.currency, open_column
        self._kind = find_column(table, ("txn_type",))
        self._customer = find_column(table, ("cust_name", "customer", "name"))
        self._number = find_column(table, ("doc_num",), required=False)
        self._currency = find_column(table, ("currency", "curr_name", "currency_name"), required=False)
        self._foreign = find_column(
            table, ("foreign_open_bal", "subt_foreign_open_bal", "subt_nat_open_bal", "nat_open_bal"), required=False
        )

    def line(self, row: Row) -> ReportLine:
        kind, customer = row[self._kind], row[self._customer]
        word = kind.value.strip()
        home_amount = amount(row[self._open].value)
        currency = row[self._currency].value.strip().upper() if self._currency else ""
        currency = currency if len(currency) == 3 else self._home
        open_amount = home_amount
        if currency != self._home:
            if not self._foreign:
                raise UnreadableReport("it has another currency, and no column for its amounts")
            open_amount = amount(row[self._foreign].value)
        return ReportLine(
            kind=word[:60],
            entity=READ_ENTITIES.get(word.lower()) or OTHER_ENTITIES.get(word.lower(), ""),
            qbk_id=kind.id[:64],
            number=row.get(self._number, EMPTY).value.strip()[:100],
            customer=customer.id[:64],
            customer_name=customer.value.strip()[:500],
            currency=currency,
            open_amount=open_amount,
            home_amount=home_amount,
        )


def _check_sums(table: ReportTable, *, column: str) -> None:
    """A report whose rows do not add up to its own sums is not whole."""
    for section in table.sections:
        text = section.summary[column].value
        if text and amount(text) != sum((amount(row[column].value) for row in section.rows), ZERO):
            raise UnreadableReport("its rows do not add up to its sums")
