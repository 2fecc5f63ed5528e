"""The state of all connections for staff and operators: waiting work, stale data, failures and metered reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from infactor.core.email import outbox
from infactor.core.health import heartbeats
from quickbooks_app import runs
from quickbooks_app.auth import integrations
from quickbooks_app.models import ApiCall, CompletenessCheck, Connection, ImportRun, RateLimitState, WebhookEvent
from quickbooks_app.monitoring import completeness_summary, metering
from quickbooks_app.monitoring.connection_health import STALE_AFTER
from quickbooks_app.monitoring.metering import ReadUsage
from quickbooks_app.monitoring.remedies import remedy_for

STALL_THRESHOLD = timedelta(minutes=15)
FAILURE_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class FailureGroup:
    """Failed API calls or import runs with the same cause."""

    cause: str
    next_step: str
    code: str
    status: int | None
    count: int
    connections: int
    last_at: datetime


@dataclass(frozen=True)
class FleetOverview:
    """The state of all connections."""

    at: datetime
    by_status: dict[str, int]
    stale: int
    paused: int
    runs_waiting: int
    events_waiting: int
    oldest_run_wait: timedelta | None
    oldest_event_wait: timedelta | None
    failed_runs_today: int
    emails_waiting: int
    different: int
    not_compared: int
    healed_today: int
    reads: ReadUsage
    issues: tuple[str, ...]


def overview(*, at: datetime) -> FleetOverview:
    """The overview that `quickbooks_health` prints. `issues` need the attention of an operator."""
    reads = metering.reads_of_month(at=at)
    counts = Connection.objects.order_by().values_list("status").annotate(Count("pk"))
    by_status = dict.fromkeys(Connection.Status.values, 0) | dict(counts)
    stale = stale_connections(at=at).count()
    failed = ImportRun.objects.filter(
        state=ImportRun.State.FAILED, finished_at__gte=at - timedelta(days=1), connection__status="connected"
    ).count()
    issues = [stalled_work(at), heartbeats.failure(name=heartbeats.BACKGROUND, at=at)]
    if not integrations.is_any_enabled():
        issues.append("No integration is enabled: nobody can connect QuickBooks.")
    if stale:
        issues.append(f"Connected companies with data more than a day old: {stale}.")
    different = completeness_summary.different_connections().count()
    not_compared = completeness_summary.overdue_connections(at=at).count()
    if different:
        issues.append(f"Companies whose amounts differ from QuickBooks' own reports: {different}.")
    if not_compared:
        issues.append(f"Companies not compared with QuickBooks' own reports for two days: {not_compared}.")
    issues.append(reads.warning)
    return FleetOverview(
        at=at,
        by_status=by_status,
        stale=stale,
        paused=RateLimitState.objects.filter(open_until__gt=at).count(),
        runs_waiting=len(runs.due_run_ids(at=at)),
        events_waiting=_waiting_events(at=at).count(),
        oldest_run_wait=oldest_run_wait(at=at),
        oldest_event_wait=oldest_event_wait(at=at),
        failed_runs_today=failed,
        emails_waiting=outbox.pending().count(),
        different=different,
        not_compared=not_compared,
        healed_today=_healed_since(at - timedelta(days=1)),
        reads=reads,
        issues=tuple(issue for issue in issues if issue),
    )


def _healed_since(moment: datetime) -> int:
    """The objects that syncs had missed, and that a comparison found and had read again."""
    healed = CompletenessCheck.objects.filter(finished_at__gte=moment).aggregate(sum=Sum("healed"))["sum"]
    return int(healed or 0)


def stalled_work(at: datetime) -> str:
    """A sentence about due work that has waited for more than 15 minutes; "" if there is none."""
    sentences = []
    for subject, wait in (
        ("An import run", oldest_run_wait(at=at)),
        ("A webhook", oldest_event_wait(at=at)),
        ("A comparison", oldest_check_wait(at=at)),
    ):
        if wait is not None and wait > STALL_THRESHOLD:
            sentences.append(f"{subject} has waited for {wait // timedelta(minutes=1)} minutes.")
    return " ".join(sentences)


def oldest_run_wait(*, at: datetime) -> timedelta | None:
    """How long the oldest due run has waited for a worker, None if there is none."""
    waiting = ImportRun.objects.filter(pk__in=runs.due_run_ids(at=at)).aggregate(
        since=Min("not_before"), abandoned=Min("lease_until", filter=Q(state=ImportRun.State.RUNNING))
    )
    since = min((moment for moment in waiting.values() if moment is not None), default=None)
    return at - since if since is not None else None


def oldest_event_wait(*, at: datetime) -> timedelta | None:
    """How long the oldest due webhook event has waited, None if there is none."""
    since = _waiting_events(at=at).aggregate(since=Min("received_at"))["since"]
    return at - since if since is not None else None


def oldest_check_wait(*, at: datetime) -> timedelta | None:
    """How long the oldest due completeness check has waited for a worker, None if there is none."""
    waiting = CompletenessCheck.objects.filter(
        Q(state=CompletenessCheck.State.WAITING, not_before__lte=at)
        | Q(state=CompletenessCheck.State.RUNNING, lease_until__lt=at)
    ).aggregate(since=Min("not_before"))["since"]
    return at - waiting if waiting is not None else None


def stale_connections(*, at: datetime) -> QuerySet[Connection]:
    """Connected companies whose last complete sync is more than a day old, but for those of disabled integrations."""
    old = at - STALE_AFTER
    return Connection.objects.filter(
        Q(company_file__as_of__lt=old) | Q(company_file__as_of__isnull=True, connected_at__lt=old),
        status=Connection.Status.CONNECTED,
        integration__is_enabled=True,
    )


def failed_calls(*, at: datetime) -> Sequence[FailureGroup]:
    """Failed API calls of the last seven days by cause, the most frequent first."""
    failed = ApiCall.objects.filter(
        ~Q(status=200) | ~Q(error_code="") | Q(status__isnull=True), at__gte=at - FAILURE_WINDOW
    )
    rows = (
        failed.order_by()
        .values("error_code", "status")
        .annotate(count=Count("pk"), companies=Count("connection", distinct=True), last=Max("at"))
    )
    return _by_count(
        FailureGroup(
            cause=remedy_for(code=row["error_code"], status=row["status"]).cause,
            next_step=remedy_for(code=row["error_code"], status=row["status"]).next_step,
            code=row["error_code"],
            status=row["status"],
            count=row["count"],
            connections=row["companies"],
            last_at=row["last"],
        )
        for row in rows
    )


def failed_runs(*, at: datetime) -> Sequence[FailureGroup]:
    """Failed import runs of the last seven days by cause, the most frequent first."""
    rows = (
        ImportRun.objects.filter(state=ImportRun.State.FAILED, finished_at__gte=at - FAILURE_WINDOW)
        .order_by()
        .values("error_code")
        .annotate(count=Count("pk"), companies=Count("connection", distinct=True), last=Max("finished_at"))
    )
    return _by_count(
        FailureGroup(
            cause=remedy_for(code=row["error_code"]).cause,
            next_step=remedy_for(code=row["error_code"]).next_step,
            code=row["error_code"],
            status=None,
            count=row["count"],
            connections=row["companies"],
            last_at=row["last"],
        )
        for row in rows
    )


def _by_count(groups: Iterable[FailureGroup]) -> Sequence[FailureGroup]:
    return sorted(groups, key=lambda group: (-group.count, group.cause, group.code))


def _waiting_events(*, at: datetime) -> QuerySet[WebhookEvent]:
    """The due events of connected companies."""
    return WebhookEvent.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=at),
        state=WebhookEvent.State.WAITING,
        connection__status=Connection.Status.CONNECTED,
    )
