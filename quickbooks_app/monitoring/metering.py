"""Reads that Intuit meters: this month's against the tier, and those of each connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from quickbooks_app.models import ApiCall
from quickbooks_app.objects.table import METERED

WARNING_PERCENT, URGENT_PERCENT = 70, 90
PERCENT = 100
CONNECTIONS_SHOWN = 10


@dataclass(frozen=True)
class ReadUsage:
    """Reads of this month (UTC): metered ones, and those of sandbox companies, which Intuit does not meter.

    `included` is how many the tier includes; after that Intuit blocks reads, or charges for them.
    """

    metered: int
    unmetered: int
    included: int

    @property
    def percent(self) -> int:
        return self.metered * PERCENT // self.included

    @property
    def warning(self) -> str:
        """A sentence from 70 percent on, a stronger one from 90 on; "" below."""
        used = f"{self.percent}% of this month's {self.included:,} reads are used"
        if self.percent >= URGENT_PERCENT:
            return f"{used}: change the tier, or sync less often."
        return f"{used}." if self.percent >= WARNING_PERCENT else ""


@dataclass(frozen=True)
class ConnectionUsage:
    """The metered reads of one connection this month."""

    connection_id: int
    company_name: str
    reads: int


def month_start(at: datetime) -> datetime:
    """The first moment of the month, as Intuit counts."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def included_reads() -> int:
    """How many reads a month the tier includes."""
    included: int = settings.QUICKBOOKS_TIERS[settings.QUICKBOOKS_TIER]
    return included


def reads_of_month(*, at: datetime) -> ReadUsage:
    """The reads since the first of the month, without failed calls, which Intuit does not count."""
    calls = ApiCall.objects.filter(at__gte=month_start(at))
    free = Q(is_metered=False, status=200, error_code="", operation__in=[one.value for one in METERED])
    return ReadUsage(
        metered=metered_calls(at=at).count(), unmetered=calls.filter(free).count(), included=included_reads()
    )


def metered_calls(*, at: datetime) -> QuerySet[ApiCall]:
    """The calls of this month that Intuit counts."""
    return ApiCall.objects.filter(at__gte=month_start(at), is_metered=True)


def most_reads(*, at: datetime) -> Sequence[ConnectionUsage]:
    """The connections with the most metered reads of this month."""
    rows = (
        metered_calls(at=at)
        .filter(connection__isnull=False)
        .order_by()
        .values("connection", "connection__company_name")
        .annotate(reads=Count("pk"))
        .order_by("-reads", "connection")[:CONNECTIONS_SHOWN]
    )
    return [ConnectionUsage(row["connection"], row["connection__company_name"], row["reads"]) for row in rows]
