"""QuickBooks' trial balance: the balance of each account, and which of them are the receivables. Pure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from quickbooks_app.completeness.report_table import ZERO, UnreadableReport, amount, find_column, parse_report

NAME = "TrialBalance"
BASIS = "Accrual"  # on a cash basis nothing is receivable before it is paid
# The accounts that QuickBooks opens itself, one for each currency: "Accounts Receivable (A/R) - EUR".
RECEIVABLES = re.compile(
    r"accounts? receivable|\(a/r\)|\bdebtors\b|comptes? (clients?|débiteurs?)|cuentas por cobrar|contas a receber",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class AccountBalance:
    """One account. `balance` is debit less credit."""

    id: str
    name: str
    balance: Decimal


@dataclass(frozen=True)
class TrialBalance:
    """The accounts at `time`, by QuickBooks' clock, in the home currency."""

    time: datetime | None
    accounts: Sequence[AccountBalance]

    def receivables(self, ids: Collection[str]) -> Sequence[AccountBalance]:
        """The receivables accounts: those of `ids`, or those with the usual name if no ids are known."""
        if ids:
            return [account for account in self.accounts if account.id in ids]
        return [account for account in self.accounts if RECEIVABLES.search(account.name)]


def parse_trial_balance(body: bytes, *, home_currency: str, report_date: date) -> TrialBalance:
    """The report as accounts. Raises UnreadableReport if it is another one, not whole, or does not balance."""
    table = parse_report(body, name=NAME, currency=home_currency, report_date=report_date, basis=BASIS)
    name = find_column(table, ("account", "account_name", ""))
    debit = find_column(table, ("debit", "debt_amt", "debt_home_amt", "nat_home_debt_amt"))
    credit = find_column(table, ("credit", "credit_amt", "credit_home_amt", "nat_home_credit_amt"))
    accounts = [
        AccountBalance(
            id=row[name].id, name=row[name].value, balance=amount(row[debit].value) - amount(row[credit].value)
        )
        for row in table.rows
    ]
    if sum((account.balance for account in accounts), ZERO):
        raise UnreadableReport("its debits do not equal its credits")
    return TrialBalance(time=table.time, accounts=accounts)
