"""The chart of accounts of the sandbox's companies: the accounts that documents post to."""

from typing import NamedTuple


class Account(NamedTuple):
    """One account. `type` is Intuit's AccountType."""

    id: str
    name: str
    type: str


RECEIVABLE = "Accounts Receivable"
PAYABLE = "Accounts Payable"

# In the order in which QuickBooks lists account types.
ACCOUNT_TYPES = (
    "Bank",
    RECEIVABLE,
    "Other Current Asset",
    "Fixed Asset",
    "Other Asset",
    PAYABLE,
    "Credit Card",
    "Other Current Liability",
    "Long Term Liability",
    "Equity",
    "Income",
    "Cost of Goods Sold",
    "Expense",
    "Other Income",
    "Other Expense",
)
PROFIT_AND_LOSS = frozenset({"Income", "Cost of Goods Sold", "Expense", "Other Income", "Other Expense"})

SERVICES = Account("1", "Services", "Income")
RETAINED_EARNINGS = Account("2", "Retained Earnings", "Equity")
UNDEPOSITED_FUNDS = Account("4", "Undeposited Funds", "Other Current Asset")
UNCATEGORIZED_EXPENSE = Account("31", "Uncategorized Expense", "Expense")
PAYABLES = Account("33", "Accounts Payable (A/P)", PAYABLE)
OPENING_BALANCE = Account("34", "Opening Balance Equity", "Equity")
CHECKING = Account("35", "Checking", "Bank")
MASTERCARD = Account("41", "Mastercard", "Credit Card")
SHIPPING = Account("78", "Shipping Income", "Income")
PRODUCT_SALES = Account("79", "Sales of Product Income", "Income")
COST_OF_GOODS = Account("80", "Cost of Goods Sold", "Cost of Goods Sold")
INVENTORY = Account("81", "Inventory Asset", "Other Current Asset")
RECEIVABLES = Account("84", "Accounts Receivable (A/R)", RECEIVABLE)
DISCOUNTS_GIVEN = Account("86", "Discounts given", "Income")
SALES_TAX_PAYABLE = Account("90", "Sales Tax Payable", "Other Current Liability")
GRATUITIES = Account("93", "Gratuities", "Other Current Liability")
BAD_DEBTS = Account("94", "Bad debts", "Expense")
EXCHANGE_GAIN_OR_LOSS = Account("95", "Exchange Gain or Loss", "Other Expense")

# The accounts that documents post to without naming them: every company has them.
SYSTEM_ACCOUNTS = (
    SERVICES,
    RETAINED_EARNINGS,
    UNDEPOSITED_FUNDS,
    UNCATEGORIZED_EXPENSE,
    PAYABLES,
    OPENING_BALANCE,
    CHECKING,
    MASTERCARD,
    SHIPPING,
    PRODUCT_SALES,
    COST_OF_GOODS,
    INVENTORY,
    RECEIVABLES,
    DISCOUNTS_GIVEN,
    SALES_TAX_PAYABLE,
    GRATUITIES,
    BAD_DEBTS,
    EXCHANGE_GAIN_OR_LOSS,
)

# QuickBooks keeps a receivables and a payables account for each currency: code, and the ids of the two.
_ABROAD = (
    ("EUR", "96", "69"),
    ("GBP", "97", "70"),
    ("USD", "98", "71"),
    ("AUD", "51", "61"),
    ("CAD", "52", "62"),
    ("CHF", "53", "63"),
    ("INR", "54", "64"),
    ("JPY", "55", "65"),
    ("MXN", "56", "66"),
    ("SEK", "57", "67"),
)
RECEIVABLES_ABROAD = {code: Account(id, f"{RECEIVABLES.name} - {code}", RECEIVABLE) for code, id, _ in _ABROAD}
PAYABLES_ABROAD = {code: Account(id, f"{PAYABLES.name} - {code}", PAYABLE) for code, _, id in _ABROAD}

_BUILT_IN = {
    account.id: account for account in (*SYSTEM_ACCOUNTS, *RECEIVABLES_ABROAD.values(), *PAYABLES_ABROAD.values())
}

Chart = dict[str, Account]  # by id


def account(id: str, *, chart: Chart) -> Account:
    """Return the account with this id. One that is in no chart counts as a current asset."""
    return chart.get(id) or _BUILT_IN.get(id) or Account(id, f"Account {id}", "Other Current Asset")


def receivables(*, currency: str, home: str) -> Account:
    """Return the receivables account of a currency."""
    return RECEIVABLES if currency == home else RECEIVABLES_ABROAD[currency]


def payables(*, currency: str, home: str) -> Account:
    """Return the payables account of a currency."""
    return PAYABLES if currency == home else PAYABLES_ABROAD[currency]


def is_receivable(id: str) -> bool:
    """Return whether an account is a receivables account. Companies have no others than the built-in ones."""
    found = _BUILT_IN.get(id)
    return found is not None and found.type == RECEIVABLE


def is_payable(id: str) -> bool:
    """Return whether an account is a payables account."""
    found = _BUILT_IN.get(id)
    return found is not None and found.type == PAYABLE
