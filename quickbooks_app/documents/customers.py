"""Whom a raw object names, wherever it names them: in its head, in lines, as the name of an entry."""

from typing import Any

import msgspec

_ENTRY_NAMES = ("EntityRef", "Entity")
CUSTOMER, VENDOR = "customer", "vendor"


def customers_in(raw: bytes, *, entity: str) -> set[str]:
    """QuickBooks' ids of the customers named in the bytes of an object; of a customer, of its parent.

    A file may be attached to documents of several: see `attached_to`.
    """
    return _named(raw, entity=entity, kind=CUSTOMER)


def vendors_in(raw: bytes, *, entity: str) -> set[str]:
    """QuickBooks' ids of the vendors named in the bytes of an object."""
    return _named(raw, entity=entity, kind=VENDOR)


def attached_to(raw: bytes) -> set[tuple[str, str]]:
    """What a file is attached to: (kind, id) of each document."""
    try:
        links = msgspec.json.decode(raw)["AttachableRef"]
        return {(one["EntityRef"]["type"], one["EntityRef"]["value"]) for one in links}
    except (msgspec.DecodeError, RecursionError, KeyError, TypeError):
        return set()


def _named(raw: bytes, *, entity: str, kind: str) -> set[str]:
    if entity == "Attachable":
        return set()
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return set()
    found: set[str] = set()
    if entity == "Customer" and kind == CUSTOMER and isinstance(value, dict):
        _add(found, value.get("ParentRef"))
    _walk(value, found, kind=kind)
    return found


def _walk(value: Any, found: set[str], *, kind: str) -> None:
    if isinstance(value, list):
        for one in value:
            _walk(one, found, kind=kind)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name.lower() == f"{kind}ref" or (name in _ENTRY_NAMES and _kind_of(one, owner=value) == kind):
                _add(found, one)
            _walk(one, found, kind=kind)


def _kind_of(reference: Any, *, owner: dict[str, Any]) -> str:
    """An entry's name may be a customer, a vendor or an employee: its type stands in the reference, or beside it."""
    own = reference.get("type") if isinstance(reference, dict) else ""
    return str(own or owner.get("Type") or "").lower()


def _add(found: set[str], reference: Any) -> None:
    value = reference.get("value") if isinstance(reference, dict) else None
    if isinstance(value, str) and value:
        found.add(value)
