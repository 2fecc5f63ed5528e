"""The report BalanceSheet: what the company owns and owes on a day, by account."""

from datetime import date

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS, RETAINED_EARNINGS
from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports.column_periods import Slot, slots_of
from quickbooks_app.sandbox.reports.shape import cell, data_row, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.statements.accounts import (
    ACCOUNT_COLUMN,
    Amounts,
    Sheet,
    account_rows,
    account_section,
    minus,
    plus,
    section,
    sheet_of,
    total_of,
)
from quickbooks_app.sandbox.runtime.documents import Document

NAME = "BalanceSheet"

_CURRENT_ASSETS = (
    ("Bank Accounts", "BankAccounts", "Bank"),
    ("Accounts Receivable", "AR", "Accounts Receivable"),
    ("Other Current Assets", "OtherCurrentAssets", "Other Current Asset"),
)
_OTHER_ASSETS = (("Fixed Assets", "FixedAssets", "Fixed Asset"), ("Other Assets", "OtherAssets", "Other Asset"))
_CURRENT_LIABILITIES = (
    ("Accounts Payable", "AP", "Accounts Payable"),
    ("Credit Cards", "CreditCards", "Credit Card"),
    ("Other Current Liabilities", "OtherCurrentLiabilities", "Other Current Liability"),
)
_LONG_TERM = (("Long-Term Liabilities", "LongTermLiabilities", "Long Term Liability"),)

_BEGINNING = date(1900, 1, 1)

_Part = tuple[list[Document], Amounts]


def balance_sheet(source: Source) -> Document:
    """Return the report as of `end_date` (default: today), a column as of the end of each part of the period."""
    first, last, _ = source.parameters.period()
    choice, slots = slots_of(source, first=first, last=last)
    postings = source.postings(until=last)
    whole = Slot("Total", first, last)
    sheet = sheet_of(postings, slots, whole=whole, since=lambda account, slot: _BEGINNING)
    profits = [posting for posting in postings if posting.account.type in PROFIT_AND_LOSS]
    every = [*slots, whole]
    current = [-slot.sum(profits, since=source.fiscal_year(slot.last)) for slot in every]
    earlier = minus([-slot.sum(profits, since=_BEGINNING) for slot in every], current)
    header = source.period_header(NAME, basis=source.basis(), summarized=choice)
    columns = [ACCOUNT_COLUMN, *sheet.columns]
    rows = _rows(sheet, earlier=earlier, current=current) if postings else []
    return report(header, options={"AccountingStandard": "GAAP"}, columns=columns, rows=rows)


def _rows(sheet: Sheet, *, earlier: Amounts, current: Amounts) -> list[Document]:
    """Earlier years' income is part of retained earnings, this year's a row of its own."""
    rows, current_assets = _parts(sheet, _CURRENT_ASSETS, sign=1)
    assets_rows = [section("Current Assets", group="CurrentAssets", rows=rows, total=current_assets)] if rows else []
    rows, other_assets = _parts(sheet, _OTHER_ASSETS, sign=1)
    assets = plus(current_assets, other_assets)
    liabilities, owed = _liabilities(sheet)
    equity, own = _equity(sheet, earlier=earlier, current=current)
    return [
        section("ASSETS", group="TotalAssets", rows=[*assets_rows, *rows], total=assets, summary="TOTAL ASSETS"),
        section(
            "LIABILITIES AND EQUITY",
            group="TotalLiabilitiesAndEquity",
            rows=[*liabilities, equity],
            total=plus(owed, own),
            summary="TOTAL LIABILITIES AND EQUITY",
        ),
    ]


def _parts(sheet: Sheet, parts: tuple[tuple[str, str, str], ...], *, sign: int) -> _Part:
    rows: list[Document] = []
    total = [ZERO] * sheet.width
    for title, group, kind in parts:
        accounts = sheet.of_type(kind, sign=sign)
        rows += account_section(title, group=group, accounts=accounts, width=sheet.width)
        total = plus(total, total_of(accounts, width=sheet.width))
    return rows, total


def _liabilities(sheet: Sheet) -> _Part:
    current_rows, current = _parts(sheet, _CURRENT_LIABILITIES, sign=-1)
    long_rows, long_term = _parts(sheet, _LONG_TERM, sign=-1)
    rows = [*long_rows]
    if current_rows:
        rows.insert(0, section("Current Liabilities", group="CurrentLiabilities", rows=current_rows, total=current))
    total = plus(current, long_term)
    return ([section("Liabilities", group="Liabilities", rows=rows, total=total)] if rows else []), total


def _equity(sheet: Sheet, *, earlier: Amounts, current: Amounts) -> tuple[Document, Amounts]:
    accounts = sheet.of_type("Equity", sign=-1)
    retained = next((one for one in accounts if one.id == RETAINED_EARNINGS.id), RETAINED_EARNINGS)
    accounts[retained] = plus(accounts.get(retained, [ZERO] * sheet.width), earlier)
    income = data_row([cell("Net Income"), *(cell(money(amount)) for amount in current)])
    total = plus(total_of(accounts, width=sheet.width), current)
    rows = [*account_rows(accounts), {**income, "group": "NetIncome"}]
    return section("Equity", group="Equity", rows=rows, total=total), total
