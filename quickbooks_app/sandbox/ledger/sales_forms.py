"""Postings of sales forms: invoices, sales receipts, credit memos and refund receipts."""

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

# An invoice or sales receipt sells, the others take back.
SIGNS = {"Invoice": 1, "SalesReceipt": 1, "CreditMemo": -1, "RefundReceipt": -1}
# Where the money goes, or comes from, if the form is settled at once.
_PAID_AT_ONCE = {"SalesReceipt": accounts.UNDEPOSITED_FUNDS, "RefundReceipt": accounts.CHECKING}
_BUILT_IN = {"SHIPPING_ITEM_ID": accounts.SHIPPING, "GRATUITY_ITEM_ID": accounts.GRATUITIES}


def sales_form_postings(entity: str, document: Document, *, context: Context) -> list[Posting]:
    """Debit receivables (or the bank, if the form is settled at once), and credit income and sales tax."""
    head, sign = head_of(entity, document, context=context), SIGNS[entity]
    total = amount_of(document, "TotalAmt") * sign
    bank = _PAID_AT_ONCE.get(entity)
    target = (
        context.account(reference_id(document, "DepositToAccountRef") or bank.id)
        if bank
        else accounts.receivables(currency=head.currency, home=context.home)
    )
    item = None if bank else ItemKey(entity, head.id, head.customer)
    opening = head.posting(target, total, in_home_currency(total, head.rate), item)
    contras = [
        head.of_line(account, -sign * amount, detail=detail)
        for account, detail, amount in _credits(document, context=context)
    ]
    postings = balanced([opening, *contras], at=1)
    if entity == "Invoice" and (deposit := amount_of(document, "Deposit")):
        postings += _deposit_postings(head, document, total=total, deposit=deposit, opening=opening, context=context)
    return postings


def _credits(document: Document, *, context: Context) -> list[tuple[Account, Document, Decimal]]:
    """Return what the form credits, with the account and the line's detail of each; it adds up to the total."""
    found = [(_income_account(detail, context=context), detail, amount) for detail, amount in _sold(document["Line"])]
    for line in document["Line"]:
        if line["DetailType"] == "DiscountLineDetail":
            detail = line["DiscountLineDetail"]
            id = reference_id(detail, "DiscountAccountRef") or accounts.DISCOUNTS_GIVEN.id
            found.append((context.account(id), detail, -Decimal(line["Amount"])))
    if tax := Decimal(document["TxnTaxDetail"].get("TotalTax", 0)):
        found.append((accounts.SALES_TAX_PAYABLE, {}, tax))
    # A linked statement charge has no line; it shows in the total alone.
    if charge := amount_of(document, "TotalAmt") - sum((amount for *_, amount in found), ZERO):
        found.append((accounts.SERVICES, {}, charge))
    return found or [(accounts.SERVICES, {}, ZERO)]


def _income_account(detail: Document, *, context: Context) -> Account:
    """The account that the line names, because its item had it then, or else the item's account today."""
    item = reference_id(detail, "ItemRef")
    if (built_in := _BUILT_IN.get(item)) is not None:
        return built_in
    return context.account(
        reference_id(detail, "ItemAccountRef") or context.income_accounts.get(item, accounts.SERVICES.id)
    )


def _sold(lines: list[Document]) -> Iterator[tuple[Document, Decimal]]:
    """The detail and amount of each line that counts. A line without an item is only written down."""
    for line in lines:
        if line["DetailType"] == "GroupLineDetail":
            yield from _sold(line["GroupLineDetail"]["Line"])
        elif line["DetailType"] == "SalesItemLineDetail" and reference_id(line["SalesItemLineDetail"], "ItemRef"):
            yield line["SalesItemLineDetail"], Decimal(line["Amount"])


def _deposit_postings(
    head: Head, document: Document, *, total: Decimal, deposit: Decimal, opening: Posting, context: Context
) -> list[Posting]:
    """Return the postings of money that came with the invoice: it settles part of it at once."""
    home = settlement(open_before=total, amount=-deposit, rate=head.rate)
    bank = context.account(reference_id(document, "DepositToAccountRef") or accounts.UNDEPOSITED_FUNDS.id)
    return [
        head.posting(opening.account, -deposit, home, opening.item, True),
        head.posting(bank, deposit, -home),
    ]
