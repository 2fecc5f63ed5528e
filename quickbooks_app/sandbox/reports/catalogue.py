"""The reports that the sandbox computes, by name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.ledger.journal import Journal, read_journal
from quickbooks_app.sandbox.reports import french
from quickbooks_app.sandbox.reports.new_engine import shifted
from quickbooks_app.sandbox.reports.open_items import ageing_detail, ageing_summary, balances
from quickbooks_app.sandbox.reports.order import in_order
from quickbooks_app.sandbox.reports.parameters import MONTHS, Parameters
from quickbooks_app.sandbox.reports.sales import lists, summaries
from quickbooks_app.sandbox.reports.source import LISTS, Source
from quickbooks_app.sandbox.reports.statements.balance_sheet import balance_sheet
from quickbooks_app.sandbox.reports.statements.cash_flow import cash_flow
from quickbooks_app.sandbox.reports.statements.profit_and_loss import profit_and_loss
from quickbooks_app.sandbox.reports.statements.trial_balance import trial_balance
from quickbooks_app.sandbox.reports.taken import TAKEN
from quickbooks_app.sandbox.reports.transactions import general_ledger
from quickbooks_app.sandbox.reports.transactions import lists as transaction_lists
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import no_such_report

REPORTS: dict[str, Callable[[Source], Document]] = {
    "AccountList": lists.account_list,
    "AgedPayableDetail": ageing_detail.aged_payable_detail,
    "AgedPayables": ageing_summary.aged_payables,
    "AgedReceivableDetail": ageing_detail.aged_receivable_detail,
    "AgedReceivables": ageing_summary.aged_receivables,
    "BalanceSheet": balance_sheet,
    "CashFlow": cash_flow,
    "ClassSales": summaries.class_sales,
    "CustomerBalance": balances.customer_balance,
    "CustomerBalanceDetail": balances.customer_balance_detail,
    "CustomerIncome": summaries.customer_income,
    "CustomerSales": summaries.customer_sales,
    "DepartmentSales": summaries.department_sales,
    "GeneralLedger": general_ledger.general_ledger,
    "InventoryValuationDetail": lists.inventory_valuation_detail,
    "InventoryValuationSummary": lists.inventory_valuation_summary,
    "ItemSales": summaries.item_sales,
    "JournalReport": transaction_lists.journal_report,
    "ProfitAndLoss": profit_and_loss,
    "ProfitAndLossDetail": general_ledger.profit_and_loss_detail,
    "TaxSummary": lists.tax_summary,
    "TransactionList": transaction_lists.transaction_list,
    "TransactionListByCustomer": transaction_lists.transaction_list_by_customer,
    "TransactionListByVendor": transaction_lists.transaction_list_by_vendor,
    "TransactionListWithSplits": transaction_lists.transaction_list_with_splits,
    "TrialBalance": trial_balance,
    "VendorBalance": balances.vendor_balance,
    "VendorBalanceDetail": balances.vendor_balance_detail,
    "VendorExpenses": summaries.vendor_expenses,
}


# Those that only companies of one country have, by country.
ABROAD: dict[str, dict[str, Callable[[Source], Document]]] = {
    "FR": {
        "FECReport": french.fec_report,
        "GeneralLedgerFR": general_ledger.general_ledger,
        "JournalReportFR": transaction_lists.journal_report,
        "TrialBalanceFR": trial_balance,
    }
}


def run_report(
    connection: Connection,
    *,
    realm: str,
    name: str,
    given: Mapping[str, str],
    at: datetime,
    empty: bool = False,
    new_engine: bool = False,
) -> Document:
    """Return a report with the query parameters `given`.

    `empty` computes it from books without any transaction; `new_engine`, or the parameter `testing_migration`, gives it
    the shape of Intuit's new engine. Raises BusinessFault 5020 for a name that is not known, or that of a wrong
    parameter.
    """
    books = Books(connection, realm=realm, at=at)
    country = str(books.get("CompanyInfo", "1").get("Country", ""))
    compute = {**REPORTS, **ABROAD.get(country, {})}.get(name)
    if compute is None:
        raise no_such_report()
    preferences = books.get("Preferences", "1")
    month = str(preferences.get("AccountingInfoPrefs", {}).get("FirstMonthOfFiscalYear", MONTHS[0]))
    parameters = Parameters(given=given, at=at, first_month=MONTHS.index(month) + 1)
    source = Source(
        journal=Journal(postings=[], documents={}) if empty else read_journal(connection, realm=realm),
        parameters=parameters,
        preferences=preferences,
        lists={entity: {one["Id"]: one for one in books.list_all(entity)} for entity in LISTS},
        takes=TAKEN[name.removesuffix("FR")],
    )
    found = in_order(compute(source), parameters=parameters, takes=source.takes)
    found["Header"]["ReportName"] = name
    is_shifted = new_engine or parameters.text("testing_migration").lower() == "true"
    return shifted(found) if is_shifted else found
