"""Validation of request bodies: known properties, types, numbers, dates and lengths."""

from datetime import date
from typing import Any

from quickbooks_app.sandbox.runtime.documents import Document, parse_number
from quickbooks_app.sandbox.runtime.errors import invalid_value, too_long, unknown_property
from quickbooks_app.sandbox.runtime.properties import PROPERTIES

_LISTS = frozenset({"Line", "LinkedTxn", "TaxLine", "CustomField", "any", "AttachableRef"})
_OBJECTS = frozenset(
    [
        "BillAddr",
        "ShipAddr",
        "ShipFromAddr",
        "BillEmail",
        "BillEmailCc",
        "BillEmailBcc",
        "CustomerMemo",
        "MetaData",
        "PrimaryEmailAddr",
        "PrimaryPhone",
        "AlternatePhone",
        "Mobile",
        "Fax",
        "WebAddr",
        "LineEx",
        "Entity",
        "CashBack",
    ]
)
_TEXTS = frozenset(
    [
        "DocNumber",
        "PrivateNote",
        "DisplayName",
        "Name",
        "GivenName",
        "FamilyName",
        "DetailType",
        "TxnType",
        "PaymentRefNum",
    ]
)
_NUMBERS = frozenset(
    {
        "Amount",
        "Qty",
        "Quantity",
        "UnitPrice",
        "ExchangeRate",
        "Deposit",
        "TotalAmt",
        "TotalTax",
        "DiscountPercent",
        "TaxPercent",
        "NetAmountTaxable",
        "PurchaseCost",
        "QtyOnHand",
    }
)
_DAYS = frozenset({"DueDays", "DiscountDays", "DueNextMonthDays", "DayOfMonthDue", "DiscountDayOfMonth"})
_DATES = frozenset({"TxnDate", "DueDate", "ShipDate", "ServiceDate", "OpenBalanceDate", "InvStartDate"})
_YEARS = range(1900, 2200)
_MAX_LENGTHS = {
    "PrivateNote": 4000,
    "Description": 4000,
    "DisplayName": 500,
    "CompanyName": 100,
    "Name": 100,
    "PaymentRefNum": 21,
    "Address": 100,
    "FreeFormNumber": 30,
    "City": 255,
    "PostalCode": 30,
}


def validate(entity: str, payload: Document) -> Document:
    """Return the request without empty values, which mean absent. Raises BusinessFault if it is malformed."""
    for key in payload:
        if key not in PROPERTIES[entity]:
            raise unknown_property(key)
    filled: Document = _without_empty_values(payload)
    _check_object(filled)
    return filled


def is_empty(value: object) -> bool:
    """Return whether a value is null or an empty string, which clients send for fields they do not set."""
    return value is None or value == ""


def _without_empty_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty_values(one) for key, one in value.items() if not is_empty(one)}
    return [_without_empty_values(one) for one in value] if isinstance(value, list) else value


def _check_object(document: Document) -> None:
    for key, value in document.items():
        if key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                raise _wrong_type(key)
            for one in value:
                _check_object(one)
        elif key.endswith(("Ref", "Detail")) or key in _OBJECTS:
            if not isinstance(value, dict):
                raise _wrong_type(key)
            _check_object(value)
        elif key in _TEXTS and not isinstance(value, str):
            raise _wrong_type(key)
        else:
            _check_value(key, value)


def _check_value(key: str, value: Any) -> None:
    if key in _NUMBERS:
        _check_number(key, value)
    elif key in _DAYS and not (isinstance(value, int) and 0 <= value <= 999):
        raise _wrong_type(key)
    elif key in _DATES:
        _check_date(key, value)
    limit = _MAX_LENGTHS.get(key)
    if limit is not None and isinstance(value, str) and len(value) > limit:
        raise too_long(element=key, limit=limit)


def _check_number(key: str, value: object) -> None:
    try:
        amount = parse_number(value)
    except ValueError:
        raise invalid_value(element=key, detail=f"Invalid Number : {value}") from None
    if key == "ExchangeRate" and amount <= 0:
        raise invalid_value(element=key, detail=f"Invalid Number : {value}")


def _check_date(key: str, value: object) -> None:
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        raise invalid_value(element=key, detail=f"Invalid Date : {value}") from None
    if day.year not in _YEARS:
        raise invalid_value(element=key, detail=f"Invalid Date : {value}")


def _wrong_type(key: str) -> Exception:
    return invalid_value(element=key, detail=f"Invalid value for {key}")
