"""Mails about accounts wait in the outbox, so neither a mail server that is away nor an answer tells who is known."""

import re
from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.core.models import OutgoingMail
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
NEW = {"company_name": "Larkspur Coffee", "email": "new@larkspur.example", "password1": "nine-tall-lanterns"}
LINK = re.compile(r"/accounts/\S+")


class CountingHasher(MD5PasswordHasher):
    """Counts the passwords it hashes: in production one takes most of the time of a sign-up."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@pytest.fixture
def known(db: None) -> User:
    user: User = MembershipFactory(user__email="robin@larkspur.example").user
    return user


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # discard: nothing listens


def reset(email: str) -> Any:
    return Client().post(reverse("account_reset_password"), {"email": email})


def sign_up(**changes: str) -> Any:
    return Client().post(reverse("account_signup"), {**NEW, **changes})


@pytest.mark.usefixtures("no_mail_server")
def test_an_account_opens_while_the_mail_server_is_away_and_its_mail_arrives_later(settings: Settings) -> None:
    assert sign_up()["Location"] == reverse("account_email_verification_sent")
    assert delivered() == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    (message,) = delivered()
    assert message.to == [NEW["email"]]
    assert LINK.search(message.body)


@pytest.mark.usefixtures("no_mail_server")
def test_a_reset_answers_everybody_equally_while_the_mail_server_is_away(known: User) -> None:
    answers = [reset(known.email), reset("nobody@larkspur.example")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    assert OutgoingMail.objects.get().to == known.email


def work(ask: Any) -> Counter[str]:
    """What one request writes, by kind, and how often it hashes a password."""
    CountingHasher.hashed = 0
    with CaptureQueriesContext(connection) as queries:
        ask()
    writes = Counter(query["sql"].split()[0] for query in queries if not query["sql"].startswith(("SELECT", "SAVE")))
    return Counter({kind: writes[kind] for kind in ("INSERT", "UPDATE")}) + Counter(hashed=CountingHasher.hashed)


@pytest.mark.parametrize("address", ["robin@larkspur.example", "nobody@larkspur.example"])
def test_a_reset_writes_one_mail_for_every_address(known: User, address: str) -> None:
    reset(known.email)  # whatever a first request prepares
    assert work(lambda: reset(address)) == Counter(INSERT=1)


def test_a_known_address_signs_up_with_the_work_of_a_new_one(known: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    new = work(lambda: sign_up(email="other@larkspur.example"))
    again = work(lambda: sign_up(email=known.email))
    assert new["hashed"] == again["hashed"] == 1
    assert again["INSERT"] >= new["INSERT"] > 1
    assert User.objects.count() == 2


def test_the_link_of_a_mail_is_encrypted_while_it_waits_and_erased_once_it_is_sent(known: User) -> None:
    reset(known.email)
    (stored,) = stored_bodies()
    assert "/accounts/" not in stored
    assert LINK.search(delivered()[-1].body)
    assert stored_bodies() == [""]


def test_staff_find_no_link_in_the_outgoing_mails(client: Client, known: User) -> None:
    reset(known.email)
    link = LINK.search(OutgoingMail.objects.get().body)
    assert link
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    for page in (
        reverse("admin:core_outgoingmail_changelist"),
        reverse("admin:core_outgoingmail_change", args=[OutgoingMail.objects.get().pk]),
    ):
        shown = client.get(page).content.decode()
        assert known.email in shown
        assert link.group() not in shown


def stored_bodies() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM core_outgoingmail")
        return [row[0] for row in cursor.fetchall()]
