"""Parsing of query responses into objects, each still the bytes that QuickBooks sent, and repair of invalid JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from quickbooks_app.api.schemas import EMPTY, Timestamp

# PostgreSQL accepts neither NUL nor half a surrogate pair, in text or in JSON.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# Amounts in QuickBooks have at most 15 digits. PostgreSQL rejects some numbers that JSON allows, and would expand
# others to a hundred thousand digits.
MAX_DIGITS, MAX_EXPONENT = 1000, 99
HUGE_NUMBER = re.compile(rb"[0-9][eE][+-]?0*[1-9][0-9]{2}|[0-9]{1000}")
JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# With all digits replaced by 0, two substring searches rule out almost every object, five times as fast as HUGE_NUMBER.
DIGITS_TO_ZERO = bytes.maketrans(b"123456789E", b"000000000e")
MANY_DIGITS = b"0" * MAX_DIGITS

PAGE_FIELDS = {"startposition", "maxresults", "totalcount"}
EMPTY_VALUES = {b"", b"null", b"{}", b"[]", b'""'}


class UnreadableResponse(Exception):
    """The body is not the JSON of a QuickBooks response, but for example a maintenance page or a truncated body."""


class QueryResponse(NamedTuple):
    """The objects of one response in order, QuickBooks' clock, and the count if one was requested."""

    objects: Sequence[bytes]
    time: datetime | None
    total: int | None


class _Envelope(Struct):
    QueryResponse: Raw
    Fault: Raw = EMPTY
    time: Raw = EMPTY


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_OBJECTS = msgspec.json.Decoder(list[Raw])
_COUNT = msgspec.json.Decoder(int)
_TIMESTAMP = msgspec.json.Decoder(Timestamp)
_NUMBERS = msgspec.json.Encoder(decimal_format="number")


def parse_query_response(body: bytes, *, entity: str) -> QueryResponse:
    """Parse the response of a query; it may hold no objects. Raises UnreadableResponse."""
    try:
        if needs_repair(body):
            return _parse(repaired_json(body), entity=entity)
        return _parse(body, entity=entity)
    except msgspec.DecodeError:
        # One invalid string or a bare NaN makes a strict decoder reject the whole page.
        return _parse(repaired_json(body), entity=entity)
    except RecursionError as error:
        raise UnreadableResponse("the response is nested too deeply") from error


def parse_object_response(body: bytes, *, entity: str) -> bytes:
    """The object in the response of a read. Raises UnreadableResponse if it holds none."""
    try:
        try:
            fields = _FIELDS.decode(repaired_json(body) if needs_repair(body) else body)
        except msgspec.DecodeError:
            fields = _FIELDS.decode(repaired_json(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableResponse("the response does not have the form of a read response") from error
    for name, raw in fields.items():
        if name.lower() == entity.lower():
            return bytes(raw)
    raise UnreadableResponse("the response does not contain the object")


def has_other_content(slot: Mapping[str, Raw], *, entities: Sequence[str]) -> bool:
    """Whether a slot holds anything but `entities` and the numbers of the page, such as a fault. Empty values do not
    count."""
    names = PAGE_FIELDS | {entity.lower() for entity in entities}
    return any(name.lower() not in names and bytes(raw).strip() not in EMPTY_VALUES for name, raw in slot.items())


def repaired_json(body: bytes) -> bytes:
    """`body` without anything that strict JSON or PostgreSQL rejects. Amounts keep every digit.

    NaN, Infinity and excessively large numbers become strings, which the mapping reports as issues. NUL, half surrogate
    pairs and bytes that are not UTF-8 become the replacement character. Raises UnreadableResponse if it is not JSON.
    """
    try:
        value = json.loads(
            body.decode(errors="replace"),
            parse_float=_storable_number,
            parse_int=_storable_number,
            parse_constant=str,
            strict=False,
        )
        return _NUMBERS.encode(_without_unstorable(value))
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnreadableResponse("the response is not JSON") from error


def needs_repair(raw: bytes) -> bool:
    """Whether the JSON contains text that PostgreSQL would reject."""
    if (b"\\" in raw and b"\\u0000" in raw) or b"\x00" in raw:
        return True
    if raw.isascii():
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


def has_huge_number(raw: bytes) -> bool:
    """Whether the JSON contains a number with too many digits for PostgreSQL. Digits in strings do not count."""
    zeroed = raw.translate(DIGITS_TO_ZERO)
    if b"0e" not in zeroed and MANY_DIGITS not in zeroed:
        return False
    return HUGE_NUMBER.search(raw) is not None and HUGE_NUMBER.search(JSON_STRING.sub(b'""', raw)) is not None


def _parse(body: bytes, *, entity: str) -> QueryResponse:
    try:
        envelope = _ENVELOPE.decode(body)
        fields = _FIELDS.decode(envelope.QueryResponse)
        if any(has_other_content(slot, entities=[entity]) for slot in (fields, {"Fault": envelope.Fault})):
            raise UnreadableResponse("the response holds something else than what was asked for")
        rows = next((value for name, value in fields.items() if name.lower() == entity.lower()), None)
        objects = [bytes(raw) for raw in _OBJECTS.decode(rows)] if rows is not None else []
        total = _COUNT.decode(fields["totalCount"]) if "totalCount" in fields else None
    except msgspec.ValidationError as error:
        raise UnreadableResponse("the response does not have the form of a query response") from error
    return QueryResponse(objects=objects, time=_response_time(envelope.time), total=total)


def _response_time(raw: Raw) -> datetime | None:
    """QuickBooks' clock. A response without it is still valid."""
    try:
        return _TIMESTAMP.decode(raw)
    except msgspec.DecodeError:
        return None


def _storable_number(digits: str) -> Decimal | str:
    number = Decimal(digits)
    is_storable = len(digits) < MAX_DIGITS and abs(number.adjusted()) <= MAX_EXPONENT
    return number if is_storable or not number else digits


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {_without_unstorable(key): _without_unstorable(item) for key, item in value.items()}
    return value
