"""A webhook is verified by the integration that it came for, and reaches the companies of no other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from quickbooks_app.auth import integrations
from quickbooks_app.models import Connection, Integration, WebhookEvent
from quickbooks_app.webhooks import senders
from tests.support.factories.integrations import IntegrationFactory, OwnAppFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.signed_webhooks import VERIFIER, change, cloud, cloud_event, envelope, signature

pytestmark = pytest.mark.django_db
PLAIN = "/quickbook/webhook"


@pytest.fixture
def post(client: Client, settings: Any, notified: list[int]) -> Callable[..., int]:
    settings.QUICKBOOKS_WEBHOOK_VERIFIER = VERIFIER

    def post(body: bytes, *, key: str, to: str = PLAIN) -> int:
        headers = {"intuit-signature": signature(body, key)}
        return client.post(to, body, content_type="application/json", headers=headers).status_code

    return post


def endpoint(integration: Integration) -> str:
    return f"{PLAIN}/{integration.public_id}"


def reached() -> list[tuple[int | None, str]]:
    return sorted(WebhookEvent.objects.values_list("connection_id", "state"), key=str)


@pytest.fixture
def own() -> Connection:
    """A company that its supplier connected with an app of its own."""
    app = OwnAppFactory()
    made: Connection = ConnectionFactory(integration=app, company_file__supplier=app.supplier)
    return made


@pytest.mark.parametrize("to_its_endpoint", [True, False])
def test_the_verifier_of_a_suppliers_own_app_counts_for_its_company(
    post: Callable[..., int], own: Connection, to_its_endpoint: bool
) -> None:
    to = endpoint(own.integration) if to_its_endpoint else PLAIN
    for body in (cloud(cloud_event(own.realm_id, "1")), envelope(**{f"r{own.realm_id}": [change("2")]})):
        assert post(body, key=own.integration.webhook_verifier, to=to) == 200
    assert reached() == [(own.pk, "waiting")] * 2
    assert Integration.objects.get(pk=own.integration_id).last_webhook_at is not None


def test_a_wrong_key_is_refused_at_every_endpoint(post: Callable[..., int], own: Connection) -> None:
    body = cloud(cloud_event(own.realm_id, "1"))
    for to in (PLAIN, endpoint(own.integration), f"{PLAIN}/00000000-0000-4000-8000-000000000000"):
        assert post(body, key="wrong", to=to) == 401
    assert reached() == []


def test_the_key_of_another_company_opens_nothing(post: Callable[..., int], own: Connection) -> None:
    other = ConnectionFactory(integration=OwnAppFactory())
    body = cloud(cloud_event(own.realm_id, "1"))
    for to in (PLAIN, endpoint(own.integration)):
        assert post(body, key=other.integration.webhook_verifier, to=to) == 401
    assert post(body, key=VERIFIER, to=endpoint(own.integration)) == 401, "that of the settings is another's, too"
    # At its own endpoint the other's key is right, but reaches no company that is not the other's.
    assert post(body, key=other.integration.webhook_verifier, to=endpoint(other.integration)) == 200
    assert reached() == [(None, "ignored")]


def test_the_key_of_the_settings_does_not_reach_the_company_of_an_own_app(
    post: Callable[..., int], own: Connection
) -> None:
    known = ConnectionFactory()
    body = cloud(cloud_event(own.realm_id, "1"), cloud_event(known.realm_id, "1"))
    assert post(body, key=VERIFIER) == 200
    assert reached() == sorted([(None, "ignored"), (known.pk, "waiting")], key=str)


def test_an_app_that_was_entered_twice_reaches_the_companies_of_both(post: Callable[..., int]) -> None:
    """The keys of the settings were added in admin, too: Intuit knows one endpoint and one verifier for the app."""
    before = ConnectionFactory()
    after = ConnectionFactory(integration=IntegrationFactory(webhook_verifier=VERIFIER))
    body = cloud(cloud_event(before.realm_id, "1"), cloud_event(after.realm_id, "1"))
    for to in (PLAIN, endpoint(after.integration)):
        assert post(body, key=VERIFIER, to=to) == 200
        assert reached() == sorted([(before.pk, "waiting"), (after.pk, "waiting")], key=str)
        WebhookEvent.objects.all().delete()


def test_a_company_that_nobody_knows_is_ignored_so_that_intuit_goes_on(
    post: Callable[..., int], own: Connection
) -> None:
    body = cloud(cloud_event("42", "1"))
    assert post(body, key=own.integration.webhook_verifier, to=endpoint(own.integration)) == 200
    assert post(body, key=own.integration.webhook_verifier) == 401, "without a name, nothing says whose it is"
    assert reached() == [(None, "ignored")]


def test_an_integration_without_a_verifier_takes_no_webhook(post: Callable[..., int]) -> None:
    held = ConnectionFactory(integration=IntegrationFactory(webhook_verifier=""))
    body = cloud(cloud_event(held.realm_id, "1"))
    assert [post(body, key="", to=to) for to in (PLAIN, endpoint(held.integration))] == [401, 401]


def test_events_of_a_disabled_integration_are_ignored(post: Callable[..., int], own: Connection) -> None:
    Integration.objects.filter(pk=own.integration_id).update(is_enabled=False)
    body = cloud(cloud_event(own.realm_id, "1"))
    assert post(body, key=own.integration.webhook_verifier, to=endpoint(own.integration)) == 200
    assert reached() == [(own.pk, "ignored")]


def test_what_nobody_signed_costs_little_however_many_integrations_and_companies_it_names(
    post: Callable[..., int], django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    integrations.from_settings()
    held = [ConnectionFactory(integration=OwnAppFactory()) for _ in range(senders.MAX_CANDIDATES + 3)]
    events = [cloud_event(str(realm), "1") for realm in range(3000)]
    body = cloud(*(cloud_event(one.realm_id, "1") for one in held), *events)
    tried: list[str] = []
    real = senders.is_valid_signature
    monkeypatch.setattr(senders, "is_valid_signature", lambda **given: tried.append("one") or real(**given))
    with django_assert_max_num_queries(3):
        assert post(body, key="wrong") == 401
    assert len(tried) == 1 + senders.MAX_CANDIDATES, "that of the settings, and a few"


@pytest.mark.parametrize(
    "body",
    [
        b'"realmId"' * 10_000,
        b'"realmId":"' + b"1" * 100_000,
        b'"realmId"' + b" " * 100_000 + b":1",
        b'{"realmId":"\xff\xfe"}',
        b"[" * 100_000,
        b"\x00" * 1000,
    ],
    ids=range(6),
)
@pytest.mark.parametrize("named", [True, False])
def test_a_body_that_is_none_is_refused_unparsed(
    post: Callable[..., int], own: Connection, body: bytes, named: bool
) -> None:
    assert post(body, key="wrong", to=endpoint(own.integration) if named else PLAIN) == 401
    assert reached() == []


@pytest.mark.parametrize("given", ["", "a" * 43, "a" * 45, "é" * 44, "=" * 44])
def test_a_signature_of_another_form_is_refused(client: Client, own: Connection, given: str) -> None:
    headers = {"intuit-signature": given}
    for to in (PLAIN, endpoint(own.integration)):
        answer = client.post(to, b"[]", content_type="application/json", headers=headers)
        assert answer.status_code == 401
