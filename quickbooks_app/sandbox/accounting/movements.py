"""Transfers, payments of credit cards, times worked and corrections of stock."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.relations import references
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.ledger import movements
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    format_amount,
    normalized,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import (
    business_rule,
    invalid_reference,
    invalid_value,
    parameter_missing,
)

_TYPES = {"BankAccountRef": ("Bank",), "CreditCardAccountRef": ("Credit Card",)}
# What moves between balance sheet accounts is no income or expense.
_MOVABLE = (
    "Bank",
    "Other Current Asset",
    "Fixed Asset",
    "Other Asset",
    "Credit Card",
    "Other Current Liability",
    "Long Term Liability",
    "Equity",
)


def compose_movement(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build a transfer or a payment of a credit card: a positive amount between two accounts of the right types."""
    body = _dated(books, wanted)
    amount = parse_number(wanted["Amount"])
    if amount <= 0:
        raise invalid_value(element="Amount", detail="The amount must be greater than 0")
    body["Amount"] = format_amount(amount)
    keys = movements.ACCOUNTS[entity]
    for key in keys:
        references.require_account(books, body, key, types=_TYPES.get(key, _MOVABLE))
    if reference_id(body, keys[0]) == reference_id(body, keys[1]):
        raise business_rule("The two accounts of a transfer must be different.")
    return body


def compose_time(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build a time activity: of an employee or a vendor, as hours and minutes or from start to end."""
    body = _dated(books, wanted)
    who = {"Employee": "EmployeeRef", "Vendor": "VendorRef"}.get(wanted["NameOf"])
    if who and not reference_id(wanted, who):
        raise parameter_missing(who)
    spans = ("Hours" in body or "Minutes" in body, "StartTime" in body and "EndTime" in body)
    if not any(spans):
        raise parameter_missing("Hours")
    if spans[1]:
        for key in ("StartTime", "EndTime"):
            try:
                clock.parse_timestamp(str(body[key]))
            except ValueError:
                raise invalid_value(element=key, detail=f"Invalid date time: {body[key]}") from None
    body.setdefault("BillableStatus", "NotBillable")
    if body["BillableStatus"] == "Billable" and not reference_id(body, "CustomerRef"):
        raise parameter_missing("CustomerRef")
    body.setdefault("Taxable", False)
    body["HourlyRate"] = normalized(parse_number(body.get("HourlyRate", 0)))
    return body


def compose_adjustment(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build a correction of stock: each line names an item kept in stock and the difference in its quantity."""
    body = _dated(books, wanted)
    lines = wanted["Line"]
    if not lines:
        raise parameter_missing("Line")
    body["Line"] = [_adjustment_line(books, line, position) for position, line in enumerate(lines, start=1)]
    return body


def _adjustment_line(books: Books, line: Document, position: int) -> Document:
    key = "ItemAdjustmentLineDetail"
    detail = dict(line.get(key) or {})
    id = reference_id(detail, "ItemRef")
    item = books.find("Item", id)
    if item is None:
        raise invalid_reference(element="ItemRef", value=id)
    if not item.get("TrackQtyOnHand"):
        raise business_rule("Only the quantity of an item that is kept in stock can be adjusted.")
    if "QtyDiff" not in detail:
        raise parameter_missing("QtyDiff")
    detail["ItemRef"] = reference(id, item["FullyQualifiedName"])
    detail["QtyDiff"] = normalized(parse_number(detail["QtyDiff"]))
    return {"Id": str(position), "DetailType": key, key: detail}


def _dated(books: Books, wanted: Document) -> Document:
    given = wanted.get("TxnDate") or clock.company_today(books.at).isoformat()
    return {**wanted, "TxnDate": str(given)[:10]}
