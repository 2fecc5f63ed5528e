"""An error report says where an error happened and carries nothing of what was being handled."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from celery import shared_task
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from django.urls import reverse
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from infactor.settings import error_reporting
from tests.support.factories.suppliers import UserFactory

pytestmark = pytest.mark.django_db
CANARY = "canary-of-a-customer"


class Kept(Transport):
    """Keeps what would have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope)

    def everything(self) -> str:
        return "".join(envelope.serialize().decode() for envelope in self.sent)

    def event(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.sent[0].get_event()))


@pytest.fixture
def reports() -> Iterator[Kept]:
    transport = Kept()
    error_reporting.start(dsn="https://key@sentry.example/1", transport=transport)
    yield transport
    sentry_sdk.init()


def fail_with_customers_data(*args: object, **kwargs: object) -> None:
    name = CANARY
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 WHERE %s = ''", [name])
    try:
        raise KeyError(f"cause {name}")
    except KeyError as error:
        error.add_note(name)
        raise RuntimeError(f"Unexpected: {name}") from error


def test_a_page_that_fails_reports_its_place_and_no_data(
    client: Client, reports: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = UserFactory(email=f"{CANARY}@buyer.example")
    client.force_login(user)
    client.raise_request_exception = False
    monkeypatch.setattr("infactor.dashboard.home.views.timezone.now", fail_with_customers_data)
    answer = client.get(f"{reverse('dashboard:home')}?q={CANARY}", headers={"X-Note": CANARY})
    assert answer.status_code == 500
    assert CANARY not in reports.everything()
    types = [error["type"] for error in reports.event()["exception"]["values"]]
    assert types[-2:] == ["KeyError", "RuntimeError"]
    frames = reports.event()["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail_with_customers_data"


@shared_task(name="tests.fail")
def task_that_fails(note: str) -> None:
    fail_with_customers_data(note)


def test_a_task_that_fails_reports_its_name_and_no_argument(reports: Kept) -> None:
    task_that_fails.apply(args=[CANARY])
    assert CANARY not in reports.everything()
    assert reports.event()["transaction"] == "tests.fail"


def test_an_address_that_is_none_stops_the_start() -> None:
    with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN is no address"):
        error_reporting.start(dsn="sentry.example")
