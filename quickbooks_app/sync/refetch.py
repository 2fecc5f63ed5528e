"""Single objects read again because something hinted that they changed: many ids in one query, then applied."""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from quickbooks_app.api.client import Call
from quickbooks_app.api.fetch_by_id import (
    Asking,
    Found,
    belongings,
    look_up,
)
from quickbooks_app.api.session import Conversation, keep, taken
from quickbooks_app.models import Connection
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.change_data_capture import ENTITIES
from quickbooks_app.sync.deletions import bury, dig_up


class Counts(NamedTuple):
    """What reading again found: objects that are there, of them new and changed ones, and those that are gone."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    gone: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(one + two for one, two in zip(self, other, strict=True)))


def read_again(*, connection: Connection, entity: str, ids: Sequence[str], now: Callable[[], datetime]) -> Counts:
    """Read the objects `ids` of one `entity` again and apply them, a hundred in one query. Raises QuickBooksError.

    What does not come back and is not there when it is read by itself either is marked as gone; the papers of a
    customer that is gone are read again, too: they are another one's now. Every call is kept.
    """
    if entity not in ENTITIES:
        raise ValueError(f"{entity} is not read")
    if not ids:
        return Counts()
    calls: deque[Call] = deque()
    try:
        with closing(Conversation(connection=connection, now=now, calls=calls)) as asking:
            counts, gone = _read(asking, connection=connection, entity=entity, ids=ids, now=now)
            if entity == "Customer" and gone:
                for other, papers in belongings(connection=connection, customers=sorted(gone)).items():
                    if papers:
                        more, _ = _read(asking, connection=connection, entity=other, ids=papers, now=now)
                        counts = counts.plus(more)
            return counts
    finally:
        keep(taken(calls), connection=connection, run=None, at=now())


def _read(
    asking: Asking, *, connection: Connection, entity: str, ids: Sequence[str], now: Callable[[], datetime]
) -> tuple[Counts, frozenset[str]]:
    found = look_up(asking, entity=entity, ids=ids)
    return _write(connection, entity=entity, found=found, at=now()), found.gone


def _write(connection: Connection, *, entity: str, found: Found, at: datetime) -> Counts:
    with transaction.atomic():
        there = [item.head.Id for item in found.objects if item.head]
        dig_up(connection=connection, entity=entity, ids=there, books_time=found.time)
        applied = apply_page(connection=connection, entity=entity, objects=found.objects, at=at)
        gone = bury(
            connection=connection,
            entity=entity,
            gone=dict.fromkeys(found.gone),
            books_time=found.time,
            at=at,
        )
    return Counts(len(found.objects), applied.outcome.new, applied.outcome.changed, gone)
