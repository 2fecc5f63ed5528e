"""What QuickBooks adds to the lines of a sales form: the items of a bundle, and the accounts that lines post to."""

from collections.abc import Iterator
from decimal import Decimal

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.totals import BUILT_IN_ITEMS
from quickbooks_app.sandbox.ledger.accounts import DISCOUNTS_GIVEN, SERVICES
from quickbooks_app.sandbox.runtime.documents import Document, format_amount, normalized, reference, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_reference

_DETAIL = "SalesItemLineDetail"


def expanded(books: Books, lines: list[Document]) -> list[Document]:
    """Return the lines with each bundle that came without lines of its own filled with the bundle's items."""
    return [
        {**line, "GroupLineDetail": _with_items(books, line["GroupLineDetail"])}
        if line.get("GroupLineDetail") and not line["GroupLineDetail"].get("Line")
        else line
        for line in lines
    ]


def complete_accounts(books: Books, lines: list[Document], *, before: Document | None) -> None:
    """Write into each line the account that it posts to: the one that its item has, or had when it was sold."""
    earlier = {
        (line.get("Id"), reference_id(detail, "ItemRef")): detail["ItemAccountRef"]
        for line, detail in _details((before or {}).get("Line", []))
        if "ItemAccountRef" in detail
    }
    for line, detail in _details(lines):
        detail.pop("ItemAccountRef", None)
        id = reference_id(detail, "ItemRef")
        if not id or id in BUILT_IN_ITEMS:
            continue
        line.setdefault("CustomExtensions", [])
        known = earlier.get((line.get("Id"), id))
        item = books.find("Item", id) or {}
        detail["ItemAccountRef"] = known or reference(reference_id(item, "IncomeAccountRef") or SERVICES.id)
    for line in lines:
        if (discount := line.get("DiscountLineDetail")) and not reference_id(discount, "DiscountAccountRef"):
            discount["DiscountAccountRef"] = reference(DISCOUNTS_GIVEN.id, DISCOUNTS_GIVEN.name)


def _with_items(books: Books, group: Document) -> Document:
    id = reference_id(group, "GroupItemRef")
    bundle = books.find("Item", id)
    if bundle is None:
        raise invalid_reference(element="GroupItemRef", value=id)
    if bundle["Type"] != "Group":
        raise business_rule("The item of a group line must be a bundle.")
    quantity = Decimal(group.get("Quantity", 1))
    parts = (bundle.get("ItemGroupDetail") or {}).get("ItemGroupLine", [])
    return {**group, "Line": [_part(books, part, times=quantity) for part in parts]}


def _part(books: Books, part: Document, *, times: Decimal) -> Document:
    id = reference_id(part, "ItemRef")
    item = books.find("Item", id)
    if item is None:
        raise invalid_reference(element="ItemRef", value=id)
    quantity, price = times * Decimal(part.get("Qty", 1)), Decimal(item.get("UnitPrice", 0))
    detail = {
        "ItemRef": reference(id, item["FullyQualifiedName"]),
        "Qty": normalized(quantity),
        "UnitPrice": normalized(price),
        "TaxCodeRef": item.get("SalesTaxCodeRef") or {"value": "TAX" if item.get("Taxable") else "NON"},
    }
    text = {"Description": item["Description"]} if "Description" in item else {}
    return {**text, "Amount": format_amount(quantity * price), "DetailType": _DETAIL, _DETAIL: detail}


def _details(lines: list[Document]) -> Iterator[tuple[Document, Document]]:
    for line in lines:
        if group := line.get("GroupLineDetail"):
            yield from _details(group.get("Line", []))
        elif detail := line.get(_DETAIL):
            yield line, detail
