"""Entries on accounts receivable that the API of this sandbox does not serve: journal entries, checks, deposits.

They lower what a customer owes, and a payment may lay them against an invoice. Nothing but their id and their effect on
the customer's balance is kept.
"""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.errors import invalid_reference, invalid_value

KINDS = ("JournalEntry", "Check", "Deposit", "Expense", "CreditCardCredit")


def post_credit(books: Books, *, customer_id: str, amount: Decimal) -> str:
    """Post an entry that lowers what the customer owes by `amount`, and return its id."""
    if amount <= 0:
        raise invalid_value(element="Amount", detail="The amount must be above 0")
    if books.find("Customer", customer_id) is None:
        raise invalid_reference(element="CustomerRef", value=customer_id)
    books.add_to_balance(customer_id, -amount)
    return str(books.next_value("Transaction"))
