"""Postings of bills and vendor credits."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.ledger.accounts import Account
from quickbooks_app.sandbox.ledger.postings import (
    ZERO,
    Context,
    ItemKey,
    Posting,
    balanced,
    head_of,
    in_home_currency,
)
from quickbooks_app.sandbox.ledger.receivables import detail_of, line_account
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# A bill buys, a vendor credit gives back.
SIGNS = {"Bill": 1, "VendorCredit": -1}


def purchase_form_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Credit payables, and debit the account of each line and sales tax."""
    head, sign = head_of(entity, document, context=context), SIGNS[entity]
    total = -sign * amount_of(document, "TotalAmt")
    account = accounts.payables(currency=head.currency, home=context.home)
    opening = head.posting(account, total, in_home_currency(total, head.rate), ItemKey(entity, head.id, head.customer))
    contras = [
        head.of_line(account, sign * amount, detail=detail)
        for account, detail, amount in _debits(document, context=context)
    ]
    return balanced([opening, *contras], at=1)


def purchased_account(line: Document, *, context: Context) -> Account:
    """Return the account of a line: the one that it names, or else that of its item today."""
    detail = line.get("ItemBasedExpenseLineDetail") or {}
    id = line_account(line) or context.purchase_accounts.get(reference_id(detail, "ItemRef"), "")
    return context.account(id or accounts.UNCATEGORIZED_EXPENSE.id)


def _debits(document: Document, *, context: Context) -> list[tuple[Account, Document, Decimal]]:
    """Return what the form debits, with the account and the line's detail of each."""
    found = [
        (purchased_account(line, context=context), detail_of(line), Decimal(line.get("Amount", 0)))
        for line in document["Line"]
    ]
    if tax := Decimal(document.get("TxnTaxDetail", {}).get("TotalTax", 0)):
        found.append((accounts.SALES_TAX_PAYABLE, {}, tax))
    return found or [(accounts.UNCATEGORIZED_EXPENSE, {}, ZERO)]
