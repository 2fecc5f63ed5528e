"""Lossless JSON: amounts are Decimals in memory and numbers with two decimals on the wire."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import msgspec

Document = dict[str, Any]

CENT = Decimal("0.01")
MAX_AMOUNT = Decimal("1E15")

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode(value: object) -> bytes:
    """Encode to JSON bytes. Decimals become numbers with all their digits."""
    return _encoder.encode(value)


def decode(data: bytes | str) -> Any:
    """Decode JSON bytes. Numbers with a fraction become Decimals. Raises msgspec.DecodeError."""
    return _decoder.decode(data)


def parse_number(value: object) -> Decimal:
    """Return a finite Decimal from a number or text. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{value!r} is not a number")
    try:
        result = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a number") from None
    if not result.is_finite() or abs(result) >= MAX_AMOUNT:
        raise ValueError(f"{value!r} is out of range")
    return result


def format_amount(value: Decimal | int) -> Decimal | int:
    """Return an amount as stored: two decimals, or a bare 0."""
    cents = Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)
    return cents if cents else 0


def normalized(value: Decimal | int) -> Decimal | int:
    """Return a quantity, price or rate as stored: no trailing zeros, no exponent."""
    if value == int(value):
        return int(value)
    digits = Decimal(value).normalize()
    return Decimal(f"{digits:f}")


def amount_of(document: Document, key: str) -> Decimal:
    """Return the amount under a key of a stored document; 0 if absent."""
    return Decimal(document.get(key, 0))


def reference(value: str, name: str | None = None) -> Document:
    """Return a QuickBooks reference, with the target's name if known."""
    return {"value": value, "name": name} if name else {"value": value}


def reference_id(document: Document, key: str) -> str:
    """Return the id that the reference under a key points to, or ""."""
    target = document.get(key)
    return str(target.get("value", "")) if isinstance(target, dict) else ""
