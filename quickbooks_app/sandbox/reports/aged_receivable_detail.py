"""The report AgedReceivableDetail: every open item on accounts receivable, in buckets by days past due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.journal import Item, Journal, open_items
from quickbooks_app.sandbox.reports.parameters import Parameters
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report, section
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import Document, reference_id
from quickbooks_app.sandbox.runtime.errors import invalid_reference

NAME = "AgedReceivableDetail"
MAX_PERIOD_DAYS, MAX_PERIODS = 9999, 100

_TYPES = {
    "Invoice": "Invoice",
    "CreditMemo": "Credit Memo",
    "Payment": "Payment",
    "JournalEntry": "Journal Entry",
    "Deposit": "Deposit",
}
_PURCHASES = {"Check": "Check", "Cash": "Expense", "CreditCard": "Credit Card Credit"}

# In the order in which QuickBooks shows them, whatever order is asked for.
_COLUMNS = (
    Column("tx_date", "Date", "Date"),
    Column("txn_type", "Transaction Type", "String"),
    Column("doc_num", "Num", "String"),
    Column("cust_name", "Customer", "String"),
    Column("due_date", "Due Date", "Date"),
    Column("past_due", "Past Due", "Number"),
    Column("term_name", "Terms", "String"),
    Column("memo", "Memo/Description", "String"),
    Column("create_date", "Create Date", "Date"),
    Column("last_mod_date", "Last Modified", "Date"),
    Column("currency", "Currency", "String"),
    Column("exch_rate", "Exchange Rate", "Number"),
    Column("foreign_amount", "Foreign Amount", "Money"),
    Column("subt_amount", "Amount", "Money"),
    Column("foreign_open_bal", "Foreign Open Balance", "Money"),
    Column("subt_open_bal", "Open Balance", "Money"),
)
_DEFAULT = ("tx_date", "txn_type", "doc_num", "cust_name", "due_date", "memo", "subt_amount", "subt_open_bal")
_MULTICURRENCY = frozenset({"currency", "exch_rate", "foreign_amount", "foreign_open_bal"})


@dataclass(frozen=True, slots=True)
class _Row:
    """One open item with its age."""

    item: Item
    document: Document
    customer: Document
    days: int

    @property
    def date(self) -> str:
        return str(self.document.get("TxnDate", ""))

    @property
    def due(self) -> str:
        return str(self.document.get("DueDate") or self.date)


_CELLS: dict[str, Callable[[_Row], Document]] = {
    "tx_date": lambda row: cell(row.date),
    "txn_type": lambda row: cell(_type_of(row), row.item.key.id),
    "doc_num": lambda row: cell(str(row.document.get("DocNumber") or row.document.get("PaymentRefNum") or "")),
    "cust_name": lambda row: cell(str(row.customer.get("FullyQualifiedName", "")), row.item.key.customer),
    "due_date": lambda row: cell(row.due),
    "past_due": lambda row: cell(str(row.days)),
    "term_name": lambda row: cell(str(row.document.get("SalesTermRef", {}).get("name", ""))),
    "memo": lambda row: cell(str(row.document.get("PrivateNote", ""))),
    "create_date": lambda row: cell(str(row.document.get("MetaData", {}).get("CreateTime", ""))[:10]),
    "last_mod_date": lambda row: cell(str(row.document.get("MetaData", {}).get("LastUpdatedTime", ""))[:10]),
    "currency": lambda row: cell(row.item.currency),
    "exch_rate": lambda row: cell(f"{row.item.rate:f}"),
    "foreign_amount": lambda row: cell(money(row.item.amount)),
    "subt_amount": lambda row: cell(money(row.item.home_amount)),
    "foreign_open_bal": lambda row: cell(money(row.item.open)),
    "subt_open_bal": lambda row: cell(money(row.item.home_open)),
}


def aged_receivable_detail(
    journal: Journal, *, parameters: Parameters, customers: dict[str, Document], preferences: Document
) -> Document:
    """Return the report as of `report_date` (default: today in the company's time zone).

    With the aging method Report_Date, items are open as they were on that day. With Current they are open as they are
    today and aged up to today. Raises BusinessFault for a parameter that is wrong.
    """
    method = parameters.choice("aging_method", among=("Report_Date", "Current"))
    parameters.choice("accounting_method", among=("Accrual", "Cash"))
    named = parameters.macro()
    as_of = parameters.day("report_date") or (named[1] if named else parameters.today)
    size = parameters.whole_number("aging_period", default=30, least=1, most=MAX_PERIOD_DAYS)
    number = parameters.whole_number("num_periods", default=4, least=1, most=MAX_PERIODS)
    aged_to = as_of if method == "Report_Date" else parameters.today
    postings = journal.until(as_of.isoformat()) if method == "Report_Date" else journal.postings
    by_txn_date = bool(preferences.get("ReportPrefs", {}).get("CalcAgingReportFromTxnDate"))
    rows = [
        _Row(
            item=item,
            document=item.document or {},
            customer=customers.get(item.key.customer, {}),
            days=_days_past_due(item, aged_to=aged_to, by_txn_date=by_txn_date),
        )
        for item in open_items(journal, postings)
        if str((item.document or {}).get("TxnDate", "")) <= as_of.isoformat()
    ]
    rows = _filtered(rows, parameters=parameters, customers=customers)
    columns = _columns(parameters, several=bool(preferences["CurrencyPrefs"]["MultiCurrencyEnabled"]))
    header: Document = {
        "Time": clock.format_timestamp(parameters.at),
        "ReportName": NAME,
        **({"DateMacro": parameters.text("date_macro").lower()} if named else {}),
        "EndPeriod": as_of.isoformat(),
        "Currency": str(preferences["CurrencyPrefs"]["HomeCurrency"]["value"]),
    }
    if parameters.text("customer"):
        header["Customer"] = parameters.text("customer")
    return report(
        header,
        options={"report_date": as_of.isoformat()},
        columns=columns,
        rows=_sections(rows, columns=columns, size=size, number=number),
    )


def _columns(parameters: Parameters, *, several: bool) -> list[Column]:
    """The columns that are asked for. Names that the report does not know, or not in this company, are ignored."""
    wanted = set(parameters.names("columns")) - (frozenset() if several else _MULTICURRENCY)
    found = [column for column in _COLUMNS if column.key in wanted]
    return found or [column for column in _COLUMNS if column.key in _DEFAULT]


def _days_past_due(item: Item, *, aged_to: date, by_txn_date: bool) -> int:
    document = item.document or {}
    day = document.get("TxnDate") if by_txn_date else document.get("DueDate") or document.get("TxnDate")
    return (aged_to - date.fromisoformat(str(day))).days if day else 0


def _filtered(rows: list[_Row], *, parameters: Parameters, customers: dict[str, Document]) -> list[_Row]:
    wanted, terms = parameters.names("customer"), parameters.names("term")
    for id in wanted:
        if id not in customers:
            raise invalid_reference(element="customer", value=id)
    first, last = parameters.day("start_duedate"), parameters.day("end_duedate")
    least = parameters.whole_number("past_due", default=-100_000, least=0, most=100_000)
    return [
        row
        for row in rows
        if (not wanted or row.item.key.customer in wanted)
        and (not terms or reference_id(row.document, "SalesTermRef") in terms)
        and (first is None or row.due >= first.isoformat())
        and (last is None or row.due <= last.isoformat())
        and row.days >= least
    ]


def _sections(rows: list[_Row], *, columns: Sequence[Column], size: int, number: int) -> list[Document]:
    """One section for each bucket that has items, the oldest first, and the grand total."""
    buckets: dict[int, list[_Row]] = {}
    for row in rows:
        # 0 is what is not due yet; the last bucket has no end.
        position = min((row.days - 1) // size + 1, number) if row.days > 0 else 0
        buckets.setdefault(position, []).append(row)
    result: list[Document] = []
    for position in sorted(buckets, reverse=True):
        found = sorted(buckets[position], key=lambda row: (row.date, int(row.item.key.id)))
        label = _label(position, size=size, number=number)
        data = [data_row([_CELLS[column.key](row) for column in columns]) for row in found]
        result += section(label, rows=data, totals=_totals(found, columns))
    return [*result, grand_total(_totals(rows, columns))] if rows else []


def _label(position: int, *, size: int, number: int) -> str:
    if not position:
        return "Current"
    first = (position - 1) * size + 1
    if position == number:
        return f"{first} or more days past due"
    return f"{first} - {position * size} days past due"


def _totals(rows: list[_Row], columns: Sequence[Column]) -> list[str]:
    """The sum under each column in the home currency. Amounts in several currencies have none."""
    sums = {
        "subt_amount": sum((row.item.home_amount for row in rows), Decimal(0)),
        "subt_open_bal": sum((row.item.home_open for row in rows), Decimal(0)),
    }
    return [money(sums[column.key]) if column.key in sums else "" for column in columns]


def _type_of(row: _Row) -> str:
    entity = row.item.key.entity
    return _TYPES.get(entity) or _PURCHASES[row.document.get("PaymentType", "Check")]
