"""Refetching of objects that a webhook reports as changed: many ids in one query, then applied."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from quickbooks_app.api.fetch_by_id import (
    FetchResult,
    SupportsCall,
    customers_in_lines,
    customers_of_documents,
    documents_moved,
    fetch_by_ids,
    inactive_parties,
    stored_customers,
)
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.errors import ObjectSuspected
from quickbooks_app.models import Connection, ObjectPull
from quickbooks_app.objects.table import OBJECTS, ON_RECEIVABLES
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

    An id that QuickBooks does not return, neither in the query nor singly, is marked as deleted. A merge moves
    documents to another customer or vendor without a change of their own, so those of a deleted or inactive one are
    refetched, too, and a customer that a document has left. So are the customers on whose receivables a journal entry
    or a deposit lies: only their balance shows it. Every call is recorded.
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
            return _refetch_all(session, connection=connection, entity=entity, ids=ids, now=now)
    finally:
        save_calls(take_calls(calls), connection=connection, run=None, at=now())


@contextmanager
def _outages_by_name(session: ApiSession) -> Iterator[None]:
    try:
        yield
    except ObjectSuspected as suspicion:
        raise session.as_outage(suspicion) from suspicion


def _refetch_all(
    session: SupportsCall, *, connection: Connection, entity: str, ids: Sequence[str], now: Callable[[], datetime]
) -> RefetchCounts:
    """The objects, and all that a merge of customers or vendors may have moved with them."""
    found = fetch_by_ids(session, entity=entity, ids=ids)
    if entity in ON_RECEIVABLES:
        return _refetch_on_receivables(session, connection=connection, entity=entity, found=found, now=now)
    former = _former_customers(connection, entity=entity, objects=found.objects)
    counts = _apply(connection, entity=entity, found=found, at=now())
    if former:
        return counts.plus(_refetch_all(session, connection=connection, entity="Customer", ids=former, now=now))
    merged = sorted(found.missing_ids | inactive_parties(found.objects, entity=entity))
    for document_entity, document_ids in documents_moved(connection=connection, entity=entity, gone=merged).items():
        documents = fetch_by_ids(session, entity=document_entity, ids=document_ids)
        counts = counts.plus(_apply(connection, entity=document_entity, found=documents, at=now()))
    return counts


def _refetch_on_receivables(
    session: SupportsCall, *, connection: Connection, entity: str, found: FetchResult, now: Callable[[], datetime]
) -> RefetchCounts:
    """The objects themselves where the company pulls them, and the customers that they name.

    A deleted one names nobody any more, so the company is read as a whole at the next dispatch.
    """
    counts = RefetchCounts()
    if ObjectPull.objects.filter(connection=connection, entity=entity, is_enabled=True, as_of__isnull=False).exists():
        counts = _apply(connection, entity=entity, found=found, at=now())
    if customers := customers_in_lines(found.objects):
        read = _refetch_all(session, connection=connection, entity="Customer", ids=customers, now=now)
        counts = counts.plus(read)
    if found.missing_ids:
        Connection.objects.filter(pk=connection.pk, next_sync_at__gt=now()).update(next_sync_at=now())
    return counts


def _former_customers(connection: Connection, *, entity: str, objects: Sequence[FetchedObject]) -> list[str]:
    """The customers from which these documents have moved: an edit moves one of them, a merge all."""
    now_of = customers_of_documents(objects)
    before = stored_customers(connection=connection, entity=entity, ids=list(now_of))
    return sorted({customer for qbk_id, customer in before.items() if customer and customer != now_of[qbk_id]})


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
