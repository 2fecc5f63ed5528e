"""The reports CustomerBalance, VendorBalance and their details: what each party owes or is owed."""

from collections.abc import Sequence
from datetime import date

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports.open_items.columns import CELLS, columns_of, home_totals
from quickbooks_app.sandbox.reports.open_items.items import PAYABLES, RECEIVABLES, OpenItem, Side, items_of
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

_DETAIL = frozenset(["tx_date", "txn_type", "doc_num", "due_date", "subt_amount", "subt_open_bal", "rbal_open_bal"])


def customer_balance(source: Source) -> Document:
    """Return the report as of `report_date` (default: today): a row for each customer."""
    return _balance(source, RECEIVABLES, name="CustomerBalance")


def vendor_balance(source: Source) -> Document:
    """Return the same for vendors."""
    return _balance(source, PAYABLES, name="VendorBalance")


def customer_balance_detail(source: Source) -> Document:
    """Return the open items of each customer, with a running balance."""
    return _balance_detail(source, RECEIVABLES, name="CustomerBalanceDetail")


def vendor_balance_detail(source: Source) -> Document:
    """Return the same for vendors."""
    return _balance_detail(source, PAYABLES, name="VendorBalanceDetail")


def _balance(source: Source, side: Side, *, name: str) -> Document:
    as_of = _as_of(source)
    parties = _by_party(source, side, as_of=as_of)
    sums = {party: sum((one.home_open for one in items), ZERO) for party, items in parties.items()}
    rows = [data_row([cell(party, id), cell(money(amount))]) for (party, id), amount in sums.items() if amount]
    if rows:
        rows.append(grand_total(["", money(sum(sums.values(), ZERO))]))
    columns = (Column(side.party_column, "", side.entity), Column("total", "Total", "Money"))
    header = source.header(name, EndPeriod=as_of.isoformat(), SummarizeColumnsBy="Total")
    return report(header, options={"report_date": as_of.isoformat()}, columns=columns, rows=rows)


def _balance_detail(source: Source, side: Side, *, name: str) -> Document:
    as_of = _as_of(source)
    columns = columns_of(source, side, default=_DETAIL)
    parties = _by_party(source, side, as_of=as_of)
    rows: list[Document] = []
    for (party, _), items in parties.items():
        rows += section(party, rows=_detail_rows(items, columns), totals=home_totals(items, columns))
    if rows:
        rows.append(grand_total(home_totals([one for items in parties.values() for one in items], columns)))
    header = source.header(name, EndPeriod=as_of.isoformat())
    return report(header, options={"report_date": as_of.isoformat()}, columns=columns, rows=rows)


def _as_of(source: Source) -> date:
    named = source.parameters.macro()
    return source.parameters.day("report_date") or (named[1] if named else source.parameters.today)


def _by_party(source: Source, side: Side, *, as_of: date) -> dict[tuple[str, str], list[OpenItem]]:
    found: dict[tuple[str, str], list[OpenItem]] = {}
    for one in items_of(source, side, as_of=as_of, aged_to=as_of, is_current=False):
        found.setdefault((one.party, one.item.key.customer), []).append(one)
    return dict(sorted(found.items(), key=lambda pair: pair[0][0].casefold()))


def _detail_rows(items: list[OpenItem], columns: Sequence[Column]) -> list[Document]:
    rows, running = [], ZERO
    for one in sorted(items, key=lambda item: (item.date, int(item.item.key.id))):
        running += one.home_open
        cells = {"rbal_open_bal": cell(money(running))}
        rows.append(data_row([cells.get(column.key) or CELLS[column.key](one) for column in columns]))
    return rows
