"""The OAuth callback and the connection pages refuse a forged state, another user's attempt and cross-site posts."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from infactor.suppliers.models import Membership, Supplier
from infactor.users.models import User
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import Connection, ConsentAttempt, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.processes.sandbox_company import (
    MAIN_REALM,
    Company,
    assert_leaks_nothing,
    outcome_of,
    parts_of,
    set_out,
)

pytestmark = pytest.mark.django_db
BACK = "/quickbook/connect"
OUTSIDE = ["//evil.example", "https://evil.example/", "/\\evil.example", "%2f%2fevil.example", "javascript:alert(1)"]


@pytest.fixture
def back(member: Client, company: Company) -> str:
    """The callback address of a person who has given consent."""
    return company.consent(set_out(member))


def other_member() -> Client:
    client = Client()
    client.force_login(MembershipFactory().user)
    return client


def assert_nothing_happened(company: Company, total: int) -> None:
    assert not Connection.objects.exists()
    assert not ImportRun.objects.exists()
    assert company.state()["calls_total"] == total
    assert set(ConsentAttempt.objects.values_list("used_at", flat=True)) <= {None}


@pytest.mark.parametrize("state", ["", "forged", "x" * 5000, "\x00", "\N{GRINNING FACE}", None])
def test_a_state_that_nobody_was_given_asks_intuit_nothing(
    member: Client, company: Company, back: str, state: str | None
) -> None:
    total = company.state()["calls_total"]
    query = {name: value for name, value in {**parts_of(back), "state": state}.items() if value is not None}
    assert_leaks_nothing(member.get(BACK, query))
    assert_nothing_happened(company, total)


def test_the_state_of_another_person_asks_intuit_nothing(company: Company, back: str) -> None:
    total = company.state()["calls_total"]
    answer = other_member().get(back)
    assert_leaks_nothing(answer)
    assert_nothing_happened(company, total)


def test_a_colleague_cannot_take_the_state_either(company: Company, back: str, supplier: Supplier) -> None:
    total = company.state()["calls_total"]
    staff_member = Client()
    staff_member.force_login(MembershipFactory(supplier=supplier).user)
    assert_leaks_nothing(staff_member.get(back))
    assert_nothing_happened(company, total)


def test_the_state_of_another_browser_of_the_same_person_asks_intuit_nothing(
    company: Company, back: str, supplier: Supplier
) -> None:
    """A link of consent that somebody began elsewhere, with a company of theirs, connects nothing here."""
    total = company.state()["calls_total"]
    elsewhere = Client()
    elsewhere.force_login(supplier.members.get())
    for cookie in ("", "x" * 43, "x" * 5000):
        elsewhere.cookies[settings.CONSENT_COOKIE_NAME] = cookie
        assert_leaks_nothing(elsewhere.get(back))
    assert_nothing_happened(company, total)


def test_who_signed_in_again_in_the_same_browser_goes_on(member: Client, back: str, supplier: Supplier) -> None:
    member.post(reverse("account_logout"))
    assert member.get("/invoices/").status_code == 302
    member.force_login(supplier.members.get())
    assert outcome_of(member.get(back)) == "connected"


def test_the_cookie_of_the_way_back_is_short_lived_and_closed_to_scripts(member: Client) -> None:
    set_out(member)
    first = member.cookies[settings.CONSENT_COOKIE_NAME]
    assert (first["max-age"], first["httponly"], first["samesite"]) == (600, True, "Lax")
    token = first.value
    set_out(member)
    assert member.cookies[settings.CONSENT_COOKIE_NAME].value == token, "two windows of one browser do not collide"


def test_who_left_the_company_meanwhile_connects_nothing_to_it(
    member: Client, company: Company, back: str, supplier: Supplier
) -> None:
    total = company.state()["calls_total"]
    person = User.objects.get(memberships__supplier=supplier)
    MembershipFactory(user=person)
    Membership.objects.filter(user=person, supplier=supplier).delete()
    assert_leaks_nothing(member.get(back))
    assert_nothing_happened(company, total)


def test_who_was_signed_out_meanwhile_loses_nothing_and_leaks_nothing(
    client: Client, company: Company, back: str
) -> None:
    total = company.state()["calls_total"]
    answer = Client().get(back)
    assert_leaks_nothing(answer)
    assert "next" not in answer["Location"]
    assert_nothing_happened(company, total)
    page = Client().get(answer["Location"])
    assert page.status_code == 200
    assert "Start again from your dashboard" in page.content.decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"code": ""},
        {"code": "x" * 513},
        {"realmId": ""},
        {"realmId": "abc"},
        {"realmId": f"{MAIN_REALM}/../1"},
        {"realmId": f"{MAIN_REALM}\n"},
        {"realmId": "٩٣٤"},
        {"realmId": "9" * 33},
        {"error": "server_error"},
        {"error": "invalid_scope"},
    ],
)
def test_an_answer_that_is_not_whole_is_refused_without_a_call_and_spends_the_state(
    member: Client, company: Company, back: str, changed: dict[str, str]
) -> None:
    total = company.state()["calls_total"]
    assert outcome_of(member.get(BACK, {**parts_of(back), **changed})) == "refused"
    assert company.state()["calls_total"] == total
    assert not Connection.objects.exists()
    assert "attempt" not in member.get(back)["Location"], "the state is spent"


def test_a_code_that_intuit_does_not_know_is_refused(member: Client, company: Company, back: str) -> None:
    assert outcome_of(member.get(BACK, {**parts_of(back), "code": "XAB1never"})) == "refused"
    assert not Connection.objects.exists()


@pytest.mark.parametrize("outside", OUTSIDE)
@pytest.mark.parametrize("name", ["next", "redirect_uri", "attempt", "ended", "state"])
def test_no_way_leads_outside(member: Client, company: Company, name: str, outside: str) -> None:
    answer = member.get(BACK, {name: outside, "code": "x", "realmId": "1"})
    assert_leaks_nothing(answer)
    page = member.get("/quickbook/connected", {name: outside})
    assert page.status_code == 200
    # The switch of the language names the page's own address, to which it returns.
    shown = re.sub(r'<input type="hidden" name="next" value="/quickbook/connected[^"]*">', "", page.content.decode())
    assert "evil.example" not in shown


def test_an_error_of_our_own_is_no_page_under_an_address_with_a_code(
    member: Client, back: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authorization_flow, "complete", lambda **given: 1 / 0)
    answer = member.get(back)
    assert_leaks_nothing(answer)
    assert "went wrong on our side" in member.get(answer["Location"]).content.decode()


def test_another_persons_attempt_tells_nothing(member: Client, back: str, company: Company) -> None:
    answer = member.get(back)
    attempt = parts_of(answer["Location"])["attempt"]
    stranger = other_member()
    assert stranger.get("/quickbook/status", {"attempt": attempt}).status_code == 404
    assert "works once" in stranger.get(answer["Location"]).content.decode()
    assert member.get("/quickbook/status", {"attempt": attempt}).json() == {"outcome": "connected"}


@pytest.mark.parametrize("attempt", ["", "1", "x" * 2000, "00000000-0000-4000-8000-000000000000", "\x00"])
def test_an_attempt_that_never_was_is_not_found(member: Client, attempt: str) -> None:
    assert member.get("/quickbook/status", {"attempt": attempt}).status_code == 404
    assert "works once" in member.get("/quickbook/connected", {"attempt": attempt}).content.decode()


def changing_addresses(held: Connection) -> list[str]:
    return [
        "/quickbook/authorize",
        f"/quickbook/{held.public_id}/sync",
        f"/quickbook/{held.public_id}/disconnect/confirmed",
    ]


def rows() -> tuple[Any, ...]:
    """Every row that a request could have changed."""
    connections = Connection.objects.order_by("pk").values_list(
        "pk", "status", "access_token", "token_version", "updated_at"
    )
    return (
        tuple(connections),
        tuple(ImportRun.objects.order_by("pk").values_list("pk", "state", "updated_at")),
        ConsentAttempt.objects.count(),
    )


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_only_a_post_changes_anything(member: Client, supplier: Supplier, method: str) -> None:
    held = ConnectionFactory(company_file__supplier=supplier)
    before = rows()
    for address in changing_addresses(held):
        assert getattr(member, method)(address).status_code == 405
    assert rows() == before


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_what_is_only_read_takes_no_other_method(member: Client, supplier: Supplier, method: str) -> None:
    held = ConnectionFactory(company_file__supplier=supplier)
    before = rows()
    for name in ("", "card", "connect", "connected", "status", "help", f"{held.public_id}/disconnect"):
        assert getattr(member, method)(f"/quickbook/{name}").status_code == 405
    assert rows() == before


def test_a_form_of_another_site_changes_nothing(supplier: Supplier) -> None:
    cache.clear()
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(supplier.members.get())
    held = ConnectionFactory(company_file__supplier=supplier)
    before = rows()
    for address in changing_addresses(held):
        assert browser.post(address).status_code == 403
    assert rows() == before


def test_who_is_signed_out_changes_nothing(supplier: Supplier) -> None:
    held = ConnectionFactory(company_file__supplier=supplier)
    before = rows()
    for address in changing_addresses(held):
        answer = Client().post(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert rows() == before
