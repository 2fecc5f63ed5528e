"""Passwords are hidden while they are typed, may be pasted, and count exactly as they were typed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.factories.suppliers import PASSWORD

pytestmark = pytest.mark.django_db

FIELD = re.compile(r'<input[^>]*name="[^"]*password[^"]*"[^>]*>')
# Longer than 64 characters, with spaces at both ends, capitals, and letters of several bytes.
TYPED = "  Wunderbar Kiesel über sieben stille Laternen, und Traktoren im Nebel von Ålesund!  "


@pytest.fixture
def person(supplier: Supplier) -> User:
    return supplier.members.get()


def test_every_field_for_a_password_hides_it_and_takes_what_a_manager_fills_in(client: Client, person: User) -> None:
    pages = [client.get(reverse(name)).content.decode() for name in ("account_login", "account_signup")]
    client.force_login(person)
    pages.append(client.get(reverse("account_change_password")).content.decode())
    for page in pages:
        fields = FIELD.findall(page)
        assert fields
        for field in fields:
            assert 'type="password"' in field
            assert 'autocomplete="off"' not in field
            assert "maxlength" not in field


def test_a_password_counts_exactly_as_it_was_typed(client: Client, person: User) -> None:
    client.force_login(person)
    form = {"oldpassword": PASSWORD, "password1": TYPED, "password2": TYPED}
    wrong = client.post(reverse("account_change_password"), {**form, "oldpassword": "not-the-one-in-use"})
    assert wrong.status_code == 200
    client.post(reverse("account_change_password"), form)
    opens = {
        password: Client().post(reverse("account_login"), {"login": person.email, "password": password}).status_code
        for password in (TYPED, TYPED.strip(), TYPED.lower(), TYPED[:72])
    }
    assert opens == {TYPED: 302, TYPED.strip(): 200, TYPED.lower(): 200, TYPED[:72]: 200}
