"""A page of answers taken apart: the objects in it, each still the bytes that QuickBooks sent."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from quickbooks_app.api.schemas import EMPTY, Moment

# PostgreSQL takes neither NUL nor half of a surrogate pair, in text or in JSON.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# A number of the books has 15 digits. PostgreSQL refuses some that JSON allows, and would write others out in
# a hundred thousand digits.
LONGEST_NUMBER, LARGEST_EXPONENT = 1000, 99
HUGE = re.compile(rb"[0-9][eE][+-]?0*[1-9][0-9]{2}|[0-9]{1000}")
TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"')
# With all digits alike, two plain searches clear almost every object in a fifth of the time of HUGE.
DIGITS_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")
MANY_DIGITS = b"0" * LONGEST_NUMBER


class PageUnreadable(Exception):
    """The answer is not the JSON of a QuickBooks answer: a maintenance page, a cut-off body, another service's."""


class Page(NamedTuple):
    """The objects of one answer in their order, QuickBooks' clock, and the count where a count was asked."""

    objects: Sequence[bytes]
    time: datetime | None
    total: int | None


class _Answer(Struct):
    QueryResponse: Raw
    time: Raw = EMPTY


_ANSWER = msgspec.json.Decoder(_Answer)
_RESPONSE = msgspec.json.Decoder(dict[str, Raw])
_OBJECTS = msgspec.json.Decoder(list[Raw])
_COUNT = msgspec.json.Decoder(int)
_CLOCK = msgspec.json.Decoder(Moment)
_NUMBERS = msgspec.json.Encoder(decimal_format="number")


def read_page(body: bytes, *, entity: str) -> Page:
    """Take a query's answer apart. Raises PageUnreadable; a page without a single object is a page, too."""
    try:
        if needs_mending(body):
            return _take_apart(mended(body), entity=entity)
        return _take_apart(body, entity=entity)
    except msgspec.DecodeError:
        # One bad string or a bare NaN spoils the whole page for a strict decoder, not for this one.
        return _take_apart(mended(body), entity=entity)
    except RecursionError as error:
        raise PageUnreadable("the answer is nested too deeply") from error


def read_object(body: bytes, *, entity: str) -> bytes:
    """The one object that a read answers. Raises PageUnreadable where there is none in it."""
    try:
        try:
            answer = _RESPONSE.decode(mended(body) if needs_mending(body) else body)
        except msgspec.DecodeError:
            answer = _RESPONSE.decode(mended(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise PageUnreadable("the answer has not the form of an object's answer") from error
    for name, raw in answer.items():
        if name.lower() == entity.lower():
            return bytes(raw)
    raise PageUnreadable("the answer holds no such object")


def mended(body: bytes) -> bytes:
    """`body` with what PostgreSQL or strict JSON cannot take put right, amounts digit for digit as they were.

    A bare NaN or Infinity and a number beyond all measure become text, which the mapping reports; NUL, halves of
    surrogate pairs and bytes that are no UTF-8 become the replacement character. Raises PageUnreadable for what
    is no JSON at all.
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
        raise PageUnreadable("the answer is not JSON") from error


def needs_mending(raw: bytes) -> bool:
    """Whether what could be decoded holds text that PostgreSQL would refuse."""
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
    """Whether a number in this JSON has more digits than PostgreSQL should be given; digits in texts don't count."""
    alike = raw.translate(DIGITS_ALIKE)
    if b"0e" not in alike and MANY_DIGITS not in alike:
        return False
    return HUGE.search(raw) is not None and HUGE.search(TEXTS.sub(b'""', raw)) is not None


def _take_apart(body: bytes, *, entity: str) -> Page:
    try:
        answer = _ANSWER.decode(body)
        response = _RESPONSE.decode(answer.QueryResponse)
        rows = next((value for name, value in response.items() if name.lower() == entity.lower()), None)
        objects = [bytes(raw) for raw in _OBJECTS.decode(rows)] if rows is not None else []
        total = _COUNT.decode(response["totalCount"]) if "totalCount" in response else None
    except msgspec.ValidationError as error:
        raise PageUnreadable("the answer has not the form of a query's answer") from error
    return Page(objects=objects, time=_clock(answer.time), total=total)


def _clock(raw: Raw) -> datetime | None:
    """QuickBooks' clock; an answer without one is an answer all the same."""
    try:
        return _CLOCK.decode(raw)
    except msgspec.DecodeError:
        return None


def _storable_number(digits: str) -> Decimal | str:
    number = Decimal(digits)
    is_storable = len(digits) < LONGEST_NUMBER and abs(number.adjusted()) <= LARGEST_EXPONENT
    return number if is_storable or not number else digits


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    if isinstance(value, dict):
        return {_without_unstorable(key): _without_unstorable(item) for key, item in value.items()}
    return value
