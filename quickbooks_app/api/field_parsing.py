"""One value of a payload at a time: what it says in our types, or an issue that says why it cannot be taken."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Raw, Struct

from infactor.core.money import AmountUnreadable, exact
from quickbooks_app.api.query_response import (
    REPLACEMENT,
    has_huge_number,
    mended,
    needs_mending,
)
from quickbooks_app.api.schemas import LineAmount

Payload = TypeVar("Payload", bound=Struct)
Moment = TypeVar("Moment", date, datetime)

NUMBER = re.compile(rb"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?\Z")
LONGEST_NUMBER = 64
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200


# What people call a field; staff see QuickBooks' own name beside it.
PLAIN_NAMES = {
    "DocNumber": "The invoice number",
    "TotalAmt": "The amount",
    "Balance": "The open balance",
    "DueDate": "The due date",
    "TxnDate": "The issue date",
    "CustomerRef": "The customer",
    "CustomerRef.name": "The customer's name",
    "TxnTaxDetail": "The tax detail",
    "TxnTaxDetail.TotalTax": "The tax",
    "Line": "The list of items",
    "BillEmail": "The buyer's e-mail",
    "BillEmail.Address": "The buyer's e-mail",
    "PrimaryEmailAddr": "The customer's e-mail",
    "BillAddr": "The customer's address",
    "ExchangeRate": "The exchange rate",
    "CurrencyRef": "The currency",
    "PrivateNote": "The private note",
}


def plain(field: str) -> str:
    """What people call a QuickBooks field; its own name where they have no word for it."""
    return PLAIN_NAMES.get(field, field)


class Issue(NamedTuple):
    """What could not be taken as it was: the field as QuickBooks names it, a code, and words without the value."""

    field: str
    code: str
    message: str


def decode(raw: bytes, payload: type[Payload], *, issues: list[Issue]) -> Payload:
    """`raw` as a `payload`. A field of the wrong type becomes an issue and its default; the others stay.

    Raises msgspec.DecodeError where the object has no usable Id.
    """
    if needs_mending(raw):
        raw = mended(raw)
    if not raw.isascii() and REPLACEMENT.encode() in raw:
        issues.append(Issue("", "unstorable_text", "A sign that cannot be kept in text was replaced."))
    try:
        return msgspec.json.decode(raw, type=payload)
    except msgspec.ValidationError:
        return _field_by_field(raw, payload, issues=issues)


def _field_by_field(raw: bytes, payload: type[Payload], *, issues: list[Issue]) -> Payload:
    given = msgspec.json.decode(raw, type=dict[str, Raw])
    taken: dict[str, Any] = {}
    for field in msgspec.structs.fields(payload):
        if field.encode_name not in given:
            if field.required:
                raise msgspec.ValidationError(f"There is no {field.encode_name}.")
            continue
        try:
            taken[field.name] = msgspec.json.decode(given[field.encode_name], type=field.type)
        except msgspec.ValidationError:
            if field.required:
                raise
            issues.append(Issue(field.encode_name, "unreadable", f"{plain(field.encode_name)} cannot be read."))
    return payload(**taken)


def amount(raw: Raw, *, field: str, issues: list[Issue], signed: bool = False) -> Decimal | None:
    """The exact amount, or None with an issue. Text is no amount, even if it looks like one; nor is a negative
    one unless `signed`."""
    digits = bytes(raw)
    if digits in (b"", b"null"):
        issues.append(Issue(field, "missing", f"{plain(field)} is missing."))
        return None
    if not NUMBER.match(digits) or len(digits) > LONGEST_NUMBER:
        issues.append(Issue(field, "not_a_number", f"{plain(field)} is not a number."))
        return None
    try:
        value = exact(Decimal(digits.decode()))
    except (AmountUnreadable, InvalidOperation) as problem:
        issues.append(Issue(field, "out_of_bounds", f"{plain(field)} cannot be kept: {problem}."))
        return None
    if value < 0 and not signed:
        issues.append(Issue(field, "negative", f"{plain(field)} is negative."))
        return None
    return value


def rate(raw: Raw, *, field: str, issues: list[Issue]) -> Decimal | None:
    """A positive exchange rate to ten decimals; None without an issue where there is none."""
    digits = bytes(raw)
    if digits in (b"", b"null"):
        return None
    value = Decimal(digits.decode()) if NUMBER.match(digits) and len(digits) <= LONGEST_NUMBER else None
    if value is None or not Decimal("1e-10") <= value < Decimal(10) ** 9:
        issues.append(Issue(field, "unreadable", f"{plain(field)} cannot be read."))
        return None
    return round(value, 10)


def plausible(value: Moment | None, *, field: str, issues: list[Issue]) -> Moment | None:
    """`value` if it lies in a year that books can be of; else None with an issue."""
    if value is not None and not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        issues.append(Issue(field, "out_of_bounds", f"{plain(field)} is not a date of our time."))
        return None
    return value


def text(value: str | None, *, field: str, longest: int, issues: list[Issue]) -> str:
    """`value` without spaces around it, cut at `longest` signs with an issue."""
    if not value:
        return ""
    value = value.strip().replace("\x00", REPLACEMENT)
    if len(value) > longest:
        issues.append(Issue(field, "too_long", f"{plain(field)} is longer than {longest} signs and was cut."))
        return value[:longest]
    return value


def json_text(raw: Raw, *, otherwise: str, opens: str, field: str, issues: list[Issue]) -> str:
    """A list or an object as the JSON text that it is; `otherwise` with an issue where it is something else."""
    written = bytes(raw)
    if written in (b"", b"null"):
        return otherwise
    if not written.startswith(opens.encode()):
        issues.append(Issue(field, "unreadable", f"{plain(field)} cannot be read."))
        return otherwise
    if has_huge_number(written):
        issues.append(Issue(field, "out_of_bounds", f"{plain(field)} holds a number that is too large to be one."))
        written = mended(written)
    return written.decode()


def lines_are_zero(lines: str) -> bool:
    """Whether no line of a JSON list of lines carries an amount other than zero."""
    try:
        amounts = [bytes(line.Amount) for line in msgspec.json.decode(lines, type=list[LineAmount])]
    except msgspec.DecodeError:
        return False
    return all(
        digits in (b"", b"null") or (NUMBER.match(digits) and Decimal(digits.decode()) == 0) for digits in amounts
    )


def required(value: str | date | datetime | None, *, field: str, issues: list[Issue]) -> None:
    """Note an issue where `value` is missing, so that staff can see which invoices lack it."""
    if not value:
        issues.append(Issue(field, "missing", f"{plain(field)} is missing."))
