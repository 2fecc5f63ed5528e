"""The life cycle of completeness checks: requested, claimed by one worker at a time, put off, finished.

Each step is one UPDATE with its expected state in the WHERE clause, as with import runs (runs.py): two workers, two
beats or a duplicated message change nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from quickbooks_app import runs
from quickbooks_app.leases import has_expired
from quickbooks_app.models import CompletenessCheck, Connection, ImportRun

State = CompletenessCheck.State
Trigger = CompletenessCheck.Trigger
INTERVAL = timedelta(hours=23)  # an hour less than a day, like the sync interval with webhooks
GRACE = timedelta(hours=1)  # within which an ordinary sync comes first: right after it, little has changed
LEASE_DURATION = timedelta(minutes=5)  # longer than the longest call, with its wait for a free slot
MAX_ATTEMPTS = 6


class LeaseLost(Exception):
    """Another worker holds the check. The caller must not save anything."""


def request(*, connection_id: int, trigger: str, at: datetime) -> CompletenessCheck:
    """The connection's open check, due now, or a new one."""
    still_open = CompletenessCheck.objects.filter(connection=connection_id, state__in=CompletenessCheck.OPEN)
    if check := still_open.first():
        still_open.filter(state=State.WAITING, not_before__gt=at).update(not_before=at)
        return check
    try:
        with transaction.atomic():
            return CompletenessCheck.objects.create(
                connection_id=connection_id, trigger=trigger, requested_at=at, not_before=at
            )
    except IntegrityError:
        return CompletenessCheck.objects.filter(connection=connection_id).latest("pk")


def request_after_run(*, run_id: int, at: datetime) -> CompletenessCheck | None:
    """The check that follows a run: after each reading of everything, and after one of the changes once a day.

    A check that waits for this run is due now. None if the run failed or no check is due.
    """
    run = ImportRun.objects.filter(pk=run_id, state=ImportRun.State.SUCCEEDED).first()
    if run is None:
        return None
    checks = CompletenessCheck.objects.filter(connection=run.connection_id)
    if run.kind != ImportRun.Kind.CHANGES:
        return request(connection_id=run.connection_id, trigger=Trigger.READ, at=at)
    is_waiting = checks.filter(state__in=CompletenessCheck.OPEN).exists()
    if is_waiting or not checks.filter(requested_at__gt=at - INTERVAL).exists():
        return request(connection_id=run.connection_id, trigger=Trigger.DAILY, at=at)
    return None


def request_missed(*, at: datetime) -> int:
    """Request a check of every connected company that has had none for a day. Returns their number."""
    due = (
        Connection.objects.filter(
            status=Connection.Status.CONNECTED, integration__is_enabled=True, company_file__as_of__isnull=False
        )
        .filter(~Exists(ImportRun.objects.filter(connection=OuterRef("pk"), state__in=ImportRun.OPEN)))
        .annotate(
            last_check=Max("completeness_checks__requested_at"),
            last_run=Max("runs__finished_at", filter=Q(runs__state=ImportRun.State.SUCCEEDED)),
        )
        .filter(
            Q(last_check__lte=at - INTERVAL - GRACE) | Q(last_check__isnull=True, last_run__lte=at - GRACE),
        )
        .exclude(completeness_checks__state__in=CompletenessCheck.OPEN)
        .order_by("pk")
    )
    ids = list(due.values_list("pk", flat=True))
    for connection_id in ids:
        request(connection_id=connection_id, trigger=Trigger.DAILY, at=at)
    return len(ids)


def open_full_reads(*, at: datetime) -> list[int]:
    """Open the readings of everything that checks ask for, where no run is open. Returns the ids of the runs."""
    wanted = CompletenessCheck.objects.filter(
        needs_full_read=True,
        full_read__isnull=True,
        connection__status=Connection.Status.CONNECTED,
        connection__integration__is_enabled=True,
    ).filter(~Exists(ImportRun.objects.filter(connection=OuterRef("connection"), state__in=ImportRun.OPEN)))
    opened = []
    for check in wanted.select_related("connection__company_file").order_by("pk"):
        run = runs.request(
            connection=check.connection, by=None, at=at, kind=ImportRun.Kind.RECONCILE, trigger="difference"
        )
        if run.kind == ImportRun.Kind.RECONCILE:
            CompletenessCheck.objects.filter(pk=check.pk).update(full_read=run)
            opened.append(run.pk)
    return opened


def due_check_ids(*, at: datetime) -> list[int]:
    """The ids of due checks that no worker holds: waiting ones, and those of crashed workers."""
    waiting = Q(state=State.WAITING) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    abandoned = Q(state=State.RUNNING) & has_expired(at=at, duration=LEASE_DURATION)
    return list(
        CompletenessCheck.objects.filter(waiting | abandoned).order_by("not_before", "pk").values_list("pk", flat=True)
    )


def claim(*, check_id: int, owner: str, at: datetime) -> CompletenessCheck | None:
    """The check, now leased to `owner`. None if another worker holds it, it is not due, or it has ended."""
    waiting = Q(state=State.WAITING) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
    abandoned = Q(state=State.RUNNING) & has_expired(at=at, duration=LEASE_DURATION)
    # A crashed worker counts as a failure: a check that crashes every worker must end, too.
    claimed = CompletenessCheck.objects.filter(abandoned, pk=check_id).update(
        lease_owner=owner, lease_until=at + LEASE_DURATION, attempt=F("attempt") + 1
    ) or CompletenessCheck.objects.filter(waiting, pk=check_id).update(
        state=State.RUNNING, lease_owner=owner, lease_until=at + LEASE_DURATION
    )
    if not claimed:
        return None
    return CompletenessCheck.objects.select_related(
        "connection__company_file", "connection__integration", "connection__supplier"
    ).get(pk=check_id)


def renew(*, check: CompletenessCheck, owner: str, at: datetime) -> None:
    """Renew the lease. Raises LeaseLost if `owner` no longer holds the check."""
    _update_held(check, owner=owner, lease_until=at + LEASE_DURATION)


def put_off(
    *, check: CompletenessCheck, owner: str, at: datetime, delay: timedelta, attempt: int = 0, **changes: Any
) -> None:
    """Return the check to the queue, due after `delay`. `attempt` is the number of failures in a row so far."""
    _update_held(
        check,
        owner=owner,
        state=State.WAITING,
        lease_owner="",
        lease_until=None,
        not_before=at + delay,
        attempt=attempt,
        **changes,
    )


def finish(*, check: CompletenessCheck, owner: str, at: datetime, state: str, **results: Any) -> None:
    """End the check with its results, in the caller's transaction. Raises LeaseLost."""
    _update_held(
        check,
        owner=owner,
        state=state,
        lease_owner="",
        lease_until=None,
        finished_at=at,
        **{"error": "", "error_code": "", **results},
    )


def previous_compared(check: CompletenessCheck) -> CompletenessCheck | None:
    """The connection's last check before this one that came to a result."""
    return (
        CompletenessCheck.objects.filter(
            connection=check.connection_id, state__in=CompletenessCheck.COMPARED, pk__lt=check.pk
        )
        .order_by("-pk")
        .first()
    )


def delete_expired(*, at: datetime) -> int:
    """Delete checks that ended longer ago than the setting says, but each connection's last. Returns their number."""
    retention: timedelta = settings.QUICKBOOKS_COMPLETENESS_RETENTION
    last = CompletenessCheck.objects.filter(state__in=CompletenessCheck.COMPARED).order_by().values("connection")
    expired = CompletenessCheck.objects.filter(finished_at__lt=at - retention).exclude(
        pk__in=last.annotate(last=Max("pk")).values("last")
    )
    deleted = expired.count()
    expired.delete()
    return deleted


def _update_held(check: CompletenessCheck, *, owner: str, **changes: Any) -> None:
    held = CompletenessCheck.objects.filter(pk=check.pk, lease_owner=owner, state=State.RUNNING)
    if not held.update(**changes):
        raise LeaseLost(f"Completeness check {check.public_id} is held by another worker.")
