"""Limits on attempts: they stop who guesses, and nobody can keep a known person out."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse, reverse_lazy

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
STRANGER, OWNER = "203.0.113.66", "198.51.100.7"


@pytest.fixture
def person(supplier: Supplier) -> User:
    cache.clear()
    return supplier.members.get()


def attempt(client: Client, email: str, password: str, *, address: str) -> bool:
    """Whether the password opens the account."""
    form = {"login": email, "password": password}
    return bool(client.post(reverse("account_login"), form, REMOTE_ADDR=address).status_code == 302)


def test_a_stranger_elsewhere_cannot_keep_a_person_out(person: User) -> None:
    for number in range(30):
        assert not attempt(Client(), person.email, f"wrong-{number}", address=STRANGER)
    assert attempt(Client(), person.email, PASSWORD, address=OWNER)


def test_a_stranger_at_the_same_address_cannot_keep_a_known_device_out(person: User) -> None:
    browser = Client()
    assert attempt(browser, person.email, PASSWORD, address=OWNER)
    browser.post(reverse("account_logout"))
    for number in range(40):
        attempt(Client(), f"somebody{number}@example.com" if number % 2 else person.email, "wrong", address=OWNER)
    assert not attempt(Client(), person.email, PASSWORD, address=OWNER), "an unknown device is counted"
    assert attempt(browser, person.email, PASSWORD, address=OWNER)


def refusal(client: Client, person: User, **headers: str) -> str:
    """What stands above the form after a wrong attempt."""
    form = {"login": person.email, "password": "wrong"}
    page = client.post(reverse("account_login"), form, REMOTE_ADDR=STRANGER, headers=headers).content.decode()
    found = re.search(r'role="alert".*?<li>(.*?)</li>', page, re.DOTALL)
    assert found is not None
    return found[1]


RESET = f'<a href="{reverse_lazy("account_reset_password")}">'


def test_who_is_refused_reads_when_to_try_again_and_how_to_reset(person: User) -> None:
    browser = Client()
    assert refusal(browser, person) == (
        f"This email address and password do not belong together. Check both, or {RESET}reset your password</a>."
    )
    for _ in range(4):
        refusal(browser, person)
    assert refusal(browser, person) == (
        f"Too many failed attempts. Try again in 5 minutes, or {RESET}reset your password</a>."
    )
    spanish = refusal(browser, person, **{"Accept-Language": "es"})
    assert "5 minutos" in spanish
    assert RESET in spanish


def test_the_wait_that_is_named_is_long_enough(person: User, time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)
    for _ in range(6):
        assert not attempt(Client(), person.email, "wrong", address=STRANGER)
    time_machine.shift(timedelta(minutes=4, seconds=59))
    assert not attempt(Client(), person.email, PASSWORD, address=STRANGER)
    time_machine.shift(timedelta(seconds=2))
    assert attempt(Client(), person.email, PASSWORD, address=STRANGER)


def test_who_confirms_with_a_wrong_password_reads_our_words(person: User) -> None:
    browser = Client()
    assert attempt(browser, person.email, PASSWORD, address=OWNER)
    page = browser.post(reverse("account_reauthenticate"), {"password": "wrong"}).content.decode()
    assert f"This is not your password. Try again, or {RESET}reset your password</a>." in page


def test_guessing_is_stopped_for_one_account_and_for_many(person: User) -> None:
    for number in range(5):
        assert not attempt(Client(), person.email, f"wrong-{number}", address=STRANGER)
    assert not attempt(Client(), person.email, PASSWORD, address=STRANGER), "five for one account"
    others = [UserFactory() for _ in range(6)]
    for other in others[:5]:
        attempt(Client(), other.email, "wrong", address=STRANGER)
    assert not attempt(Client(), others[5].email, PASSWORD, address=STRANGER), "ten for all accounts"


def test_a_known_device_is_no_way_to_guess_on(person: User) -> None:
    browser = Client()
    assert attempt(browser, person.email, PASSWORD, address=OWNER)
    browser.post(reverse("account_logout"))
    for number in range(10):
        attempt(browser, person.email, f"wrong-{number}", address=OWNER)
    assert not attempt(browser, person.email, PASSWORD, address=OWNER)


def test_a_made_up_device_is_counted_like_any_other(person: User) -> None:
    for number in range(12):
        browser = Client()
        browser.cookies["infactor_device_3000"] = f"made-up-{number}"
        attempt(browser, person.email, f"wrong-{number}", address=STRANGER)
    assert not attempt(browser, person.email, PASSWORD, address=STRANGER)
