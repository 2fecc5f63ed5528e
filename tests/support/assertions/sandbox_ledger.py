"""Asserts that the sandbox's books are double-entry, and that every balance in them follows from the postings."""

from collections import defaultdict
from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.ledger.accounts import PAYABLE, RECEIVABLE
from quickbooks_app.sandbox.ledger.cash_basis import on_cash_basis
from quickbooks_app.sandbox.ledger.journal import Journal, account_balances, open_items, read_journal
from quickbooks_app.sandbox.ledger.postings import total
from quickbooks_app.sandbox.runtime.documents import amount_of


def assert_balanced(books: Books) -> Journal:
    """Each transaction's postings add up to zero, and what customers and vendors owe is what was posted."""
    found = read_journal(books.connection, realm=books.realm)
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for posting in found.postings:
        pair = sums[posting.entity, posting.id]
        pair[0], pair[1] = pair[0] + posting.amount, pair[1] + posting.home
    assert {key: pair for key, pair in sums.items() if any(pair)} == {}
    assert total(on_cash_basis(found.postings)) == 0
    _assert_owed(books, found, entity="Customer", account_type=RECEIVABLE, sign=1)
    _assert_owed(books, found, entity="Vendor", account_type=PAYABLE, sign=-1)
    return found


def _assert_owed(books: Books, found: Journal, *, entity: str, account_type: str, sign: int) -> None:
    """The account, the open items and what customers or vendors are said to owe are the same."""
    items = open_items(found, found.postings, account_type=account_type)
    posted = (balance for account, balance in account_balances(found.postings).items() if account.type == account_type)
    assert sum(posted) == sum(item.home_open for item in items)
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        owed[item.key.customer] += sign * item.open
    said = {one["Id"]: amount_of(one, "Balance") for one in books.list_all(entity)}
    assert {id: one for id, one in said.items() if one} == {id: one for id, one in owed.items() if one}
