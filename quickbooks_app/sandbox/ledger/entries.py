"""Postings of journal entries, deposits, and checks or other purchases."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.ledger.postings import (
    ZERO,
    Context,
    Head,
    ItemKey,
    Posting,
    balanced,
    head_of,
    in_home_currency,
)
from quickbooks_app.sandbox.ledger.receivables import detail_of, posted_line
from quickbooks_app.sandbox.runtime.documents import Document, reference_id


def entry_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Post each line, and for a deposit or purchase the bank that it is paid into or from."""
    head = head_of(entity, document, context=context)
    postings = [_line_posting(entity, document, line, head=head, context=context) for line in document["Line"]]
    if tax := Decimal((document.get("TxnTaxDetail") or {}).get("TotalTax", 0)):
        # Only purchases outside of the US have one.
        amount = -tax if document.get("Credit") else tax
        postings.append(head.of_line(accounts.SALES_TAX_PAYABLE, amount, detail={}))
    if entity == "Deposit" and (back := document.get("CashBack")):
        taken = Decimal(back["Amount"])
        account = context.account(reference_id(back, "AccountRef"))
        postings.append(head.posting(account, taken, in_home_currency(taken, head.rate)))
    if entity != "JournalEntry":
        key, default = {
            "Deposit": ("DepositToAccountRef", accounts.CHECKING),
            "Purchase": ("AccountRef", accounts.CHECKING),
        }[entity]
        bank = context.account(reference_id(document, key) or default.id)
        rest = -sum((posting.amount for posting in postings), ZERO)
        postings.append(head.posting(bank, rest, in_home_currency(rest, head.rate)))
    # The rounding goes where no customer sees it.
    plain = [position for position, posting in enumerate(postings) if posting.item is None]
    return balanced(postings, at=plain[-1] if plain else -1)


def _line_posting(entity: str, document: Document, line: Document, *, head: Head, context: Context) -> Posting:
    account_id, party, amount = posted_line(entity, document, line)
    # A line of a deposit that names a payment moves it out of the undeposited funds.
    account = context.account(account_id or accounts.UNDEPOSITED_FUNDS.id)
    opens = account.type in (accounts.RECEIVABLE, accounts.PAYABLE)
    item = ItemKey(entity, head.id, party) if party and opens else None
    posting = head.of_line(account, amount, detail=detail_of(line))
    return posting._replace(customer=party, item=item)
