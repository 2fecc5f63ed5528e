"""Postings of payments: money in or out, and each open item that it settles or uses up."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger import accounts, payables, receivables
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
from quickbooks_app.sandbox.ledger.receivables import customer_of_link
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

_ENTITY_OF_TYPE = receivables.ENTITY_OF_TYPE | payables.ENTITY_OF_TYPE
_FORMS = ("Invoice", "CreditMemo", "Bill", "VendorCredit")


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
        entity = _ENTITY_OF_TYPE.get(kind, kind)
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
    bank = context.account(reference_id(document, "DepositToAccountRef") or accounts.UNDEPOSITED_FUNDS.id)
    return _postings(head, document, account=account, bank=bank, opened=opened, sign=1)


def bill_payment_postings(document: Document, *, opened: OpenAmounts, context: Context) -> list[Posting]:
    """Credit the bank or credit card, and debit each bill that is paid, as `payment_postings` does the other way."""
    head = head_of("BillPayment", document, context=context)
    account = accounts.payables(currency=head.currency, home=context.home)
    return _postings(head, document, account=account, bank=_paid_from(document, context), opened=opened, sign=-1)


def _paid_from(document: Document, context: Context) -> Account:
    for key, name in (("CheckPayment", "BankAccountRef"), ("CreditCardPayment", "CCAccountRef")):
        if id := reference_id(document.get(key) or {}, name):
            return context.account(id)
    return accounts.CHECKING


def _postings(
    head: Head, document: Document, *, account: Account, bank: Account, opened: OpenAmounts, sign: int
) -> list[Posting]:
    """Post a payment. `sign` is 1 for money that comes in, -1 for money that goes out."""
    moved = sign * amount_of(document, "TotalAmt")
    gain = head.posting(accounts.EXCHANGE_GAIN_OR_LOSS, ZERO, ZERO)
    postings = [gain, head.posting(bank, moved, in_home_currency(moved, head.rate))]
    rest = -moved
    for line in document["Line"]:
        link = line["LinkedTxn"][0]
        key, left, rate = opened.find(link["TxnType"], link["TxnId"], payer=head.customer)
        amount = Decimal(line["Amount"]) * (sign if _is_credit(key, left, sign=sign) else -sign)
        home = settlement(open_before=left, amount=amount, rate=rate or head.rate)
        opened.add(key, amount=amount, rate=rate or head.rate)
        postings.append(head.posting(account, amount, home, key, True))
        rest -= amount
    if rest:
        own = ItemKey(head.entity, head.id, head.customer)
        postings.append(head.posting(account, rest, in_home_currency(rest, head.rate), own))
    return balanced(postings, at=0)


def _is_credit(key: ItemKey, left: Decimal, *, sign: int) -> bool:
    """Whether a payment uses this item up; otherwise it pays it."""
    if key.entity in _FORMS:
        return key.entity in ("CreditMemo", "VendorCredit")
    return left * sign < 0
