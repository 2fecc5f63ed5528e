"""The life of an import run: asked for, claimed by one worker at a time, given back, ended.

Every step is one UPDATE that says what it expects, so two workers, two beats or a replayed message change nothing.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from infactor.users.models import User
from quickbooks_app.api import circuit_breaker
from quickbooks_app.models import Connection, ImportRun

LEASE: timedelta = settings.QUICKBOOKS_LEASE
OVERLAP = timedelta(minutes=10)  # QuickBooks' clock and its index may differ
COMPARE_EVERY = timedelta(days=30)
MOST_ATTEMPTS = 6
LONGEST = timedelta(hours=24)  # a run that trouble has kept so long ends; the next one asks anew
BACKOFF_BASE, BACKOFF_CAP = 2.0, 300.0  # seconds


class LeaseLost(Exception):
    """Another worker has the run now; whatever was about to be written must not be."""


def request(
    *,
    connection: Connection,
    by: User | None,
    at: datetime,
    kind: str = "",
    wait: timedelta = timedelta(0),
    trigger: str = "schedule",
) -> ImportRun:
    """The connection's open run, or a new one: of everything the first time, else of what changed since.

    A page more than needed is read twice (OVERLAP); reading twice changes nothing.
    """
    as_of = connection.company_file.as_of
    chosen = kind or _kind(connection, is_asked_for=by is not None, at=at)
    if run := ImportRun.objects.filter(connection=connection, state__in=ImportRun.OPEN).first():
        if by is not None:
            # Somebody is waiting for it. Whether QuickBooks may be called already, the gate of each call says.
            ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.QUEUED, not_before__gt=at).update(not_before=at)
        return run
    try:
        with transaction.atomic():
            return ImportRun.objects.create(
                connection=connection,
                kind=chosen,
                trigger=trigger,
                requested_by=by,
                since=as_of - OVERLAP if as_of and chosen == ImportRun.Kind.CHANGES else None,
                not_before=at + wait,
            )
    except IntegrityError:
        # Another one was asked for at the same moment; should it have ended by now, it has read what was asked for.
        return ImportRun.objects.filter(connection=connection).latest("pk")


def _kind(connection: Connection, *, is_asked_for: bool, at: datetime) -> str:
    """What the next run reads: everything the first time, then what has changed; a comparison when it is time."""
    if connection.company_file.as_of is None:
        return ImportRun.Kind.FULL
    is_due = at - (connection.compared_at or connection.connected_at) >= COMPARE_EVERY
    return ImportRun.Kind.COMPARE if is_due and not is_asked_for else ImportRun.Kind.CHANGES


def claim(*, run_id: int, owner: str, at: datetime) -> ImportRun | None:
    """The run, now held by `owner`; None where another worker holds it, it is not due, or it has ended."""
    free = Q(state=ImportRun.State.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    died = Q(state=ImportRun.State.RUNNING, lease_until__lt=at)
    # A worker that died counts as a failure: what kills its worker every time must end, too.
    claimed = ImportRun.objects.filter(died, pk=run_id).update(
        lease_owner=owner, lease_until=at + LEASE, attempt=F("attempt") + 1
    ) or ImportRun.objects.filter(free, pk=run_id).update(
        state=ImportRun.State.RUNNING, lease_owner=owner, lease_until=at + LEASE
    )
    if not claimed:
        return None
    ImportRun.objects.filter(pk=run_id, started_at__isnull=True).update(started_at=at)
    return ImportRun.objects.select_related("connection__company_file", "connection__supplier").get(pk=run_id)


def advance(*, run: ImportRun, owner: str, at: datetime) -> None:
    """Save the cursor, the stage and the counts of `run` in the caller's transaction, and renew the lease.

    Raises LeaseLost, and so undoes the page, where `owner` does not hold the run any more.
    """
    saved = ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
        **{name: getattr(run, name) for name in PROGRESS},
        attempt=0,
        error="",
        lease_until=at + LEASE,
    )
    if not saved:
        raise LeaseLost(f"Import run {run.public_id} is held by another worker.")
    run.attempt = 0


PROGRESS = (
    "kind",
    "stage",
    "cursor",
    "books_time",
    "customers_seen",
    "invoices_expected",
    "invoices_seen",
    "invoices_new",
    "invoices_changed",
    "invoices_unchanged",
    "payments_seen",
    "credit_memos_seen",
    "gone",
    "issues_found",
    "api_calls",
)


def give_back(
    *,
    run: ImportRun,
    owner: str,
    at: datetime,
    wait: timedelta = timedelta(0),
    error: str = "",
    is_failure: bool = False,
) -> None:
    """Put the run back in the queue, due after `wait`, its cursor kept; `is_failure` counts a failed attempt."""
    ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
        state=ImportRun.State.QUEUED,
        lease_owner="",
        lease_until=None,
        not_before=at + wait,
        attempt=F("attempt") + int(is_failure),
        error=error,
    )


def end(*, run: ImportRun, owner: str, at: datetime, error: str = "", error_code: str = "") -> bool:
    """End the run, well or with an `error`, and set when the connection is read next. False if it was lost."""
    with transaction.atomic():
        ended = ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
            state=ImportRun.State.FAILED if error else ImportRun.State.SUCCEEDED,
            stage=run.stage if error else ImportRun.Stage.DONE,
            error=error,
            error_code=error_code[:40],
            lease_owner="",
            lease_until=None,
            finished_at=at,
        )
        if ended:
            Connection.objects.filter(pk=run.connection_id).update(next_sync_at=at + settings.QUICKBOOKS_SYNC_INTERVAL)
        return bool(ended)


def cancel_open(*, connection: Connection, at: datetime, error: str) -> None:
    """End whatever run of `connection` is open, for instance because it was disconnected."""
    ImportRun.objects.filter(connection=connection, state__in=ImportRun.OPEN).update(
        state=ImportRun.State.FAILED, error=error, lease_owner="", lease_until=None, finished_at=at
    )


def due(*, at: datetime) -> list[int]:
    """The ids of open runs that nobody works on and whose time has come: queued ones, and those of dead workers."""
    waiting = Q(state=ImportRun.State.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    died = Q(state=ImportRun.State.RUNNING, lease_until__lt=at)
    return list(ImportRun.objects.filter(waiting | died).order_by("not_before", "pk").values_list("pk", flat=True))


def request_due(*, at: datetime) -> int:
    """Ask for a run of every connected company whose time has come; how many."""
    connections = Connection.objects.filter(status=Connection.Status.CONNECTED, next_sync_at__lte=at).exclude(
        runs__state__in=ImportRun.OPEN
    )
    due = list(connections.select_related("company_file"))
    for connection in due:
        request(connection=connection, by=None, at=at, wait=circuit_breaker.spread(at=at))
    return len(due)


def backoff(attempt: int) -> timedelta:
    """How long to wait after the `attempt`th failure in a row: random, so that companies don't come in step."""
    ceiling = min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)
    return timedelta(seconds=random.uniform(1, max(ceiling, 1)))  # noqa: S311  no secret
