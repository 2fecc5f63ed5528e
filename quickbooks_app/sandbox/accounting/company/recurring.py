"""Templates of recurring transactions: a transaction under its own name, with a schedule, that posts nothing."""

from quickbooks_app.sandbox.accounting import shape
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import duplicate_name, invalid_enumeration, parameter_missing

ENTITY = "RecurringTransaction"
_TYPES = ("Automated", "Reminded", "UnScheduled")


def inner_of(payload: Document) -> tuple[str, Document]:
    """Return the kind of a template and its transaction, with or without the wrapping key."""
    payload = payload.get(ENTITY, payload)
    for kind in ENTITIES[ENTITY].properties & payload.keys():
        if kind in ENTITIES and isinstance(payload[kind], dict):
            return kind, payload[kind]
    raise parameter_missing("Bill, Invoice or another transaction")


def create(books: Books, payload: Document) -> Document:
    """Create a template. It has a name of its own, and how it recurs."""
    kind, sent = inner_of(payload)
    recurring = sent.get("RecurringInfo")
    if not isinstance(recurring, dict) or not recurring.get("Name"):
        raise parameter_missing("RecurringInfo.Name")
    if recurring.get("RecurType", "Automated") not in _TYPES:
        raise invalid_enumeration(element="RecurType", value=str(recurring["RecurType"]))
    if any(_name(template) == recurring["Name"].casefold() for template in books.list_all(ENTITY)):
        raise duplicate_name(str(recurring["Name"]))
    body = {key: value for key, value in shape.validate(kind, sent).items() if key not in ("Id", "SyncToken")}
    body["RecurringInfo"] = {"RecurType": "Automated", "Active": True, **recurring}
    made = books.insert(ENTITY, {kind: body})
    head = {key: made[key] for key in ("domain", "sparse", "Id", "SyncToken", "MetaData")}
    stored = {kind: {**body, **head, "RecurDataRef": {"value": made["Id"]}}}
    books.replace_body(ENTITY, made["Id"], stored)
    return stored


def _name(template: Document) -> str:
    return str(inner_of(template)[1]["RecurringInfo"]["Name"]).casefold()


def delete(books: Books, payload: Document) -> Document:
    """Delete a template, named by Id and SyncToken of its transaction."""
    kind, sent = inner_of(payload)
    if sent.get("Id") in (None, ""):
        raise parameter_missing("Id")
    template = books.get(ENTITY, str(sent["Id"]))
    kind, before = inner_of(template)
    books.delete(ENTITY, before)
    return {kind: {"domain": "QBO", "status": "Deleted", "Id": before["Id"]}}
