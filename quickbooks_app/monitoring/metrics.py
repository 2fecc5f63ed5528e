"""Metrics of QuickBooks for Prometheus: connections, waiting work, failures by cause, metered reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from infactor.core.health.metrics import gauge, gauges, seconds
from quickbooks_app.models import ImportIssue
from quickbooks_app.monitoring import fleet_overview
from quickbooks_app.monitoring.fleet_overview import FailureGroup


def collect(at: datetime) -> Iterator[GaugeMetricFamily]:
    """The figures of `quickbooks_health`, for infactor.core.health.metrics."""
    overview = fleet_overview.overview(at=at)
    yield gauges(
        name="connections",
        text="Connections to QuickBooks companies, by status.",
        labels=("status",),
        values={(status,): count for status, count in overview.by_status.items()},
    )
    yield gauge(
        name="connections_stale", text="Connected companies with data more than a day old.", value=overview.stale
    )
    yield gauge(name="connections_paused", text="Companies that are not called for now.", value=overview.paused)
    yield gauge(name="import_runs_waiting", text="Import runs that wait for a worker.", value=overview.runs_waiting)
    yield gauge(
        name="import_run_oldest_wait_seconds",
        text="How long the oldest due import run has waited.",
        value=seconds(overview.oldest_run_wait),
    )
    yield gauge(name="webhooks_waiting", text="Webhook events that wait for a worker.", value=overview.events_waiting)
    yield gauge(
        name="webhook_oldest_wait_seconds",
        text="How long the oldest due webhook event has waited.",
        value=seconds(overview.oldest_event_wait),
    )
    yield gauge(
        name="import_issues_open",
        text="Open import issues of all companies.",
        value=ImportIssue.objects.filter(resolved_at__isnull=True).count(),
    )
    yield _by_cause(
        "import_runs_failed", "Import runs that failed in the last 7 days.", fleet_overview.failed_runs(at=at)
    )
    yield _by_cause("api_calls_failed", "API calls that failed in the last 7 days.", fleet_overview.failed_calls(at=at))
    yield gauges(
        name="reads_of_month",
        text="Reads of this month (UTC): metered by Intuit, and of sandbox companies.",
        labels=("metering",),
        values={("metered",): overview.reads.metered, ("unmetered",): overview.reads.unmetered},
    )
    yield gauge(
        name="reads_included", text="Reads a month that the tier at Intuit includes.", value=overview.reads.included
    )


def _by_cause(name: str, text: str, groups: Sequence[FailureGroup]) -> GaugeMetricFamily:
    counts: dict[tuple[str, ...], float] = {}
    for group in groups:
        key = (group.cause, group.code or str(group.status or ""))
        counts[key] = counts.get(key, 0) + group.count
    return gauges(name=name, text=text, labels=("cause", "code"), values=counts)
