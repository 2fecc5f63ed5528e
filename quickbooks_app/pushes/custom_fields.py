"""Custom fields: which objects have them, their definitions, and typed values.

Every edition has three text fields on sales forms and three on purchase orders; Preferences define them. All others
(more fields, numbers, dates, lists, and fields of bills, expenses, customers and vendors) exist where the company uses
the enhanced fields, whose definitions only Intuit's paid tiers give out. Where an object already has such a field, its
definition is known from the object itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

SALES_FORMS = frozenset({"Estimate", "Invoice", "SalesReceipt", "RefundReceipt", "CreditMemo"})
PURCHASE_ORDERS = frozenset({"PurchaseOrder"})
ENHANCED_ONLY = frozenset({"Bill", "Purchase", "Customer", "Vendor"})
WITH_CUSTOM_FIELDS = SALES_FORMS | PURCHASE_ORDERS | ENHANCED_ONLY
MAX_CLASSIC_LENGTH = 31
PAID_TIER = (
    "Custom fields beyond the three texts of sales forms and purchase orders need a paid tier of Intuit's partner"
    " program (Silver or higher), unless the object has the field already."
)
_GROUPS = (
    ("SalesFormsPrefs", "SalesCustomName", SALES_FORMS),
    ("VendorAndPurchasesPrefs", "PurchaseCustomName", PURCHASE_ORDERS),
)
_PARENTS = {"SalesFormsPrefs": "CustomField", "VendorAndPurchasesPrefs": "POCustomField"}


class InvalidCustomField(Exception):
    """The field cannot be written. The message says why."""


class Definition(NamedTuple):
    """A custom field of some objects: its DefinitionId, its name and its type, such as StringType."""

    id: str
    name: str
    type: str
    entities: frozenset[str]


Definitions = Sequence[Definition]


def definitions_in(preferences: Mapping[str, Any]) -> list[Definition]:
    """The text fields that a company's Preferences define."""
    found = []
    for group, prefix, entities in _GROUPS:
        for holder in preferences.get(group, {}).get(_PARENTS[group], []) or []:
            for one in holder.get("CustomField", []):
                name = str(one.get("Name", "")).rpartition(".")[2]
                if name.startswith(prefix) and one.get("StringValue"):
                    found.append(Definition(name.removeprefix(prefix), one["StringValue"], "StringType", entities))
    return found


def with_custom_field(
    present: Sequence[Mapping[str, Any]], *, entity: str, path: Sequence[str], value: str, definitions: Definitions
) -> list[dict[str, Any]]:
    """The custom fields of an object with `value` in the field that `path` (CustomField, DefinitionId) names.

    Raises InvalidCustomField.
    """
    if len(path) != 2 or not path[1].isdecimal():
        raise InvalidCustomField("Write CustomField and the DefinitionId of the field, such as CustomField.1.")
    if entity not in WITH_CUSTOM_FIELDS:
        raise InvalidCustomField(f"A {entity} has no custom fields in QuickBooks.")
    wanted = path[1]
    entries = [dict(one) for one in present]
    entry = next((one for one in entries if str(one.get("DefinitionId")) == wanted), None)
    if entry is None:
        known = next((one for one in definitions if one.id == wanted and entity in one.entities), None)
        if known is None:
            raise InvalidCustomField(_unknown(entity, wanted, definitions))
        entry = {"DefinitionId": wanted, "Name": known.name, "Type": known.type}
        entries.append(entry)
    for name in ("StringValue", "NumberValue", "DateValue", "BooleanValue"):
        entry.pop(name, None)
    entry |= _value(entry.get("Type", "StringType"), value, name=".".join(path))
    return entries


def _unknown(entity: str, wanted: str, definitions: Definitions) -> str:
    if entity in ENHANCED_ONLY:
        return f"This {entity} has no custom field {wanted}. {PAID_TIER}"
    names = ", ".join(f"{one.id} ({one.name})" for one in definitions if entity in one.entities)
    here = f"It defines {names}." if names else "It defines none: switch them on in QuickBooks' settings first."
    return f"The company does not define custom field {wanted} for a {entity}. {here} {PAID_TIER}"


def _value(kind: str, value: str, *, name: str) -> dict[str, Any]:
    match kind:
        case "NumberType":
            try:
                found = Decimal(value)
            except InvalidOperation:
                found = Decimal("NaN")
            if not found.is_finite():
                raise InvalidCustomField(f"{name} is a number such as 1250.50.")
            return {"NumberValue": found}
        case "DateType":
            try:
                return {"DateValue": date.fromisoformat(value).isoformat()}
            except ValueError as error:
                raise InvalidCustomField(f"{name} is a day such as 2026-11-30.") from error
        case "BooleanType":
            if value.lower() not in ("true", "false"):
                raise InvalidCustomField(f"{name} is true or false.")
            return {"BooleanValue": value.lower() == "true"}
        case "StringType":
            if len(value) > MAX_CLASSIC_LENGTH:
                raise InvalidCustomField(f"{name} has at most {MAX_CLASSIC_LENGTH} characters.")
            return {"StringValue": value}
        case _:
            return {"StringValue": value}  # a list: QuickBooks knows its entries, and refuses others
