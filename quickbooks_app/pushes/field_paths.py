"""Fields by their paths, as people type them: `Memo`, `ShipAddr.City`, `Line.1.Description`, `CustomField.2`.

An object that QuickBooks changes sparsely keeps the fields that are not sent, but a field that holds others is replaced
whole. So what is nested, and the lists of lines and custom fields, is merged with what the object has now.
"""

import copy
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from quickbooks_app.pushes.custom_fields import Definitions, InvalidCustomField, with_custom_field

Fields = dict[str, Any]

CUSTOM = "CustomField"
NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*|[1-9][0-9]{0,3}")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,10})?")
MAX_FIELDS, MAX_VALUE = 60, 4000
READ_ONLY = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse"})
# Of all objects in Intuit's reference; every other field is a text or a date.
NUMBERS = frozenset(
    {
        *("Amount", "BillRate", "CostRate", "DayOfMonthDue", "DefaultMarkup", "Deposit", "DiscountAmt", "DiscountDays"),
        *("DiscountPercent", "DiscountRate", "DueDays", "ExchangeRate", "HourlyRate", "Hours", "LineNum", "Minutes"),
        *("NetAmountTaxable", "OverrideDeltaAmount", "Percent", "PurchaseCost", "Qty", "Quantity", "Rate", "RateValue"),
        *("ReorderPoint", "TaxAmount", "TaxInclusiveAmt", "TaxPercent", "TotalAmt", "TotalTax", "UnitPrice"),
    }
)
BOOLEANS = frozenset(
    {
        *("Active", "Adjustment", "AllowOnlineACHPayment", "AllowOnlineCreditCardPayment", "ApplyTaxAfterDiscount"),
        *("BillWithParent", "Credit", "IncludeOnSend", "Job", "PercentBased", "ProcessBillPayment", "ProcessPayment"),
        *("PurchaseTaxIncluded", "SalesTaxIncluded", "SubAccount", "SubClass", "SubDepartment", "SubItem", "Taxable"),
        *("TrackQtyOnHand", "Vendor1099"),
    }
)
DATES = frozenset({"TxnDate", "DueDate", "ShipDate", "ServiceDate", "BirthDate", "HiredDate", "ReleasedDate"})


class InvalidFields(Exception):
    """What was typed cannot be written. The message names the line or the field."""


def parse_lines(text: str) -> dict[str, str]:
    """`{path: value}` from lines of `path = value`. An empty value clears the field. Raises InvalidFields."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        path, separator, value = (part.strip() for part in line.partition("="))
        if not separator:
            raise InvalidFields(f"Line {number} has no “=”. Write a field, “=” and its value.")
        if not all(NAME.fullmatch(part) for part in path.split(".")) or path.split(".")[0] in READ_ONLY:
            raise InvalidFields(f"Line {number}: “{path[:60]}” is no field that can be written.")
        if path in found:
            raise InvalidFields(f"Line {number}: {path} stands there twice.")
        if len(value) > MAX_VALUE:
            raise InvalidFields(f"Line {number} is longer than {MAX_VALUE:,} characters.")
        found[path] = value
    if len(found) > MAX_FIELDS:
        raise InvalidFields(f"At most {MAX_FIELDS} fields are written at once.")
    return found


def build_fields(
    *, entity: str, typed: Mapping[str, str], present: Mapping[str, Any], definitions: Definitions
) -> Fields:
    """The fields to send: `typed`, merged into what the object has at `present`, {} for a new one.

    Raises InvalidFields.
    """
    fields: Fields = {}
    for path, value in typed.items():
        names = path.split(".")
        top = names[0]
        if top not in fields and top in present:
            fields[top] = copy.deepcopy(present[top])
        if top == CUSTOM:
            try:
                fields[CUSTOM] = with_custom_field(
                    fields.get(CUSTOM, []), entity=entity, path=names, value=value, definitions=definitions
                )
            except InvalidCustomField as error:
                raise InvalidFields(str(error)) from error
        else:
            fields[top] = _set(fields.get(top), names[1:], _typed(names[-1], value, path=path), path=path)
    return fields


def _set(current: Any, names: list[str], value: Any, *, path: str) -> Any:
    """`current` with `value` at `names`: the number of an entry of a list, from 1 on, or the name of a field."""
    if not names:
        return value
    name, rest = names[0], names[1:]
    if name.isdecimal():
        entries = current if isinstance(current, list) else []
        place = int(name) - 1
        if place > len(entries):
            raise InvalidFields(f"{path}: there are {len(entries)} entries, so the next is number {len(entries) + 1}.")
        if place == len(entries):
            entries = [*entries, None]
        entries[place] = _set(entries[place], rest, value, path=path)
        return entries
    inner = dict(current) if isinstance(current, Mapping) else {}
    if name == "value" and inner.get("value") != value:
        inner.pop("name", None)  # the name of a reference belongs to its former value
    inner[name] = _set(inner.get(name), rest, value, path=path)
    return inner


def _typed(name: str, value: str, *, path: str) -> Any:
    """The value as JSON has it."""
    if value == "":
        return ""
    if name in NUMBERS:
        return number(value, path=path)
    if name in BOOLEANS:
        if value.lower() not in ("true", "false"):
            raise InvalidFields(f"{path} is true or false.")
        return value.lower() == "true"
    if name in DATES:
        return day(value, path=path)
    return value


def number(value: str, *, path: str) -> Decimal:
    """An exact number, such as 1250.50. Raises InvalidFields."""
    if not NUMBER.fullmatch(value):
        raise InvalidFields(f"{path} is a number such as 1250.50.")
    return Decimal(value)


def day(value: str, *, path: str) -> str:
    """A day such as 2026-11-30. Raises InvalidFields."""
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise InvalidFields(f"{path} is a day such as 2026-11-30.") from error
