"""Metrics of the ledger for Prometheus: its balances, and how its last check ended."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from infactor.core.health.metrics import gauge, gauges, seconds
from infactor.ledger import balances
from infactor.ledger.models import IntegrityCheck


def collect(at: datetime) -> Iterator[GaugeMetricFamily]:
    """The figures of the trial balance and of the last check, for infactor.core.health.metrics."""
    yield gauges(
        name="ledger_balance",
        text="Balance of all accounts of a purpose, in the currency, positive on the normal side.",
        labels=("purpose", "currency"),
        values={(line.purpose.value, line.currency): line.balance for line in balances.trial_balance()},
    )
    last = IntegrityCheck.objects.first()
    if last is not None:
        yield gauge(name="ledger_check_ok", text="Whether the last ledger check found no error.", value=last.ok)
        yield gauge(
            name="ledger_check_age_seconds", text="How long ago the ledger was checked.", value=seconds(at - last.at)
        )
