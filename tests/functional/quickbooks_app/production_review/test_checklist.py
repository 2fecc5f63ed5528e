"""The checklist of Intuit's review says of each line whether it is met, by code where code can, else by a person."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.auth import app_credentials
from quickbooks_app.models import ApiCall, Integration
from quickbooks_app.production_review import checklist
from quickbooks_app.production_review.lines import BY_KEY, LINES
from quickbooks_app.production_review.outcomes import State
from tests.support.admin_client import confirm
from tests.support.factories.integrations import IntegrationFactory
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import UserFactory
from tests.support.payloads import NOON
from tests.support.processes.sandbox_company import MAIN_REALM, Company, set_out
from tests.support.second_factor import give_factor

pytestmark = pytest.mark.django_db
PAGE = "/admin/quickbooks_app/integration/review/"
HOST = "https://app.infactor.com"


@pytest.fixture
def staff_member(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def state_of(key: str) -> State:
    return next(one for one in checklist.checklist() if one.line.key == key).state


def text_of(key: str) -> str:
    return BY_KEY[key].check().text


def test_every_line_has_a_name_of_its_own_and_says_what_was_found_or_what_to_do(db: None) -> None:
    assert len(BY_KEY) == len(LINES)
    assert all(one.outcome.text.endswith(".") or one.outcome.text.startswith("http") for one in checklist.checklist())


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("redirect", {"QUICKBOOKS_REDIRECT_URI": f"{HOST}/quickbook/connect"}),
        ("https", {"SECURE_SSL_REDIRECT": True, "SECURE_HSTS_SECONDS": 31_536_000}),
        ("cookies", {"SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True}),
        ("support", {"SUPPORT_EMAIL": "support@infactor.com"}),
        ("own_errors", {"SENTRY_DSN": "https://key@errors.infactor.com/1"}),
    ],
)
def test_a_setting_of_this_machine_is_not_met_and_that_of_a_server_is(
    settings: Any, key: str, values: dict[str, Any]
) -> None:
    settings.SUPPORT_EMAIL = "help@infactor.example"
    assert state_of(key) is not State.MET
    for name, value in values.items():
        setattr(settings, name, value)
    assert state_of(key) is State.MET


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("launch", "/quickbook/launch"),
        ("disconnect", "/quickbook/disconnect"),
        ("reconnect", "/quickbook/reconnect"),
        ("privacy", "/privacy"),
        ("terms", "/terms"),
    ],
)
def test_a_page_is_met_with_the_address_to_enter_at_intuit(client: Client, settings: Any, key: str, path: str) -> None:
    settings.QUICKBOOKS_REDIRECT_URI = f"{HOST}/quickbook/connect"
    assert (state_of(key), text_of(key)) == (State.MET, f"{HOST}{path}")
    assert client.get(path).status_code in (200, 302)


@pytest.mark.parametrize("key", ["headers", "debug", "encryption", "refresh", "error_log", "keys_apart", "yearly"])
def test_what_the_code_does_is_met(key: str) -> None:
    ConnectionFactory()
    assert state_of(key) is State.MET


def test_trying_it_in_a_sandbox_means_connecting_disconnecting_and_connecting_again(
    member: Client, supplier: Supplier, company: Company
) -> None:
    assert "connect, then disconnect, then reconnect" in text_of("tried")
    member.get(company.consent(set_out(member), realm=MAIN_REALM))
    assert text_of("tried").startswith("Connect a sandbox company and disconnect, then reconnect")
    held = ConnectionFactory._meta.model.objects.get()
    member.post(f"/quickbook/{held.public_id}/disconnect/confirmed")
    member.get(company.consent(set_out(member), realm=MAIN_REALM))
    assert state_of("tried") is State.MET


def test_the_discovery_document_counts_once_it_was_read(db: None) -> None:
    cache.clear()
    assert state_of("discovery") is State.NOT_MET
    cache.set(app_credentials.of_settings().discovery_key, {"issuer": "x"})
    assert state_of("discovery") is State.MET


def test_the_transaction_id_is_seen_in_the_calls_that_were_made() -> None:
    assert state_of("intuit_tid") is State.TO_CONFIRM
    held = ConnectionFactory()
    ApiCall.objects.create(connection=held, at=NOON, operation="query Invoice", status=200, duration_ms=1)
    assert state_of("intuit_tid") is State.NOT_MET
    ApiCall.objects.create(
        connection=held, at=NOON, operation="query Invoice", status=200, duration_ms=1, intuit_tid="1-abc"
    )
    assert state_of("intuit_tid") is State.MET


def test_production_keys_and_their_verifier_are_missed_until_they_are_there() -> None:
    assert state_of("keys") is State.NOT_MET
    row = IntegrationFactory(name="Live", environment="production", webhook_verifier="")
    assert state_of("keys") is State.MET
    assert "Live" in text_of("webhooks")
    Integration.objects.filter(pk=row.pk).delete()
    IntegrationFactory(environment="production")
    assert state_of("webhooks") is State.MET


def test_staff_without_a_second_factor_are_counted(staff: User) -> None:
    give_factor(staff)
    assert state_of("factors") is State.MET
    UserFactory(is_staff=True)
    assert "1 of staff" in text_of("factors")


def test_a_person_confirms_a_line_and_who_and_when_is_shown(staff_member: Client, staff: User) -> None:
    shown = staff_member.get(PAGE).content.decode()
    assert "“Lender” is ticked" in shown
    confirm(staff_member, f"{PAGE}lender/answer/", is_met="yes", note="Ticked in the app of live companies.")
    assert state_of("lender") is State.MET
    shown = " ".join(staff_member.get(PAGE).content.decode().split())
    assert f"<bdi>{staff}</bdi>" in shown
    assert "Ticked in the app of live companies." in shown
    confirm(staff_member, f"{PAGE}lender/answer/", is_met="no")
    assert state_of("lender") is State.NOT_MET, "the latest answer counts"
    assert [event.details for event in AuditEvent.objects.filter(event="review.answered").order_by("pk")] == [
        {"line": "lender", "is_met": True},
        {"line": "lender", "is_met": False},
    ]


def test_nobody_confirms_what_code_decides(staff_member: Client) -> None:
    answer = confirm(staff_member, f"{PAGE}encryption/answer/", is_met="yes")
    assert "infactor checks this line itself" in answer.content.decode()
    assert staff_member.get(f"{PAGE}nothing/answer/").status_code == 404
