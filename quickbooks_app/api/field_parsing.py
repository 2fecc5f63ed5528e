"""Parsing of single payload fields: each becomes a typed value, or an issue that says why it is invalid."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

import msgspec
from django.utils.translation import gettext_noop
from msgspec import Raw, Struct

from infactor.core.money import CENT, InvalidAmount, validate_amount
from quickbooks_app.api.query_response import (
    REPLACEMENT,
    has_huge_number,
    needs_repair,
    repaired_json,
)
from quickbooks_app.api.schemas import LineAmount

Payload = TypeVar("Payload", bound=Struct)
DateOrTimestamp = TypeVar("DateOrTimestamp", date, datetime)

NUMBER = re.compile(rb"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\Z")
PLAIN_AMOUNT = re.compile(rb"[0-9]{1,16}(\.[0-9]{1,2})?\Z")  # needs no further check
MAX_NUMBER_LENGTH = 64
ABSENT = (b"", b"null")
MIN_YEAR, MAX_YEAR = 1900, 2200


# Plain names for suppliers. Staff also see QuickBooks' own name.
FIELD_LABELS = {
    "DocNumber": "The invoice number",
    "TotalAmt": "The amount",
    "Balance": "The open balance",
    "Deposit": "The deposit",
    "DueDate": "The due date",
    "TxnDate": "The issue date",
    "CustomerRef": "The customer",
    "CustomerRef.name": "The customer's name",
    "TxnTaxDetail": "The tax detail",
    "TxnTaxDetail.TotalTax": "The tax",
    "Line": "The list of items",
    "BillEmail": "The buyer's email",
    "BillEmail.Address": "The buyer's email",
    "PrimaryEmailAddr": "The customer's email",
    "BillAddr": "The customer's address",
    "ExchangeRate": "The exchange rate",
    "CurrencyRef": "The currency",
    "PrivateNote": "The private note",
}


def field_label(field: str) -> str:
    """The plain name of a QuickBooks field, or QuickBooks' own name if there is none."""
    return FIELD_LABELS.get(field, field)


class Issue(NamedTuple):
    """An invalid field: QuickBooks' name of the field, a code, and a message without the value."""

    field: str
    code: str
    message: str


def decode(raw: bytes, payload: type[Payload], *, issues: list[Issue]) -> Payload:
    """Decode `raw` as a `payload`. A field of the wrong type is reported as an issue and gets its default.

    Raises msgspec.DecodeError if the object has no usable Id.
    """
    raw = repaired(raw)
    if not raw.isascii() and REPLACEMENT.encode() in raw:
        issues.append(Issue("", "unstorable_text", gettext_noop("An invalid character was replaced.")))
    try:
        return msgspec.json.decode(raw, type=payload)
    except msgspec.ValidationError:
        return _field_by_field(raw, payload, issues=issues)


def repaired(raw: bytes) -> bytes:
    """`raw`, decodable: QuickBooks' JSON may hold characters or numbers that a decoder or the database refuses."""
    return repaired_json(raw) if needs_repair(raw) else raw


def _field_by_field(raw: bytes, payload: type[Payload], *, issues: list[Issue]) -> Payload:
    raw_fields = msgspec.json.decode(raw, type=dict[str, Raw])
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(payload):
        if field.encode_name not in raw_fields:
            if field.required:
                raise msgspec.ValidationError(f"There is no {field.encode_name}.")
            continue
        try:
            values[field.name] = msgspec.json.decode(raw_fields[field.encode_name], type=field.type)
        except msgspec.ValidationError:
            if field.required:
                raise
            issues.append(Issue(field.encode_name, "unreadable", f"{field_label(field.encode_name)} cannot be read."))
    return payload(**values)


def amount(raw: Raw, *, field: str, issues: list[Issue], signed: bool = False) -> Decimal | None:
    """The exact amount, or None with an issue. A string is not an amount; a negative number only if `signed`."""
    digits = bytes(raw)
    if PLAIN_AMOUNT.match(digits):
        return Decimal(digits.decode()).quantize(CENT)
    if digits in (b"", b"null"):
        issues.append(Issue(field, "missing", f"{field_label(field)} is missing."))
        return None
    if not NUMBER.match(digits) or len(digits) > MAX_NUMBER_LENGTH:
        issues.append(Issue(field, "not_a_number", f"{field_label(field)} is not a number."))
        return None
    try:
        value = validate_amount(Decimal(digits.decode()))
    except (InvalidAmount, InvalidOperation) as error:
        issues.append(Issue(field, "out_of_bounds", f"{field_label(field)} is out of range: {error}."))
        return None
    if value < 0 and not signed:
        issues.append(Issue(field, "negative", f"{field_label(field)} is negative."))
        return None
    return value


def optional_amount(raw: Raw, *, field: str, issues: list[Issue]) -> Decimal | None:
    """The exact amount. None without an issue if the field is absent."""
    return None if bytes(raw) in ABSENT else amount(raw, field=field, issues=issues)


def rate(raw: Raw, *, field: str, issues: list[Issue]) -> Decimal | None:
    """A positive exchange rate, rounded to ten decimals. None without an issue if the field is absent."""
    digits = bytes(raw)
    if digits in (b"", b"null"):
        return None
    value = Decimal(digits.decode()) if NUMBER.match(digits) and len(digits) <= MAX_NUMBER_LENGTH else None
    if value is None or not Decimal("1e-10") <= value < Decimal(10) ** 9:
        issues.append(Issue(field, "unreadable", f"{field_label(field)} cannot be read."))
        return None
    return round(value, 10)


def valid_timestamp(value: DateOrTimestamp | None, *, field: str, issues: list[Issue]) -> DateOrTimestamp | None:
    """`value` if its year is plausible, else None with an issue."""
    if value is not None and not MIN_YEAR <= value.year <= MAX_YEAR:
        issues.append(Issue(field, "out_of_bounds", f"{field_label(field)} is not a plausible date."))
        return None
    return value


def text(value: str | None, *, field: str, max_length: int, issues: list[Issue]) -> str:
    """`value` without surrounding spaces, truncated to `max_length` characters with an issue."""
    if not value:
        return ""
    value = value.strip().replace("\x00", REPLACEMENT)
    if len(value) > max_length:
        message = f"{field_label(field)} is longer than {max_length} characters and was shortened."
        issues.append(Issue(field, "too_long", message))
        return value[:max_length]
    return value


def json_text(raw: Raw, *, default: str, opening: str, field: str, issues: list[Issue]) -> str:
    """The JSON text of a list or an object, which starts with `opening`; `default` with an issue if it is neither."""
    json_bytes = bytes(raw)
    if json_bytes in (b"", b"null"):
        return default
    if not json_bytes.startswith(opening.encode()):
        issues.append(Issue(field, "unreadable", f"{field_label(field)} cannot be read."))
        return default
    if has_huge_number(json_bytes):
        issues.append(Issue(field, "out_of_bounds", f"{field_label(field)} contains a number that is too large."))
        json_bytes = repaired_json(json_bytes)
    return json_bytes.decode()


def lines_are_zero(lines: str) -> bool:
    """Whether every line of a JSON list has an amount of zero or none."""
    try:
        amounts = [bytes(line.Amount) for line in msgspec.json.decode(lines, type=list[LineAmount])]
    except msgspec.DecodeError:
        return False
    return all(
        digits in (b"", b"null") or (NUMBER.match(digits) and Decimal(digits.decode()) == 0) for digits in amounts
    )


def require(value: str | date | datetime | None, *, field: str, issues: list[Issue]) -> None:
    """Report an issue if `value` is missing, so that staff see which invoices lack it."""
    if not value:
        issues.append(Issue(field, "missing", f"{field_label(field)} is missing."))
