"""`/readyz` says in words what is wrong, and reveals no secret."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.celery import app
from infactor.core import tasks
from infactor.core.email import outbox
from infactor.core.health import heartbeats, readiness
from infactor.core.models import OutgoingMail

pytestmark = pytest.mark.django_db


NAMES = ("broker_url", "broker_read_url", "broker_write_url", "broker_transport_options")


@pytest.fixture(autouse=True)
def broker(tmp_path: Path) -> Iterator[None]:
    """The filesystem broker, in this test's own folders."""
    before = {name: app.conf.get(name) for name in NAMES}
    for name in ("queue", "control"):
        (tmp_path / name).mkdir()
    folders = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}
    lead_to("filesystem://", **{name: str(tmp_path / folder) for name, folder in folders.items()})
    yield
    app.conf.update(before)


def lead_to(address: str, **options: str) -> None:
    app.conf.update(
        broker_url=address, broker_read_url=address, broker_write_url=address, broker_transport_options=options
    )


def ask(client: Client) -> tuple[int, dict[str, str]]:
    answer = client.get(reverse("readyz"))
    return answer.status_code, answer.json().get("failures", {})


def test_it_is_ready_while_everything_answers_and_the_background_beats(client: Client) -> None:
    tasks.heartbeat()
    assert ask(client) == (200, {})


def test_it_is_not_ready_before_beat_and_worker_were_seen(client: Client) -> None:
    assert ask(client) == (503, {"background": "Beat and worker have not run yet."})


def test_it_is_not_ready_once_beat_or_worker_has_stopped(client: Client) -> None:
    heartbeats.record(name=heartbeats.BACKGROUND, at=timezone.now() - timedelta(minutes=17))
    assert ask(client) == (503, {"background": "Beat or worker last ran 17 minutes ago."})


def test_it_is_not_ready_once_mails_wait_for_a_server_that_is_away(client: Client) -> None:
    tasks.heartbeat()
    for key, attempts in (("waits", 0), ("refused by its own server", 2)):
        outbox.enqueue(key=key, to="ann@example.com", subject="Hello", body="Hello")
        written = timezone.now() - timedelta(minutes=17 if attempts == 0 else 60)
        OutgoingMail.objects.filter(key=key).update(created_at=written, attempts=attempts)
    sentence = "Emails have waited for 17 minutes: the mail server does not answer."
    assert ask(client) == (503, {"mail": sentence})
    OutgoingMail.objects.filter(key="waits").delete()
    assert ask(client) == (200, {})


def test_it_names_migrations_that_are_not_applied(client: Client) -> None:
    tasks.heartbeat()
    MigrationRecorder.Migration.objects.filter(app="quickbooks_app", name="0001_initial").delete()
    assert ask(client) == (503, {"migrations": "Migrations not applied: 1."})


def test_it_names_a_broker_that_is_away_and_not_its_address(client: Client) -> None:
    tasks.heartbeat()
    lead_to("redis://:canary-password@127.0.0.1:1/0")
    answer = client.get(reverse("readyz"))
    assert answer.status_code == 503
    assert "broker does not answer" in answer.json()["failures"]["broker"]
    assert "canary" not in answer.content.decode()


def test_it_asks_what_other_apps_registered(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.heartbeat()
    monkeypatch.setitem(readiness._registered, "books", lambda at: "An import run has waited for 3 hours.")
    assert ask(client) == (503, {"books": "An import run has waited for 3 hours."})


def test_it_names_a_database_that_is_away_and_asks_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def cursor(self) -> None:
            raise OperationalError("host=10.0.0.1 password=canary")

    monkeypatch.setattr(readiness, "connection", Away())
    assert ask(client) == (503, {"database": "The database does not answer."})


@pytest.mark.parametrize("method", ["post", "put", "delete", "trace"])
def test_it_takes_no_other_method(client: Client, method: str) -> None:
    assert getattr(client, method)(reverse("readyz")).status_code == 405
