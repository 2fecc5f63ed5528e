"""Change data capture (CDC): all changes since a time in one call, with the verification of deletions.

CDC covers the last 30 days, returns at most 1,000 objects, and does not say when it omits some (see
docs/domain/quickbooks.md).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from quickbooks_app.api.cdc_response import CdcResponse
from quickbooks_app.api.fetch_by_id import SupportsCall, documents_moved, fetch_by_ids, inactive_parties
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.errors import AnswerRefused, Rejected, ResponseTooLarge
from quickbooks_app.models import Connection, Document
from quickbooks_app.objects.table import IMPORTED
from quickbooks_app.sync.apply_page import NO_CHANGES, ApplyResult, apply_page
from quickbooks_app.sync.deletions import clear_deletion, mark_deleted
from quickbooks_app.sync.import_issues import record_refused, refused_ids

ENTITIES = IMPORTED
OVERLAP = timedelta(minutes=10)  # read again before the last sync: QuickBooks' index may lag behind its clock
CDC_WINDOW = timedelta(days=29)  # of QuickBooks' 30 days: its clock and ours may differ


@dataclass
class CdcResult:
    """By entity: objects to apply, deletions with their time, and ids to restore. `time` is QuickBooks' clock."""

    time: datetime | None
    entities: tuple[str, ...] = ENTITIES
    objects: dict[str, list[FetchedObject]] = field(default_factory=lambda: defaultdict(list))
    deleted: dict[str, dict[str, datetime | None]] = field(default_factory=lambda: defaultdict(dict))
    refused: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    restored: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def start_time(as_of: datetime) -> datetime:
    """Where to start reading changes if the data is complete up to `as_of`. Reading a change twice has no effect."""
    return as_of - OVERLAP


def within_cdc_window(since: datetime, *, at: datetime) -> bool:
    """Whether CDC still knows every change since `since`."""
    return at - since <= CDC_WINDOW


def fetch_changes(
    session: SupportsCall, *, connection: Connection, since: datetime, further: Sequence[str] = ()
) -> CdcResult | None:
    """All changes since `since`, None if the response may be incomplete. Raises QuickBooksError.

    The changes of `further` objects come in the same call. Where they make the answer too large, or QuickBooks refuses
    them, the others are asked for alone, and `entities` of the result says so.

    This takes one call, and a few more if objects were deleted. A deletion that contradicts the same response or a
    stored version is verified by reading the object. The documents of a deleted or inactive customer or vendor are read
    again, because a merge moves them to another one.
    """
    entities = (*ENTITIES, *further)
    try:
        response = session.call(partial(session.client.changed_since, entities=entities, since=since))
        is_complete = response.is_complete
    except (ResponseTooLarge, AnswerRefused):
        is_complete = False
    except Rejected:
        if not further:
            raise
        is_complete = False
    if not is_complete:
        return fetch_changes(session, connection=connection, since=since) if further else None
    result = CdcResult(time=response.time, entities=entities)
    for entity in entities:
        result.objects[entity] = [FetchedObject.from_bytes(raw) for raw in response.objects[entity]]
        unconfirmed = _unconfirmed_deletions(
            connection, entity=entity, response=response, objects=result.objects[entity]
        )
        result.deleted[entity] = {
            qbk_id: moment for qbk_id, moment in response.deleted[entity].items() if qbk_id not in unconfirmed
        }
        arrived = {item.header.Id for item in result.objects[entity] if item.header} | set(response.deleted[entity])
        refused = sorted(set(refused_ids(connection=connection, entity=entity)) - arrived)
        _refetch_into(result, session, entity=entity, ids=sorted(unconfirmed), deleted=response.deleted[entity])
        _ask_again(result, session, entity=entity, ids=refused)
    moved: dict[str, list[str]] = {}
    for entity in entities:
        merged = {*result.deleted[entity], *inactive_parties(result.objects[entity], entity=entity)}
        moved |= documents_moved(connection=connection, entity=entity, gone=sorted(merged))
    for entity, ids in moved.items():
        if entity not in entities:
            continue  # it is being read anyway
        known = {item.header.Id for item in result.objects[entity] if item.header} | set(result.deleted[entity])
        _refetch_into(result, session, entity=entity, ids=[qbk_id for qbk_id in ids if qbk_id not in known], deleted={})
    return result


def apply_changes(*, connection: Connection, changes: CdcResult, at: datetime) -> dict[str, ApplyResult]:
    """Apply the changed objects in the caller's transaction. Returns the result by entity."""
    applied = {}
    for entity in changes.entities:
        objects = changes.objects[entity]
        record_refused(connection=connection, entity=entity, ids=changes.refused[entity], at=at)
        clear_deletion(connection=connection, entity=entity, ids=changes.restored[entity], books_time=changes.time)
        applied[entity] = (
            apply_page(connection=connection, entity=entity, objects=objects, at=at)
            if objects
            else ApplyResult(counts=NO_CHANGES, issues=0)
        )
    return applied


def apply_deletions(*, connection: Connection, changes: CdcResult, at: datetime) -> dict[str, int]:
    """Mark deleted objects in the caller's transaction, after `apply_changes`. Returns the new deletions by entity."""
    return {
        entity: mark_deleted(
            connection=connection, entity=entity, deleted=changes.deleted[entity], books_time=changes.time, at=at
        )
        for entity in changes.entities
    }


def _unconfirmed_deletions(
    connection: Connection, *, entity: str, response: CdcResponse, objects: Sequence[FetchedObject]
) -> set[str]:
    """The deletions to verify: the object is also in the response, or stored in a version later than its deletion."""
    deleted = response.deleted[entity]
    if not deleted:
        return set()
    existing = {item.header.Id for item in objects if item.header}
    stored: Mapping[str, datetime | None] = dict(
        Document.objects.filter(
            connection=connection, entity=entity, qbk_id__in=list(deleted), deleted_at__isnull=True
        ).values_list("qbk_id", "books_updated_at")
    )

    def is_stored_later(qbk_id: str) -> bool:
        updated_at, deleted_at = stored.get(qbk_id), deleted[qbk_id]
        return updated_at is not None and deleted_at is not None and updated_at > deleted_at

    return {qbk_id for qbk_id in deleted if qbk_id in existing or is_stored_later(qbk_id)}


def _ask_again(result: CdcResult, session: SupportsCall, *, entity: str, ids: Sequence[str]) -> None:
    """Ask for refused objects again. QuickBooks has just answered, so an internal error says that they still are."""
    client = session.client
    suspects_objects, client.suspects_objects = client.suspects_objects, lambda: True
    try:
        _refetch_into(result, session, entity=entity, ids=ids, deleted={})
    finally:
        client.suspects_objects = suspects_objects


def _refetch_into(
    result: CdcResult,
    session: SupportsCall,
    *,
    entity: str,
    ids: Sequence[str],
    deleted: Mapping[str, datetime | None],
) -> None:
    """Read the objects `ids` singly and merge them into `result`. `deleted` holds the time of reported deletions."""
    if not ids:
        return
    found = fetch_by_ids(session, entity=entity, ids=ids)
    result.objects[entity] = [
        item for item in result.objects[entity] if item.header is None or item.header.Id not in found.missing_ids
    ] + list(found.objects)
    result.refused[entity].update(found.refused_ids)
    result.restored[entity].update(item.header.Id for item in found.objects if item.header)
    result.deleted[entity].update({qbk_id: deleted.get(qbk_id) for qbk_id in found.missing_ids})
