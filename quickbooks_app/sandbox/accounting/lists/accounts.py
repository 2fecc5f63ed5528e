"""Accounts: their types, and the balances that the ledger computes."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import CURRENCY_NAMES
from quickbooks_app.sandbox.ledger.accounts import (
    ACCOUNT_TYPES,
    PAYABLE,
    PAYABLES_ABROAD,
    RECEIVABLE,
    RECEIVABLES_ABROAD,
    Account,
)
from quickbooks_app.sandbox.ledger.journal import account_balances, read_journal
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, format_amount, reference, reference_id
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_enumeration,
    invalid_value,
    parameter_missing,
)

# Each type's classification, and the detail type of an account whose detail type is not given.
TYPES = {
    "Bank": ("Asset", "CashOnHand"),
    RECEIVABLE: ("Asset", "AccountsReceivable"),
    "Other Current Asset": ("Asset", "EmployeeCashAdvances"),
    "Fixed Asset": ("Asset", "FurnitureAndFixtures"),
    "Other Asset": ("Asset", "OtherLongTermAssets"),
    PAYABLE: ("Liability", "AccountsPayable"),
    "Credit Card": ("Liability", "CreditCard"),
    "Other Current Liability": ("Liability", "OtherCurrentLiabilities"),
    "Long Term Liability": ("Liability", "OtherLongTermLiabilities"),
    "Equity": ("Equity", "OpeningBalanceEquity"),
    "Income": ("Revenue", "ServiceFeeIncome"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Expense": ("Expense", "Travel"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
    "Other Expense": ("Expense", "OtherMiscellaneousExpense"),
}
_TYPE_OF_DETAIL = {
    "Checking": "Bank",
    "Savings": "Bank",
    "MoneyMarket": "Bank",
    "Inventory": "Other Current Asset",
    "UndepositedFunds": "Other Current Asset",
    "SalesOfProductIncome": "Income",
    "DiscountsRefundsGiven": "Income",
    "AdvertisingPromotional": "Expense",
    "OfficeGeneralAdministrativeExpenses": "Expense",
    "RetainedEarnings": "Equity",
    "SalesTaxPayable": "Other Current Liability",
} | {detail: kind for kind, (_, detail) in TYPES.items()}
# Debits raise these, credits the others.
_DEBIT_SIDE = frozenset({"Asset", "Expense"})


def finish(books: Books, body: Document, *, before: Document | None) -> None:
    """Set type, classification, currency and balance. Raises BusinessFault for a type that does not exist."""
    if '"' in body["Name"]:
        raise invalid_value(element="Name", detail="Name must not contain a double quote")
    kind = body.get("AccountType") or _TYPE_OF_DETAIL.get(str(body.get("AccountSubType")))
    if kind is None:
        raise parameter_missing("AccountType")
    if kind not in ACCOUNT_TYPES:
        raise invalid_enumeration(element="AccountType", value=str(kind))
    if before is not None and before["AccountType"] != kind and before["AccountType"] in (RECEIVABLE, PAYABLE):
        raise business_rule("The type of this account cannot be changed.")
    if reference_id(body, "ParentRef") and books.get("Account", reference_id(body, "ParentRef"))["AccountType"] != kind:
        raise business_rule("A subaccount must be of the same type as its parent.")
    body["AccountType"] = kind
    body.setdefault("AccountSubType", TYPES[kind][1])
    body["Classification"] = TYPES[kind][0]
    for key in ("CurrentBalance", "CurrentBalanceWithSubAccounts"):
        body[key] = before[key] if before else 0
    if "CurrencyRef" not in body:
        home = str(books.get("Preferences", "1")["CurrencyPrefs"]["HomeCurrency"]["value"])
        body["CurrencyRef"] = reference(home, CURRENCY_NAMES.get(home))


def open_currency(books: Books, code: str) -> None:
    """Add the receivables and the payables account of a currency that the company begins to use."""
    if code == books.get("Preferences", "1")["CurrencyPrefs"]["HomeCurrency"]["value"]:
        return
    for account in (RECEIVABLES_ABROAD[code], PAYABLES_ABROAD[code]):
        if books.find("Account", account.id) is None:
            books.insert("Account", built_in(account, currency=code), id=account.id)


def built_in(account: Account, *, currency: str, detail: str = "", above: Account | None = None) -> Document:
    """Return an account that a company begins with, as stored."""
    classification, default = TYPES[account.type]
    return {
        "Name": account.name,
        "SubAccount": above is not None,
        **({"ParentRef": reference(above.id, above.name)} if above else {}),
        "FullyQualifiedName": f"{above.name}:{account.name}" if above else account.name,
        "Active": True,
        "Classification": classification,
        "AccountType": account.type,
        "AccountSubType": detail or default,
        "CurrentBalance": 0,
        "CurrentBalanceWithSubAccounts": 0,
        "CurrencyRef": reference(currency, CURRENCY_NAMES[currency]),
    }


def refresh_balances(books: Books) -> None:
    """Write the ledger's balances into the accounts, if a transaction has changed since they were written last."""
    changed = books.take_mark()
    if changed is None:
        return
    books = Books(books.connection, realm=books.realm, at=changed, concealment=books.concealment)
    posted = account_balances(read_journal(books.connection, realm=books.realm).postings)
    by_id = {account.id: balance for account, balance in posted.items()}
    documents = books.list_all("Account")
    own = {
        one["Id"]: by_id.get(one["Id"], Decimal(0)) * (1 if one["Classification"] in _DEBIT_SIDE else -1)
        for one in documents
    }
    whole = dict(own)
    parents = {one["Id"]: reference_id(one, "ParentRef") for one in documents}
    for id, balance in own.items():
        above = parents[id]
        while above:
            whole[above] = whole.get(above, Decimal(0)) + balance
            above = parents.get(above, "")
    for one in documents:
        balances = (own[one["Id"]], whole[one["Id"]])
        if balances != (amount_of(one, "CurrentBalance"), amount_of(one, "CurrentBalanceWithSubAccounts")):
            one["CurrentBalance"], one["CurrentBalanceWithSubAccounts"] = map(format_amount, balances)
            books.update_balance("Account", one)
