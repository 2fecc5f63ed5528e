"""Charges for expenses that a customer is to pay back: one for each billable line of a purchase."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, format_amount, reference_id

BILLABLE = ("Bill", "Purchase")
_DETAILS = ("AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail")


def update_charges(books: Books, entity: str, *, before: Document | None, after: Document | None) -> None:
    """Write a charge for each billable line, and delete those of lines that are gone. A billed one stays."""
    source = {"TxnId": (after or before or {})["Id"], "TxnType": entity}
    found = {
        charge["LinkedTxn"][0].get("TxnLineId"): charge
        for charge in books.list_all("ReimburseCharge")
        if {key: charge["LinkedTxn"][0].get(key) for key in source} == source
    }
    wanted = {line["Id"]: line for line in (after or {}).get("Line", []) if _customer(line)}
    for line_id, charge in found.items():
        if charge["HasBeenInvoiced"]:
            wanted.pop(line_id, None)
        elif line_id not in wanted:
            books.delete("ReimburseCharge", charge)
    for line_id, line in wanted.items():
        body = _charge({**source, "TxnLineId": line_id}, line, document=after or {})
        if line_id not in found:
            books.insert("ReimburseCharge", body)
        elif (changed := {**found[line_id], **body}) != found[line_id]:
            books.update("ReimburseCharge", changed)


def _customer(line: Document) -> Document | None:
    """Return the customer who is to pay a line back, or None."""
    for key in _DETAILS:
        detail = line.get(key) or {}
        if detail.get("BillableStatus") == "Billable" and reference_id(detail, "CustomerRef"):
            found: Document = detail["CustomerRef"]
            return found
    return None


def _charge(link: Document, line: Document, *, document: Document) -> Document:
    amount = format_amount(Decimal(line.get("Amount", 0)))
    body: Document = {
        "CustomerRef": _customer(line),
        "TxnDate": document["TxnDate"],
        "Amount": amount,
        "HasBeenInvoiced": False,
        "LinkedTxn": [link],
        "Line": [
            {"Id": "1", "LineNum": 1, "Amount": amount, "DetailType": "ReimburseLineDetail", "ReimburseLineDetail": {}}
        ],
    }
    if "CurrencyRef" in document:
        body["CurrencyRef"] = document["CurrencyRef"]
    if "Description" in line:
        body["Line"][0]["Description"] = line["Description"]
    return body
