"""The chart of accounts of the sandbox's companies: the accounts that documents post to."""

from typing import NamedTuple


class Account(NamedTuple):
    """One account. `type` is Intuit's AccountType."""

    id: str
    name: str
    type: str


RECEIVABLE = "Accounts Receivable"

# In the order in which QuickBooks lists account types.
ACCOUNT_TYPES = (
    "Bank",
    RECEIVABLE,
    "Other Current Asset",
    "Fixed Asset",
    "Other Asset",
    "Accounts Payable",
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
CHECKING = Account("35", "Checking", "Bank")
MASTERCARD = Account("41", "Mastercard", "Credit Card")
SHIPPING = Account("78", "Shipping Income", "Income")
PRODUCT_SALES = Account("79", "Sales of Product Income", "Income")
RECEIVABLES = Account("84", "Accounts Receivable (A/R)", RECEIVABLE)
DISCOUNTS_GIVEN = Account("86", "Discounts given", "Income")
SALES_TAX_PAYABLE = Account("90", "Sales Tax Payable", "Other Current Liability")
GRATUITIES = Account("93", "Gratuities", "Other Current Liability")
BAD_DEBTS = Account("94", "Bad debts", "Expense")
EXCHANGE_GAIN_OR_LOSS = Account("95", "Exchange Gain or Loss", "Other Expense")

# QuickBooks keeps a receivables account for each currency.
_RECEIVABLES_ABROAD = {
    code: Account(id, f"Accounts Receivable (A/R) - {code}", RECEIVABLE)
    for code, id in (("EUR", "96"), ("GBP", "97"), ("USD", "98"))
}

_CHART = {
    account.id: account
    for account in (
        SERVICES,
        RETAINED_EARNINGS,
        UNDEPOSITED_FUNDS,
        UNCATEGORIZED_EXPENSE,
        CHECKING,
        MASTERCARD,
        SHIPPING,
        PRODUCT_SALES,
        RECEIVABLES,
        DISCOUNTS_GIVEN,
        SALES_TAX_PAYABLE,
        GRATUITIES,
        BAD_DEBTS,
        EXCHANGE_GAIN_OR_LOSS,
        *_RECEIVABLES_ABROAD.values(),
    )
}


def account(id: str) -> Account:
    """Return the account with this id. One that only a client knows counts as a current asset."""
    return _CHART.get(id) or Account(id, f"Account {id}", "Other Current Asset")


def find_account(id: str) -> Account | None:
    """Return the account with this id, or None if the chart has none."""
    return _CHART.get(id)


def receivables(*, currency: str, home: str) -> Account:
    """Return the receivables account of a currency."""
    return RECEIVABLES if currency == home else _RECEIVABLES_ABROAD[currency]


def is_receivable(id: str) -> bool:
    """Return whether an account is a receivables account."""
    return account(id).type == RECEIVABLE
