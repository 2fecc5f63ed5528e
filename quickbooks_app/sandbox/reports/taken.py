"""The parameters that each report knows, beside those of its period, columns and ageing. Others are ignored."""

_TRANSACTIONS = (
    "customer vendor class department term payment_method docnum transaction_type start_createdate end_createdate"
    " start_moddate end_moddate sort_by sort_order columns"
)

_TAKEN = {
    "AccountList": "account_type sort_by sort_order columns",
    "AgedPayableDetail": "vendor term columns shipvia",
    "AgedPayables": "vendor department sort_order",
    "AgedReceivableDetail": "customer term columns shipvia",
    "AgedReceivables": "customer department sort_order",
    "BalanceSheet": "customer vendor class department item sort_order",
    "CashFlow": "customer vendor class department item sort_order",
    "ClassSales": "customer class department item sort_order",
    "CustomerBalance": "customer department sort_order",
    "CustomerBalanceDetail": "customer department term sort_by sort_order columns",
    "CustomerIncome": "customer vendor class department term sort_order",
    "CustomerSales": "customer class department item sort_order",
    "DepartmentSales": "customer class department item sort_order",
    "FECReport": "",
    "GeneralLedger": "customer vendor class department account account_type sort_by sort_order columns",
    "InventoryValuationDetail": "columns",
    "InventoryValuationSummary": "item sort_order",
    "ItemSales": "customer class department item sort_order",
    "JournalReport": "sort_by sort_order columns",
    "ProfitAndLoss": "customer vendor class department item sort_order",
    "ProfitAndLossDetail": "customer vendor employee class department account account_type sort_by sort_order columns",
    "TaxSummary": "agency_id sort_order",
    "TransactionList": _TRANSACTIONS,
    "TransactionListByCustomer": _TRANSACTIONS,
    "TransactionListByVendor": _TRANSACTIONS,
    "TransactionListWithSplits": _TRANSACTIONS,
    "TrialBalance": "sort_order",
    "VendorBalance": "vendor department sort_order",
    "VendorBalanceDetail": "vendor department term sort_by sort_order columns",
    "VendorExpenses": "customer vendor class department sort_order",
}
TAKEN = {name: frozenset(parameters.split()) for name, parameters in _TAKEN.items()}
