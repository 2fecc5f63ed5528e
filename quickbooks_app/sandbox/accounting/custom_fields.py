"""Custom fields: what a company has defined, and the values that its documents carry.

Up to three fields with text are defined in Preferences, for sales forms and for purchase orders. Fields of the premium
API have types and stand on ten objects; answers hold them only for `include=enhancedAllCustomFields`.
"""

from dataclasses import dataclass
from datetime import date

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.documents import Document, normalized, parse_number
from quickbooks_app.sandbox.runtime.errors import invalid_reference, invalid_value, parameter_missing, too_long

SALES_FORMS = frozenset({"Invoice", "SalesReceipt", "RefundReceipt", "CreditMemo", "Estimate"})
CARRIERS = SALES_FORMS | {"Bill", "Purchase", "PurchaseOrder", "Customer", "Vendor"}

MAX_TEXT_LENGTH = 31

# Where Preferences keep the definitions of an entity: group, list, and the two beginnings of their names.
_SALES = ("SalesFormsPrefs", "CustomField", "SalesFormsPrefs.UseSalesCustom", "SalesFormsPrefs.SalesCustomName")
_PURCHASE_ORDERS = (
    "VendorAndPurchasesPrefs",
    "POCustomField",
    "PurchasePrefs.UsePurchaseCustom",
    "PurchasePrefs.PurchaseCustomName",
)
_VALUE_KEYS = {"StringType": "StringValue", "NumberType": "NumberValue", "DateType": "DateValue"}


@dataclass(frozen=True, slots=True)
class Definition:
    """One field that a company has defined."""

    id: str
    name: str
    type: str = "StringType"
    options: tuple[str, ...] = ()  # of a list


# Those of the premium API, which its GraphQL service defines. Their ids are longer than those in Preferences.
ENHANCED = {
    definition.id: definition
    for definition in (
        Definition("1000000001", "Contract value", "NumberType"),
        Definition("1000000002", "Promised on", "DateType"),
        Definition("1000000003", "Region", options=("North", "South", "West")),
    )
}


def complete(
    books: Books, entity: str, body: Document, *, before: Document | None, is_sparse: bool, enhanced: bool
) -> None:
    """Check the custom fields of an object that is about to be saved, and fill in their names and types.

    A sparse update keeps the fields that it does not name, and a write without `enhanced` those that it cannot see.
    Raises BusinessFault 2500 for a field that nobody defined, and 2080 for a value that is none of its type.
    """
    if entity not in CARRIERS or body.get("CustomField") == (before or {}).get("CustomField"):
        return
    known = definitions(books, entity) | (ENHANCED if enhanced else {})
    kept = {str(one["DefinitionId"]): one for one in (before or {}).get("CustomField", [])}
    if not is_sparse:
        kept = {id: one for id, one in kept.items() if id not in known}
    for one in body.get("CustomField", []):
        id = str(one.get("DefinitionId") or "")
        if not id:
            raise parameter_missing("CustomField.DefinitionId")
        if kept.get(id) == one:
            continue
        if id not in known:
            raise invalid_reference(element="CustomField.DefinitionId", value=id)
        kept[id] = _field(known[id], one)
    body["CustomField"] = [kept[id] for id in sorted(kept, key=int)]


def definitions(books: Books, entity: str) -> dict[str, Definition]:
    """Return the fields that Preferences define for an entity, by id."""
    if entity in SALES_FORMS:
        place = _SALES
    elif entity == "PurchaseOrder":
        place = _PURCHASE_ORDERS
    else:
        return {}
    group, key, used, named = place
    values: dict[str, object] = {}
    for part in books.get("Preferences", "1").get(group, {}).get(key, []):
        for one in part.get("CustomField", []):
            values[str(one.get("Name"))] = one.get("BooleanValue", one.get("StringValue"))
    return {
        str(number): Definition(str(number), str(values[f"{named}{number}"]))
        for number in (1, 2, 3)
        if values.get(f"{used}{number}") and values.get(f"{named}{number}")
    }


def without_enhanced(document: Document) -> Document:
    """Return the object as it is without `include=enhancedAllCustomFields`."""
    fields = document.get("CustomField")
    if not fields:
        return document
    return {**document, "CustomField": [one for one in fields if one["DefinitionId"] not in ENHANCED]}


def _field(definition: Definition, sent: Document) -> Document:
    key = _VALUE_KEYS[definition.type]
    field: Document = {"DefinitionId": definition.id, "Name": definition.name, "Type": definition.type}
    if sent.get(key) in (None, ""):
        if any(sent.get(other) not in (None, "") for other in _VALUE_KEYS.values()):
            raise invalid_value(element="CustomField", detail=f"{definition.name} is of {definition.type}")
        return field
    return {**field, key: _value(definition, sent[key])}


def _value(definition: Definition, value: object) -> object:
    fault = invalid_value(element="CustomField", detail=f"Invalid value for {definition.name} : {value}")
    if definition.type == "NumberType":
        try:
            return normalized(parse_number(value))
        except ValueError:
            raise fault from None
    if definition.type == "DateType":
        try:
            return date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            raise fault from None
    if not isinstance(value, str) or (definition.options and value not in definition.options):
        raise fault
    if len(value) > MAX_TEXT_LENGTH:
        raise too_long(element="CustomField", limit=MAX_TEXT_LENGTH)
    return value
