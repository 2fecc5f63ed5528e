"""What a document has open on accounts receivable, by customer."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import is_payable, is_receivable
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

_ACCOUNT_KEYS = (
    ("JournalEntryLineDetail", "AccountRef"),
    ("DepositLineDetail", "AccountRef"),
    ("AccountBasedExpenseLineDetail", "AccountRef"),
    # As the line is written, it keeps the account that its item had then.
    ("ItemBasedExpenseLineDetail", "ItemAccountRef"),
)
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
    """Return the account, the party ("" if none) and the amount (debit positive) of an entry's line.

    On payables the party is a vendor, otherwise a customer.
    """
    amount = Decimal(line.get("Amount", 0))
    kind = "Vendor" if is_payable(line_account(line)) else "Customer"
    if entity == "JournalEntry":
        detail = line.get("JournalEntryLineDetail")
        if detail is None:
            # A line of words alone.
            return "", "", Decimal(0)
        party = detail.get("Entity") or {}
        named = reference_id(party, "EntityRef") if party.get("Type") == kind else ""
        return line_account(line), named, amount if detail["PostingType"] == "Debit" else -amount
    if entity == "Deposit":
        party = (line.get("DepositLineDetail") or {}).get("Entity") or {}
        is_kind = str(party.get("type", "CUSTOMER")).upper() == kind.upper()
        return line_account(line), str(party.get("value", "")) if is_kind else "", -amount
    detail = line.get("AccountBasedExpenseLineDetail") or line.get("ItemBasedExpenseLineDetail") or {}
    payee = document.get("EntityRef") or {}
    named = reference_id(detail, "CustomerRef") if kind == "Customer" else ""
    if not named and payee.get("type") == kind:
        named = str(payee["value"])
    return line_account(line), named, -amount if document.get("Credit") else amount


def line_account(line: Document) -> str:
    """Return the id of the account that an entry's line posts to, or ""."""
    for key, name in _ACCOUNT_KEYS:
        if detail := line.get(key):
            return reference_id(detail, name)
    return ""


def detail_of(line: Document) -> Document:
    """Return the detail of an entry's line, or {}."""
    return next((line[key] for key, _ in _ACCOUNT_KEYS if line.get(key)), {})


def customer_of_link(amounts: dict[str, Decimal], *, payer: str) -> str:
    """Return whose share of an entry a payment uses: the payer's own, or else that of the first customer in it."""
    return payer if payer in amounts or not amounts else next(iter(amounts))
