"""The one way to change a state: lock the row, check the move, write it, audit it, in one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from infactor.core import audit
from infactor.core.models import TimestampedModel

Row = TypeVar("Row", bound=models.Model)


class MoveRefused(Exception):
    """The row is not in a state from which the asked move is allowed; nothing was written."""


@dataclass(frozen=True)
class Moves:
    """Which states may follow which, for one field of one model: `{from: {to, ...}}`."""

    field: str
    allowed: Mapping[str, Collection[str]]


def move(
    row: Row,
    *,
    to: str,
    moves: Moves,
    by: models.Model | None,
    at: datetime,
    supplier_id: int | None = None,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Row:
    """Move `row` to state `to`, writing `changes` beside it, and return the locked, saved row.

    Raises MoveRefused if the state in the database (not the one in memory) does not allow it.
    """
    with transaction.atomic():
        locked = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        before = getattr(locked, moves.field)
        if to not in moves.allowed.get(before, ()):
            raise MoveRefused(f"{row._meta.verbose_name} {row.pk} cannot go from {before!r} to {to!r}.")
        values = {moves.field: to, **(changes or {})}
        for name, value in values.items():
            setattr(locked, name, value)
        # These columns only: the rest was read, and some of it (the books' own JSON) is not written back as it came.
        locked.save(update_fields=[*values, *(["updated_at"] if isinstance(row, TimestampedModel) else [])])
        audit.record(
            event=f"{row._meta.model_name}.{moves.field}",
            subject=locked,
            by=by,
            at=at,
            supplier_id=supplier_id,
            reason=reason,
            details={"from": before, "to": to},
        )
        return locked
