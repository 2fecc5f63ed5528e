"""JSON without loss: amounts are Decimals in memory and plain numbers with two decimals on the wire."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

Document = dict[str, Any]

CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal("1E15")

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: object) -> bytes:
    """JSON bytes, Decimals written as numbers with the digits they have."""
    return _encoder.encode(value)


def decode(data: bytes | str) -> Any:
    """The value of JSON bytes, every number with a fraction as a Decimal. Raises msgspec.DecodeError."""
    return _decoder.decode(data)


def number(value: object) -> Decimal:
    """A finite Decimal from what a client sent, number or text. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{value!r} is not a number")
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not result.is_finite() or abs(result) >= LARGEST_AMOUNT:
        raise ValueError(f"{value!r} is out of range")
    return result


def money(value: Decimal | int) -> Decimal | int:
    """An amount as the books keep it: two decimals, and a bare 0 for nothing."""
    cents = Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)
    return cents if cents else 0


def trimmed(value: Decimal | int) -> Decimal | int:
    """A quantity, price or rate as the books keep it: no trailing zeros, never an exponent."""
    if value == int(value):
        return int(value)
    digits = Decimal(value).normalize()
    return Decimal(f"{digits:f}")


def as_decimal(document: Document, key: str) -> Decimal:
    """The amount under a key of a stored document; absent counts as nothing."""
    return Decimal(document.get(key, 0))


def reference(value: str, name: str | None = None) -> Document:
    """A QuickBooks reference, with the name of its target when that is known."""
    return {"value": value, "name": name} if name else {"value": value}


def ref_value(document: Document, key: str) -> str:
    """The id a reference under a key points to, or an empty text."""
    target = document.get(key)
    return str(target.get("value", "")) if isinstance(target, dict) else ""
