"""Every id in QuickBooks beside every id here: what a deletion left behind, and what never came.

Page by page in the order of making: each page covers a span of time, and only what was made in that span is held
beside it. So memory holds one page, however large the books, and a page can be done twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from quickbooks_app.api.fetch_by_id import Asking, Found, look_up
from quickbooks_app.api.keyset_pagination import Cursor, KeysetQuery, Pulled
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.change_data_capture import ENTITIES
from quickbooks_app.sync.deletions import bury, dig_up

FIELDS = "Id, MetaData.CreateTime"
# More than these are looked up a hundred at once, beside one that is known to be there.
FEW = 10


@dataclass(frozen=True)
class Position:
    """Where a comparison goes on."""

    entity: str
    cursor: Cursor

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Position":
        return cls(entity=value.get("entity", ENTITIES[0]), cursor=Cursor.from_json(value))

    def as_json(self) -> dict[str, Any]:
        return {"entity": self.entity, **self.cursor.as_json()}

    def behind(self, pulled: Pulled) -> "Position | None":
        """The position after this page; None where there is nothing left to compare."""
        if not pulled.is_last:
            return Position(self.entity, pulled.cursor)
        rest = ENTITIES[ENTITIES.index(self.entity) + 1 :]
        return Position(rest[0], Cursor()) if rest else None


@dataclass(frozen=True)
class Compared:
    """One page compared: what was found out about ids that only one side has, and where to go on."""

    entity: str
    found: Found
    time: datetime | None
    next: Position | None


def compare(asking: Asking, *, connection: Connection, position: Position) -> Compared:
    """Compare the page at `position`. Raises QuickBooksError; writes nothing.

    What one answer does not show is not yet gone: it is looked up once more, see `look_up`.
    """
    entity, cursor = position.entity, position.cursor
    pulled = asking.ask(partial(KeysetQuery(entity, fields=FIELDS).page, asking.client, cursor))
    there = {item.head.Id for item in pulled.objects if item.head}
    known = set(
        Document.objects.filter(
            connection=connection, entity=entity, deleted_at__isnull=True, qbk_id__in=there
        ).values_list("qbk_id", flat=True)
    )
    missing = _here(connection, entity=entity, cursor=cursor, pulled=pulled) - there - cursor.ids
    few = len(missing) <= FEW
    witness = "" if few else next(iter(sorted(there)), "")
    found = look_up(asking, entity=entity, ids=sorted(missing), witness=witness)
    new = look_up(asking, entity=entity, ids=sorted(there - known))
    return Compared(
        entity=entity,
        found=Found([*found.objects, *new.objects], found.gone | new.gone, pulled.time),
        time=pulled.time,
        next=position.behind(pulled),
    )


def write(*, connection: Connection, compared: Compared, at: datetime) -> int:
    """Write what was found out, in the caller's transaction; how many objects were found to be gone."""
    found, entity = compared.found, compared.entity
    if found.objects:
        there: Sequence[str] = [item.head.Id for item in found.objects if item.head]
        dig_up(connection=connection, entity=entity, ids=there, books_time=found.time)
        apply_page(connection=connection, entity=entity, objects=found.objects, at=at)
    gone: dict[str, datetime | None] = dict.fromkeys(found.gone)
    return bury(connection=connection, entity=entity, gone=gone, books_time=compared.time, at=at)


def _here(connection: Connection, *, entity: str, cursor: Cursor, pulled: Pulled) -> set[str]:
    """The ids that are alive here and were made in the span that the page covers.

    The last second of a page may go on in the next, and belongs to that. What has no time of making comes first.
    """
    span = Q()
    if cursor.at is not None:
        span &= Q(books_created_at__gte=cursor.at)
    if not pulled.is_last:
        # Without a time behind the page, it has not yet covered anything.
        upper = pulled.cursor.at
        span &= Q(books_created_at__lt=upper) if upper is not None else Q(pk__in=[])
    if cursor.at is None and pulled.cursor.at is not None:
        span |= Q(books_created_at__isnull=True)
    ids = Document.objects.filter(span, connection=connection, entity=entity, deleted_at__isnull=True)
    return set(ids.values_list("qbk_id", flat=True))
