"""The reports of QuickBooks Online, by the names that its address takes."""

from quickbooks_app.objects.editions import Level

_EVERYWHERE = [
    "AccountList",
    "AgedPayableDetail",
    "AgedPayables",
    "AgedReceivableDetail",
    "AgedReceivables",
    "BalanceSheet",
    "CashFlow",
    "CustomerBalance",
    "CustomerBalanceDetail",
    "CustomerIncome",
    "CustomerSales",
    "GeneralLedger",
    "ItemSales",
    "JournalReport",
    "ProfitAndLoss",
    "ProfitAndLossDetail",
    "TaxSummary",
    "TransactionList",
    "TransactionListByCustomer",
    "TransactionListByVendor",
    "TransactionListWithSplits",
    "TrialBalance",
    "VendorBalance",
    "VendorBalanceDetail",
    "VendorExpenses",
]
_FROM_PLUS = ("ClassSales", "DepartmentSales", "InventoryValuationSummary", "InventoryValuationDetail")
_FRANCE = ("FECReport", "GeneralLedgerFR", "JournalReportFR", "TrialBalanceFR")

# The lowest edition and the countries (none: all) of each.
REPORTS: dict[str, tuple[Level, frozenset[str]]] = {
    **dict.fromkeys(_EVERYWHERE, (Level.SIMPLE_START, frozenset[str]())),
    **dict.fromkeys(_FROM_PLUS, (Level.PLUS, frozenset[str]())),
    **dict.fromkeys(_FRANCE, (Level.SIMPLE_START, frozenset({"FR"}))),
}
