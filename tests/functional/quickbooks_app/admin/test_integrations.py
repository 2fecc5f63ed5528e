"""Staff keep the keys of several apps: added, enabled, changed, disabled and deleted, and never shown again."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.users.models import User
from quickbooks_app.auth import integrations
from quickbooks_app.models import ApiCall, Connection, Integration
from tests.support.admin_client import confirm
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import SupplierFactory
from tests.support.fakes.intuit_server import Intuit, refused
from tests.support.second_factor import show_factor

pytestmark = pytest.mark.django_db
LIST = "/admin/quickbooks_app/integration/"
ID, SECRET, VERIFIER = "ABq7" + "k3Zx" * 11 + "Ty", "h8" * 20, "0f8fad5b-d9cb-469f-a165-70867728950e"
TYPED = {
    "name": "QuickBooks Online Sandbox",
    "environment": "sandbox",
    "client_id": f" {ID}\n",
    "client_secret": f"\t{SECRET} ",
    "webhook_verifier": VERIFIER,
}


@pytest.fixture
def staff_member(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def page_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def of(row: Integration, page: str) -> str:
    return f"{LIST}{row.pk}/{page}/"


def test_an_integration_is_saved_and_then_asked_about_enabling(staff_member: Client) -> None:
    answer = confirm(staff_member, f"{LIST}add/", **TYPED)
    row = Integration.objects.get(is_from_settings=False)
    assert answer["Location"] == of(row, "enable")
    assert (row.client_id, row.client_secret, row.webhook_verifier) == (ID, SECRET, VERIFIER)
    assert not row.is_enabled
    asked = page_of(staff_member, of(row, "enable"))
    assert "Save and enable?" in asked
    assert "Enable now" in asked
    assert "Not now" in asked
    assert "sandbox-quickbooks.api.intuit.com" in asked
    event = AuditEvent.objects.get(event="integration.created")
    assert event.details == {"environment": "sandbox"}


def test_no_page_and_no_record_shows_a_secret_again(staff_member: Client) -> None:
    confirm(staff_member, f"{LIST}add/", **TYPED)
    row = Integration.objects.get(is_from_settings=False)
    confirm(staff_member, of(row, "edit"), **{**TYPED, "client_secret": SECRET[::-1]})
    pages = [page_of(staff_member, address) for address in (LIST, of(row, "change"), of(row, "edit"))]
    wrong = confirm(staff_member, f"{LIST}add/", **{**TYPED, "name": "", "client_secret": SECRET})
    events = " ".join(str(vars(event)) for event in AuditEvent.objects.all())
    for text in (*pages, wrong.content.decode(), events):
        assert not any(secret in text for secret in (SECRET, SECRET[::-1], VERIFIER))
    assert ID in pages[1]
    assert AuditEvent.objects.get(event="integration.changed").details == {"fields": ["client_secret"]}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"client_id": SECRET, "client_secret": ID}, "looks like a client secret"),
        ({"client_secret": ID}, "This is the client ID again"),
        ({"client_id": ID.replace("k", " ", 1)}, "has a space or an invisible character inside"),
        ({"environment": "production"}, "need an https address: set QUICKBOOKS_REDIRECT_URI"),
        ({"environment": "moon"}, "Select a valid choice"),
        ({"client_secret": ""}, "Enter both keys, or leave both blank"),
    ],
)
def test_keys_that_cannot_be_right_are_refused_with_what_to_do(
    staff_member: Client, typed: dict[str, str], says: str
) -> None:
    answer = confirm(staff_member, f"{LIST}add/", **{**TYPED, **typed})
    assert says in answer.content.decode()
    assert not Integration.objects.filter(is_from_settings=False).exists()


def test_development_keys_are_refused_for_live_companies(staff_member: Client, settings: Any) -> None:
    settings.QUICKBOOKS_REDIRECT_URI = "https://app.infactor.com/quickbook/connect"
    IntegrationFactory(environment="sandbox", client_id=ID)
    answer = confirm(staff_member, f"{LIST}add/", **{**TYPED, "environment": "production"})
    assert "These are development keys" in answer.content.decode()


def test_two_integrations_do_not_share_a_name(staff_member: Client) -> None:
    IntegrationFactory(name=TYPED["name"])
    answer = confirm(staff_member, f"{LIST}add/", **TYPED)
    assert "Another integration has this name." in answer.content.decode()


def test_keys_that_quickbooks_does_not_know_are_not_enabled(staff_member: Client, intuit: Intuit) -> None:
    row = IntegrationFactory(is_enabled=False)
    intuit.then("token", refused("invalid_client"), refused("invalid_grant"))
    answer = confirm(staff_member, of(row, "enable"))
    assert "QuickBooks does not know these keys" in answer.content.decode()
    assert not Integration.objects.get(pk=row.pk).is_enabled
    assert confirm(staff_member, of(row, "enable")).status_code == 302
    assert Integration.objects.get(pk=row.pk).is_enabled


def test_the_integration_of_the_settings_is_listed_first_and_cannot_be_changed(staff_member: Client) -> None:
    IntegrationFactory(name="A")
    listed = page_of(staff_member, LIST)
    assert listed.index("from settings") < listed.index(">A<")
    row = integrations.from_settings()
    page = page_of(staff_member, of(row, "change"))
    assert "http://localhost:3000/quickbook/connect" in page
    for name in ("edit", "enable", "disable", "remove"):
        assert of(row, name) not in page
        assert staff_member.get(of(row, name)).status_code == 302


def test_the_page_of_an_integration_has_its_status_connections_and_addresses(staff_member: Client) -> None:
    row = IntegrationFactory(last_webhook_at=timezone.now())
    held = ConnectionFactory(integration=row, company_name="Larkspur Coffee")
    ApiCall.objects.create(connection=held, at=timezone.now(), operation="query Invoice", status=200, duration_ms=1)
    page = page_of(staff_member, of(row, "change"))
    for shown in ("Enabled", "Larkspur Coffee", "query Invoice", f"/quickbook/webhook/{row.public_id}", "/terms"):
        assert shown in page


def test_a_disabled_integration_connects_and_reads_nothing_until_it_is_enabled(
    staff_member: Client, intuit: Intuit
) -> None:
    soon = timezone.now() + timedelta(hours=20)
    row = IntegrationFactory()
    held = ConnectionFactory(integration=row, next_sync_at=soon)
    run = RunFactory(connection=held)
    assert confirm(staff_member, of(row, "disable")).status_code == 302
    assert not integrations.enabled().filter(pk=row.pk).exists()
    run.refresh_from_db()
    assert (run.state, run.error) == ("failed", "Our access to QuickBooks is switched off.")
    intuit.then("token", refused("invalid_grant"))
    confirm(staff_member, of(row, "enable"))
    held = Connection.objects.get(pk=held.pk)
    assert held.next_sync_at is not None
    assert held.next_sync_at <= timezone.now()
    assert [event.event for event in AuditEvent.objects.filter(event__startswith="integration.").order_by("pk")] == [
        "integration.disabled",
        "integration.enabled",
    ]


def test_an_integration_in_use_is_not_deleted(staff_member: Client) -> None:
    used, asked_for, free = IntegrationFactory(), OwnAppFactory().parent, IntegrationFactory()
    ConnectionFactory(integration=used, status="disconnected", access_token="", refresh_token="")
    for row, says in ((used, "are, or were, connected with it"), (asked_for, "brought apps of their own")):
        assert says in confirm(staff_member, of(row, "remove")).content.decode()
        assert Integration.objects.filter(pk=row.pk).exists()
    assert confirm(staff_member, of(free, "remove"))["Location"] == LIST
    assert not Integration.objects.filter(pk=free.pk).exists()


def test_the_app_of_connected_companies_is_not_exchanged_for_another(staff_member: Client) -> None:
    row = IntegrationFactory()
    ConnectionFactory(integration=row)
    answer = confirm(staff_member, of(row, "edit"), name="New", client_id="other", client_secret="one")
    assert "another app cannot read them" in answer.content.decode()
    assert confirm(staff_member, of(row, "edit"), name="New", client_id=row.client_id).status_code == 302
    assert Integration.objects.get(pk=row.pk).client_secret == "canary-secret", "a blank one stays as it is"


def test_a_verifier_is_removed_only_when_asked(staff_member: Client) -> None:
    row = IntegrationFactory()
    typed = {"name": row.name, "client_id": row.client_id}
    confirm(staff_member, of(row, "edit"), **typed)
    assert Integration.objects.get(pk=row.pk).webhook_verifier == row.webhook_verifier
    confirm(staff_member, of(row, "edit"), **typed, remove_verifier="on")
    assert Integration.objects.get(pk=row.pk).webhook_verifier == ""


def test_where_real_money_is_paid_a_sandbox_is_for_named_suppliers(staff_member: Client, settings: Any) -> None:
    settings.QUICKBOOKS_ENVIRONMENT = "production"
    row = IntegrationFactory(environment="sandbox", client_id="", client_secret="", is_enabled=False)
    answer = confirm(staff_member, of(row, "enable"))
    assert "Sandbox companies have invented invoices" in answer.content.decode()
    tester = SupplierFactory()
    row.only_for.add(tester)
    assert confirm(staff_member, of(row, "enable")).status_code == 302
    assert row in integrations.offered_to(tester)
    assert row not in integrations.offered_to(SupplierFactory())


def test_typed_secrets_do_not_wait_in_the_session_for_the_second_factor(
    staff_member: Client, staff: User, settings: Any
) -> None:
    settings.SECOND_FACTOR_FRESH = timedelta(minutes=15)
    show_factor(staff_member, staff, at=time.time() - 24 * 3600)
    answer = staff_member.post(f"{LIST}add/", TYPED)
    assert answer.status_code == 302
    assert not any(SECRET in str(session.get_decoded()) for session in Session.objects.all())
    assert not Integration.objects.filter(is_from_settings=False).exists()
