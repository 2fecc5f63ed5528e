"""Metrics for Prometheus, read from the database whenever they are asked for.

Every process writes its state to the database, so one small process serves the metrics of all (`serve_metrics`). Apps
in higher layers add theirs with `register`. No label holds a name, an address or an id of a supplier.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from infactor.core.email import outbox
from infactor.core.models import Heartbeat

log = structlog.get_logger(__name__)
Collect = Callable[[datetime], Iterable[GaugeMetricFamily]]

_registered: dict[str, Collect] = {}


def register(*, name: str, collect: Collect) -> None:
    """Call `collect` with the current time at every scrape. It makes a fixed number of queries."""
    _registered[name] = collect


def gauge(*, name: str, text: str, value: float) -> GaugeMetricFamily:
    """One figure. `name` ends in its unit, `text` explains it in one line."""
    return GaugeMetricFamily(f"infactor_{name}", text, value=value)


def gauges(
    *, name: str, text: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float | Decimal]
) -> GaugeMetricFamily:
    """One figure for each combination of labels, as (label, label …) -> value."""
    family = GaugeMetricFamily(f"infactor_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)  # type: ignore[arg-type]  # it writes a Decimal as it stands
    return family


def seconds(wait: timedelta | None) -> float:
    """How long something has waited, 0 if nothing waits."""
    return wait.total_seconds() if wait is not None else 0.0


def registry() -> CollectorRegistry:
    """A registry that reads every registered metric at each scrape."""
    found = CollectorRegistry(auto_describe=False)
    found.register(_DatabaseCollector())
    return found


class _DatabaseCollector(Collector):
    """Asks every registered app. While the database does not answer, `infactor_up` is 0 and nothing else is shown."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = list(_collect(at=timezone.now()))
        except DatabaseError as error:
            log.warning("metrics_without_database", error=type(error).__name__, exc_info=False)
            found = [gauge(name="up", text="Whether the database answers.", value=0)]
        finally:
            if not connection.in_atomic_block:  # each scrape has a thread of its own, and so a connection
                connection.close()
        yield from found


def _collect(*, at: datetime) -> Iterator[GaugeMetricFamily]:
    yield gauge(name="up", text="Whether the database answers.", value=1)
    for collect in (_of_core, *_registered.values()):
        yield from collect(at)


def _of_core(at: datetime) -> Iterator[GaugeMetricFamily]:
    waiting = outbox.pending()
    yield gauge(name="emails_waiting", text="Emails that are still to be sent.", value=waiting.count())
    yield gauge(name="emails_given_up", text="Emails that were given up.", value=outbox.given_up().count())
    oldest = waiting.order_by("pk").values_list("created_at", flat=True).first()
    yield gauge(
        name="email_oldest_wait_seconds",
        text="How long the oldest email has waited.",
        value=seconds(at - oldest if oldest else None),
    )
    yield gauges(
        name="heartbeat_age_seconds",
        text="How long ago each background process was last seen.",
        labels=("process",),
        values={(name,): seconds(at - seen_at) for name, seen_at in Heartbeat.objects.values_list("name", "seen_at")},
    )
