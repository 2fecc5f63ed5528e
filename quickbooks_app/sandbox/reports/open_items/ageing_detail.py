"""The reports AgedReceivableDetail and AgedPayableDetail: every open item, in buckets by days past due."""

from collections.abc import Sequence

from quickbooks_app.sandbox.reports.open_items.columns import CELLS, columns_of, home_totals
from quickbooks_app.sandbox.reports.open_items.items import (
    PAYABLES,
    RECEIVABLES,
    Ageing,
    OpenItem,
    Side,
    aged_items,
)
from quickbooks_app.sandbox.reports.shape import Column, data_row, grand_total, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

_DEFAULT = frozenset({"tx_date", "txn_type", "doc_num", "due_date", "subt_amount", "subt_open_bal"})
# What one side shows by default beside these.
_DEFAULT_OF = {"Customer": {"cust_name", "memo"}, "Vendor": {"vend_name", "past_due"}}


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
    ageing, items = aged_items(source, side)
    columns = _columns(source, side)
    as_of = ageing.as_of.isoformat()
    return report(
        source.header(name, DateMacro=ageing.macro, EndPeriod=as_of),
        options={"report_date": as_of},
        columns=columns,
        rows=_sections(items, columns=columns, ageing=ageing),
    )


def _columns(source: Source, side: Side) -> list[Column]:
    """The columns that are asked for, or those of Intuit: with the department where the company tracks them."""
    tracked = {"dept_name"} if source.preferences["AccountingInfoPrefs"].get("TrackDepartments") else set()
    return columns_of(source, side, default=_DEFAULT | _DEFAULT_OF[side.entity] | tracked)


def _sections(items: list[OpenItem], *, columns: Sequence[Column], ageing: Ageing) -> list[Document]:
    """One section for each bucket that has items, the oldest first, and the grand total."""
    buckets: dict[int, list[OpenItem]] = {}
    for one in items:
        buckets.setdefault(ageing.bucket_of(one.days), []).append(one)
    result: list[Document] = []
    for position in sorted(buckets, reverse=True):
        found = sorted(buckets[position], key=lambda one: (one.date, int(one.item.key.id)))
        data = [data_row([CELLS[column.key](one) for column in columns]) for one in found]
        result += section(_label(position, ageing=ageing), rows=data, totals=home_totals(found, columns))
    return [*result, grand_total(home_totals(items, columns))] if items else []


def _label(position: int, *, ageing: Ageing) -> str:
    if not position:
        return "Current"
    first = (position - 1) * ageing.size + 1
    if position == ageing.number:
        return f"{first} or more days past due"
    return f"{first} - {position * ageing.size} days past due"
