"""The report CashFlow: where money in the bank came from in a period, and where it went."""

from dataclasses import replace
from datetime import date, timedelta

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS
from quickbooks_app.sandbox.reports.column_periods import Slot, slots_of
from quickbooks_app.sandbox.reports.shape import cell, data_row, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.statements.accounts import (
    ACCOUNT_COLUMN,
    Amounts,
    Sheet,
    account_rows,
    account_section,
    plus,
    section,
    sheet_of,
    summary_row,
    total_of,
)
from quickbooks_app.sandbox.runtime.documents import Document

NAME = "CashFlow"

_OPERATING = (
    "Accounts Receivable",
    "Other Current Asset",
    "Accounts Payable",
    "Credit Card",
    "Other Current Liability",
)
_INVESTING = ("Fixed Asset", "Other Asset")
_FINANCING = ("Long Term Liability", "Equity")

_BEGINNING = date(1900, 1, 1)


def cash_flow(source: Source) -> Document:
    """Return the report for `start_date` to `end_date` (default: this month to date), on accrual basis."""
    first, last, _ = source.parameters.period()
    choice, slots = slots_of(source, first=first, last=last)
    postings = source.postings(until=last)
    whole = Slot("Total", first, last)
    sheet = sheet_of(postings, slots, whole=whole, since=lambda account, slot: None)
    bank = [one for one in postings if one.account.type == "Bank"]
    before = [replace(slot, first=_BEGINNING, last=slot.first - timedelta(days=1)) for slot in [*slots, whole]]
    beginning = [slot.sum(bank) for slot in before]
    header = source.period_header(NAME, summarized=choice)
    columns = [ACCOUNT_COLUMN, *sheet.columns]
    rows = _rows(sheet, beginning=beginning) if postings else []
    return report(header, options={}, columns=columns, rows=rows)


def _rows(sheet: Sheet, *, beginning: Amounts) -> list[Document]:
    width = sheet.width
    income = [-amount for amount in total_of(sheet.of_type(*PROFIT_AND_LOSS), width=width)]
    # What an account other than the bank gains on the debit side is money that went there.
    adjustments = sheet.of_type(*_OPERATING, sign=-1)
    adjusted = total_of(adjustments, width=width)
    operating = plus(income, adjusted)
    rows = [{**data_row([cell("Net Income"), *(cell(money(amount)) for amount in income)]), "group": "NetIncome"}]
    if adjustments:
        title = "Adjustments to reconcile Net Income to net cash provided by operations:"
        rows.append(section(title, group="OperatingAdjustments", rows=account_rows(adjustments), total=adjusted))
    result = [
        section(
            "OPERATING ACTIVITIES",
            group="OperatingActivities",
            rows=rows,
            total=operating,
            summary="Net cash provided by operating activities",
        )
    ]
    increase = operating
    for title, group, kinds in (
        ("INVESTING ACTIVITIES", "InvestingActivities", _INVESTING),
        ("FINANCING ACTIVITIES", "FinancingActivities", _FINANCING),
    ):
        accounts = sheet.of_type(*kinds, sign=-1)
        result += account_section(title, group=group, accounts=accounts, width=width)
        increase = plus(increase, total_of(accounts, width=width))
    ending = plus(beginning, increase)
    result.append(summary_row("Net cash increase for period", group="CashIncrease", total=increase))
    result.append(summary_row("Cash at beginning of period", group="BeginningCash", total=beginning))
    return [*result, summary_row("Cash at end of period", group="EndingCash", total=ending)]
