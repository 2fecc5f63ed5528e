"""Lists by name: items, accounts, classes, departments, terms and others. They become inactive, never deleted."""

from collections.abc import Callable

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.customers import DELETED_SUFFIX
from quickbooks_app.sandbox.accounting.lists import accounts, items
from quickbooks_app.sandbox.accounting.relations import references
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.documents import Document, reference_id
from quickbooks_app.sandbox.runtime.errors import business_rule, duplicate_name, invalid_reference, invalid_value

MAX_LEVELS = 5
# Lists whose objects may stand under another one, with the property that says so.
_CHILD_FLAGS = {"Item": "SubItem", "Account": "SubAccount", "Class": "SubClass", "Department": "SubDepartment"}
_DEFAULTS: dict[str, Document] = {
    "Term": {"Type": "STANDARD", "DiscountPercent": 0, "DiscountDays": 0, "DueDays": 0},
    "PaymentMethod": {"Type": "NON_CREDIT_CARD"},
}
_Finish = Callable[..., None]
_FINISHERS: dict[str, _Finish] = {"Item": items.finish, "Account": accounts.finish}


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete object. Its name must be unique; an inactive one gets the "(deleted)" suffix."""
    body = {**_DEFAULTS.get(entity, {}), **wanted}
    name = str(wanted["Name"]).strip()
    if entity in _CHILD_FLAGS and any(mark in name for mark in ":\t\n"):
        raise invalid_value(element="Name", detail="Name must not contain a colon, tab or newline")
    body["Active"] = bool(wanted.get("Active", True))
    body["Name"] = name.removesuffix(DELETED_SUFFIX) + ("" if body["Active"] else DELETED_SUFFIX)
    key = "Name"
    if entity in _CHILD_FLAGS:
        key = "FullyQualifiedName"
        _set_parent(books, entity, body)
    if (before is None or before[key] != body[key]) and books.find_by_name(entity, key, body[key]):
        raise duplicate_name(body["Name"])
    if finish := _FINISHERS.get(entity):
        finish(books, body, before=before)
    return body


def propagate_rename(books: Books, entity: str, *, before: Document, after: Document) -> None:
    """Write an object's new name to the objects under it and to every reference to them."""
    references.propagate_rename(books, entity, before=before, after=after)
    if before.get("FullyQualifiedName") == after.get("FullyQualifiedName"):
        return
    for child in books.children_of(entity, after["Id"]):
        renamed = {**child, "FullyQualifiedName": f"{after['FullyQualifiedName']}:{child['Name']}"}
        books.update_reference_name(entity, renamed)
        propagate_rename(books, entity, before=child, after=renamed)


def _set_parent(books: Books, entity: str, body: Document) -> None:
    parent_id = reference_id(body, "ParentRef")
    flag = _CHILD_FLAGS[entity]
    if not parent_id:
        body.pop("ParentRef", None)
        body["FullyQualifiedName"] = body["Name"]
        if entity != "Item":
            body[flag] = False
        return
    parent = books.find(entity, parent_id)
    if parent is None or parent_id == body.get("Id"):
        raise invalid_reference(element="ParentRef", value=parent_id)
    if parent["FullyQualifiedName"].count(":") + 2 > MAX_LEVELS or _is_under(books, entity, parent, body.get("Id")):
        raise business_rule("The parent would make the list too deep.")
    body["ParentRef"] = {"value": parent_id, "name": parent["FullyQualifiedName"]}
    body[flag] = True
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['Name']}"


def _is_under(books: Books, entity: str, document: Document, id: str | None) -> bool:
    """Whether an object stands somewhere under the one with this id."""
    found: Document | None = document
    while found is not None:
        if found["Id"] == id:
            return True
        parent = reference_id(found, "ParentRef")
        found = books.find(entity, parent) if parent else None
    return False
