"""The lists that every sample company starts with: chart of accounts, taxes, payment methods and others."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company.tax_service import rate
from quickbooks_app.sandbox.accounting.lists import accounts as account_rules
from quickbooks_app.sandbox.data.history import UNRESTRICTED
from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.runtime.documents import Document, normalized

PAYMENT_METHODS = (
    ("Cash", "NON_CREDIT_CARD"),
    ("Check", "NON_CREDIT_CARD"),
    ("Visa", "CREDIT_CARD"),
    ("MasterCard", "CREDIT_CARD"),
    ("Discover", "CREDIT_CARD"),
    ("American Express", "CREDIT_CARD"),
)
# Tax code 2 charges rate 3, which is 8 percent: the local sales tax.
SALES_TAX_CODE, SALES_TAX_RATE, SALES_TAX_PERCENT = "2", "3", Decimal(8)
CUSTOMER_TYPES = ("Café", "Hotel", "Retail", "Wholesale")

# The detail types of the accounts that documents post to; the others have their type's default.
_DETAILS = {
    accounts.SERVICES: "ServiceFeeIncome",
    accounts.RETAINED_EARNINGS: "RetainedEarnings",
    accounts.UNDEPOSITED_FUNDS: "UndepositedFunds",
    accounts.CHECKING: "Checking",
    accounts.SHIPPING: "ServiceFeeIncome",
    accounts.PRODUCT_SALES: "SalesOfProductIncome",
    accounts.INVENTORY: "Inventory",
    accounts.DISCOUNTS_GIVEN: "DiscountsRefundsGiven",
    accounts.SALES_TAX_PAYABLE: "SalesTaxPayable",
    accounts.BAD_DEBTS: "BadDebts",
    accounts.EXCHANGE_GAIN_OR_LOSS: "ExchangeGainOrLoss",
}
# The accounts of a company beside those: id, name, type, detail type, account above it. The ids of those that Intuit's
# US sample company has in kind are the same as there, so that the requests of Intuit's reference work.
_OTHER_ACCOUNTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("3", "Prepaid Expenses", "Other Current Asset", "PrepaidExpenses", ""),
    ("7", "Advertising", "Expense", "AdvertisingPromotional", ""),
    ("8", "Bank Charges", "Expense", "BankCharges", ""),
    ("9", "Freight & Delivery", "Cost of Goods Sold", "ShippingFreightDeliveryCos", ""),
    ("10", "Dues & Subscriptions", "Expense", "DuesSubscriptions", ""),
    ("11", "Insurance", "Expense", "Insurance", ""),
    ("12", "Legal & Professional Fees", "Expense", "LegalProfessionalFees", ""),
    ("13", "Meals and Entertainment", "Expense", "EntertainmentMeals", ""),
    ("14", "Miscellaneous", "Other Expense", "OtherMiscellaneousExpense", ""),
    ("15", "Office Expenses", "Expense", "OfficeGeneralAdministrativeExpenses", ""),
    ("17", "Rent or Lease", "Expense", "RentOrLeaseOfBuildings", ""),
    ("20", "Taxes & Licenses", "Expense", "TaxesPaid", ""),
    ("21", "Travel", "Expense", "Travel", ""),
    ("24", "Utilities", "Expense", "Utilities", ""),
    ("25", "Interest Earned", "Other Income", "InterestEarned", ""),
    ("28", "Security Deposits", "Other Asset", "SecurityDeposits", ""),
    ("36", "Savings", "Bank", "Savings", ""),
    ("37", "Machinery and Equipment", "Fixed Asset", "MachineryAndEquipment", ""),
    ("39", "Roasting Materials", "Cost of Goods Sold", "SuppliesMaterialsCogs", ""),
    ("40", "Subcontractors", "Cost of Goods Sold", "CostOfLaborCos", ""),
    ("42", "Visa", "Credit Card", "CreditCard", ""),
    ("43", "Equipment Loan", "Long Term Liability", "NotesPayable", ""),
    ("44", "Notes Payable", "Long Term Liability", "OtherLongTermLiabilities", ""),
    ("45", "Owner's Equity", "Equity", "OwnersEquity", ""),
    ("60", "Automobile", "Expense", "Auto", ""),
    ("75", "Repairs and Maintenance", "Expense", "RepairMaintenance", ""),
    ("76", "Electricity", "Expense", "Utilities", "24"),
    ("77", "Water", "Expense", "Utilities", "24"),
    ("82", "Inventory Shrinkage", "Cost of Goods Sold", "SuppliesMaterialsCogs", ""),
    ("85", "Billable Expense Income", "Income", "SalesOfProductIncome", ""),
    ("87", "Unapplied Cash Payment Income", "Income", "UnappliedCashPaymentIncome", ""),
)


def open_lists(books: Books, *, several_currencies: bool) -> None:
    """Write the lists that forms of a US company refer to."""
    open_common_lists(books, home="USD")
    if several_currencies:
        for code in ("EUR", "GBP"):
            _create(books, "CompanyCurrency", Code=code)
    _open_taxes(books)


def open_common_lists(books: Books, *, home: str) -> None:
    """Write the lists that companies of every country have."""
    _open_accounts(books, home=home)
    for name, kind in PAYMENT_METHODS:
        books.insert("PaymentMethod", {"Name": name, "Active": True, "Type": kind})
    for name in CUSTOMER_TYPES:
        books.insert("CustomerType", {"Name": name, "Active": True})


def _open_accounts(books: Books, *, home: str) -> None:
    for account in accounts.SYSTEM_ACCOUNTS:
        body = account_rules.built_in(account, currency=home, detail=_DETAILS.get(account, ""))
        books.insert("Account", body, id=account.id)
    known = {id: accounts.Account(id, name, kind) for id, name, kind, *_ in _OTHER_ACCOUNTS}
    for id, _, _, detail, above in _OTHER_ACCOUNTS:
        body = account_rules.built_in(known[id], currency=home, detail=detail, above=known.get(above))
        books.insert("Account", body, id=id)


def _open_taxes(books: Books) -> None:
    agency = _create(books, "TaxAgency", DisplayName="Oregon Department of Revenue")
    neighbor = _create(books, "TaxAgency", DisplayName="Washington Department of Revenue")
    rates = (("1", "Oregon", Decimal(0), agency), ("2", "Washington", Decimal("6.5"), neighbor))
    for id, name, percent, owner in (*rates, (SALES_TAX_RATE, "Local sales tax", SALES_TAX_PERCENT, agency)):
        books.insert("TaxRate", rate(name, value=normalized(percent), agency=owner["Id"]), id=id)
    for id, name, taxable, charged in (
        ("TAX", "TAX", True, ""),
        ("NON", "NON", False, ""),
        (SALES_TAX_CODE, "Local", True, SALES_TAX_RATE),
        ("3", "Washington", True, "2"),
    ):
        listed = (
            [{"TaxRateRef": {"value": charged}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}] if charged else []
        )
        body: Document = {
            "Name": name,
            "Description": name,
            "Active": True,
            "Hidden": False,
            "Taxable": taxable,
            "TaxGroup": bool(charged),
            "SalesTaxRateList": {"TaxRateDetail": listed},
            "PurchaseTaxRateList": {"TaxRateDetail": []},
        }
        books.insert("TaxCode", body, id=id)


def _create(books: Books, entity: str, **payload: object) -> Document:
    return writing.create(books, entity=entity, payload=payload, rules=UNRESTRICTED)
