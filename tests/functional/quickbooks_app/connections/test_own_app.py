"""A supplier chooses the app it connects with, or brings one of its own, with keys that only it uses."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Supplier
from quickbooks_app.models import Connection, Integration
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import SupplierFactory
from tests.support.processes.sandbox_company import MAIN_REALM, Company, outcome_of

pytestmark = pytest.mark.django_db
KEYS = {"client_id": " infactor-local ", "client_secret": "infactor-local-secret\n", "webhook_verifier": "token"}


@pytest.fixture
def asking(settings: Any, company: Company) -> Integration:
    """The only integration: it asks each supplier for keys."""
    settings.QUICKBOOKS_CLIENT_ID = settings.QUICKBOOKS_CLIENT_SECRET = ""
    made: Integration = IntegrationFactory(name="Own app", client_id="", client_secret="", webhook_verifier="")
    return made


def start(member: Client, **form: str) -> str:
    return str(member.post("/quickbook/authorize", {"window": "popup", **form})["Location"])


def test_blank_keys_are_asked_of_the_supplier_who_goes_on_to_quickbooks(
    member: Client, supplier: Supplier, company: Company, asking: Integration
) -> None:
    page = start(member)
    assert urlsplit(page).path == f"/quickbook/apps/{asking.public_id}"
    shown = member.get(page).content.decode()
    assert "http://localhost:3000/quickbook/connect" in shown
    refused = member.post(page, {**KEYS, "client_secret": "wrong"}).content.decode()
    assert "QuickBooks does not know these keys" in refused
    assert not Integration.objects.filter(supplier=supplier).exists()
    consent = member.post(page, KEYS)["Location"]
    assert outcome_of(member.get(company.consent(consent))) == "connected"
    own = Integration.objects.get(supplier=supplier)
    assert (own.client_id, own.client_secret, own.webhook_verifier) == (
        "infactor-local",
        "infactor-local-secret",
        "token",
    )
    held = Connection.objects.get()
    assert (held.integration, held.realm_id) == (own, MAIN_REALM)
    assert AuditEvent.objects.get(event="integration.own_app_added").details == {}
    assert start(member).startswith(company.base), "the keys are not asked for again"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"client_id": ""}, "This field is required"),
        ({"client_secret": ""}, "This field is required"),
        ({"client_id": "a b"}, "has a space"),
        ({"client_secret": "infactor-local"}, "This is the client ID again"),
        ({"webhook_verifier": "infactor-local"}, "This is one of the keys"),
    ],
)
def test_keys_that_cannot_be_right_are_refused_and_never_shown_again(
    member: Client, asking: Integration, typed: dict[str, str], says: str
) -> None:
    shown = member.post(start(member), {**KEYS, **typed}).content.decode()
    assert says in shown
    assert "infactor-local-secret" not in shown
    assert not Integration.objects.filter(supplier__isnull=False).exists()


def test_where_there_are_several_apps_the_supplier_chooses_one(
    member: Client, supplier: Supplier, company: Company
) -> None:
    named = IntegrationFactory(name="Second app", client_id="second")
    IntegrationFactory(name="For others").only_for.add(SupplierFactory())
    IntegrationFactory(name="Disabled", is_enabled=False)
    page = start(member)
    assert urlsplit(page).path == "/quickbook/choose"
    shown = member.get(page).content.decode()
    assert [name for name in ("Second app", "For others", "Disabled") if name in shown] == ["Second app"]
    url = start(member, integration=str(named.public_id))
    assert parse_qs(urlsplit(url).query)["client_id"] == ["second"]


def test_an_app_that_is_not_offered_is_neither_chosen_nor_given_keys(member: Client, company: Company) -> None:
    others = OwnAppFactory()
    hidden = others.parent
    hidden.only_for.add(others.supplier)
    assert member.get(f"/quickbook/apps/{hidden.public_id}").status_code == 404
    assert member.post(f"/quickbook/apps/{hidden.public_id}", KEYS).status_code == 404
    assert member.post(f"/quickbook/apps/{others.public_id}/forget").status_code == 404
    answer = member.post("/quickbook/authorize", {"integration": str(others.public_id)})
    assert "QuickBooks cannot be connected now" in answer.content.decode()


def test_without_any_enabled_app_the_supplier_is_told(member: Client, asking: Integration) -> None:
    Integration.objects.update(is_enabled=False)
    answer = member.post("/quickbook/authorize", {"window": "page"})
    assert "QuickBooks cannot be connected now" in answer.content.decode()


def test_a_verifier_is_added_later_and_a_blank_secret_stays(
    member: Client, supplier: Supplier, asking: Integration
) -> None:
    member.post(start(member), {**KEYS, "webhook_verifier": ""})
    page = f"/quickbook/apps/{asking.public_id}"
    assert "infactor-local-secret" not in member.get(page).content.decode()
    answer = member.post(page, {"client_id": "infactor-local", "client_secret": "", "webhook_verifier": "new"})
    assert answer["Location"] == "/quickbook/"
    own = Integration.objects.get(supplier=supplier)
    assert (own.client_secret, own.webhook_verifier) == ("infactor-local-secret", "new")
    assert f"/quickbook/webhook/{own.public_id}" in member.get("/quickbook/").content.decode()


def test_a_company_that_does_not_belong_to_the_keys_says_so_and_leads_back_to_them(
    member: Client, company: Company, asking: Integration
) -> None:
    consent = member.post(start(member), KEYS)["Location"]
    back = company.consent(consent).replace(MAIN_REALM, "9341457021799999")
    shown = member.get(member.get(back)["Location"]).content.decode()
    assert "This company does not belong to these keys" in shown
    assert f'/quickbook/apps/{asking.public_id}?then=connect&amp;window=popup"' in shown


def test_the_keys_of_an_own_app_are_erased_unless_a_company_is_connected_with_it(
    member: Client, supplier: Supplier, asking: Integration
) -> None:
    own = OwnAppFactory(parent=asking, supplier=supplier)
    held = ConnectionFactory(integration=own, company_file__supplier=supplier)
    forget = f"/quickbook/apps/{own.public_id}/forget"
    assert "Disconnect it first" in member.post(forget, follow=True).content.decode()
    Connection.objects.filter(pk=held.pk).update(status="disconnected", access_token="", refresh_token="")
    member.post(forget)
    own.refresh_from_db()
    assert (own.client_id, own.client_secret, own.webhook_verifier, own.is_enabled) == ("", "", "", False)
    assert "Erase the keys" not in member.get("/quickbook/").content.decode()


def test_a_reconnection_stays_with_its_app_and_asks_anew_when_that_is_gone(
    member: Client, supplier: Supplier, company: Company, asking: Integration
) -> None:
    own = OwnAppFactory(parent=asking, supplier=supplier, client_id="mine")
    held = ConnectionFactory(
        integration=own, company_file__supplier=supplier, status="needs_attention", access_token="", refresh_token=""
    )
    again = f"/quickbook/{held.public_id}/reconnect"
    assert parse_qs(urlsplit(member.post(again)["Location"]).query)["client_id"] == ["mine"]
    Integration.objects.filter(pk=own.pk).update(is_enabled=False)
    page = member.post(again)["Location"]
    assert urlsplit(page).path == f"/quickbook/apps/{asking.public_id}"
    assert parse_qs(urlsplit(page).query)["reconnect"] == [str(held.public_id)]
