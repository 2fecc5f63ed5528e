"""What a document has open on accounts payable, by vendor."""

from collections.abc import Callable
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import is_payable
from quickbooks_app.sandbox.ledger.receivables import ENTRIES, posted_line
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# The entity that holds a transaction of this type, as bill payments name it in LinkedTxn.
ENTITY_OF_TYPE = {
    "Bill": "Bill",
    "VendorCredit": "VendorCredit",
    "JournalEntry": "JournalEntry",
    "Deposit": "Deposit",
    "Check": "Purchase",
    "Expense": "Purchase",
    "CreditCardCredit": "Purchase",
}

_OPEN_FIELDS = {"Bill": 1, "VendorCredit": -1}

Find = Callable[[str, str], Document | None]  # by entity and id


def balance_effect(entity: str, document: Document, *, find: Find) -> dict[str, Decimal]:
    """Return how much a document raises what is owed to each vendor. A credit is negative.

    For a bill, credit or payment it is what is open; for an entry it is all, and payments that use it count against it.
    """
    if entity in _OPEN_FIELDS:
        return {reference_id(document, "VendorRef"): _OPEN_FIELDS[entity] * amount_of(document, "Balance")}
    if entity == "BillPayment":
        return {reference_id(document, "VendorRef"): -unapplied_amount(document, find=find)}
    return entry_amounts(entity, document) if entity in ENTRIES else {}


def entry_amounts(entity: str, document: Document) -> dict[str, Decimal]:
    """Return what an entry credits (or, negative, debits) to the payables of each vendor."""
    result: dict[str, Decimal] = {}
    for line in document["Line"]:
        account, vendor, amount = posted_line(entity, document, line)
        if vendor and is_payable(account):
            result[vendor] = result.get(vendor, Decimal(0)) - amount
    return result


def unapplied_amount(payment: Document, *, find: Find) -> Decimal:
    """Return what a bill payment pays beyond its lines: a credit with the vendor."""
    vendor = reference_id(payment, "VendorRef")
    applied = Decimal(0)
    for line in payment["Line"]:
        link = line["LinkedTxn"][0]
        sign = 1 if is_debt(link["TxnType"], link["TxnId"], vendor=vendor, find=find) else -1
        applied += sign * Decimal(line["Amount"])
    return amount_of(payment, "TotalAmt") - applied


def is_debt(kind: str, id: str, *, vendor: str, find: Find) -> bool:
    """Whether a payment pays this document; otherwise it uses a credit."""
    if kind in _OPEN_FIELDS:
        return kind == "Bill"
    entry = find(ENTITY_OF_TYPE[kind], id)
    return entry is not None and entry_amounts(ENTITY_OF_TYPE[kind], entry).get(vendor, Decimal(0)) > 0
