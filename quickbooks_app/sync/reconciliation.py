"""Reconciliation: compares all ids in QuickBooks with all stored ids, to find missed deletions and missing objects.

The moment of the last change is compared, too: an object that QuickBooks lists, but did not give out when it changed,
is here in an earlier version.

The documents of a customer or vendor that is gone, or has become inactive, are read again: a merge moves them to
another one, unchanged otherwise.

It pages in order of creation. Each page covers a span of time and is compared with the stored objects created in that
span. Memory holds one page, however much data the company has, and a page can be processed twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q

from infactor.core.bulk import InArray
from infactor.invoices.models import Buyer
from quickbooks_app.api.fetch_by_id import (
    FetchResult,
    SupportsCall,
    documents_moved,
    fetch_by_ids,
    inactive_parties,
)
from quickbooks_app.api.keyset_pagination import Cursor, KeysetQuery, Page
from quickbooks_app.api.refused_objects import Unnamed
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.change_data_capture import ENTITIES
from quickbooks_app.sync.deletions import clear_deletion, mark_deleted
from quickbooks_app.sync.import_issues import record_refused, record_without_id

FIELDS = "Id, MetaData.CreateTime, MetaData.LastUpdatedTime"
MAX_SINGLE_LOOKUPS = 10  # more missing ids are fetched by the hundred, with an id that is known to exist


@dataclass(frozen=True)
class ReconciliationCursor:
    """Where a reconciliation resumes."""

    entity: str
    cursor: Cursor

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ReconciliationCursor":
        return cls(entity=value.get("entity", ENTITIES[0]), cursor=Cursor.from_json(value))

    def as_json(self) -> dict[str, Any]:
        return {"entity": self.entity, **self.cursor.as_json()}

    def next_cursor(self, page: Page) -> "ReconciliationCursor | None":
        """The cursor after this page, None after the last page of the last entity."""
        if not page.is_last:
            return ReconciliationCursor(self.entity, page.cursor)
        remaining = ENTITIES[ENTITIES.index(self.entity) + 1 :] if self.entity in ENTITIES else ()
        return ReconciliationCursor(remaining[0], Cursor()) if remaining else None


@dataclass(frozen=True)
class ReconciliationPage:
    """One compared page: the objects that are missing here or in QuickBooks, and the next cursor.

    `without_id` is the number of objects that have none. `documents`, by entity, are those of the customers on the page
    that are gone or have become inactive.
    """

    entity: str
    found: FetchResult
    time: datetime | None
    next_cursor: ReconciliationCursor | None
    unnamed: tuple[Unnamed, ...] = ()
    is_last: bool = False  # of its entity
    without_id: int = 0
    documents: Mapping[str, FetchResult] = field(default_factory=dict)


def reconcile_page(
    session: SupportsCall, *, connection: Connection, cursor: ReconciliationCursor, since: datetime | None = None
) -> ReconciliationPage:
    """Compare the page at `cursor`, of a run that has read the changes `since`. Saves nothing. Raises QuickBooksError.

    An id that one response omits may still exist, so it is fetched once more (see `fetch_by_ids`).
    """
    entity = cursor.entity
    query = KeysetQuery(entity, fields=FIELDS)
    page = session.call(partial(query.fetch_page, session.client, cursor.cursor))
    ids_in_quickbooks = {item.header.Id for item in page.objects if item.header}
    seen = ids_in_quickbooks | page.refused_ids
    known = _current_ids(connection, entity=entity, page=page)
    stored = _stored_ids(connection, entity=entity, cursor=cursor.cursor, page=page)
    missing = stored - seen - cursor.cursor.ids
    known_id = "" if len(missing) <= MAX_SINGLE_LOOKUPS else min(ids_in_quickbooks, default="")
    existing = fetch_by_ids(session, entity=entity, ids=sorted(missing), known_id=known_id)
    new = fetch_by_ids(session, entity=entity, ids=sorted(ids_in_quickbooks - known))
    gone = existing.missing_ids | new.missing_ids | inactive_parties(new.objects, entity=entity)
    if entity == "Customer":
        gone |= _inactive_since(since, connection=connection, page=page)
    documents = documents_moved(connection=connection, entity=entity, gone=sorted(gone))
    return ReconciliationPage(
        entity=entity,
        found=FetchResult(
            [*existing.objects, *new.objects],
            existing.missing_ids | new.missing_ids,
            page.time,
            page.refused_ids | existing.refused_ids | new.refused_ids,
        ),
        unnamed=page.unnamed,
        time=page.time,
        next_cursor=cursor.next_cursor(page),
        is_last=page.is_last,
        without_id=sum(item.header is None for item in page.objects),
        documents={kind: fetch_by_ids(session, entity=kind, ids=ids) for kind, ids in documents.items()},
    )


def apply_reconciliation(*, connection: Connection, page: ReconciliationPage, at: datetime) -> dict[str, int]:
    """Save the result of `page` in the caller's transaction. Returns the number of new deletions by entity."""
    record_refused(connection=connection, entity=page.entity, ids=(), unnamed=page.unnamed, at=at)
    record_without_id(connection=connection, entity=page.entity, number=page.without_id, at=at)
    deletions = {
        entity: _apply(connection=connection, entity=entity, found=found, at=at)
        for entity, found in page.documents.items()
    }
    deletions[page.entity] = _apply(connection=connection, entity=page.entity, found=page.found, at=at)
    return deletions


def _apply(*, connection: Connection, entity: str, found: FetchResult, at: datetime) -> int:
    record_refused(connection=connection, entity=entity, ids=found.refused_ids, at=at)
    if found.objects:
        existing: Sequence[str] = [item.header.Id for item in found.objects if item.header]
        clear_deletion(connection=connection, entity=entity, ids=existing, books_time=found.time)
        apply_page(connection=connection, entity=entity, objects=found.objects, at=at)
    deleted: dict[str, datetime | None] = dict.fromkeys(found.missing_ids)
    return mark_deleted(connection=connection, entity=entity, deleted=deleted, books_time=found.time, at=at)


def _inactive_since(since: datetime | None, *, connection: Connection, page: Page) -> set[str]:
    """The customers on the page that the run has read as inactive."""
    changed = [
        item.header.Id
        for item in page.objects
        if since and item.header and (changed_at := item.header.MetaData.LastUpdatedTime) and changed_at >= since
    ]
    buyers = Buyer.objects.filter(
        InArray("reference", changed), company_file=connection.company_file_id, is_active=False
    )
    return set(buyers.values_list("reference", flat=True))


def _current_ids(connection: Connection, *, entity: str, page: Page) -> set[str]:
    """The ids of objects on the page that are stored here as they were last changed."""
    listed = {item.header.Id: item.header.MetaData.LastUpdatedTime for item in page.objects if item.header}
    stored = Document.objects.filter(
        InArray("qbk_id", listed), connection=connection, entity=entity, deleted_at__isnull=True
    ).values_list("qbk_id", "books_updated_at")
    return {
        qbk_id
        for qbk_id, stored_at in stored
        if (listed_at := listed[qbk_id]) is None or (stored_at is not None and stored_at >= listed_at)
    }


def _stored_ids(connection: Connection, *, entity: str, cursor: Cursor, page: Page) -> set[str]:
    """The ids of stored objects, not deleted, that were created in the span of time of `page`.

    The last second of a page may continue on the next page and belongs to that page. Objects without a creation time
    belong to the first page.
    """
    span = Q()
    if cursor.at is not None:
        span &= Q(books_created_at__gte=cursor.at)
    if not page.is_last:
        # A page whose objects have no creation time covers no span.
        upper = page.cursor.at
        span &= Q(books_created_at__lt=upper) if upper is not None else Q(pk__in=[])
    if cursor.at is None and page.cursor.at is not None:
        span |= Q(books_created_at__isnull=True)
    ids = Document.objects.filter(span, connection=connection, entity=entity, deleted_at__isnull=True)
    return set(ids.values_list("qbk_id", flat=True))
