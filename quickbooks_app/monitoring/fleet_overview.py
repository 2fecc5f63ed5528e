"""All connections at once, for staff and operators: what waits, what is old, what fails and why, what it costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet

from infactor.core.email import outbox
from infactor.core.health import heartbeats
from quickbooks_app import runs
from quickbooks_app.auth import app_credentials
from quickbooks_app.models import ApiCall, Connection, ImportRun, Pace, WebhookEvent
from quickbooks_app.monitoring.connection_health import STALE_AFTER
from quickbooks_app.monitoring.remedies import cause_of

WAITS_TOO_LONG = timedelta(minutes=15)
LATELY = timedelta(days=7)
FREE_READS = 500_000  # a month, in the tier of Intuit's partner program that costs nothing
NEARLY_USED = 80  # percent
# What Intuit meters if it does not fail; infactor writes nothing, so every call to a company is one of these.
METERED = r"^(query|count|read|changes|report|batch)( |$)"
PERCENT = 100


@dataclass(frozen=True)
class Failures:
    """Failed requests or readings of one cause."""

    cause: str
    step: str
    code: str
    status: int | None
    count: int
    connections: int
    last_at: datetime


@dataclass(frozen=True)
class Reads:
    """Reads of this month (UTC): those that Intuit meters, and those of sandbox companies, which it does not."""

    metered: int
    unmetered: int

    @property
    def percent(self) -> int:
        return self.metered * PERCENT // FREE_READS


@dataclass(frozen=True)
class Overview:
    """How it stands over all connections."""

    at: datetime
    by_status: dict[str, int]
    stale: int
    paused: int
    runs_waiting: int
    events_waiting: int
    oldest_run_waits: timedelta | None
    oldest_event_waits: timedelta | None
    failed_runs_today: int
    mails_waiting: int
    reads: Reads
    troubles: tuple[str, ...]


def overview(*, at: datetime) -> Overview:
    """Everything that `quickbooks_health` prints; `troubles` are what somebody should look at."""
    reads = reads_of_month(at=at)
    counts = Connection.objects.order_by().values_list("status").annotate(Count("pk"))
    by_status = dict.fromkeys(Connection.Status.values, 0) | dict(counts)
    stale = stale_connections(at=at).count()
    failed = ImportRun.objects.filter(
        state=ImportRun.State.FAILED, finished_at__gte=at - timedelta(days=1), connection__status="connected"
    ).count()
    troubles = [waiting_too_long(at), heartbeats.trouble(name=heartbeats.BACKGROUND, at=at)]
    if stale:
        troubles.append(f"The books of {stale} connected companies are older than a day.")
    if reads.percent >= NEARLY_USED:
        troubles.append(f"{reads.percent} percent of this month's free reads are used.")
    return Overview(
        at=at,
        by_status=by_status,
        stale=stale,
        paused=Pace.objects.filter(closed_until__gt=at).count(),
        runs_waiting=len(runs.due(at=at)),
        events_waiting=_waiting_events(at=at).count(),
        oldest_run_waits=oldest_run_waits(at=at),
        oldest_event_waits=oldest_event_waits(at=at),
        failed_runs_today=failed,
        mails_waiting=outbox.waiting().count(),
        reads=reads,
        troubles=tuple(said for said in troubles if said),
    )


def waiting_too_long(at: datetime) -> str:
    """What has waited for more than a quarter of an hour though its time has come, in words; "" for nothing."""
    said = []
    for what, waits in (("A reading", oldest_run_waits(at=at)), ("A webhook", oldest_event_waits(at=at))):
        if waits is not None and waits > WAITS_TOO_LONG:
            said.append(f"{what} has waited for {waits // timedelta(minutes=1)} minutes.")
    return " ".join(said)


def oldest_run_waits(*, at: datetime) -> timedelta | None:
    """How long the run has waited that nobody works on though it is due; None where there is none."""
    waiting = ImportRun.objects.filter(pk__in=runs.due(at=at)).aggregate(
        since=Min("not_before"), died=Min("lease_until", filter=Q(state=ImportRun.State.RUNNING))
    )
    since = min((moment for moment in waiting.values() if moment is not None), default=None)
    return at - since if since is not None else None


def oldest_event_waits(*, at: datetime) -> timedelta | None:
    """How long the oldest webhook has waited whose time has come; None where there is none."""
    since = _waiting_events(at=at).aggregate(since=Min("received_at"))["since"]
    return at - since if since is not None else None


def stale_connections(*, at: datetime) -> QuerySet[Connection]:
    """Connected companies whose books were last read completely more than a day ago."""
    old = at - STALE_AFTER
    return Connection.objects.filter(
        Q(company_file__as_of__lt=old) | Q(company_file__as_of__isnull=True, connected_at__lt=old),
        status=Connection.Status.CONNECTED,
    )


def reads_of_month(*, at: datetime) -> Reads:
    """What was read of Intuit since the first of the month, failed calls left out, as Intuit leaves them out."""
    begins = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    good = ApiCall.objects.filter(operation__regex=METERED, at__gte=begins, status=200, error_code="")
    metered = Q(connection__environment="production")
    if app_credentials.current().environment == "production":
        metered |= Q(connection__isnull=True)  # made while connecting
    counted = good.aggregate(all=Count("pk"), metered=Count("pk", filter=metered))
    return Reads(metered=counted["metered"], unmetered=counted["all"] - counted["metered"])


def failed_calls(*, at: datetime) -> Sequence[Failures]:
    """Failed requests of the last week by cause, the most first."""
    bad = ApiCall.objects.filter(~Q(status=200) | ~Q(error_code="") | Q(status__isnull=True), at__gte=at - LATELY)
    rows = (
        bad.order_by()
        .values("error_code", "status")
        .annotate(count=Count("pk"), companies=Count("connection", distinct=True), last=Max("at"))
    )
    return _by_count(
        Failures(
            cause=cause_of(code=row["error_code"], status=row["status"]).name,
            step=cause_of(code=row["error_code"], status=row["status"]).step,
            code=row["error_code"],
            status=row["status"],
            count=row["count"],
            connections=row["companies"],
            last_at=row["last"],
        )
        for row in rows
    )


def failed_runs(*, at: datetime) -> Sequence[Failures]:
    """Failed readings of the last week by cause, the most first."""
    rows = (
        ImportRun.objects.filter(state=ImportRun.State.FAILED, finished_at__gte=at - LATELY)
        .order_by()
        .values("error_code")
        .annotate(count=Count("pk"), companies=Count("connection", distinct=True), last=Max("finished_at"))
    )
    return _by_count(
        Failures(
            cause=cause_of(code=row["error_code"]).name,
            step=cause_of(code=row["error_code"]).step,
            code=row["error_code"],
            status=None,
            count=row["count"],
            connections=row["companies"],
            last_at=row["last"],
        )
        for row in rows
    )


def _by_count(found: Iterable[Failures]) -> Sequence[Failures]:
    return sorted(found, key=lambda one: (-one.count, one.cause, one.code))


def _waiting_events(*, at: datetime) -> QuerySet[WebhookEvent]:
    """Events whose time has come, of companies that can be read."""
    return WebhookEvent.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=at),
        state=WebhookEvent.State.WAITING,
        connection__status=Connection.Status.CONNECTED,
    )
