"""What a document has open on accounts receivable, by customer."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import is_receivable
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, reference_id

# The entity that holds a transaction of this type, as payments name it in LinkedTxn.
ENTITY_OF_TYPE = {
    "Invoice": "Invoice",
    "CreditMemo": "CreditMemo",
    "JournalEntry": "JournalEntry",
    "Deposit": "Deposit",
    "Check": "Purchase",
    "Expense": "Purchase",
    "CreditCardCredit": "Purchase",
}
ENTRIES = ("JournalEntry", "Deposit", "Purchase")

_OPEN_FIELDS = {"Invoice": ("Balance", 1), "CreditMemo": ("Balance", -1), "Payment": ("UnappliedAmt", -1)}


def balance_effect(entity: str, document: Document) -> dict[str, Decimal]:
    """Return how much a document raises the balance of each customer. A credit is negative.

    For a sales form or payment it is what is open; for an entry it is all, and payments that use it count against it.
    """
    if entity in _OPEN_FIELDS:
        key, sign = _OPEN_FIELDS[entity]
        return {reference_id(document, "CustomerRef"): sign * amount_of(document, key)}
    return entry_amounts(entity, document) if entity in ENTRIES else {}


def entry_amounts(entity: str, document: Document) -> dict[str, Decimal]:
    """Return what an entry debits (or, negative, credits) to the receivables of each customer."""
    result: dict[str, Decimal] = {}
    for line in document["Line"]:
        account, customer, amount = posted_line(entity, document, line)
        if customer and is_receivable(account):
            result[customer] = result.get(customer, Decimal(0)) + amount
    return result


def posted_line(entity: str, document: Document, line: Document) -> tuple[str, str, Decimal]:
    """Return the account, the customer ("" if none) and the amount (debit positive) of an entry's line."""
    amount = Decimal(line.get("Amount", 0))
    if entity == "JournalEntry":
        detail = line["JournalEntryLineDetail"]
        party = detail.get("Entity") or {}
        customer = reference_id(party, "EntityRef") if party.get("Type") == "Customer" else ""
        debit = detail["PostingType"] == "Debit"
        return reference_id(detail, "AccountRef"), customer, amount if debit else -amount
    if entity == "Deposit":
        detail = line.get("DepositLineDetail") or {}
        party = detail.get("Entity") or {}
        is_customer = str(party.get("type", "CUSTOMER")).upper() == "CUSTOMER"
        customer = str(party.get("value", "")) if is_customer else ""
        return reference_id(detail, "AccountRef"), customer, -amount
    detail = line["AccountBasedExpenseLineDetail"]
    customer = reference_id(detail, "CustomerRef")
    payee = document.get("EntityRef") or {}
    if not customer and payee.get("type") == "Customer":
        customer = str(payee["value"])
    return reference_id(detail, "AccountRef"), customer, -amount if document.get("Credit") else amount


def customer_of_link(amounts: dict[str, Decimal], *, payer: str) -> str:
    """Return whose share of an entry a payment uses: the payer's own, or else that of the first customer in it."""
    return payer if payer in amounts or not amounts else next(iter(amounts))
