"""Processing of webhook events: one worker per connection fetches the reported objects, many in one query.

The content of an event is never used, so neither the order of events nor a duplicate has any effect.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.db.models import F, Q

from quickbooks_app import runs
from quickbooks_app.connections import authorization_flow, lost_access
from quickbooks_app.errors import AuthorizationLost, CircuitOpen, QuickBooksError, Throttled, Transient
from quickbooks_app.leases import has_expired
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.sync import refetch
from quickbooks_app.webhooks import inbox
from quickbooks_app.webhooks.inbox import LEASE_DURATION

log = structlog.get_logger(__name__)

TIME_BUDGET = timedelta(seconds=60)
MAX_EVENTS = 5000
MAX_ATTEMPTS = 6
# Objects per query, by the number of failures: smaller batches isolate an object that fails every time.
BATCH_SIZES = (100, 10, 1)
ENTITY_ORDER = ("Customer", "Invoice", "CreditMemo", "Payment")
State = WebhookEvent.State
ObjectKey = tuple[str, str]  # entity and id


class _LeaseLost(Exception):
    """Another worker processes the events now."""


class RetryLater(Exception):
    """QuickBooks cannot be read now: the remaining batches must wait."""


@dataclass
class _Lease:
    """The right to process one connection's events until a time that identifies the lease."""

    connection_id: int
    until: datetime

    def renew(self, *, at: datetime) -> None:
        self._set(at + LEASE_DURATION)
        self.until = at + LEASE_DURATION

    def release(self) -> None:
        with suppress(_LeaseLost):
            self._set(None)

    def _set(self, until: datetime | None) -> None:
        if not Inbox.objects.filter(pk=self.connection_id, lease_until=self.until).update(lease_until=until):
            raise _LeaseLost


@dataclass
class PendingBatch:
    """The waiting events of one connection: the failed attempts and the objects of each event, and what was fetched."""

    attempts: dict[int, int] = field(default_factory=dict)
    objects: dict[int, set[ObjectKey]] = field(default_factory=dict)
    fetched: set[ObjectKey] = field(default_factory=set)

    def queries(self) -> list[tuple[str, list[str]]]:
        """The entity and ids of each query. Each object occurs once; objects that have failed come last, in small
        batches."""
        attempts_by_object: dict[ObjectKey, int] = {}
        for event, objects in self.objects.items():
            for key in objects:
                attempts_by_object[key] = max(attempts_by_object.get(key, 0), self.attempts[event])
        groups: dict[tuple[int, int, str], list[str]] = {}
        for (entity, qbk_id), attempts in attempts_by_object.items():
            groups.setdefault((min(attempts, len(BATCH_SIZES) - 1), _place(entity), entity), []).append(qbk_id)
        return [
            (entity, ids[start : start + BATCH_SIZES[attempts]])
            for (attempts, _, entity), ids in sorted(groups.items())
            for start in range(0, len(ids), BATCH_SIZES[attempts])
        ]

    def events_about(self, entity: str, ids: Sequence[str]) -> list[int]:
        """The events about one of these objects."""
        keys = {(entity, qbk_id) for qbk_id in ids}
        return [event for event, objects in self.objects.items() if not objects.isdisjoint(keys)]

    def failures_of(self, entity: str, ids: Sequence[str]) -> int:
        """The most failed attempts of any event about one of these objects."""
        return max(self.attempts[event] for event in self.events_about(entity, ids))

    def mark_fetched(self, entity: str, ids: Sequence[str]) -> list[int]:
        """Mark these objects as fetched. Returns the events about them whose objects have all been fetched."""
        self.fetched.update((entity, qbk_id) for qbk_id in ids)
        return [event for event in self.events_about(entity, ids) if self.objects[event] <= self.fetched]


def process_pending(*, connection_id: int, now: Callable[[], datetime]) -> bool:
    """Fetch the objects of the connection's waiting events. True if more events can be processed now.

    If another worker holds the connection, this one returns: the other looks for events once more at its end. Never
    raises QuickBooksError: events that fail wait longer each time, and end as failed.
    """
    lease = _acquire_lease(connection_id, at=now())
    if lease is None:
        return False
    try:
        _process(connection_id, lease=lease, now=now)
    except _LeaseLost:
        return False
    finally:
        lease.release()
    # Cleared after the work, so that events stored meanwhile notify nobody, and before the last query for them.
    Inbox.objects.filter(pk=connection_id).update(notified_at=None)
    return inbox.waiting_events(at=now()).filter(connection_id=connection_id).exists()


def _acquire_lease(connection_id: int, *, at: datetime) -> _Lease | None:
    if not Inbox.objects.filter(pk=connection_id).exists():
        Inbox.objects.bulk_create([Inbox(connection_id=connection_id)], ignore_conflicts=True)
    free = Q(lease_until__isnull=True) | has_expired(at=at, duration=LEASE_DURATION)
    acquired = Inbox.objects.filter(free, pk=connection_id).update(lease_until=at + LEASE_DURATION)
    return _Lease(connection_id, at + LEASE_DURATION) if acquired else None


def _process(connection_id: int, *, lease: _Lease, now: Callable[[], datetime]) -> None:
    connection = Connection.objects.select_related("company_file", "integration", "supplier").get(pk=connection_id)
    if connection.status != Connection.Status.CONNECTED:
        _ignore_waiting(connection, at=now())
        return
    deadline = now() + TIME_BUDGET
    pending = _load_pending(connection, at=now())
    for entity, ids in pending.queries():
        if now() > deadline:
            return
        lease.renew(at=now())
        try:
            _refetch_batch(connection, pending=pending, entity=entity, ids=ids, now=now)
        except RetryLater:
            return


def _load_pending(connection: Connection, *, at: datetime) -> PendingBatch:
    """The waiting events, those with the fewest failures first. An event about a merge is about two customers."""
    pending = PendingBatch()
    waiting = inbox.waiting_events(at=at).filter(connection=connection).order_by("attempts", "pk")[:MAX_EVENTS]
    for pk, entity, qbk_id, merged_id, attempts in waiting.values_list(
        "pk", "entity", "qbk_id", "merged_id", "attempts"
    ):
        pending.attempts[pk] = attempts
        pending.objects[pk] = {(entity, qbk_id)}
        if merged_id:
            pending.objects[pk].add((entity, merged_id))
    return pending


def _refetch_batch(
    connection: Connection, *, pending: PendingBatch, entity: str, ids: list[str], now: Callable[[], datetime]
) -> None:
    """Refetch one batch of objects. Raises RetryLater if the remaining batches must wait."""
    try:
        counts = refetch.refetch_objects(
            connection=connection,
            entity=entity,
            ids=ids,
            now=now,
            suspects_objects=pending.failures_of(entity, ids) >= runs.SUSPECTED_AFTER,
        )
    except AuthorizationLost as error:
        if not lost_access.is_final(connection=connection, error=error, at=now()):
            _wait_after_failure(connection, pending=pending, entity=entity, ids=ids, error=error, at=now())
        elif not authorization_flow.was_reconnected(connection):
            authorization_flow.mark_needs_attention(connection=connection, reason=str(error), at=now())
            _ignore_waiting(connection, at=now())
        raise RetryLater from error
    except CircuitOpen as error:
        inbox.waiting_events(at=now()).filter(connection=connection).update(not_before=error.until)
        raise RetryLater from error
    except (Transient, DatabaseError) as error:
        _wait_after_failure(connection, pending=pending, entity=entity, ids=ids, error=error, at=now())
        raise RetryLater from error
    except QuickBooksError:
        _record_failure(connection, pending=pending, events=pending.events_about(entity, ids), at=now())
        return
    except Exception:
        # A bug of ours goes to the log. The events count the failure first, so that they cannot fail forever.
        _record_failure(connection, pending=pending, events=pending.events_about(entity, ids), at=now())
        raise
    at = now()
    WebhookEvent.objects.filter(pk__in=pending.mark_fetched(entity, ids), state=State.WAITING).update(
        state=State.HANDLED, handled_at=at
    )
    if counts.new or counts.changed or counts.deleted:
        Inbox.objects.filter(pk=connection.pk).update(changed_at=at)


def _wait_after_failure(
    connection: Connection, *, pending: PendingBatch, entity: str, ids: Sequence[str], error: Exception, at: datetime
) -> None:
    """Delay the events of this batch as failed, and all others of the company as long."""
    delay = timedelta(seconds=error.retry_after) if isinstance(error, Throttled) else timedelta(0)
    delay = _record_failure(connection, pending=pending, events=pending.events_about(entity, ids), delay=delay, at=at)
    inbox.waiting_events(at=at).filter(connection=connection).update(not_before=at + delay)


def _record_failure(
    connection: Connection,
    *,
    pending: PendingBatch,
    events: Sequence[int],
    at: datetime,
    delay: timedelta = timedelta(0),
) -> timedelta:
    """Delay `events`, longer with each failure. Events that fail too often end as failed, and the company is synced
    soon. Returns the delay."""
    delay += runs.backoff(max(pending.attempts[event] for event in events))
    waiting = WebhookEvent.objects.filter(pk__in=events, state=State.WAITING)
    waiting.update(attempts=F("attempts") + 1, not_before=at + delay)
    failed = waiting.filter(attempts__gte=MAX_ATTEMPTS).update(state=State.FAILED, handled_at=at)
    if failed:
        log.error("webhooks_failed", connection=connection.pk, events=failed)
        Connection.objects.filter(pk=connection.pk, next_sync_at__gt=at).update(next_sync_at=at)
    return delay


def _place(entity: str) -> int:
    """Further objects come after those that infactor imports."""
    return ENTITY_ORDER.index(entity) if entity in ENTITY_ORDER else len(ENTITY_ORDER)


def _ignore_waiting(connection: Connection, *, at: datetime) -> None:
    """The company cannot be read now. Once it is reconnected, all its changes are synced anyway."""
    WebhookEvent.objects.filter(connection=connection, state=State.WAITING).update(
        state=State.IGNORED, reason=WebhookEvent.Reason.NOT_CONNECTED, handled_at=at
    )
