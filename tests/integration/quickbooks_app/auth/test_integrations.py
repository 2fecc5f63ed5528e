"""Each connection is read, refreshed and revoked with the keys of the app that it was connected with."""

import base64
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from infactor.core.keys import generate_key
from infactor.core.privacy import erasure
from infactor.core.privacy.declarations import SUPPLIER, Subject
from quickbooks_app import runs
from quickbooks_app.api.session import ApiSession
from quickbooks_app.auth import app_credentials, integrations, tokens
from quickbooks_app.connections import authorization_flow
from quickbooks_app.errors import IntegrationUnavailable
from quickbooks_app.models import Connection, ImportRun, Integration
from quickbooks_app.monitoring import fleet_overview
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import Clock, ConnectionFactory, owner_of
from tests.support.factories.suppliers import MembershipFactory, SupplierFactory
from tests.support.fakes.intuit_server import Asked, Intuit
from tests.support.payloads import NOON

BROWSER = "b" * 43
pytestmark = pytest.mark.django_db


def client_of(asked: Asked) -> str:
    return base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")).decode()


@pytest.fixture
def held() -> Connection:
    row = IntegrationFactory(client_id="theirs", client_secret="secret")
    made: Connection = ConnectionFactory(integration=row, access_token_expires_at=NOON)
    return made


def test_tokens_are_refreshed_and_revoked_with_the_keys_of_their_integration(intuit: Intuit, held: Connection) -> None:
    tokens.get_access_token(held, now=Clock())
    assert authorization_flow.disconnect(connection=held, by=owner_of(held), at=NOON)
    assert {client_of(asked) for kind in ("token", "revoke") for asked in intuit.of(kind)} == {"theirs:secret"}


def test_a_company_is_connected_through_the_integration_that_was_chosen(intuit: Intuit) -> None:
    row, member = IntegrationFactory(client_id="theirs", client_secret="secret"), MembershipFactory()
    _, url = authorization_flow.begin(
        user=member.user, supplier=member.supplier, browser=BROWSER, in_popup=True, at=NOON, integration=row
    )
    assert "client_id=theirs" in url
    query = {"state": url.rpartition("state=")[2], "code": "c", "realmId": "42"}
    attempt, _ = authorization_flow.complete(user=member.user, browser=BROWSER, query=query, at=NOON)
    assert (attempt.outcome, Connection.objects.get().integration) == ("connected", row)
    assert client_of(intuit.of("token")[0]) == "theirs:secret"


def test_reconnecting_through_another_integration_moves_the_connection(intuit: Intuit, held: Connection) -> None:
    owner, row = owner_of(held), IntegrationFactory(client_id="new", client_secret="key")
    _, url = authorization_flow.begin(
        user=owner, supplier=held.supplier, browser=BROWSER, in_popup=True, at=NOON, integration=row, reconnecting=held
    )
    query = {"state": url.rpartition("state=")[2], "code": "c", "realmId": held.realm_id}
    attempt, _ = authorization_flow.complete(user=owner, browser=BROWSER, query=query, at=NOON)
    assert attempt.outcome == "connected"
    assert Connection.objects.get().integration == row


def test_a_disabled_integration_refuses_consent_callback_and_reading(intuit: Intuit, held: Connection) -> None:
    owner = owner_of(held)
    begin = {
        "user": owner,
        "supplier": held.supplier,
        "browser": BROWSER,
        "in_popup": True,
        "at": NOON,
        "integration": held.integration,
    }
    _, url = authorization_flow.begin(**begin)
    Integration.objects.filter(pk=held.integration_id).update(is_enabled=False)
    held.integration.refresh_from_db()
    query = {"state": url.rpartition("state=")[2], "code": "c", "realmId": "42"}
    attempt, _ = authorization_flow.complete(user=owner, browser=BROWSER, query=query, at=NOON)
    assert attempt.outcome == "refused"
    with pytest.raises(IntegrationUnavailable):
        authorization_flow.begin(**{**begin, "integration": held.integration})
    with pytest.raises(IntegrationUnavailable):
        ApiSession(connection=held, now=Clock())
    assert intuit.of("token") + intuit.of("api") == []


def test_companies_of_a_disabled_integration_are_not_scheduled(held: Connection) -> None:
    Connection.objects.update(next_sync_at=NOON)
    Integration.objects.filter(pk=held.integration_id).update(is_enabled=False)
    assert runs.request_due(at=NOON) == 0
    Integration.objects.filter(pk=held.integration_id).update(is_enabled=True)
    assert runs.request_due(at=NOON) == 1
    assert ImportRun.objects.get().connection == held


def test_the_schedule_is_slow_only_where_webhooks_tell_of_changes() -> None:
    silent, telling = IntegrationFactory(webhook_verifier=""), IntegrationFactory()
    assert integrations.sync_interval(silent) == timedelta(hours=1)
    assert integrations.sync_interval(telling) == timedelta(hours=23)
    assert integrations.sync_interval(integrations.from_settings()) == timedelta(hours=23)


def test_the_settings_stay_the_first_integration_and_lose_it_with_their_keys(settings: Any) -> None:
    supplier, other = SupplierFactory(), IntegrationFactory(name="A")
    first = integrations.from_settings()
    assert integrations.offered_to(supplier) == [first, other]
    assert app_credentials.of(first).client_id == settings.QUICKBOOKS_CLIENT_ID
    settings.QUICKBOOKS_CLIENT_ID = ""
    assert integrations.offered_to(supplier) == [other]
    with pytest.raises(IntegrationUnavailable):
        app_credentials.of(first)


def test_keys_of_another_environment_in_the_settings_do_not_stand_for_those_of_before(settings: Any) -> None:
    before = integrations.from_settings()
    settings.QUICKBOOKS_ENVIRONMENT = "sandbox"
    assert integrations.from_settings() != before
    with pytest.raises(IntegrationUnavailable, match="no longer hold the keys"):
        app_credentials.of(before)


def test_an_own_app_is_its_suppliers_alone() -> None:
    app = OwnAppFactory()
    assert integrations.own_app(supplier=app.supplier, parent=app.parent) == app
    assert integrations.own_app(supplier=SupplierFactory(), parent=app.parent) is None
    assert app not in integrations.offered_to(app.supplier), "the integration that asked for it is"


def stored() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_secret, webhook_verifier FROM quickbooks_app_integration ORDER BY id")
        return [value for row in cursor.fetchall() for value in row]


def test_secrets_are_encrypted_and_rotated_with_all_others(settings: Any) -> None:
    row = IntegrationFactory()
    before = stored()
    assert not any("canary" in value for value in before)
    key = generate_key()
    settings.FIELD_ENCRYPTION_KEYS = [key, *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys", stdout=StringIO())
    settings.FIELD_ENCRYPTION_KEYS = [key]
    after = Integration.objects.get(pk=row.pk)
    assert set(stored()).isdisjoint(before)
    assert (after.client_secret, after.webhook_verifier) == ("canary-secret", row.webhook_verifier)


@pytest.mark.parametrize(
    "values",
    [
        {"client_secret": ""},
        {"client_id": ""},
        {"is_from_settings": True},
        {"environment": "moon"},
        {"supplier_id": None, "parent_id": None, "name": "Taken"},
    ],
    ids=range(5),
)
def test_the_database_refuses_what_must_never_be(values: dict[str, Any]) -> None:
    IntegrationFactory(name="Taken")
    app = OwnAppFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Integration.objects.filter(pk=app.pk).update(**values)


def test_erasing_a_supplier_erases_the_keys_of_its_apps_and_keeps_their_rows() -> None:
    supplier = SupplierFactory(name="Gone")
    apps = [OwnAppFactory(supplier=supplier, parent=IntegrationFactory(), name="Own app of Gone") for _ in range(2)]
    held = ConnectionFactory(
        integration=apps[0],
        company_file__supplier=supplier,
        status="released",
        realm_id="",
        realm_fingerprint=None,
        access_token="",
        refresh_token="",
    )
    subject = Subject(SUPPLIER, supplier, frozenset({"Gone"}), supplier_ids=frozenset({supplier.pk}))
    erasure.erase(subject=subject, by=None, at=NOON, reason="Asked for.")
    left = Integration.objects.filter(supplier=supplier)
    assert {(one.client_id, one.client_secret, one.webhook_verifier, one.is_enabled) for one in left} == {
        ("", "", "", False)
    }
    assert not left.filter(name__contains="Gone").exists()
    assert Connection.objects.get(pk=held.pk).integration == apps[0]


def test_the_local_company_is_out_of_reach_where_the_settings_do_not_name_it(settings: Any) -> None:
    row = IntegrationFactory()
    settings.QUICKBOOKS_ENVIRONMENT = "production"
    assert row not in integrations.offered_to(SupplierFactory())
    with pytest.raises(IntegrationUnavailable, match="does not run here"):
        app_credentials.of(row)


def test_operators_are_told_that_nobody_can_connect_and_not_that_a_disabled_company_is_old(settings: Any) -> None:
    held = ConnectionFactory(integration=IntegrationFactory(), company_file__as_of=NOON - timedelta(days=3))
    assert list(fleet_overview.stale_connections(at=NOON)) == [held]
    Integration.objects.filter(pk=held.integration_id).update(is_enabled=False)
    settings.QUICKBOOKS_CLIENT_ID = ""
    assert not fleet_overview.stale_connections(at=NOON).exists()
    assert "No integration is enabled: nobody can connect QuickBooks." in fleet_overview.overview(at=NOON).issues
