"""Postings of sales forms: invoices, credit memos and refund receipts."""

from collections.abc import Iterator
from decimal import Decimal

from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.ledger.accounts import Account
from quickbooks_app.sandbox.ledger.postings import (
    ZERO,
    Context,
    Head,
    ItemKey,
    Posting,
    balanced,
    head_of,
    in_home_currency,
    settlement,
)
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# An invoice sells, the others take back.
SIGNS = {"Invoice": 1, "CreditMemo": -1, "RefundReceipt": -1}
_BUILT_IN = {"SHIPPING_ITEM_ID": accounts.SHIPPING, "GRATUITY_ITEM_ID": accounts.GRATUITIES}


def sales_form_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Debit receivables (or, for a refund, credit the bank), and credit income and sales tax."""
    head, sign = head_of(entity, document, context=context), SIGNS[entity]
    total = amount_of(document, "TotalAmt") * sign
    target = (
        accounts.account(reference_id(document, "DepositToAccountRef") or accounts.CHECKING.id)
        if entity == "RefundReceipt"
        else accounts.receivables(currency=head.currency, home=context.home)
    )
    item = None if entity == "RefundReceipt" else ItemKey(entity, head.id, head.customer)
    opening = head.posting(target, total, in_home_currency(total, head.rate), item)
    contras = [
        head.posting(account, -sign * amount, in_home_currency(-sign * amount, head.rate))
        for account, amount in _credits(document, context=context)
    ]
    postings = balanced([opening, *contras], at=1)
    if entity == "Invoice" and (deposit := amount_of(document, "Deposit")):
        postings += _deposit_postings(head, document, total=total, deposit=deposit, opening=opening)
    return postings


def _credits(document: Document, *, context: Context) -> list[tuple[Account, Decimal]]:
    """Return what the form credits to each account; it adds up to the total."""
    amounts: dict[Account, Decimal] = {}
    for item, amount in _sold(document["Line"]):
        account = _BUILT_IN.get(item) or accounts.account(context.income_accounts.get(item, accounts.SERVICES.id))
        amounts[account] = amounts.get(account, ZERO) + amount
    for line in document["Line"]:
        if line["DetailType"] == "DiscountLineDetail":
            id = reference_id(line["DiscountLineDetail"], "DiscountAccountRef") or accounts.DISCOUNTS_GIVEN.id
            account = accounts.account(id)
            amounts[account] = amounts.get(account, ZERO) - Decimal(line["Amount"])
    if tax := Decimal(document["TxnTaxDetail"].get("TotalTax", 0)):
        amounts[accounts.SALES_TAX_PAYABLE] = tax
    # A linked statement charge has no line; it shows in the total alone.
    if charge := amount_of(document, "TotalAmt") - sum(amounts.values(), ZERO):
        amounts[accounts.SERVICES] = amounts.get(accounts.SERVICES, ZERO) + charge
    return list(amounts.items()) or [(accounts.SERVICES, ZERO)]


def _sold(lines: list[Document]) -> Iterator[tuple[str, Decimal]]:
    """The item and amount of each line that counts. A line without an item is only written down."""
    for line in lines:
        if line["DetailType"] == "GroupLineDetail":
            yield from _sold(line["GroupLineDetail"]["Line"])
        elif line["DetailType"] == "SalesItemLineDetail" and (
            item := reference_id(line["SalesItemLineDetail"], "ItemRef")
        ):
            yield item, Decimal(line["Amount"])


def _deposit_postings(
    head: Head, document: Document, *, total: Decimal, deposit: Decimal, opening: Posting
) -> list[Posting]:
    """Return the postings of money that came with the invoice: it settles part of it at once."""
    home = settlement(open_before=total, amount=-deposit, rate=head.rate)
    bank = accounts.account(reference_id(document, "DepositToAccountRef") or accounts.UNDEPOSITED_FUNDS.id)
    return [
        head.posting(opening.account, -deposit, home, opening.item, True),
        head.posting(bank, deposit, -home),
    ]
