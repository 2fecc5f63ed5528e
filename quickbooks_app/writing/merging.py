"""Merging of a change with what somebody in QuickBooks changed meanwhile."""

from collections.abc import Mapping
from typing import Any

from quickbooks_app.api.writes.bodies import LINKING, Fields


def conflicting_fields(*, entity: str, wanted: Fields, base: Fields, current: Fields) -> frozenset[str]:
    """The fields of `wanted` that somebody changed since `base`, to something else. Lines of payments are merged."""
    return frozenset(
        name
        for name, value in wanted.items()
        if current.get(name) != base.get(name)
        and not holds(current.get(name), value)
        and not (entity in LINKING and name == "Line")
    )


def holds(current: Any, wanted: Any) -> bool:
    """Whether `current` says what `wanted` says. QuickBooks adds to it, such as the name of a reference."""
    if isinstance(wanted, Mapping):
        return isinstance(current, Mapping) and all(holds(current.get(name), one) for name, one in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(current, list)
            and len(current) >= len(wanted)
            and all(holds(there, one) for there, one in zip(current, wanted, strict=False))
        )
    return bool(current == wanted) or (wanted in (None, "") and current in (None, ""))
