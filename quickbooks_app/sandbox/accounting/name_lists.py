"""Items and terms: name lists whose objects become inactive and are never deleted."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.customers import DELETED_SUFFIX
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import duplicate_name, parameter_missing


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete object. Its name must be unique; an inactive one gets the "(deleted)" suffix."""
    body = dict(wanted)
    name = str(wanted.get("Name") or "").strip()
    if not name:
        raise parameter_missing("Name")
    body["Active"] = bool(wanted.get("Active", True))
    name = name.removesuffix(DELETED_SUFFIX) + ("" if body["Active"] else DELETED_SUFFIX)
    if (before is None or before["Name"] != name) and books.find_by_name(entity, "Name", name):
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
