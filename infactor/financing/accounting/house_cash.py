"""Which house account the money of a step moved on, and which line of a statement confirms it.

What is undone, comes back or is posted anew moves on the account on which it moved first, whatever the default is now.
"""

from collections.abc import Iterable
from datetime import datetime

from infactor.banking import cash, matches, open_accounts
from infactor.banking.models import HouseAccount, StatementLine
from infactor.ledger.models import Transaction
from infactor.users.models import User


def account_of(*, transaction: Transaction | None) -> HouseAccount | None:
    """The house account on which `transaction` moved money; None: there is none, or it moved none."""
    entry = None if transaction is None else cash.entry_of(transaction=transaction)
    return None if entry is None else cash.account_with(owner=entry.account.owner, currency=entry.account.currency)


def lock_open(*, transactions: Iterable[Transaction]) -> None:
    """Lock the house accounts on which these moved money, before they are undone. Raises AccountClosed."""
    found = (account_of(transaction=one) for one in transactions)
    open_accounts.lock_each(accounts={one.pk: one for one in found if one is not None}.values())


def confirming_line(*, transaction: Transaction) -> StatementLine | None:
    """The line of a statement that confirms the money of `transaction`, if one does."""
    entry = cash.entry_of(transaction=transaction)
    return None if entry is None else matches.line_of(entry=entry)


def carry_match(*, undone: Transaction, instead: Transaction, reason: str, by: User | None, at: datetime) -> None:
    """Let the line that confirms the money of `undone` confirm that of `instead`, which is as much on that account.

    `undone` and its reversal then take each other away, and the bank's line still has its money in the books.
    """
    before, after = cash.entry_of(transaction=undone), cash.entry_of(transaction=instead)
    if before is not None and after is not None:
        matches.replace(entry=before, by_entry=after, reason=reason, by=by, at=at)
