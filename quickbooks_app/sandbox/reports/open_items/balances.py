"""The reports CustomerBalance, VendorBalance and their details: what each party owes or is owed."""

from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.open_items.items import PAYABLES, RECEIVABLES, OpenItem, Side, items_of
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

_DETAIL_COLUMNS = (
    Column("tx_date", "Date", "Date"),
    Column("txn_type", "Transaction Type", "String"),
    Column("doc_num", "Num", "String"),
    Column("due_date", "Due Date", "Date"),
    Column("subt_amount", "Amount", "Money"),
    Column("subt_open_bal", "Open Balance", "Money"),
    Column("rbal_open_bal", "Balance", "Money"),
)


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
    parties = _by_party(source, side, as_of=as_of)
    rows: list[Document] = []
    amount, left = ZERO, ZERO
    for (party, _), items in parties.items():
        sums = (sum((one.home_amount for one in items), ZERO), sum((one.home_open for one in items), ZERO))
        rows += section(party, rows=_detail_rows(items), totals=["", "", "", "", *(money(one) for one in sums), ""])
        amount, left = amount + sums[0], left + sums[1]
    if rows:
        rows.append(grand_total(["", "", "", "", money(amount), money(left), ""]))
    header = source.header(name, EndPeriod=as_of.isoformat())
    return report(header, options={"report_date": as_of.isoformat()}, columns=_DETAIL_COLUMNS, rows=rows)


def _as_of(source: Source) -> date:
    named = source.parameters.macro()
    return source.parameters.day("report_date") or (named[1] if named else source.parameters.today)


def _by_party(source: Source, side: Side, *, as_of: date) -> dict[tuple[str, str], list[OpenItem]]:
    found: dict[tuple[str, str], list[OpenItem]] = {}
    for one in items_of(source, side, as_of=as_of, aged_to=as_of, is_current=False):
        found.setdefault((one.party, one.item.key.customer), []).append(one)
    return dict(sorted(found.items(), key=lambda pair: pair[0][0].casefold()))


def _detail_rows(items: list[OpenItem]) -> list[Document]:
    rows, running = [], Decimal(0)
    for one in sorted(items, key=lambda item: (item.date, int(item.item.key.id))):
        running += one.home_open
        rows.append(
            data_row(
                [
                    cell(one.date),
                    cell(facts.type_of(one.item.key.entity, one.document), one.item.key.id),
                    cell(facts.number_of(one.document)),
                    cell(one.due),
                    cell(money(one.home_amount)),
                    cell(money(one.home_open)),
                    cell(money(running)),
                ]
            )
        )
    return rows
