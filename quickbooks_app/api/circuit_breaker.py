"""Circuit breaker: after repeated failures no worker calls a company for a while. Its runs wait and keep their cursor.

After FAILURE_THRESHOLD consecutive failures the circuit opens for COOLDOWN. Then the rate limiter lets one call probe
the company; any response closes the circuit. The state is one row per company and holds for all workers.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce

from quickbooks_app.models import ApiCall, Connection, RateLimitState

FAILURE_THRESHOLD = 5  # consecutive failures
COOLDOWN = timedelta(minutes=15)
OUTAGE_WINDOW = timedelta(minutes=5)
MIN_COMPANIES = 4  # fewer companies are too few to detect an outage of Intuit


@dataclass(frozen=True)
class CircuitState:
    """Since when a company has failed, and when it is called again. Both are None while the circuit is closed."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.until is not None


def state(*, connection: Connection, now: datetime) -> CircuitState:
    """The state of the circuit of `connection` at the moment `now`."""
    row = RateLimitState.objects.filter(pk=connection.pk, open_until__gt=now).first()
    return CircuitState(since=row.failing_since, until=row.open_until) if row else CircuitState()


def record_failure(*, connection_id: int, at: datetime) -> None:
    """A call failed. The failure that reaches the threshold, and that of a probe, opens the circuit."""
    RateLimitState.objects.filter(pk=connection_id).update(
        failures=F("failures") + 1,
        failing_since=Coalesce(F("failing_since"), Value(at)),
        open_until=Case(When(failures__gte=FAILURE_THRESHOLD - 1, then=Value(at + COOLDOWN)), default=F("open_until")),
    )


def let_through(*, connection_id: int) -> None:
    """Close the circuit but keep the count: one more failure opens it again if it was open."""
    RateLimitState.objects.filter(pk=connection_id, open_until__isnull=False).update(open_until=None)


def record_success(*, connection_id: int) -> None:
    """The company has responded: close the circuit and reset the count of failures."""
    RateLimitState.objects.filter(pk=connection_id).update(failures=0, failing_since=None, open_until=None)


def jitter(*, at: datetime) -> timedelta:
    """A random delay for a new run during an outage, when Intuit returns 503 for most companies; otherwise zero."""
    calls = ApiCall.objects.filter(at__gte=at - OUTAGE_WINDOW, at__lte=at, connection__isnull=False)
    companies = calls.aggregate(
        called=Count("connection", distinct=True),
        unavailable=Count("connection", distinct=True, filter=Q(status=503)),
    )
    if companies["called"] < MIN_COMPANIES or companies["unavailable"] * 2 <= companies["called"]:
        return timedelta(0)
    return random.random() * OUTAGE_WINDOW  # noqa: S311  not a secret
