"""Refetching of objects that a webhook reports as changed: many ids in one query, then applied."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from quickbooks_app.api.fetch_by_id import FetchResult, SupportsCall, documents_moved, fetch_by_ids
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.errors import ObjectSuspected
from quickbooks_app.models import Connection
from quickbooks_app.objects.table import OBJECTS
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.deletions import clear_deletion, mark_deleted
from quickbooks_app.sync.import_issues import record_refused


class RefetchCounts(NamedTuple):
    """How many objects exist, how many of those are new or changed, and how many were deleted."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0

    def plus(self, other: "RefetchCounts") -> "RefetchCounts":
        return RefetchCounts(*(one + two for one, two in zip(self, other, strict=True)))


def refetch_objects(
    *,
    connection: Connection,
    entity: str,
    ids: Sequence[str],
    now: Callable[[], datetime],
    suspects_objects: bool = False,
) -> RefetchCounts:
    """Fetch the objects `ids` of one `entity`, a hundred per query, and apply them. Raises QuickBooksError.

    An id that QuickBooks does not return, neither in the query nor singly, is marked as deleted. The documents of a
    deleted customer or vendor are refetched, too, because a merge moves them to another one. Every call is recorded.
    `suspects_objects`: an internal error has repeated, and may be the fault of one of the objects.
    """
    if entity not in OBJECTS or not OBJECTS[entity].can_be_pulled:
        raise ValueError(f"{entity} cannot be fetched by its id")
    if not ids:
        return RefetchCounts()
    calls: deque[CallRecord] = deque()
    try:
        with closing(ApiSession(connection=connection, now=now, calls=calls)) as session, _outages_by_name(session):
            session.client.suspects_objects = lambda: suspects_objects
            counts, deleted = _refetch(session, connection=connection, entity=entity, ids=ids, now=now)
            moved = documents_moved(connection=connection, entity=entity, gone=sorted(deleted))
            for document_entity, document_ids in moved.items():
                if document_ids:
                    more, _ = _refetch(
                        session, connection=connection, entity=document_entity, ids=document_ids, now=now
                    )
                    counts = counts.plus(more)
            return counts
    finally:
        save_calls(take_calls(calls), connection=connection, run=None, at=now())


@contextmanager
def _outages_by_name(session: ApiSession) -> Iterator[None]:
    try:
        yield
    except ObjectSuspected as suspicion:
        raise session.as_outage(suspicion) from suspicion


def _refetch(
    session: SupportsCall, *, connection: Connection, entity: str, ids: Sequence[str], now: Callable[[], datetime]
) -> tuple[RefetchCounts, frozenset[str]]:
    found = fetch_by_ids(session, entity=entity, ids=ids)
    return _apply(connection, entity=entity, found=found, at=now()), found.missing_ids


def _apply(connection: Connection, *, entity: str, found: FetchResult, at: datetime) -> RefetchCounts:
    with transaction.atomic():
        existing = [item.header.Id for item in found.objects if item.header]
        clear_deletion(connection=connection, entity=entity, ids=existing, books_time=found.time)
        record_refused(connection=connection, entity=entity, ids=found.refused_ids, at=at)
        applied = apply_page(connection=connection, entity=entity, objects=found.objects, at=at)
        deleted = mark_deleted(
            connection=connection,
            entity=entity,
            deleted=dict.fromkeys(found.missing_ids),
            books_time=found.time,
            at=at,
        )
    return RefetchCounts(len(found.objects), applied.counts.new, applied.counts.changed, deleted)
