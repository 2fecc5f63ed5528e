"""Prometheus reads waiting work and money from a port of its own, and no name of anybody."""

import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from infactor.core import tasks
from infactor.core.email import outbox
from infactor.core.health import metrics
from infactor.core.models import OutgoingMail
from quickbooks_app.models import Connection, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[5]


def scrape() -> dict[tuple[str, ...], float]:
    """Every sample, by its name and the values of its labels."""
    text = generate_latest(metrics.registry()).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_waiting_mail_and_silent_processes_are_counted() -> None:
    tasks.heartbeat()
    for key in ("one", "two"):
        outbox.enqueue(key=key, to="canary@buyer.example", subject="canary", body="canary")
    OutgoingMail.objects.filter(key="two").update(attempts=outbox.MAX_ATTEMPTS)
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    found = scrape()
    assert found["infactor_up",] == 1
    assert (found["infactor_emails_waiting",], found["infactor_emails_given_up",]) == (1, 1)
    assert found["infactor_email_oldest_wait_seconds",] >= 300
    assert found["infactor_heartbeat_age_seconds", "background"] < 60


def test_an_unreachable_database_shows_as_down_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(at: object) -> None:
        raise OperationalError("host=10.0.0.1 password=canary")

    monkeypatch.setitem(metrics._registered, "ledger", away)
    assert scrape() == {("infactor_up",): 0}


def test_waiting_runs_stale_books_and_failures_by_cause_are_counted() -> None:
    connection = ConnectionFactory(connected_at=timezone.now() - timedelta(days=3))
    ConnectionFactory(status=Connection.Status.NEEDS_ATTENTION)
    now = timezone.now()
    RunFactory(connection=connection, state=ImportRun.State.FAILED, error_code="3100", started_at=now, finished_at=now)
    RunFactory(connection=connection, not_before=now - timedelta(minutes=20))
    found = scrape()
    assert found["infactor_connections", "connected"] == found["infactor_connections", "needs_attention"] == 1
    assert found["infactor_connections_stale",] == 1
    assert found["infactor_import_runs_failed", "QuickBooks does not allow access", "3100"] == 1
    assert found["infactor_import_run_oldest_wait_seconds",] >= 1200
    assert connection.company_name not in generate_latest(metrics.registry()).decode()


def test_the_command_serves_them_on_a_port_of_its_own_until_it_is_stopped() -> None:
    command = [sys.executable, "manage.py", "serve_metrics", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip().removeprefix("Metrics: ")
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  loopback
                assert "infactor_up" in answer.read().decode()
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("options", "named"), [(["--port", "70000"], "no port"), (["--address", "203.0.113.1"], "Cannot listen on")]
)
def test_the_command_says_why_it_cannot_listen(options: list[str], named: str) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("serve_metrics", *options)
