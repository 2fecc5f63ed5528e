"""Token refresh: one at a time, and no refresh token is lost, whatever the token endpoint does."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database

from quickbooks_app.auth import tokens
from quickbooks_app.connections import authorization_flow
from quickbooks_app.errors import AuthorizationLost, QuickBooksError, Transient
from quickbooks_app.models import Connection
from tests.support.factories.quickbooks import Clock, ConnectionFactory, owner_of
from tests.support.fakes.intuit_server import Intuit, Reply, refused
from tests.support.payloads import NOON, token_answer

THREADS = 20
SPENT = NOON - timedelta(minutes=1)


@pytest.fixture
def spent(db: None) -> Connection:
    """A connection whose access token has expired."""
    return ConnectionFactory(access_token_expires_at=SPENT)


def fresh(connection: Connection, *, refused: str = "", sleep: Callable[[float], None] = lambda seconds: None) -> str:
    return tokens.get_access_token(connection, now=Clock(), rejected_token=refused, sleep=sleep)


def stored(connection: Connection) -> tuple[str, str]:
    row = Connection.objects.get(pk=connection.pk)
    return row.access_token, row.refresh_token


@pytest.mark.parametrize("left", [timedelta(minutes=6), timedelta(days=1)])
def test_a_good_token_asks_intuit_nothing(intuit: Intuit, db: None, left: timedelta) -> None:
    assert fresh(ConnectionFactory(access_token_expires_at=NOON + left)) == "eyJ-access-0"
    assert intuit.asked == []


@pytest.mark.parametrize("left", [timedelta(minutes=-60), timedelta(0), timedelta(minutes=5)])
def test_a_token_near_its_end_is_refreshed_and_everything_that_came_is_saved(
    intuit: Intuit, db: None, left: timedelta
) -> None:
    connection = ConnectionFactory(access_token_expires_at=NOON + left)
    assert fresh(connection) == "eyJ-access-1"
    row = Connection.objects.get(pk=connection.pk)
    assert (row.access_token, row.refresh_token) == ("eyJ-access-1", "RT1-refresh-1")
    assert row.access_token_expires_at == NOON + timedelta(hours=1)
    assert row.refresh_token_expires_at == NOON + timedelta(days=101)
    assert row.refresh_token_hard_expires_at == NOON + timedelta(seconds=157494248)
    assert (row.token_version, row.refresh_lease_until) == (connection.token_version + 1, None)


def test_the_refresh_proves_the_app_and_sends_the_stored_token(intuit: Intuit, spent: Connection) -> None:
    fresh(spent)
    (asked,) = intuit.of("token")
    assert asked.headers["Authorization"].startswith("Basic ")
    assert (asked.form["grant_type"], asked.form["refresh_token"]) == ("refresh_token", "RT1-refresh-0")


def test_a_refused_token_is_replaced_though_it_has_not_ended(intuit: Intuit, db: None) -> None:
    assert fresh(ConnectionFactory(), refused="eyJ-access-0") == "eyJ-access-1"


def test_a_refused_token_that_another_process_has_replaced_costs_no_call(intuit: Intuit, db: None) -> None:
    assert fresh(ConnectionFactory(access_token="eyJ-newer"), refused="eyJ-access-0") == "eyJ-newer"
    assert intuit.asked == []


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_with_one_spent_token_make_one_token_call(intuit: Intuit) -> None:
    spent = ConnectionFactory(access_token_expires_at=SPENT)
    start, results = threading.Barrier(THREADS), []

    def ask() -> None:
        try:
            start.wait()
            results.append(tokens.get_access_token(spent, now=Clock()))
        finally:
            database.close()

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["eyJ-access-1"] * THREADS
    assert len(intuit.of("token")) == 1


def test_a_dead_grant_is_told_and_nothing_else_is_called(intuit: Intuit, spent: Connection) -> None:
    intuit.then("token", refused("invalid_grant"))
    with pytest.raises(AuthorizationLost):
        fresh(spent)
    assert len(intuit.of("token")) == 1
    assert Connection.objects.get(pk=spent.pk).refresh_lease_until is None


def test_a_dead_grant_is_told_although_the_refused_token_has_not_ended(intuit: Intuit, db: None) -> None:
    intuit.then("token", refused("invalid_grant"))
    with pytest.raises(AuthorizationLost):
        fresh(ConnectionFactory(), refused="eyJ-access-0")


def test_the_newer_token_of_another_process_is_used_after_a_refusal(intuit: Intuit, spent: Connection) -> None:
    intuit.then("token", refused("invalid_grant"))

    def save_newer(seconds: float) -> None:
        row = Connection.objects.get(pk=spent.pk)
        row.access_token, row.refresh_token = "eyJ-newer", "RT1-newer"
        row.access_token_expires_at = NOON + timedelta(hours=1)
        row.token_version += 1
        row.save()

    assert fresh(spent, sleep=save_newer) == "eyJ-newer"
    assert stored(spent) == ("eyJ-newer", "RT1-newer")


def test_a_refusal_frees_no_lease_that_another_process_holds(intuit: Intuit, spent: Connection) -> None:
    intuit.then("token", refused("invalid_grant"))
    lease = NOON + timedelta(seconds=50)

    def another_refreshes(seconds: float) -> None:
        Connection.objects.filter(pk=spent.pk).update(
            token_version=spent.token_version + 1,
            access_token="eyJ-newer",
            access_token_expires_at=NOON + timedelta(hours=1),
            refresh_lease_until=lease,
        )

    assert fresh(spent, sleep=another_refreshes) == "eyJ-newer"
    assert Connection.objects.get(pk=spent.pk).refresh_lease_until == lease


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=500, body=b'{"Fault":{}}'),
        Reply(status=503, body=b"upstream connect error", headers={"Content-Type": "text/plain"}),
        Reply(status=429, body=b"{}"),
        Reply(status=200, body=b"<html>maintenance</html>", headers={"Content-Type": "text/html"}),
        Reply(status=200, body=b""),
        Reply(status=200, body=b"[]"),
        Reply(status=200, body=b"null"),
        Reply(status=200, body=b'{"token_type":"bearer"}'),
        Reply(
            status=200,
            body=b'{"token_type":"bearer","access_token":"eyJ-a","refresh_token":"RT1-a","expires_in":"soon"}',
        ),
        Reply(status=400, body=b'{"error":"temporarily_unavailable"}'),
        Reply(status=401, body=b'{"error":"invalid_client"}'),
        Reply(status=200, body=b'{"access', length=500),
        Reply(body=None),
    ],
    ids=range(13),
)
def test_trouble_at_the_token_endpoint_is_passing_and_costs_no_token(
    intuit: Intuit, spent: Connection, reply: Reply
) -> None:
    intuit.then("token", reply)
    with pytest.raises(Transient):
        fresh(spent)
    row = Connection.objects.get(pk=spent.pk)
    assert (row.status, row.access_token, row.refresh_token) == ("connected", "eyJ-access-0", "RT1-refresh-0")
    assert fresh(spent) == "eyJ-access-1"


def test_a_token_endpoint_that_leads_elsewhere_is_not_followed(intuit: Intuit, spent: Connection) -> None:
    elsewhere = f"http://127.0.0.1:{intuit.port}/v2/oauth2/elsewhere"
    intuit.then("token", Reply(status=302, body=b"", headers={"Location": elsewhere}))
    with pytest.raises(Transient):
        fresh(spent)
    assert intuit.of("revoke") == [], "nothing came to the other address"


def test_a_token_endpoint_that_says_nothing_in_time_is_passing(
    intuit: Intuit, spent: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quickbooks_app.auth.oauth_client.TIMEOUT", (0.2, 0.2))
    stop = threading.Event()
    intuit.then("token", Reply(before=lambda: stop.wait(5) and None))
    with pytest.raises(Transient):
        fresh(spent)
    stop.set()
    assert fresh(spent) == "eyJ-access-1"


@pytest.mark.parametrize(
    "changes",
    [{"x_refresh_token_expires_in": None}, {"x_refresh_token_hard_expires_in": None}, {"scope": "other thing"}],
)
def test_a_new_refresh_token_is_not_lost_for_want_of_what_is_told_beside_it(
    intuit: Intuit, spent: Connection, changes: dict[str, Any]
) -> None:
    given = {name: value for name, value in token_answer(7, **changes).items() if value is not None}
    intuit.then("token", Reply(body=json.dumps(given).encode()))
    assert fresh(spent) == "eyJ-access-7"
    assert stored(spent) == ("eyJ-access-7", "RT1-refresh-7")


def test_a_crash_between_the_answer_and_the_save_heals_with_the_old_token(
    intuit: Intuit, spent: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as crash:
        crash.setattr(tokens, "save_tokens", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fresh(spent)
    assert stored(spent) == ("eyJ-access-0", "RT1-refresh-0")
    later = Clock(NOON + tokens.LEASE_DURATION + timedelta(seconds=1))
    assert tokens.get_access_token(spent, now=later) == "eyJ-access-2"
    assert [one.form["refresh_token"] for one in intuit.of("token")] == ["RT1-refresh-0"] * 2


@pytest.mark.parametrize("set_back", [timedelta(0), timedelta(seconds=4)])
def test_who_waits_too_long_for_another_process_tries_later(intuit: Intuit, db: None, set_back: timedelta) -> None:
    busy = ConnectionFactory(
        access_token_expires_at=NOON - timedelta(days=1), refresh_lease_until=NOON + timedelta(minutes=1)
    )
    clock, slept = Clock(), []

    def sleep(seconds: float) -> None:
        if not slept:
            clock.at -= set_back
        slept.append(seconds)
        assert sum(slept) < 60
        clock.advance(seconds=seconds)

    with pytest.raises(Transient) as caught:
        tokens.get_access_token(busy, now=clock, sleep=sleep)
    assert caught.value.code == "refresh_busy"
    assert intuit.asked == []


def test_a_lease_that_a_dead_worker_took_before_the_clock_went_back_lasts_no_longer(
    intuit: Intuit, spent: Connection
) -> None:
    Connection.objects.update(refresh_lease_until=NOON + timedelta(hours=1) + tokens.LEASE_DURATION)
    assert fresh(spent) == "eyJ-access-1"


@pytest.mark.parametrize("status", [Connection.Status.DISCONNECTED, Connection.Status.NEEDS_ATTENTION])
def test_a_connection_without_tokens_asks_intuit_nothing(intuit: Intuit, db: None, status: str) -> None:
    ended = ConnectionFactory(status=status, access_token="", refresh_token="", access_token_expires_at=None)
    with pytest.raises(AuthorizationLost):
        fresh(ended)
    assert intuit.asked == []


def test_a_connection_that_ends_during_its_refresh_gets_no_token(intuit: Intuit, spent: Connection) -> None:
    """The supplier disconnects while the server answers, so the answer comes too late."""
    saved = tokens.save_tokens

    def disconnect_first(row: Connection, given: Any) -> bool:
        authorization_flow.disconnect(connection=spent, by=owner_of(spent), at=NOON)
        return saved(row, given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "save_tokens", disconnect_first)
        with pytest.raises(AuthorizationLost):
            fresh(spent)
    row = Connection.objects.get(pk=spent.pk)
    assert (row.status, row.access_token, row.refresh_token) == ("disconnected", "", "")


def test_no_error_and_no_print_shows_a_token(intuit: Intuit, spent: Connection) -> None:
    intuit.then("token", Reply(status=400, body=b'{"error":"invalid_grant","error_description":"RT1-refresh-0"}'))
    with pytest.raises(QuickBooksError) as caught:
        fresh(spent)
    assert "RT1" not in str(caught.value)
    assert "RT1" not in repr(spent)
    assert "RT1" not in caught.value.code
