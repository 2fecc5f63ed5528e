"""A supplier connects QuickBooks over HTTP, from the button to the first invoices, with the sandbox."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.invoices.models import Buyer, CompanyFile, Invoice
from infactor.suppliers.models import Supplier
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, ImportRun
from quickbooks_app.sync import run_worker
from tests.support.factories.suppliers import MembershipFactory
from tests.support.processes.sandbox_company import (
    MAIN_REALM,
    SECOND_REALM,
    Company,
    assert_leaks_nothing,
    outcome_of,
    parts_of,
    set_out,
)

pytestmark = pytest.mark.django_db
TOKENS = "/oauth2/v1/tokens/bearer"


def connect(member: Client, company: Company, *, realm: str = MAIN_REALM, window: str = "popup") -> HttpResponse:
    """Go through the whole consent flow, and return the response of the callback."""
    return member.get(company.consent(set_out(member, window), realm=realm))  # type: ignore[return-value]


def test_the_button_leads_to_the_consent_page_with_a_state_of_its_own(member: Client, company: Company) -> None:
    first, second = (parts_of(set_out(member)) for _ in range(2))
    assert first["redirect_uri"] == "http://localhost:3000/quickbook/connect"
    assert (first["response_type"], first["scope"]) == ("code", "com.intuit.quickbooks.accounting")
    assert first["state"] != second["state"]
    assert len(first["state"]) >= 43


def test_a_company_is_connected_and_its_invoices_arrive(member: Client, supplier: Supplier, company: Company) -> None:
    assert outcome_of(connect(member, company)) == "connected"
    held = Connection.objects.get()
    assert (held.supplier, held.status, held.realm_id) == (supplier, "connected", MAIN_REALM)
    books = CompanyFile.objects.get()
    assert (books.supplier, books.source, books.home_currency) == (supplier, "QuickBooks", "USD")
    assert held.company_name == books.name != ""
    run = ImportRun.objects.get()
    assert (run.state, run.kind, run.connection) == ("queued", "full", held)
    assert AuditEvent.objects.filter(event="quickbooks.connected", supplier_id=supplier.pk).count() == 1
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    counts = next(one["objects"] for one in company.state()["companies"] if one["realm"] == MAIN_REALM)
    assert Invoice.objects.for_supplier(supplier).count() == counts["Invoice"]
    assert Buyer.objects.filter(supplier=supplier).count() == counts["Customer"]
    run.refresh_from_db()
    assert (run.state, run.error) == ("succeeded", "")


def test_the_suppliers_day_becomes_the_companys(member: Client, supplier: Supplier, company: Company) -> None:
    Supplier.objects.update(time_zone="Asia/Tokyo")
    connect(member, company)
    supplier.refresh_from_db()
    assert supplier.time_zone == "America/Los_Angeles"


def test_the_calls_that_prove_the_company_are_kept_with_intuits_id(member: Client, company: Company) -> None:
    connect(member, company)
    kept = ApiCall.objects.all()
    assert {call.title for call in kept} == {"read CompanyInfo", "read Preferences"}
    assert all(call.intuit_tid for call in kept)


@pytest.mark.parametrize(
    ("window", "shown"), [("popup", "You can close this window."), ("page", "QuickBooks is connected")]
)
def test_the_clean_page_says_that_it_went_well(member: Client, company: Company, window: str, shown: str) -> None:
    page = member.get(connect(member, company, window=window)["Location"], follow=True)
    assert shown in page.content.decode()
    assert parts_of(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"]).keys() <= {"attempt"}


def test_nothing_of_the_journey_stands_in_clear_in_the_database(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    member.get(back)
    held = Connection.objects.get()
    secrets = [*(parts_of(back)[name] for name in ("code", "state", "realmId")), held.access_token, held.refresh_token]
    with database.cursor() as cursor:
        for model in (Connection, ConsentAttempt, ApiCall, AuditEvent):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {model._meta.db_table} t")
            dump = " ".join(row[0] for row in cursor.fetchall())
            assert dump
            assert [secret for secret in secrets if secret in dump] == []


def test_a_second_callback_with_the_same_code_asks_intuit_nothing(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    member.get(back)
    total = company.state()["calls_total"]
    again = member.get(back)
    assert_leaks_nothing(again)
    assert "attempt" not in again["Location"]
    assert company.state()["calls_total"] == total
    assert "works once" in member.get(again["Location"]).content.decode()
    run_worker.process_run(run_id=ImportRun.objects.get().pk, owner="me", now=timezone.now)
    assert ImportRun.objects.get().state == "succeeded", "the tokens of the first time live"


def test_consent_that_was_denied_connects_nothing(member: Client, company: Company) -> None:
    answer = member.get(company.consent(set_out(member), decision="cancel"))
    assert outcome_of(answer) == "denied"
    assert not Connection.objects.exists()
    assert "You chose Cancel" in member.get(answer["Location"]).content.decode()


def test_a_realm_that_the_token_does_not_open_is_refused(member: Client, company: Company) -> None:
    back = company.consent(set_out(member), realm=MAIN_REALM).replace(MAIN_REALM, SECOND_REALM)
    assert outcome_of(member.get(back)) == "wrong_env"
    assert not Connection.objects.exists()


@pytest.mark.parametrize("kind", ["server_error", "unavailable", "html", "throttled"])
@pytest.mark.parametrize("target", ["tokens", "api"])
def test_an_intuit_that_does_not_answer_well_is_said_so(
    member: Client, company: Company, kind: str, target: str
) -> None:
    back = company.consent(set_out(member))
    company.switch(kind, target=target)
    answer = member.get(back)
    assert outcome_of(answer) == "unreachable"
    assert not Connection.objects.exists()
    assert "did not answer" in member.get(answer["Location"]).content.decode()
    company.well()
    assert outcome_of(connect(member, company)) == "connected"


def test_two_companies_of_one_supplier_stand_side_by_side(member: Client, supplier: Supplier, company: Company) -> None:
    connect(member, company)
    connect(member, company, realm=SECOND_REALM)
    assert {held.realm_id for held in Connection.objects.filter(supplier=supplier)} == {MAIN_REALM, SECOND_REALM}
    assert CompanyFile.objects.count() == 2


@pytest.mark.parametrize("status", ["connected", "needs_attention", "disconnected"])
def test_connecting_again_heals_the_connection_that_was(member: Client, company: Company, status: str) -> None:
    connect(member, company)
    first = Connection.objects.get()
    run_worker.process_run(run_id=ImportRun.objects.get().pk, owner="me", now=timezone.now)
    invoices = Invoice.objects.count()
    if status == "needs_attention":
        company.end_tokens("disconnect")
        Connection.objects.update(status=status, status_reason="lost", access_token="", refresh_token="")
    elif status == "disconnected":
        member.post(f"/quickbook/{first.public_id}/disconnect/confirmed")
    assert outcome_of(connect(member, company)) == "connected"
    held = Connection.objects.get()
    assert (held.pk, held.status, held.status_reason, held.disconnected_at) == (first.pk, "connected", "", None)
    assert CompanyFile.objects.count() == 1
    run = ImportRun.objects.latest("pk")
    run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now)
    run.refresh_from_db()
    assert (run.state, run.kind, Invoice.objects.count()) == ("succeeded", "changes", invoices)


def test_a_company_that_another_supplier_holds_is_refused_in_neutral_words(member: Client, company: Company) -> None:
    connect(member, company)
    before = Connection.objects.values().get()
    other = MembershipFactory(supplier__name="Somebody else")
    stranger = Client()
    stranger.force_login(other.user)
    answer = connect(stranger, company)
    assert outcome_of(answer) == "realm_taken"
    page = stranger.get(answer["Location"]).content.decode()
    assert "connected to another infactor account" in page
    assert "Larkspur Coffee Roasters" not in page
    assert {**Connection.objects.values().get(), "updated_at": None} == {**before, "updated_at": None}
    event = AuditEvent.objects.get(event="quickbooks.realm_refused")
    assert (event.supplier_id, event.actor_id) == (other.supplier_id, other.user_id)
    assert not CompanyFile.objects.filter(supplier=other.supplier).exists()


def test_disconnecting_ends_the_grant_at_intuit_and_the_tokens_here(member: Client, company: Company) -> None:
    connect(member, company)
    held = Connection.objects.get()
    answer = member.post(f"/quickbook/{held.public_id}/disconnect/confirmed", follow=True)
    assert "is disconnected. Its invoices stay in infactor." in answer.content.decode()
    assert "did not confirm" not in answer.content.decode()
    held.refresh_from_db()
    assert (held.status, held.access_token, held.refresh_token) == ("disconnected", "", "")
    assert held.next_sync_at is None
    run = ImportRun.objects.get()
    assert (run.state, run.error) == ("failed", "QuickBooks was disconnected.")
    assert "/v2/oauth2/tokens/revoke" in company.calls_since(0)[-1]


@pytest.mark.parametrize("kind", ["server_error", "html", "unavailable"])
def test_disconnecting_ends_here_even_if_intuit_does_not_confirm(member: Client, company: Company, kind: str) -> None:
    connect(member, company)
    held = Connection.objects.get()
    company.switch(kind, target="tokens")
    answer = member.post(f"/quickbook/{held.public_id}/disconnect/confirmed", follow=True)
    assert "QuickBooks did not confirm this." in answer.content.decode()
    held.refresh_from_db()
    assert (held.status, held.access_token, held.refresh_token) == ("disconnected", "", "")
    again = member.post(f"/quickbook/{held.public_id}/disconnect/confirmed", follow=True)
    assert "is already disconnected" in again.content.decode()


def test_an_attempt_that_took_too_long_is_not_exchanged(member: Client, company: Company) -> None:
    back = company.consent(set_out(member))
    ConsentAttempt.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    total = company.state()["calls_total"]
    assert outcome_of(member.get(back)) == "expired"
    assert TOKENS not in company.calls_since(total)
