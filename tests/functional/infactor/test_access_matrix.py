"""Who may ask for what: every URL, by GET and by POST, for every kind of person.

The rows that the addresses name do not exist: permission comes before existence, so 404 means "allowed".
"""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.users import duties, roles
from infactor.users.models import User
from tests.functional.infactor.dashboard.test_urls import AUDIENCE
from tests.support.factories.suppliers import MembershipFactory
from tests.support.reader_pages import is_for_role
from tests.support.rights_only import rights_only
from tests.support.scenarios import onboarding
from tests.support.second_factor import show_factor, sign_in_without_factor
from tests.support.staff_rights import ASKED_BY_POST_ONLY, OPERATIONS, READER, STAFF, UNDERWRITER, allowed, asks_anew
from tests.support.urls import Url, every_url

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# They end the session, for anybody.
ENDS_SESSION = {"admin:logout", "account_logout", "usersessions_end_all"}
# Answered for whatever person in their own way: a list of choices by the model in the query, and operators' probes.
OTHERWISE = {"admin:autocomplete", "readyz"}
ADMIN = [url for url in every_url() if url.name.startswith("admin:") and url.name not in ENDS_SESSION | OTHERWISE]
OTHERS = [url for url in every_url() if not url.name.startswith("admin:") and url.name not in ENDS_SESSION | OTHERWISE]
LOGIN = (reverse("account_login"), reverse("admin:login"))


@pytest.fixture(autouse=True)
def _answers_without_their_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with rights_only(monkeypatch):
        yield


def answers(client: Client, urls: list[Url]) -> Iterator[tuple[Url, str, HttpResponse]]:
    client.raise_request_exception = False
    cookies = client.cookies.copy()
    for url in urls:
        for method in ("get", "post"):
            client.cookies = cookies.copy()
            cache.clear()  # how often one person may ask is tested elsewhere
            yield url, method, getattr(client, method)(url.address)


def is_refused(answer: HttpResponse) -> bool:
    return answer.status_code == 403 or answer.headers.get("Location", "").startswith(LOGIN)


@pytest.mark.parametrize("who", sorted(STAFF))
def test_staff_are_let_in_where_their_role_says_so(client: Client, who: str) -> None:
    role = {UNDERWRITER: roles.UNDERWRITER, OPERATIONS: roles.OPERATIONS, READER: roles.READ_ONLY}.get(who)
    person = onboarding.staff_member(role) if role else User.objects.create_superuser("admin@example.com")
    client.force_login(person)
    wrong = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN)
        if is_refused(answer) is (who in allowed(url.name.removeprefix("admin:"), method)) or answer.status_code >= 500
    }
    assert wrong == set()


@pytest.mark.parametrize("who", sorted(STAFF))
def test_who_showed_the_factor_long_ago_reads_and_is_asked_again_before_deciding(client: Client, who: str) -> None:
    """Every decision, for every role: refused for want of the right first, then asked for the factor, then done."""
    role = {UNDERWRITER: roles.UNDERWRITER, OPERATIONS: roles.OPERATIONS, READER: roles.READ_ONLY}.get(who)
    person = onboarding.staff_member(role) if role else User.objects.create_superuser("admin@example.com")
    client.force_login(person)
    show_factor(client, person, at=time.time() - 2 * settings.SECOND_FACTOR_FRESH.total_seconds())
    decisions = {one.page for one in duties.duties()}
    urls = [url for url in ADMIN if url.name.removeprefix("admin:") in decisions]
    assert len(urls) > 100
    asked_at = (reverse("mfa_reauthenticate"), reverse("mfa_reauthenticate_webauthn"))
    wrong = set()
    for url, method, answer in answers(client, urls):
        page = url.name.removeprefix("admin:")
        is_asked = answer.headers.get("Location", "").startswith(asked_at)
        asks = asks_anew(page) and (method == "post" or page not in ASKED_BY_POST_ONLY)
        if is_asked is not (asks and who in allowed(page, method)):
            wrong.add((url.name, method, answer.status_code))
    assert wrong == set()


def test_staff_without_a_second_factor_are_let_in_nowhere(client: Client) -> None:
    sign_in_without_factor(client, onboarding.staff_member(roles.OPERATIONS))
    leads_on = {"admin:login"}
    elsewhere = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN)
        if url.name not in leads_on and answer.headers.get("Location") != reverse("mfa_index")
    }
    assert elsewhere == set()


@pytest.mark.parametrize("role", ["owner", "finance", "reader"])
def test_a_supplier_is_let_in_to_its_own_pages_only(client: Client, role: str, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"export": ""}  # more files than a person asks for
    client.force_login(MembershipFactory(role=role).user)
    wrong = set()
    for url, method, answer in answers(client, ADMIN + OTHERS):
        is_theirs = not url.name.startswith("admin:") and is_for_role(role, url.name, method, answer)
        if is_refused(answer) is is_theirs or answer.status_code >= 500:
            wrong.add((url.name, method, answer.status_code))
    assert wrong == set()


def test_a_stranger_is_let_in_to_public_pages_only(client: Client) -> None:
    wrong = {
        (url.name, method, answer.status_code)
        for url, method, answer in answers(client, ADMIN + OTHERS)
        if is_refused(answer) is (AUDIENCE.get(url.name) == "public") and url.name not in LEAD_TO_SIGN_IN
    }
    assert wrong == set()


# Public pages whose next step is to sign in.
LEAD_TO_SIGN_IN = {
    "mfa_authenticate",
    "mfa_login_webauthn",
    "account_confirm_email",
    "quickbooks:callback",
    "quickbooks:reconnect_landing",
}
