"""What reports tell of a transaction: its type, number, dates and note."""

from quickbooks_app.sandbox.runtime.documents import Document, reference_id

_TYPES = {
    "Invoice": "Invoice",
    "SalesReceipt": "Sales Receipt",
    "CreditMemo": "Credit Memo",
    "RefundReceipt": "Refund",
    "Payment": "Payment",
    "Bill": "Bill",
    "VendorCredit": "Vendor Credit",
    "JournalEntry": "Journal Entry",
    "Deposit": "Deposit",
    "Transfer": "Transfer",
    "CreditCardPayment": "Credit Card Payment",
    "TaxPayment": "Tax Payment",
}
_PURCHASES = {"Check": "Check", "Cash": "Expense", "CreditCard": "Credit Card Expense"}
_BILL_PAYMENTS = {"Check": "Bill Payment (Check)", "CreditCard": "Bill Payment (Credit Card)"}


def type_of(entity: str, document: Document) -> str:
    """The name by which reports call a transaction."""
    if entity == "Purchase":
        kind = str(document.get("PaymentType", "Check"))
        return "Credit Card Credit" if kind == "CreditCard" and document.get("Credit") else _PURCHASES[kind]
    if entity == "BillPayment":
        return _BILL_PAYMENTS.get(str(document.get("PayType")), "Bill Payment (Check)")
    return _TYPES.get(entity, entity)


def number_of(document: Document) -> str:
    return str(document.get("DocNumber") or document.get("PaymentRefNum") or "")


def memo_of(document: Document) -> str:
    return str(document.get("PrivateNote", ""))


def due_date_of(document: Document) -> str:
    return str(document.get("DueDate") or document.get("TxnDate", ""))


def day_of(document: Document, key: str) -> str:
    """The day of MetaData's CreateTime or LastUpdatedTime."""
    return str(document.get("MetaData", {}).get(key, ""))[:10]


def value_of(document: Document, key: str) -> str:
    """The name, or else the value, under a key: of a memo, or of a reference."""
    found = document.get(key)
    return str(found.get("name") or found.get("value", "")) if isinstance(found, dict) else ""


def email_of(document: Document) -> str:
    return str((document.get("BillEmail") or {}).get("Address", ""))


def department_of(document: Document) -> tuple[str, str]:
    """The name and the id of a transaction's department."""
    return value_of(document, "DepartmentRef"), reference_id(document, "DepartmentRef")


def term_of(document: Document) -> str:
    return value_of(document, "SalesTermRef")
