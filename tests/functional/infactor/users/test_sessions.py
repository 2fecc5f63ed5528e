"""Sessions: listed, ended one by one or all at once, by age, by disuse, and by an administrator."""

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import confirm
from tests.support.factories.suppliers import PASSWORD, MembershipFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db

HOME, STAFF = reverse("dashboard:invoices"), reverse("admin:jsi18n")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def person(supplier: Supplier) -> User:
    return supplier.members.get()


@pytest.fixture
def operations() -> User:
    return onboarding.staff_member(roles.OPERATIONS)


def signed_in(person: User) -> Client:
    browser = Client(headers={"user-agent": FIREFOX})
    browser.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    return browser


def confirm_password(browser: Client) -> None:
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_sessions_are_listed_and_ended_one_by_one(person: User) -> None:
    here, there = signed_in(person), signed_in(person)
    page = here.get(reverse("usersessions_list")).content.decode()
    assert page.count("Firefox on Linux</bdi></strong>") == 2
    assert page.count("This device") == 1
    other = UserSession.objects.get(session_key=there.session.session_key)
    asked = here.post(reverse("usersessions_end", args=[other.pk]))
    assert there.get(HOME).status_code == 200, "a session was ended without a password"
    here.post(asked["Location"], {"password": PASSWORD, "next": reverse("usersessions_end", args=[other.pk])})
    assert (here.get(HOME).status_code, there.get(HOME).status_code) == (200, 302)


def test_a_session_of_somebody_else_is_not_ended(person: User) -> None:
    theirs = signed_in(MembershipFactory().user)
    session = UserSession.objects.get(session_key=theirs.session.session_key)
    browser = signed_in(person)
    confirm_password(browser)
    assert browser.post(reverse("usersessions_end", args=[session.pk])).status_code == 404
    assert theirs.get(HOME).status_code == 200


def test_signing_out_everywhere_also_ends_a_session_that_is_in_no_list(person: User) -> None:
    here, unlisted = signed_in(person), Client()
    unlisted.force_login(person)
    confirm_password(here)
    assert here.post(reverse("usersessions_end_all"))["Location"] == reverse("account_login")
    assert (here.get(HOME).status_code, unlisted.get(HOME).status_code) == (302, 302)
    assert signed_in(person).get(HOME).status_code == 200


def test_a_password_that_is_entered_again_gives_the_session_a_new_key(person: User) -> None:
    browser = signed_in(person)
    before, stolen = browser.session.session_key, Client()
    stolen.cookies = SimpleCookie({name: one.value for name, one in browser.cookies.items()})
    confirm_password(browser)
    assert browser.session.session_key != before
    assert (browser.get(HOME).status_code, stolen.get(HOME).status_code) == (200, 302)
    assert [one.session_key for one in UserSession.objects.filter(user=person)] == [browser.session.session_key]


@pytest.mark.parametrize(
    ("is_staff", "idle", "stays"),
    [
        (True, timedelta(minutes=29), True),
        (True, timedelta(minutes=31), False),
        (False, timedelta(hours=11), True),
        (False, timedelta(hours=13), False),
    ],
)
def test_a_session_that_nobody_uses_ends(
    client: Client, person: User, operations: User, is_staff: bool, idle: timedelta, stays: bool
) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        client.force_login(operations if is_staff else person)
    with time_machine.travel(now + idle, tick=False):
        answer = client.get(STAFF if is_staff else HOME)
    assert (answer.status_code == 200) is stays


@pytest.mark.parametrize(
    ("is_staff", "step", "lasts"),
    [(True, timedelta(minutes=25), timedelta(hours=12)), (False, timedelta(hours=11), timedelta(days=7))],
)
def test_a_session_in_use_ends_with_age(
    client: Client, person: User, operations: User, is_staff: bool, step: timedelta, lasts: timedelta
) -> None:
    at = start = timezone.now()
    with time_machine.travel(at, tick=False):
        client.force_login(operations if is_staff else person)
    answers = []
    while at <= start + lasts + step:
        at += step
        with time_machine.travel(at, tick=False):
            answers.append((at - start <= lasts, client.get(STAFF if is_staff else HOME).status_code == 200))
    assert all(expected == open_ for expected, open_ in answers)
    assert AuditEvent.objects.filter(event="user.session_expired").exists()


def test_a_page_that_asks_by_itself_keeps_no_session_alive(client: Client, person: User) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        client.force_login(person)
    for hours in (5, 10):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            assert client.get(reverse("dashboard:home_figures"), headers={"HX-Request": "true"}).status_code == 200
    with time_machine.travel(now + timedelta(hours=13), tick=False):
        assert client.get(HOME).status_code == 302


def test_an_administrator_ends_the_sessions_of_a_person(client: Client, person: User) -> None:
    theirs = signed_in(person)
    admin = User.objects.create_superuser("admin@example.com", PASSWORD)
    client.force_login(admin)
    confirm(client, reverse("admin:users_user_end_sessions", args=[person.pk]), reason="The laptop was stolen")
    assert theirs.get(HOME).status_code == 302
    event = AuditEvent.objects.get(event="user.sessions_ended")
    assert (event.subject_id, event.actor_id, event.reason) == (str(person.pk), admin.pk, "The laptop was stolen")


def test_signing_out_tells_the_browser_to_forget(person: User) -> None:
    browser = signed_in(person)
    assert "Clear-Site-Data" not in browser.get(HOME).headers
    assert browser.post(reverse("account_logout")).headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_token_of_forms_ends_with_the_browser(client: Client) -> None:
    client.get(reverse("account_login"))
    (cookie,) = [one for name, one in client.cookies.items() if "csrf" in name]
    assert cookie["max-age"] == ""
