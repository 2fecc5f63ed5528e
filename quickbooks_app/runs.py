"""The life cycle of import runs: requested, claimed by one worker at a time, requeued, finished.

Each step is one UPDATE with its expected state in the WHERE clause. Two workers, two beats or a duplicated message
change nothing.
"""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q

from infactor.users.models import User
from quickbooks_app import sync_alerts
from quickbooks_app.api import circuit_breaker
from quickbooks_app.auth import integrations
from quickbooks_app.errors import Transient
from quickbooks_app.leases import has_expired
from quickbooks_app.models import Connection, ImportIssue, ImportRun
from quickbooks_app.models.import_issue import REFUSED_BY_QUICKBOOKS

LEASE_DURATION: timedelta = settings.QUICKBOOKS_LEASE
RECONCILE_INTERVAL = timedelta(days=30)
RECONCILE_INTERVAL_OF_UNNAMED = timedelta(days=1)  # while QuickBooks refuses an object whose id is not known
MAX_ATTEMPTS = 6
SUSPECTED_AFTER = 2  # failures in a row at the same place; then an internal error may be the fault of one object
MAX_RUN_AGE = timedelta(hours=24)  # an older run ends at its next failure; the next run starts again
MAX_AGE_OF_REFUSED_RUN = timedelta(hours=2)  # of one that QuickBooks answers, but never with what was asked for
ANSWERED_CODES = {"unreadable", "incomplete", "order", "same_page"}  # ours, for an answer that is none
OUTAGE_STATUSES = (None, 401, 429)  # no response, a company that moves, and throttling; or any from 500 on
FIRST_IMPORT_RETRY = timedelta(minutes=15)  # after a first import that failed; doubles with each further failure
BACKOFF_BASE, BACKOFF_CAP = 2.0, 300.0  # seconds


class LeaseLost(Exception):
    """Another worker holds the run. The caller must not save anything."""


def request(
    *,
    connection: Connection,
    by: User | None,
    at: datetime,
    kind: str = "",
    delay: timedelta = timedelta(0),
    trigger: str = "schedule",
) -> ImportRun:
    """The connection's open run, or a new one: of everything the first time, later of the changes."""
    as_of = connection.company_file.as_of
    chosen = kind or _next_kind(connection, is_manual=by is not None, at=at)
    if run := ImportRun.objects.filter(connection=connection, state__in=ImportRun.OPEN).first():
        if by is not None:
            # A user waits for it. The rate limiter decides at each call whether QuickBooks may be called already.
            ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.QUEUED, not_before__gt=at).update(not_before=at)
        return run
    try:
        with transaction.atomic():
            return ImportRun.objects.create(
                connection=connection,
                kind=chosen,
                trigger=trigger,
                requested_by=by,
                since=as_of if chosen == ImportRun.Kind.CHANGES else None,
                not_before=at + delay,
            )
    except IntegrityError:
        # A concurrent request created a run. Even if it has finished by now, it has read what was requested here.
        return ImportRun.objects.filter(connection=connection).latest("pk")


def _next_kind(connection: Connection, *, is_manual: bool, at: datetime) -> str:
    """The first run imports everything, later runs the changes. A scheduled run reconciles when it is due."""
    if connection.company_file.as_of is None:
        return ImportRun.Kind.FULL
    # Without its id, a refused object cannot be asked for again by itself.
    has_unnamed = ImportIssue.objects.filter(
        connection=connection, code=REFUSED_BY_QUICKBOOKS, qbk_id="", resolved_at__isnull=True
    ).exists()
    interval = RECONCILE_INTERVAL_OF_UNNAMED if has_unnamed else RECONCILE_INTERVAL
    is_due = at - (connection.reconciled_at or connection.connected_at) >= interval
    return ImportRun.Kind.RECONCILE if is_due and not is_manual else ImportRun.Kind.CHANGES


def claim(*, run_id: int, owner: str, at: datetime) -> ImportRun | None:
    """The run, now leased to `owner`. None if another worker holds it, it is not due, or it has finished."""
    queued = Q(state=ImportRun.State.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    abandoned = Q(state=ImportRun.State.RUNNING) & has_expired(at=at, duration=LEASE_DURATION)
    # A crashed worker counts as a failure: a run that crashes every worker must end, too.
    claimed = ImportRun.objects.filter(abandoned, pk=run_id).update(
        lease_owner=owner, lease_until=at + LEASE_DURATION, attempt=F("attempt") + 1
    ) or ImportRun.objects.filter(queued, pk=run_id).update(
        state=ImportRun.State.RUNNING, lease_owner=owner, lease_until=at + LEASE_DURATION
    )
    if not claimed:
        return None
    ImportRun.objects.filter(pk=run_id, started_at__isnull=True).update(started_at=at)
    return ImportRun.objects.select_related(
        "connection__company_file", "connection__integration", "connection__supplier"
    ).get(pk=run_id)


def save_progress(*, run: ImportRun, owner: str, at: datetime) -> None:
    """Save the cursor, the stage and the counts of `run` in the caller's transaction, and renew the lease.

    Raises LeaseLost, which rolls back the page, if `owner` no longer holds the run.
    """
    saved = ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
        **{name: getattr(run, name) for name in PROGRESS_FIELDS},
        attempt=0,
        error="",
        lease_until=at + LEASE_DURATION,
    )
    if not saved:
        raise LeaseLost(f"Import run {run.public_id} is held by another worker.")
    run.attempt = 0


PROGRESS_FIELDS = (
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
    "invoices_deleted",
    "issues_found",
    "api_calls",
)


def requeue(
    *,
    run: ImportRun,
    owner: str,
    at: datetime,
    delay: timedelta = timedelta(0),
    error: str = "",
    is_failure: bool = False,
) -> None:
    """Return the run to the queue with its cursor, due after `delay`. `is_failure` counts a failed attempt."""
    ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
        state=ImportRun.State.QUEUED,
        lease_owner="",
        lease_until=None,
        not_before=at + delay,
        attempt=F("attempt") + int(is_failure),
        error=error,
    )


def finish(*, run: ImportRun, owner: str, at: datetime, error: str = "", error_code: str = "") -> bool:
    """Finish the run, successfully or with an `error`, and schedule the next one. False if the lease was lost."""
    with transaction.atomic():
        lock_connection(run=run)
        finished = ImportRun.objects.filter(pk=run.pk, lease_owner=owner, state=ImportRun.State.RUNNING).update(
            state=ImportRun.State.FAILED if error else ImportRun.State.SUCCEEDED,
            stage=run.stage if error else ImportRun.Stage.DONE,
            error=error,
            error_code=error_code[:40],
            lease_owner="",
            lease_until=None,
            finished_at=at,
        )
        if finished:
            Connection.objects.filter(pk=run.connection_id).update(
                next_sync_at=at + _time_to_next(run, failed=bool(error))
            )
        if finished and error:
            sync_alerts.publish_failure(connection=run.connection, at=at)
        return bool(finished)


def lock_connection(*, run: ImportRun) -> None:
    """Lock the run's connection until the transaction ends. Whoever changes both locks the connection first.

    Somebody who disconnects the company locks it before its runs, too: docs/architecture.md, "Locks".
    """
    Connection.objects.select_for_update(no_key=True).get(pk=run.connection_id)


def max_age(error: Transient) -> timedelta:
    """For how long a run is retried. An outage may take a day. What comes with an answer that is no outage by its
    status, such as HTTP 400 with code 500, passes soon or never."""
    if error.code in ANSWERED_CODES:
        return MAX_AGE_OF_REFUSED_RUN
    is_outage = (
        error.status in OUTAGE_STATUSES or error.status >= 500 or error.code == "not_json"  # a page of maintenance
    )
    return MAX_RUN_AGE if is_outage else MAX_AGE_OF_REFUSED_RUN


def _time_to_next(run: ImportRun, *, failed: bool) -> timedelta:
    """A first import that failed is tried again soon, each time later. All other runs wait for the schedule."""
    interval = integrations.sync_interval(run.connection.integration)
    if not failed or run.connection.company_file.as_of is not None:
        return interval
    failures = ImportRun.objects.filter(connection=run.connection_id, state=ImportRun.State.FAILED).count()
    wait: timedelta = FIRST_IMPORT_RETRY * 2 ** min(failures - 1, 10)
    return min(interval, wait)


def cancel_open(*, connection: Connection, at: datetime, error: str) -> None:
    """End the open run of `connection`, for example because the company was disconnected."""
    ImportRun.objects.filter(connection=connection, state__in=ImportRun.OPEN).update(
        state=ImportRun.State.FAILED, error=error, lease_owner="", lease_until=None, finished_at=at
    )


def due_run_ids(*, at: datetime) -> list[int]:
    """The ids of due runs that no worker holds: queued ones, and those of crashed workers."""
    queued = Q(state=ImportRun.State.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    abandoned = Q(state=ImportRun.State.RUNNING) & has_expired(at=at, duration=LEASE_DURATION)
    return list(ImportRun.objects.filter(queued | abandoned).order_by("not_before", "pk").values_list("pk", flat=True))


def request_due(*, at: datetime) -> int:
    """Request a run of every connected company that is due. Returns their number."""
    connections = Connection.objects.filter(
        status=Connection.Status.CONNECTED, next_sync_at__lte=at, integration__is_enabled=True
    ).exclude(runs__state__in=ImportRun.OPEN)
    due = list(connections.select_related("company_file"))
    for connection in due:
        request(connection=connection, by=None, at=at, delay=circuit_breaker.jitter(at=at))
    return len(due)


def backoff(attempt: int) -> timedelta:
    """The delay after the `attempt`th consecutive failure: random, so that companies do not retry in step."""
    ceiling = min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)
    return timedelta(seconds=random.uniform(1, max(ceiling, 1)))  # noqa: S311  not a secret
