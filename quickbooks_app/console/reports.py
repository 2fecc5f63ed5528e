"""The reports of the books console, and what each can be asked with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

CASH, ACCRUAL = "Cash", "Accrual"
TOTAL, MONTH, QUARTER = "Total", "Month", "Quarter"


@dataclass(frozen=True)
class ConsoleReport:
    """A report by QuickBooks' name. `is_ageing`: it is of one day and knows no accounting basis and no periods."""

    name: str
    title: str
    use: str
    is_ageing: bool = False
    has_columns_by_period: bool = False
    has_basis: bool = True

    def parameters(self, *, start: date, end: date, basis: str, by: str) -> dict[str, str]:
        """What QuickBooks is asked with."""
        if self.is_ageing:
            return {"report_date": end.isoformat()}
        found = {"start_date": start.isoformat(), "end_date": end.isoformat()}
        if self.has_basis:
            found["accounting_method"] = basis
        if self.has_columns_by_period:
            found["summarize_column_by"] = by
        return found


REPORTS: Mapping[str, ConsoleReport] = {
    one.name: one
    for one in (
        ConsoleReport("AgedReceivables", "Aged receivables", "what each customer owes, by age", is_ageing=True),
        ConsoleReport("AgedReceivableDetail", "Aged receivables, by document", "every open document", is_ageing=True),
        ConsoleReport("AgedPayables", "Aged payables", "what the supplier owes, by age", is_ageing=True),
        ConsoleReport("CustomerBalance", "Customer balances", "what each customer owes", is_ageing=True),
        ConsoleReport("VendorBalance", "Vendor balances", "what each vendor is owed", is_ageing=True),
        ConsoleReport("ProfitAndLoss", "Profit and loss", "income, costs and profit", has_columns_by_period=True),
        ConsoleReport(
            "BalanceSheet",
            "Balance sheet",
            "assets, liabilities with other lenders' loans, equity",
            has_columns_by_period=True,
        ),
        ConsoleReport(
            "CashFlow", "Cash flow", "where money came from and went", has_columns_by_period=True, has_basis=False
        ),
        ConsoleReport("TrialBalance", "Trial balance", "every account"),
        ConsoleReport("GeneralLedger", "General ledger", "every posting"),
        ConsoleReport("CustomerIncome", "Income by customer", "who buys how much"),
    )
}
