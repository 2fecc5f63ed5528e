"""Concurrent consents, untrusted discovery addresses, and the end of a grant."""

import json
import threading
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection as database
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Membership
from quickbooks_app.api import transport
from quickbooks_app.auth import app_credentials, oauth_client
from quickbooks_app.connections import authorization_flow, grants
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from tests.support.factories.quickbooks import REALM, ConnectionFactory, RunFactory, owner_of
from tests.support.factories.suppliers import MembershipFactory
from tests.support.fakes.intuit_server import Intuit, Reply, refused
from tests.support.payloads import NOON, fault, gateway_fault

Outcome = ConsentAttempt.Outcome
BROWSER = "the cookie of a browser"


def begun(member: Membership) -> dict[str, str]:
    """The callback query of a person who started the consent and approved."""
    whose = {"user": member.user, "supplier": member.supplier, "browser": BROWSER}
    _, url = authorization_flow.begin(**whose, in_popup=True, at=NOON)
    return {"state": parse_qs(urlsplit(url).query)["state"][0], "code": "XAB1code", "realmId": REALM}


def complete(member: Membership, query: dict[str, str], *, minutes: int = 1) -> str:
    at = NOON + timedelta(minutes=minutes)
    attempt, _ = authorization_flow.complete(user=member.user, browser=BROWSER, query=query, at=at)
    return attempt.outcome


def at_once(*acts: Any) -> list[Any]:
    start, results = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        try:
            start.wait()
            results.append(act())
        except authorization_flow.InvalidState:
            results.append("state refused")
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_of_suppliers_who_race_for_one_company_exactly_one_gets_it(intuit: Intuit) -> None:
    members = [MembershipFactory() for _ in range(6)]
    queries = [begun(member) for member in members]
    ends = at_once(*(lambda m=m, q=q: complete(m, q) for m, q in zip(members, queries, strict=True)))
    assert sorted(ends) == [Outcome.CONNECTED] + [Outcome.REALM_TAKEN] * 5
    held = Connection.objects.get()
    assert CompanyFile.objects.get().supplier_id == held.supplier_id
    assert ImportRun.objects.get().connection == held
    assert AuditEvent.objects.filter(event="quickbooks.realm_refused").count() == 5
    assert ConsentAttempt.objects.get(outcome=Outcome.CONNECTED).supplier_id == held.supplier_id


@pytest.mark.django_db(transaction=True)
def test_one_supplier_who_connects_twice_at_once_has_one_connection(intuit: Intuit) -> None:
    member = MembershipFactory()
    queries = [begun(member) for _ in range(6)]
    ends = at_once(*(lambda q=q: complete(member, q) for q in queries))
    assert ends == [Outcome.CONNECTED] * 6
    assert (Connection.objects.count(), CompanyFile.objects.count(), ImportRun.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_code_that_comes_back_many_times_at_once_is_exchanged_once(intuit: Intuit) -> None:
    member = MembershipFactory()
    query = begun(member)
    ends = at_once(*[lambda: complete(member, query)] * 10)
    assert sorted(ends) == [Outcome.CONNECTED] + ["state refused"] * 9
    assert len(intuit.of("token")) == 1


@pytest.mark.django_db
class TestComplete:
    def test_the_state_lives_ten_minutes(self, intuit: Intuit) -> None:
        member = MembershipFactory()
        assert complete(member, begun(member), minutes=9) == Outcome.CONNECTED
        assert complete(member, begun(member), minutes=10) == Outcome.EXPIRED
        assert len(intuit.of("token")) == 1

    @pytest.mark.parametrize(
        ("kind", "reply", "outcome"),
        [
            ("token", refused("invalid_grant"), Outcome.REFUSED),
            ("token", refused("invalid_request"), Outcome.REFUSED),
            ("token", Reply(status=500), Outcome.UNREACHABLE),
            ("token", Reply(body=None), Outcome.UNREACHABLE),
            ("token", Reply(body=b"[]"), Outcome.UNREACHABLE),
            ("token", Reply(body=b'{"access_token":"eyJ-1","expires_in":3600}'), Outcome.UNREACHABLE),
            ("api", Reply(status=401, body=gateway_fault("3200")), Outcome.REFUSED),
            ("api", Reply(status=403, body=gateway_fault("3100")), Outcome.WRONG_ENVIRONMENT),
            ("api", Reply(status=400, body=fault("6190")), Outcome.REFUSED),
            ("api", Reply(status=200, body=b"{}"), Outcome.UNREACHABLE),
            ("api", Reply(status=200, body=b'{"CompanyInfo":null}'), Outcome.UNREACHABLE),
            ("api", Reply(status=200, body=b"[" * 100_000), Outcome.UNREACHABLE),
            ("api", Reply(status=429, body=gateway_fault("3001")), Outcome.UNREACHABLE),
            ("api", Reply(body=None), Outcome.UNREACHABLE),
        ],
    )
    def test_a_journey_that_fails_leaves_nothing_but_how_it_ended(
        self, intuit: Intuit, kind: str, reply: Reply, outcome: str
    ) -> None:
        member = MembershipFactory()
        query = begun(member)
        intuit.then(kind, reply)
        assert complete(member, query) == outcome
        assert not Connection.objects.exists()
        assert not CompanyFile.objects.exists()

    def test_a_company_with_a_name_beyond_measure_is_connected(self, intuit: Intuit) -> None:
        member = MembershipFactory()
        query = begun(member)
        info = {"CompanyInfo": {"CompanyName": "\x00" + "N" * 500, "DefaultTimeZone": "Mars/Olympus"}}
        intuit.then("api", Reply(body=json.dumps(info).encode()))
        assert complete(member, query) == Outcome.CONNECTED
        assert Connection.objects.get().company_name.endswith("N" * 199)

    @pytest.mark.parametrize("info", [{}, {"CompanyName": None}, {"CompanyName": "", "LegalName": ""}])
    def test_a_company_without_a_name_is_connected(self, intuit: Intuit, info: dict[str, Any]) -> None:
        member = MembershipFactory()
        query = begun(member)
        intuit.then("api", Reply(body=json.dumps({"CompanyInfo": info}).encode()))
        assert complete(member, query) == Outcome.CONNECTED
        assert Connection.objects.get().company_name == "QuickBooks company"

    def test_the_company_is_proven_with_the_new_token_before_anything_is_stored(self, intuit: Intuit) -> None:
        member = MembershipFactory()
        query = begun(member)
        complete(member, query)
        asked = [(one.kind, one.token) for one in intuit.asked if one.kind in ("token", "api")]
        assert asked[0][0] == "token"
        assert asked[1:] == [("api", "eyJ-access-1")] * 2

    def test_a_failed_second_connect_leaves_the_first_as_it_was(self, intuit: Intuit) -> None:
        member = MembershipFactory()
        complete(member, begun(member))
        before = Connection.objects.values().get()
        query = begun(member)
        intuit.then("api", Reply(status=403, body=gateway_fault("3100")))
        complete(member, query)
        assert Connection.objects.values().get() == before


@pytest.mark.django_db
class TestEnd:
    def test_disconnecting_gives_back_the_token_that_lives_now(self, intuit: Intuit) -> None:
        held = ConnectionFactory()
        Connection.objects.update(refresh_token="RT1-newer")
        assert authorization_flow.disconnect(connection=held, by=owner_of(held), at=NOON)
        assert intuit.of("revoke")[0].form == {"token": "RT1-newer"}

    @pytest.mark.parametrize("reply", [Reply(status=400), Reply(status=500), Reply(body=None), Reply(body=b"<html>")])
    def test_disconnecting_ends_here_whatever_intuit_says(self, intuit: Intuit, reply: Reply) -> None:
        run = RunFactory()
        intuit.then("revoke", reply)
        assert not authorization_flow.disconnect(connection=run.connection, by=owner_of(run.connection), at=NOON)
        held = Connection.objects.get()
        assert (held.status, held.access_token, held.refresh_token) == ("disconnected", "", "")
        assert ImportRun.objects.get().state == "failed"
        event = AuditEvent.objects.get(event="connection.status")
        assert (event.actor_id, event.details) == (held.connected_by_id, {"from": "connected", "to": "disconnected"})

    def test_a_connection_without_a_token_is_ended_without_a_call(self, intuit: Intuit) -> None:
        held = ConnectionFactory(status="needs_attention", access_token="", refresh_token="")
        assert not authorization_flow.disconnect(connection=held, by=owner_of(held), at=NOON)
        assert intuit.of("revoke") == []
        assert Connection.objects.get().status == "disconnected"

    def test_a_dead_grant_is_told_once(self) -> None:
        held = ConnectionFactory()
        for _ in range(2):
            authorization_flow.mark_needs_attention(connection=held, reason="QuickBooks said no.", at=NOON)
        assert AuditEvent.objects.filter(event="connection.status").count() == 1

    def test_a_dead_grant_of_before_takes_nothing_from_the_one_of_now(self) -> None:
        held = ConnectionFactory()
        Connection.objects.update(connected_at=NOON, access_token="eyJ-new", refresh_token="RT1-new")
        authorization_flow.mark_needs_attention(connection=held, reason="QuickBooks said no.", at=NOON)
        row = Connection.objects.get()
        assert (row.status, row.refresh_token) == ("connected", "RT1-new")

    def test_a_connection_that_was_ended_is_not_brought_back_by_a_late_failure(self) -> None:
        held = ConnectionFactory()
        Connection.objects.update(status="disconnected", access_token="", refresh_token="")
        authorization_flow.mark_needs_attention(connection=held, reason="QuickBooks said no.", at=NOON)
        assert Connection.objects.get().status == "disconnected"


class TestDiscovery:
    @pytest.fixture(autouse=True)
    def _nothing_kept(self) -> None:
        cache.clear()

    @staticmethod
    def document(intuit: Intuit, **changes: str) -> Reply:
        base = f"http://127.0.0.1:{intuit.port}"
        whole = {
            "issuer": "https://oauth.platform.intuit.com/op/v1",
            "authorization_endpoint": f"{base}/moved/connect",
            "token_endpoint": f"{base}/moved/tokens",
            "revocation_endpoint": f"{base}/moved/revoke",
        }
        return Reply(body=json.dumps({**whole, **changes}).encode())

    def test_the_addresses_are_those_of_the_document_and_asked_for_once(self, intuit: Intuit) -> None:
        intuit.then("discovery", self.document(intuit))
        for _ in range(3):
            assert app_credentials.of_settings().endpoints().token_endpoint.endswith("/moved/tokens")
        assert len(intuit.of("discovery")) == 1

    @pytest.mark.parametrize(
        "changes",
        [
            {"issuer": "https://evil.example/op/v1"},
            {"issuer": ""},
            {"token_endpoint": "https://evil.example/tokens"},
            {"authorization_endpoint": "https://evil.example/connect"},
            {"revocation_endpoint": "//evil.example/revoke"},
            {"token_endpoint": "http://127.0.0.1:1@evil.example/tokens"},
            {"token_endpoint": "file:///etc/passwd"},
        ],
    )
    def test_a_document_that_leads_elsewhere_is_not_believed(self, intuit: Intuit, changes: dict[str, str]) -> None:
        intuit.then("discovery", self.document(intuit, **changes))
        known = app_credentials.of_settings()
        assert known.endpoints() == known.default_endpoints

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(status=500),
            Reply(status=302, headers={"Location": "https://evil.example/"}),
            Reply(body=b"<html></html>"),
            Reply(body=b"[]"),
            Reply(body=b"{}"),
            Reply(body=b'{"issuer":1}'),
            Reply(body=None),
        ],
        ids=range(7),
    )
    def test_without_a_document_the_published_addresses_are_used_and_a_minute_later_it_is_asked_again(
        self, intuit: Intuit, reply: Reply
    ) -> None:
        intuit.then("discovery", reply, self.document(intuit))
        known = app_credentials.of_settings()
        for _ in range(2):
            assert known.endpoints() == known.default_endpoints
        with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1)):
            assert known.endpoints().token_endpoint.endswith("/moved/tokens")

    @pytest.mark.parametrize("environment", ["sandbox", "production"])
    def test_intuits_own_addresses_are_secure_and_known(self, settings: Any, environment: str) -> None:
        settings.QUICKBOOKS_ENVIRONMENT = environment
        known = app_credentials.of_settings()
        for address in (known.api_base, known.discovery_url, *vars(known.default_endpoints).values()):
            assert address.startswith("https://")
            assert urlsplit(address).hostname.endswith(".intuit.com")  # type: ignore[union-attr]

    def test_the_secret_is_never_printed(self, settings: Any) -> None:
        settings.QUICKBOOKS_CLIENT_SECRET = "canary-secret"
        assert "canary-secret" not in repr(app_credentials.of_settings())


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["token", "api"])
def test_a_silent_quickbooks_does_not_hold_the_person_for_long(
    intuit: Intuit, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(oauth_client, "INTERACTIVE_TIMEOUT", (3, 0.2))
    monkeypatch.setattr(grants, "INTERACTIVE", transport.Timeouts(connect=3, read=0.2, total=10))
    query = begun(member := MembershipFactory())
    stop = threading.Event()
    intuit.then(kind, Reply(before=lambda: stop.wait(30) and None))
    attempt, run = authorization_flow.complete(user=member.user, browser=BROWSER, query=query, at=NOON)
    stop.set()
    assert (run, attempt.outcome) == (None, Outcome.UNREACHABLE)
