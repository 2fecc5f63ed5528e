"""Postings that move money from one account to another: transfers, payments of credit cards and of taxes."""

from quickbooks_app.sandbox.ledger.accounts import CHECKING, SALES_TAX_PAYABLE
from quickbooks_app.sandbox.ledger.postings import Context, Posting, head_of, in_home_currency
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# The account that is debited, and the one that is credited.
ACCOUNTS = {
    "Transfer": ("ToAccountRef", "FromAccountRef"),
    "CreditCardPayment": ("CreditCardAccountRef", "BankAccountRef"),
}


def tax_payment_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Debit the tax that is owed and credit the bank; a refund goes the other way."""
    dated = {**document, "TxnDate": document["PaymentDate"]}
    head = head_of(entity, dated, context=context)
    amount = amount_of(document, "PaymentAmount") * (-1 if document.get("Refund") else 1)
    bank = context.account(reference_id(document, "PaymentAccountRef") or CHECKING.id)
    return [head.posting(SALES_TAX_PAYABLE, amount, amount), head.posting(bank, -amount, -amount)]


def movement_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Debit one account and credit the other."""
    head = head_of(entity, document, context=context)
    amount = amount_of(document, "Amount")
    postings = []
    for key, signed in zip(ACCOUNTS[entity], (amount, -amount), strict=True):
        account = context.account(reference_id(document, key))
        postings.append(head.posting(account, signed, in_home_currency(signed, head.rate)))
    return [posting for posting in postings if posting.amount]
