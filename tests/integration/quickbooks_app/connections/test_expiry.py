"""A connection's expiry: one notice 14 days before, and no call to QuickBooks after it."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection as database

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.suppliers.models import Supplier
from quickbooks_app.auth import oauth_client, tokens
from quickbooks_app.connections import authorization_flow, expiry
from quickbooks_app.models import Connection
from tests.support.factories.quickbooks import NOON, ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.fakes.intuit_server import Intuit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def connection(db: None) -> Connection:
    """A connection that expires in 100 days, or five years from consent, with an owner who reads email."""
    made = ConnectionFactory(refresh_token_hard_expires_at=NOON + 1800 * DAY)
    MembershipFactory(supplier=made.supplier, user=made.connected_by)
    return made


def now_of(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def ends(connection: Connection, **when: datetime | None) -> None:
    Connection.objects.filter(pk=connection.pk).update(**when)


@pytest.mark.parametrize("field", ["refresh_token_expires_at", "refresh_token_hard_expires_at"])
@pytest.mark.parametrize(("left", "told"), [(15 * DAY, 0), (14 * DAY, 1), (DAY, 1), (timedelta(minutes=1), 1)])
def test_the_owners_are_told_fourteen_days_before_either_end(
    connection: Connection, field: str, left: timedelta, told: int
) -> None:
    ends(connection, **{field: NOON + left})
    MembershipFactory(supplier=connection.supplier, role="finance")
    MembershipFactory()
    assert expiry.check_all(at=NOON) == (told, 0)
    assert OutgoingMail.objects.count() == told
    if told:
        mail = OutgoingMail.objects.get()
        assert mail.to == connection.connected_by.email
        assert f"{NOON + left:%b} {(NOON + left).day}, {NOON + left:%Y}" in mail.subject + mail.body
        assert connection.company_name in mail.body
    assert now_of(connection).status == "connected"


def test_the_mail_names_the_day_of_the_suppliers_pages(connection: Connection) -> None:
    Supplier.objects.update(time_zone="America/Los_Angeles")
    ends(connection, refresh_token_expires_at=NOON.replace(hour=6, minute=59) + 5 * DAY)
    assert expiry.check_all(at=NOON) == (1, 0)
    day = NOON + 4 * DAY
    assert f"{day:%b} {day.day}, {day:%Y}" in OutgoingMail.objects.get().body


def test_a_permission_whose_hard_end_was_not_told_ends_five_years_after_consent(connection: Connection) -> None:
    ends(connection, refresh_token_hard_expires_at=None, connected_at=NOON - expiry.MAX_GRANT_LIFETIME + 10 * DAY)
    assert expiry.check_all(at=NOON) == (1, 0)
    assert expiry.check_all(at=NOON + 11 * DAY) == (0, 1)


def test_it_is_told_once_though_it_is_looked_for_every_hour_and_the_end_wanders_by_seconds(
    connection: Connection,
) -> None:
    end = NOON + 14 * DAY + timedelta(minutes=30)
    for hour in range(14 * 24):
        ends(connection, refresh_token_hard_expires_at=end + timedelta(seconds=hour % 7))
        expiry.check_all(at=NOON + timedelta(hours=hour))
    assert OutgoingMail.objects.count() == 1


def test_a_new_end_is_told_anew(connection: Connection) -> None:
    ends(connection, refresh_token_expires_at=NOON + 3 * DAY)
    expiry.check_all(at=NOON)
    ends(connection, refresh_token_expires_at=NOON + 102 * DAY)
    assert expiry.check_all(at=NOON + 2 * DAY) == (0, 0)
    assert expiry.check_all(at=NOON + 95 * DAY) == (1, 0)
    assert OutgoingMail.objects.count() == 2


@pytest.mark.parametrize("field", ["refresh_token_expires_at", "refresh_token_hard_expires_at"])
def test_at_the_end_the_connection_needs_attention_without_a_call(
    intuit: Intuit, connection: Connection, field: str
) -> None:
    ends(connection, **{field: NOON})
    assert expiry.check_all(at=NOON) == (0, 1)
    row = now_of(connection)
    assert (row.status, row.status_reason) == ("needs_attention", expiry.EXPIRED_REASON)
    assert (row.access_token, row.refresh_token, row.next_sync_at) == ("", "", None)
    assert row.attention_emailed_at == NOON
    assert intuit.asked == []
    assert "press Reconnect" in OutgoingMail.objects.get().body
    assert AuditEvent.objects.filter(event="connection.status", details__to="needs_attention").count() == 1
    assert expiry.check_all(at=NOON + DAY) == (0, 0)
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("status", ["needs_attention", "disconnected"])
def test_what_is_not_connected_is_left_alone(connection: Connection, status: str) -> None:
    ends(connection, refresh_token_expires_at=NOON - DAY)
    Connection.objects.filter(pk=connection.pk).update(status=status, access_token="", refresh_token="")
    assert expiry.check_all(at=NOON) == (0, 0)
    assert now_of(connection).status == status


def test_a_refresh_that_comes_between_look_and_end_keeps_it_alive(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends(connection, refresh_token_expires_at=NOON)
    seen = now_of(connection)
    given = oauth_client.Tokens("eyJ-new", NOON + DAY, "RT1-new", NOON + 100 * DAY, NOON + 1800 * DAY)
    monkeypatch.setattr(expiry, "_ending_connections", lambda *, at: [seen] if tokens.save_tokens(seen, given) else [])
    assert expiry.check_all(at=NOON) == (0, 0)
    assert (now_of(connection).status, now_of(connection).refresh_token) == ("connected", "RT1-new")


def test_a_thousand_connections_that_are_well_cost_one_query(
    connection: Connection, django_assert_num_queries: object
) -> None:
    ConnectionFactory.create_batch(5, refresh_token_hard_expires_at=NOON + 1800 * DAY)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert expiry.check_all(at=NOON) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_grant_that_several_workers_find_dead_at_once_is_told_once(connection: Connection) -> None:
    seen, start = now_of(connection), threading.Barrier(6)

    def find() -> None:
        try:
            start.wait()
            authorization_flow.mark_needs_attention(connection=seen, reason="It was ended.", at=NOON)
            expiry.check_all(at=NOON)
        finally:
            database.close()

    threads = [threading.Thread(target=find) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert now_of(connection).status == "needs_attention"
    assert OutgoingMail.objects.count() == 1
    assert AuditEvent.objects.filter(event="connection.status").count() == 1


def test_a_dead_grant_of_before_a_reconnect_harms_the_new_one_nothing(connection: Connection) -> None:
    seen = now_of(connection)
    ends(connection, connected_at=NOON)
    authorization_flow.mark_needs_attention(connection=seen, reason="It was ended.", at=NOON)
    assert now_of(connection).status == "connected"
    assert not OutgoingMail.objects.exists()


def test_a_mail_says_a_name_as_it_is_and_in_one_line(connection: Connection) -> None:
    Connection.objects.update(company_name="Tom & Jerry's <b>\r\nBcc: x@example.com")
    authorization_flow.mark_needs_attention(connection=now_of(connection), reason="It was ended.", at=NOON)
    mail = OutgoingMail.objects.get()
    assert mail.subject == "Reconnect QuickBooks: Tom & Jerry's <b> Bcc: x@example.com"
    assert "Tom & Jerry's <b>" in mail.body
