"""Metrics of financing for Prometheus: how much money waits at each stage, and how much work for staff."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, QuerySet, Sum
from prometheus_client.core import GaugeMetricFamily

from infactor.core.health.metrics import gauges, seconds
from infactor.financing.models import CLOSED_STATUSES, Advance, Case, Offer, OfferLine, Payout, RequestLine

WAITING_PAYOUTS = ("prepared", "approved", "sent", "returned", "stopped")


def collect(at: datetime) -> Iterator[GaugeMetricFamily]:
    """Counts, amounts and longest waits by stage and currency, for infactor.core.health.metrics."""
    counts: dict[tuple[str, ...], float] = {}
    amounts: dict[tuple[str, ...], float | Decimal] = {}
    waits: dict[tuple[str, ...], float] = {}
    for stage, rows, currency, amount, since in _stages():
        grouped = rows.order_by().values_list(currency).annotate(Count("pk"), Sum(amount), Min(since))
        for code, count, total, oldest in grouped:
            counts[stage, code], amounts[stage, code] = count, total
            waits[stage, code] = seconds(at - oldest)
    labels = ("stage", "currency")
    yield gauges(
        name="money_waiting_items", text="Invoices or payouts that wait at a stage.", labels=labels, values=counts
    )
    yield gauges(
        name="money_waiting", text="Amount that waits at a stage, in the currency.", labels=labels, values=amounts
    )
    yield gauges(
        name="money_oldest_wait_seconds",
        text="How long ago the oldest item of a stage was last changed.",
        labels=labels,
        values=waits,
    )
    open_cases = Case.objects.filter(closed_at__isnull=True).order_by().values_list("kind").annotate(Count("pk"))
    yield gauges(
        name="cases_open",
        text="Open cases for staff, by kind.",
        labels=("kind",),
        values={(kind,): count for kind, count in open_cases},
    )


def _stages() -> Iterator[tuple[str, "QuerySet[Any]", str, str, str]]:
    """Each stage with its rows, and their columns of currency, amount and moment."""
    requested = RequestLine.objects.filter(status=RequestLine.Status.WAITING)
    yield "requested", requested, "request__currency", "base", "request__requested_at"
    offered = OfferLine.objects.filter(status=Offer.Status.PROPOSED)
    yield "offered", offered, "offer__currency", "advance", "offer__offered_at"
    accepted = Advance.objects.filter(status=Advance.Status.ACCEPTED)
    yield "to_pay_out", accepted, "currency", "amount", "accepted_at"
    collected = Advance.objects.filter(status__in=CLOSED_STATUSES)
    yield "to_settle", collected, "currency", "amount", "updated_at"
    for status in WAITING_PAYOUTS:
        yield f"payout_{status}", Payout.objects.filter(status=status), "currency", "amount", "updated_at"
