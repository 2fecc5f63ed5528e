"""The reports AgedReceivables and AgedPayables: what each party owes or is owed, in columns by days past due."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports.open_items.items import (
    PAYABLES,
    RECEIVABLES,
    Ageing,
    OpenItem,
    Side,
    aged_items,
)
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document


def aged_receivables(source: Source) -> Document:
    """Return the report as of `report_date` (default: today): a row for each customer."""
    return _ageing_summary(source, RECEIVABLES, name="AgedReceivables")


def aged_payables(source: Source) -> Document:
    """Return the same for vendors."""
    return _ageing_summary(source, PAYABLES, name="AgedPayables")


def _ageing_summary(source: Source, side: Side, *, name: str) -> Document:
    ageing, items = aged_items(source, side)
    as_of = ageing.as_of.isoformat()
    header = source.header(
        name,
        DateMacro=ageing.macro,
        StartPeriod=as_of,
        EndPeriod=as_of,
        SummarizeColumnsBy="Total",
    )
    return report(header, options={"report_date": as_of}, columns=_columns(side, ageing), rows=_rows(items, ageing))


def _columns(side: Side, ageing: Ageing) -> list[Column]:
    titles = [f"{position * ageing.size + 1} - {(position + 1) * ageing.size}" for position in range(ageing.number - 1)]
    last = f"{(ageing.number - 1) * ageing.size + 1} and over"
    money_columns = [("current", "Current"), *((str(n), title) for n, title in enumerate([*titles, last]))]
    return [
        Column(side.party_column, "", side.entity),
        *(Column(key, title, "Money") for key, title in money_columns),
        Column("total", "Total", "Money"),
    ]


def _rows(items: list[OpenItem], ageing: Ageing) -> list[Document]:
    by_party: dict[tuple[str, str], list[Decimal]] = {}
    for one in items:
        amounts = by_party.setdefault((one.party, one.item.key.customer), [ZERO] * (ageing.number + 2))
        amounts[ageing.bucket_of(one.days)] += one.home_open
        amounts[-1] += one.home_open
    if not by_party:
        return []
    rows = [
        data_row([cell(name, id), *(cell(money(amount) if amount else "") for amount in amounts)])
        for (name, id), amounts in sorted(by_party.items(), key=lambda pair: pair[0][0].casefold())
    ]
    totals = [sum(column, ZERO) for column in zip(*by_party.values(), strict=True)]
    return [*rows, grand_total(["", *(money(total) for total in totals)])]
