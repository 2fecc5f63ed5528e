"""The customers that a raw object names, wherever it names them: in its head, in lines, as the name of an entry."""

from typing import Any

import msgspec

_REFERENCES = ("CustomerRef", "EntityRef", "Entity")


def customers_in(raw: bytes, *, entity: str) -> set[str]:
    """QuickBooks' ids of the customers named in the bytes of an object; of a customer, of its parent."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return set()
    found: set[str] = set()
    if entity == "Customer" and isinstance(value, dict):
        _add(found, value.get("ParentRef"))
    _walk(value, found)
    return found


def _walk(value: Any, found: set[str]) -> None:
    if isinstance(value, list):
        for one in value:
            _walk(one, found)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in _REFERENCES:
                _add_reference(found, name, one, owner=value)
            _walk(one, found)


def _add_reference(found: set[str], name: str, reference: Any, *, owner: dict[str, Any]) -> None:
    """An entry's name may be a vendor or an employee: its type stands in the reference, or beside it."""
    if not isinstance(reference, dict):
        return
    kind = reference.get("type") or owner.get("Type") or ""
    if name == "CustomerRef" or str(kind).lower() == "customer":
        _add(found, reference)


def _add(found: set[str], reference: Any) -> None:
    value = reference.get("value") if isinstance(reference, dict) else None
    if isinstance(value, str) and value:
        found.add(value)
