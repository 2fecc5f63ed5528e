"""Follows what webhooks hint at: the objects are read again, many in one query, by one worker a connection at a time.

What an event says of an object is never used, so neither the order of events nor a repeat means anything.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError
from django.db.models import F, Q

from quickbooks_app import runs
from quickbooks_app.connections import authorization_flow
from quickbooks_app.errors import AccessLost, NotNow, QuickBooksError, Throttled, Transient
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.sync import refetch
from quickbooks_app.webhooks import inbox

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=120)
SLICE = timedelta(seconds=60)
MOST_AT_ONCE = 5000  # events
MOST_ATTEMPTS = 6
# How many objects are asked for at once: fewer after each failure, so that one bad object ends alone.
SIZES = (100, 10, 1)
ORDER = ("Customer", "Invoice", "CreditMemo", "Payment")
State = WebhookEvent.State
Named = tuple[str, str]  # entity and id


class _LeaseLost(Exception):
    """Another worker follows the events now."""


class _Wait(Exception):
    """QuickBooks cannot be read now; what has not been read yet waits, too."""


@dataclass
class _Lease:
    """The right to follow one connection's events, until a moment that nobody else wrote."""

    connection_id: int
    until: datetime

    def renew(self, *, at: datetime) -> None:
        self._set(at + LEASE)
        self.until = at + LEASE

    def give_back(self) -> None:
        with suppress(_LeaseLost):
            self._set(None)

    def _set(self, until: datetime | None) -> None:
        if not Inbox.objects.filter(pk=self.connection_id, lease_until=self.until).update(lease_until=until):
            raise _LeaseLost


@dataclass
class _Asked:
    """Events in the hands of one worker: how often each has failed, and which objects it is about."""

    attempts: dict[int, int] = field(default_factory=dict)
    objects: dict[int, set[Named]] = field(default_factory=dict)
    read: set[Named] = field(default_factory=set)

    def batches(self) -> list[tuple[str, list[str]]]:
        """What to ask for, each object once; what has failed before comes last and in smaller batches."""
        tried: dict[Named, int] = {}
        for event, objects in self.objects.items():
            for one in objects:
                tried[one] = max(tried.get(one, 0), self.attempts[event])
        groups: dict[tuple[int, int], list[str]] = {}
        for (entity, qbk_id), attempts in tried.items():
            groups.setdefault((min(attempts, len(SIZES) - 1), ORDER.index(entity)), []).append(qbk_id)
        return [
            (ORDER[place], ids[start : start + SIZES[attempts]])
            for (attempts, place), ids in sorted(groups.items())
            for start in range(0, len(ids), SIZES[attempts])
        ]

    def about(self, entity: str, ids: Sequence[str]) -> list[int]:
        """The events that are about one of these objects."""
        named = {(entity, qbk_id) for qbk_id in ids}
        return [event for event, objects in self.objects.items() if not objects.isdisjoint(named)]

    def done(self, entity: str, ids: Sequence[str]) -> list[int]:
        """The events about these objects, which are now read, that are about no other one still unread."""
        self.read.update((entity, qbk_id) for qbk_id in ids)
        return [event for event in self.about(entity, ids) if self.objects[event] <= self.read]


def drain(*, connection_id: int, now: Callable[[], datetime]) -> bool:
    """Read again what the connection's waiting events are about; True where more waits that could be read now.

    Whoever comes while another worker is at it may go: that one looks once more at its end. Never raises
    QuickBooksError: events that could not be followed wait longer each time, and end as failed.
    """
    lease = _claim(connection_id, at=now())
    if lease is None:
        return False
    try:
        _follow(connection_id, lease=lease, now=now)
    except _LeaseLost:
        return False
    finally:
        lease.give_back()
    # Taken back behind the work, so that what is kept meanwhile calls nobody, and before the last look for it.
    Inbox.objects.filter(pk=connection_id).update(rung_at=None)
    return inbox.waiting(at=now()).filter(connection_id=connection_id).exists()


def _claim(connection_id: int, *, at: datetime) -> _Lease | None:
    if not Inbox.objects.filter(pk=connection_id).exists():
        Inbox.objects.bulk_create([Inbox(connection_id=connection_id)], ignore_conflicts=True)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    claimed = Inbox.objects.filter(free, pk=connection_id).update(lease_until=at + LEASE)
    return _Lease(connection_id, at + LEASE) if claimed else None


def _follow(connection_id: int, *, lease: _Lease, now: Callable[[], datetime]) -> None:
    connection = Connection.objects.select_related("company_file", "supplier").get(pk=connection_id)
    if connection.status != Connection.Status.CONNECTED:
        _ignore(connection, at=now())
        return
    deadline = now() + SLICE
    asked = _take(connection, at=now())
    for entity, ids in asked.batches():
        if now() > deadline:
            return
        lease.renew(at=now())
        try:
            _read(connection, asked=asked, entity=entity, ids=ids, now=now)
        except _Wait:
            return


def _take(connection: Connection, *, at: datetime) -> _Asked:
    """The events that wait, those that have failed least first, and what each is about: of a merge, two customers."""
    asked = _Asked()
    waiting = inbox.waiting(at=at).filter(connection=connection).order_by("attempts", "pk")[:MOST_AT_ONCE]
    for pk, entity, qbk_id, merged_id, attempts in waiting.values_list(
        "pk", "entity", "qbk_id", "merged_id", "attempts"
    ):
        asked.attempts[pk] = attempts
        asked.objects[pk] = {(entity, qbk_id)}
        if merged_id:
            asked.objects[pk].add((entity, merged_id))
    return asked


def _read(connection: Connection, *, asked: _Asked, entity: str, ids: list[str], now: Callable[[], datetime]) -> None:
    """Read one batch again. Raises _Wait where the rest must wait, too."""
    try:
        counts = refetch.read_again(connection=connection, entity=entity, ids=ids, now=now)
    except AccessLost as problem:
        if not authorization_flow.is_renewed(connection):
            authorization_flow.needs_attention(connection=connection, reason=str(problem), at=now())
            _ignore(connection, at=now())
        raise _Wait from problem
    except NotNow as problem:
        inbox.waiting(at=now()).filter(connection=connection).update(not_before=problem.until)
        raise _Wait from problem
    except (Transient, DatabaseError) as problem:
        wait = timedelta(seconds=problem.retry_after) if isinstance(problem, Throttled) else timedelta(0)
        wait = _failed(connection, asked=asked, events=asked.about(entity, ids), wait=wait, at=now())
        inbox.waiting(at=now()).filter(connection=connection).update(not_before=now() + wait)
        raise _Wait from problem
    except QuickBooksError:
        _failed(connection, asked=asked, events=asked.about(entity, ids), at=now())
        return
    except Exception:
        # A fault of ours, raised again for the log: the events count it first, so that they cannot fail for ever.
        _failed(connection, asked=asked, events=asked.about(entity, ids), at=now())
        raise
    at = now()
    WebhookEvent.objects.filter(pk__in=asked.done(entity, ids), state=State.WAITING).update(
        state=State.HANDLED, handled_at=at
    )
    if counts.new or counts.changed or counts.gone:
        Inbox.objects.filter(pk=connection.pk).update(changed_at=at)


def _failed(
    connection: Connection, *, asked: _Asked, events: Sequence[int], at: datetime, wait: timedelta = timedelta(0)
) -> timedelta:
    """Let `events` wait longer each time; those that failed too often end, and the books are read as a whole soon."""
    worst = max(asked.attempts[event] for event in events)
    wait += runs.backoff(worst)
    mine = WebhookEvent.objects.filter(pk__in=events, state=State.WAITING)
    mine.update(attempts=F("attempts") + 1, not_before=at + wait)
    given_up = mine.filter(attempts__gte=MOST_ATTEMPTS).update(state=State.FAILED, handled_at=at)
    if given_up:
        log.error("webhooks_not_followed", connection=connection.pk, events=given_up)
        Connection.objects.filter(pk=connection.pk, next_sync_at__gt=at).update(next_sync_at=at)
    return wait


def _ignore(connection: Connection, *, at: datetime) -> None:
    """Nothing can be read now; once the company is connected again, everything that has changed is."""
    WebhookEvent.objects.filter(connection=connection, state=State.WAITING).update(state=State.IGNORED, handled_at=at)
