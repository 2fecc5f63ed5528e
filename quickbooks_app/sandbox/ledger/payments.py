"""Postings of payments: money in, and each document on accounts receivable that it settles or uses up."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.ledger.postings import (
    ZERO,
    Context,
    ItemKey,
    Posting,
    balanced,
    head_of,
    in_home_currency,
    settlement,
)
from quickbooks_app.sandbox.ledger.receivables import ENTITY_OF_TYPE, customer_of_link
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id


class OpenAmounts:
    """What each item still has open while payments are posted one after the other, and the item's rate."""

    def __init__(self) -> None:
        self._left: dict[ItemKey, tuple[Decimal, Decimal]] = {}
        self._customers: dict[tuple[str, str], dict[str, Decimal]] = {}

    def add(self, key: ItemKey, *, amount: Decimal, rate: Decimal) -> None:
        """Add what a document charges (or, negative, credits)."""
        left, _ = self._left.get(key, (ZERO, rate))
        self._left[key] = (left + amount, rate)
        self._customers.setdefault((key.entity, key.id), {})[key.customer] = left + amount

    def find(self, kind: str, id: str, *, payer: str) -> tuple[ItemKey, Decimal, Decimal]:
        """Return the item that a payment's link names, with its open amount and rate.

        A document that is in the books no longer counts as a charge at the payment's own rate.
        """
        entity = ENTITY_OF_TYPE.get(kind, kind)
        customers = self._customers.get((entity, id), {})
        key = ItemKey(entity, id, customer_of_link(customers, payer=payer))
        left, rate = self._left.get(key, (ZERO, ZERO))
        return key, left, rate


def payment_postings(document: Document, *, opened: OpenAmounts, context: Context) -> list[Posting]:
    """Debit the bank, and credit each item that is paid; what is unapplied becomes an item of its own.

    An item is settled at the rate at which it was booked; the difference is an exchange gain or loss.
    """
    head = head_of("Payment", document, context=context)
    account = accounts.receivables(currency=head.currency, home=context.home)
    received = amount_of(document, "TotalAmt")
    bank = accounts.account(reference_id(document, "DepositToAccountRef") or accounts.UNDEPOSITED_FUNDS.id)
    gain = head.posting(accounts.EXCHANGE_GAIN_OR_LOSS, ZERO, ZERO)
    postings = [gain, head.posting(bank, received, in_home_currency(received, head.rate))]
    for line in document["Line"]:
        link = line["LinkedTxn"][0]
        key, left, rate = opened.find(link["TxnType"], link["TxnId"], payer=head.customer)
        amount = Decimal(line["Amount"]) * (1 if _is_credit(key, left) else -1)
        home = settlement(open_before=left, amount=amount, rate=rate or head.rate)
        opened.add(key, amount=amount, rate=rate or head.rate)
        postings.append(head.posting(account, amount, home, key, True))
    if unapplied := -amount_of(document, "UnappliedAmt"):
        own = ItemKey("Payment", head.id, head.customer)
        postings.append(head.posting(account, unapplied, in_home_currency(unapplied, head.rate), own))
    return balanced(postings, at=0)


def _is_credit(key: ItemKey, left: Decimal) -> bool:
    return key.entity == "CreditMemo" or (key.entity != "Invoice" and left < 0)
