"""State transitions. `move` locks the row, checks the transition, writes it and audits it, in one transaction."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from django.db import models, transaction

from infactor.core import audit
from infactor.core.models import TimestampedModel

log = structlog.get_logger(__name__)
Row = TypeVar("Row", bound=models.Model)


class TransitionNotAllowed(Exception):
    """The row is not in a state from which this transition is allowed. Nothing was written."""


@dataclass(frozen=True)
class Transitions:
    """The transitions that one field of one model allows: `{from: {to, ...}}`."""

    field: str
    allowed: Mapping[str, Collection[str]]


def move(
    row: Row,
    *,
    to: str,
    transitions: Transitions,
    by: models.Model | None,
    at: datetime,
    supplier_id: int | None = None,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Row:
    """Move `row` to the state `to`, also write `changes`, and return the row, locked and saved.

    Raises TransitionNotAllowed if the state in the database, not the one in memory, does not allow it.
    """
    with transaction.atomic():
        locked = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        before = getattr(locked, transitions.field)
        if to not in transitions.allowed.get(before, ()):
            # A double click, an old page, or somebody who tries the steps in another order.
            log.warning("transition_refused", row=row._meta.label, pk=row.pk, by=by and by.pk, at=before, to=to)
            raise TransitionNotAllowed(f"{row._meta.verbose_name} {row.pk} cannot go from {before!r} to {to!r}.")
        values = {transitions.field: to, **(changes or {})}
        for name, value in values.items():
            setattr(locked, name, value)
        if isinstance(locked, TimestampedModel):
            values["updated_at"] = locked.updated_at = at  # `save` would take the clock's
        # Only these columns: the source's JSON columns would not be written back exactly as they were read.
        type(row)._base_manager.filter(pk=locked.pk).update(**values)
        audit.record(
            event=f"{row._meta.model_name}.{transitions.field}",
            subject=locked,
            by=by,
            at=at,
            supplier_id=supplier_id,
            reason=reason,
            details={"from": before, "to": to},
        )
        return locked


def move_all(
    rows: Sequence[Row],
    *,
    to: str,
    transitions: Transitions,
    by: models.Model | None,
    at: datetime,
    supplier_id: Callable[[Row], int | None] = lambda _: None,
    changes: Callable[[Row], Mapping[str, Any]] = lambda _: {},
    are_locked: bool = False,
) -> list[Row]:
    """`move` for many rows of one model, in few queries: all of them or none. They are returned in the order of keys.

    `are_locked`: the caller's transaction read and locked `rows` and has not changed them since, so they are not read
    again. Raises TransitionNotAllowed if the state of one does not allow it.
    """
    if not rows:
        return []
    model, name = type(rows[0]), transitions.field
    with transaction.atomic():
        manager = model._base_manager
        wanted = {row.pk: row for row in rows}
        locked: list[Row] = (
            [row for _, row in sorted(wanted.items())]
            if are_locked
            else list(manager.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))
        )
        for row in locked:
            if to not in transitions.allowed.get(getattr(row, name), ()):
                raise TransitionNotAllowed(f"{row._meta.verbose_name} {row.pk} cannot go to {to!r}.")
        events, alike = [], defaultdict(list)
        for row in locked:
            values = {name: to, **changes(row)}
            details = {"from": getattr(row, name), "to": to}
            for key, value in values.items():
                setattr(row, key, value)
            if isinstance(row, TimestampedModel):
                values["updated_at"] = row.updated_at = at
            alike[tuple(values.items())].append(row.pk)
            events.append(
                audit.unsaved(
                    event=f"{row._meta.model_name}.{name}",
                    subject=row,
                    by=by,
                    at=at,
                    supplier_id=supplier_id(row),
                    details=details,
                )
            )
        for items, keys in alike.items():
            manager.filter(pk__in=keys).update(**dict(items))
        audit.record_all(events)
        return locked
