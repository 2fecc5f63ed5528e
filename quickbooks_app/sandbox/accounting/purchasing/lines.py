"""Lines of what a company buys: by account or by item."""

from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.company import global_tax
from quickbooks_app.sandbox.ledger import accounts
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    format_amount,
    normalized,
    parse_number,
    reference,
    reference_id,
)
from quickbooks_app.sandbox.runtime.errors import invalid_reference, invalid_value, parameter_missing

BY_ACCOUNT, BY_ITEM = "AccountBasedExpenseLineDetail", "ItemBasedExpenseLineDetail"


def purchase_lines(books: Books, body: Document) -> list[Document]:
    """Return a form's lines as stored: numbered, with type, amount, and the account that an item had when bought.

    In a company outside of the US they are without tax, as the form's calculation says.
    """
    lines = body.get("Line")
    if not lines:
        raise parameter_missing("Line")
    if global_tax.applies(books):
        global_tax.prepare(books, body, side="Purchase")
    taken = [int(id) for line in lines if (id := str(line.get("Id", ""))).isdecimal()]
    last = max(taken, default=0)
    result = []
    for position, line in enumerate(lines, start=1):
        id = str(line.get("Id", ""))
        if not id.isdecimal():
            last += 1
            id = str(last)
        result.append({"Id": id, "LineNum": position, **_line(books, line)})
    return result


def total_of(lines: list[Document]) -> Decimal:
    return sum((Decimal(line.get("Amount", 0)) for line in lines), Decimal(0))


def _line(books: Books, line: Document) -> Document:
    kind = line.get("DetailType") or next((key for key in (BY_ACCOUNT, BY_ITEM) if key in line), "")
    rest = {key: value for key, value in line.items() if key not in ("Id", "LineNum", "Amount", "DetailType", kind)}
    if kind == "DescriptionOnly":
        return {**rest, "DetailType": kind, "DescriptionLineDetail": line.get("DescriptionLineDetail", {})}
    if kind not in (BY_ACCOUNT, BY_ITEM):
        raise parameter_missing(f"Line.{BY_ACCOUNT}")
    detail = dict(line.get(kind) or {})
    if kind == BY_ACCOUNT and not reference_id(detail, "AccountRef"):
        raise parameter_missing(f"Line.{BY_ACCOUNT}.AccountRef")
    if kind == BY_ITEM:
        _complete_item(books, detail)
    amount = _amount(line, detail)
    billable = "Billable" if reference_id(detail, "CustomerRef") and detail.get("BillableStatus") else "NotBillable"
    detail.setdefault("BillableStatus", billable)
    detail.setdefault("TaxCodeRef", {"value": "NON"})
    return {**rest, "Amount": format_amount(amount), "DetailType": kind, kind: detail}


def _complete_item(books: Books, detail: Document) -> None:
    id = reference_id(detail, "ItemRef")
    item = books.find("Item", id)
    if item is None:
        raise invalid_reference(element="ItemRef", value=id)
    for key in ("Qty", "UnitPrice"):
        if key in detail:
            detail[key] = normalized(parse_number(detail[key]))
    if not reference_id(detail, "ItemAccountRef"):
        key = "AssetAccountRef" if item.get("TrackQtyOnHand") else "ExpenseAccountRef"
        account = accounts.UNCATEGORIZED_EXPENSE
        detail["ItemAccountRef"] = reference(reference_id(item, key) or account.id)


def _amount(line: Document, detail: Document) -> Decimal:
    value = line.get("Amount")
    if value is None and "Qty" in detail and "UnitPrice" in detail:
        return Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"])
    if value is None:
        raise parameter_missing("Line.Amount")
    try:
        return parse_number(value)
    except ValueError:
        raise invalid_value(element="Amount", detail=f"Invalid Number : {value}") from None
