"""The report TrialBalance: the balance of every account, debits beside credits."""

from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import ACCOUNT_TYPES, PROFIT_AND_LOSS, RETAINED_EARNINGS, Account
from quickbooks_app.sandbox.ledger.journal import account_balances
from quickbooks_app.sandbox.ledger.postings import ZERO, Posting
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

NAME = "TrialBalance"

_COLUMNS = (Column("account", "", "Account"), Column("debit", "Debit", "Money"), Column("credit", "Credit", "Money"))


def trial_balance(source: Source) -> Document:
    """Return the report for `start_date` to `end_date` (default: this month to date).

    Every account has its balance on the last day. Income and expenses count from the beginning of that fiscal year,
    those of earlier years are retained earnings. Raises BusinessFault for a parameter that is wrong.
    """
    _, last, _ = source.parameters.period()
    summarized = source.parameters.choice("summarize_column_by", among=("Total",))
    balances = _balances(source.postings(until=last), year=source.fiscal_year(last))
    header = source.period_header(NAME, basis=source.basis(), summarized=summarized)
    return report(header, options={}, columns=_COLUMNS, rows=_rows(balances))


def _balances(postings: list[Posting], *, year: date) -> dict[Account, Decimal]:
    began = year.isoformat()
    earlier = [one for one in postings if one.account.type in PROFIT_AND_LOSS and one.date < began]
    balances = account_balances(one for one in postings if one.account.type not in PROFIT_AND_LOSS or one.date >= began)
    if earnings := sum((one.home for one in earlier), ZERO):
        balances[RETAINED_EARNINGS] = balances.get(RETAINED_EARNINGS, ZERO) + earnings
    return balances


def _rows(balances: dict[Account, Decimal]) -> list[Document]:
    found = [(account, balance) for account, balance in balances.items() if balance]
    if not found:
        return []
    found.sort(key=lambda pair: (ACCOUNT_TYPES.index(pair[0].type), pair[0].name))
    rows = [
        data_row([cell(account.name, account.id), cell(_side(balance)), cell(_side(-balance))])
        for account, balance in found
    ]
    debits = sum((balance for _, balance in found if balance > 0), ZERO)
    credits = sum((-balance for _, balance in found if balance < 0), ZERO)
    return [*rows, grand_total(["", money(debits), money(credits)])]


def _side(balance: Decimal) -> str:
    return money(balance) if balance > 0 else ""
