"""Validation of request bodies: known properties, types, numbers, dates and lengths."""

from datetime import date
from typing import Any

from quickbooks_app.sandbox.formats.xml_types import BOOLEANS
from quickbooks_app.sandbox.runtime.documents import Document, parse_number
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import (
    invalid_enumeration,
    invalid_value,
    parameter_missing,
    too_long,
    unknown_property,
)
from quickbooks_app.sandbox.runtime.field_types import (
    DATES,
    ENUMERATIONS,
    LISTS,
    MAX_LENGTHS,
    NUMBERS,
    OBJECTS,
    TEXTS,
    WHOLE_NUMBERS,
)

_YEARS = range(1900, 2200)


def validate(entity: str, payload: Document) -> Document:
    """Return the request without empty values, which mean absent. Raises BusinessFault if it is malformed."""
    for key in payload:
        if key not in ENTITIES[entity].properties:
            raise unknown_property(key)
    filled: Document = _without_empty_values(payload)
    for key in WHOLE_NUMBERS.keys() & filled.keys():
        if isinstance(filled[key], str) and filled[key].isdecimal():
            filled[key] = int(filled[key])
    if _is_zero(filled.get("ExchangeRate")):
        # As QuickBooks takes it: clients send 0 for a rate that they do not set.
        del filled["ExchangeRate"]
    _check_object(filled)
    return filled


def with_flags(value: Any, name: str = "") -> Any:
    """Return a request with flags that are flags, where a client sent them as text."""
    if isinstance(value, dict):
        return {key: with_flags(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [with_flags(one, name) for one in value]
    is_flag = name == "sparse" or name in BOOLEANS
    return value == "true" if is_flag and value in ("true", "false") else value


def require_complete(entity: str, wanted: Document) -> None:
    """Raise BusinessFault 2020 if a property is missing without which the object cannot be."""
    for name in ENTITIES[entity].required:
        if is_empty(wanted.get(name)):
            raise parameter_missing(name)


def is_empty(value: object) -> bool:
    """Return whether a value is null or an empty string, which clients send for fields they do not set."""
    return value is None or value == ""


def _is_zero(value: object) -> bool:
    try:
        return parse_number(value) == 0
    except ValueError:
        return False


def _without_empty_values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_empty_values(one) for key, one in value.items() if not is_empty(one)}
    return [_without_empty_values(one) for one in value] if isinstance(value, list) else value


def _check_object(document: Document) -> None:
    for key, value in document.items():
        if key in LISTS:
            if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
                raise _wrong_type(key)
            for one in value:
                _check_object(one)
        elif key.endswith(("Ref", "Detail")) or key in OBJECTS:
            if not isinstance(value, dict):
                raise _wrong_type(key)
            _check_object(value)
        elif key in TEXTS and not isinstance(value, str):
            raise _wrong_type(key)
        else:
            _check_value(key, value)


def _check_value(key: str, value: Any) -> None:
    if key in NUMBERS:
        _check_number(key, value)
    elif key in WHOLE_NUMBERS and not (isinstance(value, int) and 0 <= value <= WHOLE_NUMBERS[key]):
        raise _wrong_type(key)
    elif key in DATES:
        _check_date(key, value)
    elif key in ENUMERATIONS and value not in ENUMERATIONS[key]:
        raise invalid_enumeration(element=key, value=str(value))
    limit = MAX_LENGTHS.get(key)
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
