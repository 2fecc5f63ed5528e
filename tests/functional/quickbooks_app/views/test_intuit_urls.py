"""The URLs that Intuit sends people to change nothing on GET, and leak no realm id."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from infactor.suppliers.models import Supplier
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
REALM = "9130350000000007"
BAD_REALMS = ["", "0", "9" * 33, "91 30", "'; DROP TABLE x; --", "\u0661\u0662", "<script>", "9130350000000008"]


@pytest.fixture
def held(supplier: Supplier) -> Connection:
    """A connection whose next import is due in an hour."""
    return ConnectionFactory(
        company_file__supplier=supplier,
        realm_id=REALM,
        company_name="Larkspur Books",
        next_sync_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def unchanged(held: Connection) -> Iterator[None]:
    """Assert that the connection is unchanged, and that no import run or consent attempt was created."""
    before = Connection.objects.values().get(pk=held.pk)
    yield
    assert Connection.objects.values().get(pk=held.pk) == before
    assert not ImportRun.objects.exists()
    assert not ConsentAttempt.objects.exists()


def test_the_disconnect_address_shows_everybody_the_same_clean_page(client: Client, held: Connection) -> None:
    for realm in (REALM, "1234"):
        answer = client.get("/quickbook/disconnect", {"realmId": realm})
        assert (answer.status_code, answer["Location"], answer.content) == (302, "/quickbook/disconnected", b"")
        assert answer["Referrer-Policy"] == "no-referrer"
    page = client.get("/quickbook/disconnected").content.decode()
    assert "Press Reconnect" in page
    assert "Larkspur" not in page


def test_it_makes_a_company_that_is_known_be_read_at_the_next_dispatch_and_nothing_else(
    client: Client, held: Connection
) -> None:
    before = Connection.objects.values().get()
    client.get("/quickbook/disconnect", {"realmId": REALM})
    after = Connection.objects.values().get()
    assert {**after, "next_sync_at": None} == {**before, "next_sync_at": None}
    assert after["next_sync_at"] <= timezone.now()
    assert not ImportRun.objects.exists()


def test_it_does_so_once_in_a_while_however_often_it_is_asked(client: Client, held: Connection) -> None:
    later = timezone.now() + timedelta(hours=1)
    client.get("/quickbook/disconnect", {"realmId": REALM})
    Connection.objects.update(next_sync_at=later)
    for _ in range(20):
        client.get("/quickbook/disconnect", {"realmId": REALM})
    assert Connection.objects.get().next_sync_at == later
    cache.clear()
    client.get("/quickbook/disconnect", {"realmId": REALM})
    assert Connection.objects.get().next_sync_at != later


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("realm", BAD_REALMS)
@pytest.mark.parametrize("address", ["/quickbook/disconnect", "/quickbook/reconnect"])
def test_an_id_of_no_company_of_ours_changes_nothing(client: Client, address: str, realm: str) -> None:
    answer = client.get(address, {"realmId": realm})
    assert answer.status_code == 302
    assert not Session.objects.exists()


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("address", ["/quickbook/disconnect", "/quickbook/reconnect"])
@pytest.mark.parametrize("method", ["post", "put", "delete", "trace"])
def test_nothing_but_a_look_is_taken(client: Client, address: str, method: str) -> None:
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("status", ["needs_attention", "disconnected"])
def test_what_is_not_connected_is_not_read_sooner(client: Client, held: Connection, status: str) -> None:
    Connection.objects.update(status=status, access_token="", refresh_token="", next_sync_at=None)
    client.get("/quickbook/disconnect", {"realmId": REALM})
    assert Connection.objects.get().next_sync_at is None


@pytest.mark.usefixtures("unchanged")
def test_the_reconnect_address_survives_signing_in_and_offers_one_button(
    client: Client, supplier: Supplier, held: Connection
) -> None:
    answer = client.get("/quickbook/reconnect", {"realmId": REALM})
    assert (answer["Location"], answer["Referrer-Policy"]) == ("/quickbook/reconnect/confirm", "no-referrer")
    sign_in = client.get(answer["Location"])["Location"]
    assert sign_in == "/accounts/login/?next=/quickbook/reconnect/confirm"
    client.force_login(supplier.members.get())
    page = client.get("/quickbook/reconnect/confirm").content.decode()
    assert "Larkspur Books" in page
    assert f'action="/quickbook/{held.public_id}/reconnect"' in page
    assert REALM not in page


def test_one_click_there_leads_to_quickbooks_for_this_company(member: Client, held: Connection) -> None:
    member.get("/quickbook/reconnect", {"realmId": REALM})
    answer = member.post(f"/quickbook/{held.public_id}/reconnect")
    assert "/connect/oauth2?" in answer["Location"]
    assert ConsentAttempt.objects.get().expected_connection == held


@pytest.mark.usefixtures("unchanged")
def test_somebody_elses_company_is_not_named(client: Client, held: Connection) -> None:
    client.force_login(MembershipFactory().user)
    client.get("/quickbook/reconnect", {"realmId": REALM})
    page = client.get("/quickbook/reconnect/confirm").content.decode()
    assert "did not name a company that you have connected" in page
    assert "Larkspur Books" not in page


def test_who_acts_for_several_is_led_to_the_right_one_first(
    client: Client, supplier: Supplier, held: Connection
) -> None:
    person = supplier.members.get()
    other = MembershipFactory(user=person, supplier__name="Other").supplier
    client.force_login(person)
    client.post(f"/companies/{other.public_id}/choose")
    client.get("/quickbook/reconnect", {"realmId": REALM})
    page = client.get("/quickbook/reconnect/confirm").content.decode()
    assert f'action="/companies/{supplier.public_id}/choose"' in page
    on = client.post(f"/companies/{supplier.public_id}/choose", {"next": "/quickbook/reconnect/confirm"}, follow=True)
    assert f'action="/quickbook/{held.public_id}/reconnect"' in on.content.decode()


def test_launching_leads_to_the_dashboard_or_to_where_quickbooks_is_connected(
    member: Client, client: Client, held: Connection
) -> None:
    assert member.get("/quickbook/launch")["Location"] == "/"
    Connection.objects.update(status="needs_attention", access_token="", refresh_token="")
    assert member.get("/quickbook/launch")["Location"] == "/quickbook/"
    assert Client().get("/quickbook/launch")["Location"].startswith("/accounts/login/?next=/quickbook/launch")


def test_the_privacy_page_is_open_to_everybody_and_linked_from_every_page(client: Client) -> None:
    page = client.get("/privacy").content.decode()
    # Whom it is about, what is stored of them, and what the law on data protection wants said.
    for said in ("If you are a buyer", "date of birth", "tax number", "bank accounts", "IP address", "30 days"):
        assert said in page
    for said in ("legitimate interest", "10 years", "A copy", "Erasure.", "complain to the data protection authority"):
        assert said in page
    assert "We write into the books only what an owner of the company allows" in page
    assert "mailto:" in page
    assert 'href="/privacy"' in client.get("/accounts/login/").content.decode()


def test_the_terms_are_open_to_everybody_and_linked_from_every_page_and_where_one_signs_up(client: Client) -> None:
    page = client.get("/terms").content.decode()
    for said in (
        "end user license agreement",
        "QuickBooks and your data",
        "No advice",
        "Liability",
        "The end",
        "mailto:",
    ):
        assert said in page
    assert 'href="/terms"' in client.get("/accounts/login/").content.decode()
    assert 'agree to the <a href="/terms">terms of use</a>' in client.get("/accounts/signup/").content.decode()
