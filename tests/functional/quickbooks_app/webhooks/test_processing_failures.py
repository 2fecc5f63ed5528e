"""Webhook events wait while QuickBooks cannot be read, and none is lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from quickbooks_app.errors import CircuitOpen, Rejected, Transient
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import refetch
from quickbooks_app.webhooks import inbox, processing
from tests.functional.quickbooks_app.webhooks.conftest import REALM, Company, reads
from tests.support.fakes.signed_webhooks import cloud, cloud_event

Tell = Callable[..., int]
pytestmark = pytest.mark.django_db


def drain(connection: Connection) -> bool:
    return processing.process_pending(connection_id=connection.pk, now=timezone.now)


def states() -> list[str]:
    return list(WebhookEvent.objects.order_by("pk").values_list("state", flat=True))


def test_a_company_that_does_not_answer_is_tried_later_and_each_time_later(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    invoice = company.invoices()[0]
    company.running.faults.switch_on(Fault(kind="unavailable", remaining=None))
    post_webhook(cloud(cloud_event(REALM, invoice["Id"])))
    assert drain(connection) is False
    event = WebhookEvent.objects.get()
    assert (event.state, event.attempts) == ("waiting", 1)
    assert event.not_before is not None
    assert event.not_before > timezone.now()
    company.running.faults.clear()
    WebhookEvent.objects.update(not_before=timezone.now())
    drain(connection)
    assert states() == ["handled"]


def test_quickbooks_wish_to_wait_is_honoured_for_every_event_of_the_company(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    customer, invoice = company.invoices()[0]["CustomerRef"]["value"], company.invoices()[0]["Id"]
    company.running.faults.switch_on(Fault(kind="throttled", remaining=1, retry_after=40))
    post_webhook(cloud(cloud_event(REALM, customer, "qbo.customer.updated.v1"), cloud_event(REALM, invoice)))
    at = timezone.now()
    assert drain(connection) is False
    waits = WebhookEvent.objects.values_list("not_before", flat=True)
    assert all(moment and moment >= at + timedelta(seconds=40) for moment in waits)
    assert reads(connection) == 1
    assert inbox.due_connection_ids(at=at + timedelta(seconds=39)) == []


def test_events_that_could_not_be_followed_end_and_the_books_are_read_as_a_whole(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise Transient("QuickBooks had an internal error.", code="10000", status=500)

    monkeypatch.setattr(refetch, "refetch_objects", fail)
    Connection.objects.update(next_sync_at=timezone.now() + timedelta(hours=20))
    post_webhook(cloud(cloud_event(REALM, company.invoices()[0]["Id"])))
    for _ in range(processing.MAX_ATTEMPTS):
        WebhookEvent.objects.filter(state="waiting").update(not_before=None)
        drain(connection)
    assert states() == ["failed"]
    connection.refresh_from_db()
    assert connection.next_sync_at is not None
    assert connection.next_sync_at <= timezone.now()


def test_one_object_that_spoils_every_query_ends_alone(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [one["Id"] for one in company.invoices()[:20]]
    poison, read = ids[7], refetch.refetch_objects

    def refuse(*, ids: list[str], **rest: object) -> object:
        if poison in ids:
            raise Rejected("QuickBooks refused the request.", code="4001")
        return read(ids=ids, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(refetch, "refetch_objects", refuse)
    post_webhook(cloud(*(cloud_event(REALM, qbk_id) for qbk_id in ids)))
    for _ in range(processing.MAX_ATTEMPTS):
        WebhookEvent.objects.filter(state="waiting").update(not_before=None)
        drain(connection)
    assert WebhookEvent.objects.get(state="failed").qbk_id == poison
    assert WebhookEvent.objects.filter(state="handled").count() == 19


def test_a_defect_of_ours_is_not_repeated_for_ever(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(refetch, "refetch_objects", fail)
    post_webhook(cloud(cloud_event(REALM, "1")))
    for _ in range(processing.MAX_ATTEMPTS):
        WebhookEvent.objects.filter(state="waiting").update(not_before=None)
        with pytest.raises(ZeroDivisionError):
            drain(connection)
    assert states() == ["failed"]
    assert Inbox.objects.get().lease_until is None


def test_a_revoked_grant_needs_attention_and_its_events_are_left_to_the_next_reading(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    tokens.revoke_all_grants(company.store, at=datetime.now(UTC))
    post_webhook(cloud(cloud_event(REALM, company.invoices()[0]["Id"])))
    assert drain(connection) is False
    connection.refresh_from_db()
    assert connection.status == Connection.Status.NEEDS_ATTENTION
    assert states() == ["ignored"]


def test_what_waits_is_left_alone_once_the_company_is_disconnected(
    company: Company, connection: Connection, post_webhook: Tell
) -> None:
    post_webhook(cloud(cloud_event(REALM, "1")))
    Connection.objects.update(status="disconnected", access_token="", refresh_token="")
    assert drain(connection) is False
    assert states() == ["ignored"]
    assert reads(connection) == 0


def test_while_we_hold_back_ourselves_events_wait_without_counting_it_as_a_failure(
    company: Company, connection: Connection, post_webhook: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    until = timezone.now() + timedelta(minutes=15)

    def hold_back(**_: object) -> None:
        raise CircuitOpen("QuickBooks has not answered for a while.", until=until)

    monkeypatch.setattr(refetch, "refetch_objects", hold_back)
    post_webhook(cloud(cloud_event(REALM, "1"), cloud_event(REALM, "2")))
    assert drain(connection) is False
    assert set(WebhookEvent.objects.values_list("attempts", "not_before")) == {(0, until)}
