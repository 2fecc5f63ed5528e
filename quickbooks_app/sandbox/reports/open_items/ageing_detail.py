"""The reports AgedReceivableDetail and AgedPayableDetail: every open item, in buckets by days past due."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.open_items.items import (
    PAYABLES,
    RECEIVABLES,
    Ageing,
    OpenItem,
    Side,
    ageing_of,
    items_of,
)
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

# In the order in which QuickBooks shows them, whatever order is asked for.
_COLUMNS = (
    Column("tx_date", "Date", "Date"),
    Column("txn_type", "Transaction Type", "String"),
    Column("doc_num", "Num", "String"),
    Column("cust_name", "Customer", "String"),
    Column("vend_name", "Vendor", "String"),
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
_DEFAULT = frozenset({"tx_date", "txn_type", "doc_num", "due_date", "subt_amount", "subt_open_bal"})
_MULTICURRENCY = frozenset({"currency", "exch_rate", "foreign_amount", "foreign_open_bal"})
# What one side shows by default beside these.
_DEFAULT_OF = {"Customer": {"cust_name", "memo"}, "Vendor": {"vend_name", "past_due"}}

_CELLS: dict[str, Callable[[OpenItem], Document]] = {
    "tx_date": lambda one: cell(one.date),
    "txn_type": lambda one: cell(facts.type_of(one.item.key.entity, one.document), one.item.key.id),
    "doc_num": lambda one: cell(facts.number_of(one.document)),
    "cust_name": lambda one: cell(one.party, one.item.key.customer),
    "vend_name": lambda one: cell(one.party, one.item.key.customer),
    "due_date": lambda one: cell(one.due),
    "past_due": lambda one: cell(str(one.days)),
    "term_name": lambda one: cell(facts.term_of(one.document)),
    "memo": lambda one: cell(facts.memo_of(one.document)),
    "create_date": lambda one: cell(facts.day_of(one.document, "CreateTime")),
    "last_mod_date": lambda one: cell(facts.day_of(one.document, "LastUpdatedTime")),
    "currency": lambda one: cell(one.item.currency),
    "exch_rate": lambda one: cell(f"{one.item.rate:f}"),
    "foreign_amount": lambda one: cell(money(one.amount)),
    "subt_amount": lambda one: cell(money(one.home_amount)),
    "foreign_open_bal": lambda one: cell(money(one.open)),
    "subt_open_bal": lambda one: cell(money(one.home_open)),
}


def aged_receivable_detail(source: Source) -> Document:
    """Return the report as of `report_date` (default: today in the company's time zone).

    With the aging method Report_Date, items are open as they were on that day. With Current they are open as they are
    today and aged up to today. Raises BusinessFault for a parameter that is wrong.
    """
    return _ageing_detail(source, RECEIVABLES, name="AgedReceivableDetail")


def aged_payable_detail(source: Source) -> Document:
    """Return the same for what is owed to vendors."""
    return _ageing_detail(source, PAYABLES, name="AgedPayableDetail")


def _ageing_detail(source: Source, side: Side, *, name: str) -> Document:
    ageing = ageing_of(source)
    is_current = source.parameters.text("aging_method").lower() == "current"
    items = items_of(source, side, as_of=ageing.as_of, aged_to=ageing.aged_to, is_current=is_current)
    columns = _columns(source, side)
    as_of = ageing.as_of.isoformat()
    return report(
        source.header(name, DateMacro=ageing.macro, EndPeriod=as_of),
        options={"report_date": as_of},
        columns=columns,
        rows=_sections(items, columns=columns, ageing=ageing),
    )


def _columns(source: Source, side: Side) -> list[Column]:
    """The columns that are asked for. Names that the report does not know, or not in this company, are ignored."""
    hidden = frozenset() if source.has_currencies else _MULTICURRENCY
    others = {"cust_name", "vend_name"} - {side.party_column}
    wanted = set(source.parameters.names("columns")) - hidden - others
    found = [column for column in _COLUMNS if column.key in wanted]
    return found or [column for column in _COLUMNS if column.key in _DEFAULT | _DEFAULT_OF[side.entity]]


def _sections(items: list[OpenItem], *, columns: Sequence[Column], ageing: Ageing) -> list[Document]:
    """One section for each bucket that has items, the oldest first, and the grand total."""
    buckets: dict[int, list[OpenItem]] = {}
    for one in items:
        buckets.setdefault(ageing.bucket_of(one.days), []).append(one)
    result: list[Document] = []
    for position in sorted(buckets, reverse=True):
        found = sorted(buckets[position], key=lambda one: (one.date, int(one.item.key.id)))
        data = [data_row([_CELLS[column.key](one) for column in columns]) for one in found]
        result += section(_label(position, ageing=ageing), rows=data, totals=_totals(found, columns))
    return [*result, grand_total(_totals(items, columns))] if items else []


def _label(position: int, *, ageing: Ageing) -> str:
    if not position:
        return "Current"
    first = (position - 1) * ageing.size + 1
    if position == ageing.number:
        return f"{first} or more days past due"
    return f"{first} - {position * ageing.size} days past due"


def _totals(items: list[OpenItem], columns: Sequence[Column]) -> list[str]:
    """The sum under each column in the home currency. Amounts in several currencies have none."""
    sums = {
        "subt_amount": sum((one.home_amount for one in items), Decimal(0)),
        "subt_open_bal": sum((one.home_open for one in items), Decimal(0)),
    }
    return [money(sums[column.key]) if column.key in sums else "" for column in columns]
