"""The report ProfitAndLoss: income less expenses of a period, by account."""

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS
from quickbooks_app.sandbox.reports.column_periods import Slot, slots_of
from quickbooks_app.sandbox.reports.shape import report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.statements.accounts import (
    ACCOUNT_COLUMN,
    Sheet,
    account_section,
    minus,
    plus,
    sheet_of,
    summary_row,
    total_of,
)
from quickbooks_app.sandbox.runtime.documents import Document

NAME = "ProfitAndLoss"


def profit_and_loss(source: Source) -> Document:
    """Return the report for `start_date` to `end_date` (default: this month to date)."""
    first, last, _ = source.parameters.period()
    found = [one for one in source.postings(until=last) if one.account.type in PROFIT_AND_LOSS]
    summed = [one for one in found if one.date >= first.isoformat()]
    choice, slots = slots_of(source, first=first, last=last, summed=summed)
    sheet = sheet_of(found, slots, whole=Slot("Total", first, last), since=lambda account, slot: None)
    header = source.period_header(NAME, basis=source.basis(), summarized=choice)
    columns = [ACCOUNT_COLUMN, *sheet.columns]
    return report(header, options={"AccountingStandard": "GAAP"}, columns=columns, rows=_rows(sheet))


def _rows(sheet: Sheet) -> list[Document]:
    width = sheet.width
    income, other_income = sheet.of_type("Income", sign=-1), sheet.of_type("Other Income", sign=-1)
    costs, expenses = sheet.of_type("Cost of Goods Sold"), sheet.of_type("Expense")
    other_expenses = sheet.of_type("Other Expense")
    if not any((income, other_income, costs, expenses, other_expenses)):
        return []
    gross = minus(total_of(income, width=width), total_of(costs, width=width))
    operating = minus(gross, total_of(expenses, width=width))
    other = minus(total_of(other_income, width=width), total_of(other_expenses, width=width))
    rows = [
        *account_section("Income", group="Income", accounts=income, width=width),
        *account_section("Cost of Goods Sold", group="COGS", accounts=costs, width=width),
        summary_row("Gross Profit", group="GrossProfit", total=gross),
        *account_section("Expenses", group="Expenses", accounts=expenses, width=width),
        summary_row("Net Operating Income", group="NetOperatingIncome", total=operating),
        *account_section("Other Income", group="OtherIncome", accounts=other_income, width=width),
        *account_section("Other Expenses", group="OtherExpenses", accounts=other_expenses, width=width),
    ]
    if other_income or other_expenses:
        rows.append(summary_row("Net Other Income", group="NetOtherIncome", total=other))
    return [*rows, summary_row("Net Income", group="NetIncome", total=plus(operating, other))]
