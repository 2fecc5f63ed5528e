"""The webhook URL stores each signed event once, and answers so that Intuit keeps sending."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from quickbooks_app import tasks
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.webhooks import inbox, parsing
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.signed_webhooks import VERIFIER, change, cloud, cloud_event, envelope, signature

pytestmark = pytest.mark.django_db
Tell = Callable[..., int]


@pytest.fixture
def known(db: None) -> Connection:
    return ConnectionFactory()


def test_the_address_is_the_one_that_is_registered_at_intuit() -> None:
    assert reverse("quickbooks:webhook") == "/quickbook/webhook"


def test_a_signed_event_is_kept_and_waits(post_webhook: Tell, known: Connection) -> None:
    assert post_webhook(cloud(cloud_event(known.realm_id, "130", id="one"))) == 200
    event = WebhookEvent.objects.get()
    assert (event.event_id, event.connection, event.entity, event.qbk_id, event.operation, event.state) == (
        "one",
        known,
        "Invoice",
        "130",
        "update",
        "waiting",
    )


@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents+json", "text/plain", ""])
def test_the_content_type_does_not_matter(post_webhook: Tell, known: Connection, content_type: str) -> None:
    assert post_webhook(cloud(cloud_event(known.realm_id, "130")), content_type=content_type) == 200
    assert WebhookEvent.objects.count() == 1


def test_no_session_and_no_csrf_token_are_asked_for(known: Connection, settings: Settings) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = "token"
    body = b"[]"
    strict = Client(enforce_csrf_checks=True)
    headers = {"intuit-signature": signature(body, "token")}
    assert strict.post("/quickbook/webhook", body, content_type="application/json", headers=headers).status_code == 200


@pytest.mark.parametrize("given", ["", "bm8=", signature(b"[]"), "é"])
def test_what_intuit_did_not_sign_is_refused_and_not_kept(post_webhook: Tell, known: Connection, given: str) -> None:
    assert post_webhook(cloud(cloud_event(known.realm_id, "130")), **{"intuit-signature": given}) == 401
    assert not WebhookEvent.objects.exists()


def test_a_body_changed_by_one_byte_is_refused(post_webhook: Tell, known: Connection) -> None:
    body = cloud(cloud_event(known.realm_id, "130"))
    assert post_webhook(body.replace(b'"130"', b'"131"'), **{"intuit-signature": signature(body)}) == 401
    assert not WebhookEvent.objects.exists()


def test_without_a_verifier_token_the_door_is_closed(post_webhook: Tell, known: Connection, settings: Settings) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = ""
    body = cloud(cloud_event(known.realm_id, "130"))
    assert post_webhook(body, **{"intuit-signature": signature(body, "")}) == 401
    assert not WebhookEvent.objects.exists()


def test_plain_http_is_refused_and_not_redirected(
    post_webhook: Tell, client: Client, known: Connection, settings: Settings
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert post_webhook(cloud(cloud_event(known.realm_id, "130"))) == 403
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "trace"])
def test_only_post_is_taken(client: Client, method: str) -> None:
    assert getattr(client, method)("/quickbook/webhook").status_code == 405


def test_a_body_over_a_megabyte_is_refused_unread(post_webhook: Tell) -> None:
    assert post_webhook(b" " * (1024 * 1024 + 1)) == 413


@pytest.mark.parametrize(("padding", "status"), [(0, 200), (1024 * 1024, 413)])
def test_a_body_that_comes_in_chunks_is_read_to_its_end(
    client: Client, known: Connection, settings: Settings, padding: int, status: int
) -> None:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER
    body = cloud(cloud_event(known.realm_id, "130")) + b" " * padding
    environment = {
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": "",
        "HTTP_INTUIT_SIGNATURE": signature(body),
    }
    assert client.generic("POST", "/quickbook/webhook", **environment).status_code == status
    assert WebhookEvent.objects.count() == (status == 200)


def test_a_length_that_is_no_number_is_an_empty_body(client: Client) -> None:
    assert client.generic("POST", "/quickbook/webhook", b"[]", CONTENT_LENGTH="many").status_code == 401


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"<html>", b'{"eventNotifications":5}', b"[7]"])
def test_a_signed_body_that_nobody_understands_is_answered_well_so_that_intuit_goes_on(
    post_webhook: Tell, body: bytes
) -> None:
    assert post_webhook(body) == 200
    assert not WebhookEvent.objects.exists()


def test_the_same_event_a_hundred_times_is_one_row(post_webhook: Tell, known: Connection) -> None:
    for body in (cloud(cloud_event(known.realm_id, "1")), envelope(**{f"r{known.realm_id}": [change("2")]})):
        assert [post_webhook(body) for _ in range(100)] == [200] * 100
    assert sorted(WebhookEvent.objects.values_list("qbk_id", flat=True)) == ["1", "2"]


def test_one_body_about_several_companies_reaches_each(post_webhook: Tell, known: Connection) -> None:
    other = ConnectionFactory()
    stranger = "42"
    events = [cloud_event(realm, "7") for realm in (known.realm_id, other.realm_id, stranger)]
    assert post_webhook(cloud(*events)) == 200
    kept = WebhookEvent.objects.values_list("connection_id", "state")
    assert set(kept) == {(known.pk, "waiting"), (other.pk, "waiting"), (None, "ignored")}


def test_an_object_that_infactor_does_not_read_is_kept_as_ignored(
    post_webhook: Tell, known: Connection, notified: list[int]
) -> None:
    assert post_webhook(cloud(cloud_event(known.realm_id, "7", "qbo.vendor.updated.v1"))) == 200
    assert WebhookEvent.objects.get().state == "ignored"
    assert notified == []


@pytest.mark.parametrize("status", [Connection.Status.NEEDS_ATTENTION, Connection.Status.DISCONNECTED])
def test_events_of_a_company_that_cannot_be_read_are_ignored(
    post_webhook: Tell, known: Connection, notified: list[int], status: str
) -> None:
    Connection.objects.update(status=status, access_token="", refresh_token="")
    assert post_webhook(cloud(cloud_event(known.realm_id, "7"))) == 200
    event = WebhookEvent.objects.get()
    assert (event.connection, event.state) == (known, "ignored")
    assert notified == []


def test_a_burst_rings_once_until_a_worker_comes(
    post_webhook: Tell,
    known: Connection,
    notified: list[int],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    def burst() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            for number in range(20):
                assert post_webhook(cloud(cloud_event(known.realm_id, str(number)))) == 200

    burst()
    assert notified == [known.pk]
    Inbox.objects.update(notified_at=None)  # what a worker does at its end
    burst()
    assert notified == [known.pk] * 2


def test_a_ring_that_nobody_came_for_is_repeated_after_a_minute(known: Connection) -> None:
    at = timezone.now()
    for seconds, expected in ((0, True), (30, False), (61, True)):
        assert inbox.claim_notification(connection_id=known.pk, at=at + timedelta(seconds=seconds)) is expected


def test_a_database_that_is_away_makes_intuit_try_again() -> None:
    script = """
import django, sys
django.setup()
from django.test import Client
from tests.support.fakes.signed_webhooks import cloud, cloud_event, signature
body = cloud(cloud_event("1", "2"))
for given in (signature(body), "forged"):
    client = Client(SERVER_NAME="localhost", headers={"intuit-signature": given})
    answer = client.post("/quickbook/webhook", body, content_type="application/json")
    print(answer.status_code)
"""
    environment = {
        **os.environ,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "infactor.settings.test",
        "QUICKBOOKS_WEBHOOK_VERIFIER": VERIFIER,
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["503", "401"]


def test_the_sweep_rings_for_what_waits_and_nothing_else(
    post_webhook: Tell, known: Connection, notified: list[int]
) -> None:
    post_webhook(cloud(cloud_event(known.realm_id, "7")))
    assert inbox.due_connection_ids(at=timezone.now()) == [known.pk]
    Inbox.objects.update_or_create(connection=known, defaults={"lease_until": timezone.now() + timedelta(seconds=60)})
    assert inbox.due_connection_ids(at=timezone.now()) == []
    assert inbox.due_connection_ids(at=timezone.now() + timedelta(seconds=61)) == [known.pk]
    WebhookEvent.objects.update(not_before=timezone.now() + timedelta(hours=1))
    assert inbox.due_connection_ids(at=timezone.now() + timedelta(seconds=61)) == []


def test_only_events_that_ended_a_month_ago_are_pruned(
    post_webhook: Tell, known: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "BATCH_SIZE", 2)
    post_webhook(cloud(*(cloud_event(realm, str(number)) for number in range(5) for realm in (known.realm_id, "42"))))
    assert inbox.delete_expired(at=timezone.now() + timedelta(days=29)) == 0
    assert inbox.delete_expired(at=timezone.now() + timedelta(days=31)) == 5
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"waiting"}


def test_beat_sweeps_and_prunes(settings: Settings) -> None:
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.dispatch_waiting_webhooks.name, tasks.delete_expired_webhooks.name} <= scheduled


def test_an_answer_takes_few_questions_to_the_database(
    post_webhook: Tell, known: Connection, django_assert_max_num_queries: Callable[..., object]
) -> None:
    events = [cloud_event(known.realm_id, str(number)) for number in range(50)]
    inbox.claim_notification(connection_id=known.pk, at=timezone.now())
    with django_assert_max_num_queries(5):
        assert post_webhook(cloud(*events)) == 200
    assert WebhookEvent.objects.count() == 50


@pytest.mark.django_db(transaction=True)
def test_two_bodies_with_the_same_events_in_opposite_orders_never_block_each_other(notified: list[int]) -> None:
    known = ConnectionFactory()
    for _ in range(3):
        body = cloud(*(cloud_event(known.realm_id, str(number)) for number in range(1500)))
        events, together = parsing.parse(body).events, Barrier(2)

        def keep(some: list[parsing.Event], together: Barrier = together) -> None:
            try:
                connections["default"].ensure_connection()
                together.wait(10)
                inbox.store_events(events=some, senders=[known.integration], at=timezone.now())
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(keep, [events, events[::-1]]))
    assert WebhookEvent.objects.filter(state="waiting").count() == 3 * 1500
