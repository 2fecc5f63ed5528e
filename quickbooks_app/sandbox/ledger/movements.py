"""Postings that move money from one account to another: transfers and payments of credit cards."""

from quickbooks_app.sandbox.ledger.postings import Context, Posting, head_of, in_home_currency
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# The account that is debited, and the one that is credited.
ACCOUNTS = {
    "Transfer": ("ToAccountRef", "FromAccountRef"),
    "CreditCardPayment": ("CreditCardAccountRef", "BankAccountRef"),
}


def movement_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Debit one account and credit the other."""
    head = head_of(entity, document, context=context)
    amount = amount_of(document, "Amount")
    postings = []
    for key, signed in zip(ACCOUNTS[entity], (amount, -amount), strict=True):
        account = context.account(reference_id(document, key))
        postings.append(head.posting(account, signed, in_home_currency(signed, head.rate)))
    return [posting for posting in postings if posting.amount]
