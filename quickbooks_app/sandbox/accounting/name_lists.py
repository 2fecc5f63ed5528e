"""Items and terms: lists of names that are made inactive, never deleted."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.customers import DELETED
from quickbooks_app.sandbox.accounting.sales_forms import Rules
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import duplicate_name, parameter_missing


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: Rules
) -> Document:
    """The whole object, its name free and marked when it is inactive."""
    body = dict(wanted)
    name = str(wanted.get("Name") or "").strip()
    if not name:
        raise parameter_missing("Name")
    body["Active"] = bool(wanted.get("Active", True))
    name = name.removesuffix(DELETED) + ("" if body["Active"] else DELETED)
    if (before is None or before["Name"] != name) and books.with_name(entity, "Name", name):
        raise duplicate_name(name)
    body["Name"] = name
    if entity == "Item":
        body["FullyQualifiedName"] = name
        body.setdefault("Type", "Service")
        body.setdefault("Taxable", False)
    else:
        body.setdefault("Type", "STANDARD")
        for key in ("DiscountPercent", "DiscountDays", "DueDays"):
            body.setdefault(key, 0)
    return body
