"""Who reads which language: strangers their browser's, people their own, and every mail is in that of its reader."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from infactor.core.email import outbox
from infactor.core.form_fields import AmountField
from infactor.core.models import OutgoingMail
from infactor.core.templatetags.formatting import day, exact_number, moment, money_text
from infactor.suppliers import notifications
from infactor.suppliers.models import Membership, Notification, NotificationKind
from infactor.users import roles
from infactor.users.models import User
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import onboarding

LANGUAGE = reverse("account_language")
HOME = reverse("dashboard:home")


def language_of(client: Client, **headers: str) -> str:
    response = client.get(reverse("dashboard:terms"), headers=headers)
    assert f'<html lang="{response["Content-Language"]}">' in response.text
    assert "Accept-Language" in response["Vary"]
    return str(response["Content-Language"])


@pytest.fixture
def member(db: None) -> Membership:
    return MembershipFactory()


@pytest.mark.django_db
def test_a_stranger_reads_the_language_of_the_browser_until_they_choose(client: Client) -> None:
    assert language_of(client) == "en"
    assert language_of(client, accept_language="es-MX,es;q=0.9,en;q=0.5") == "es"
    assert language_of(client, accept_language="fr") == "en"
    terms = reverse("dashboard:terms")
    response = client.post(LANGUAGE, {"language": "es", "next": terms})
    assert (response.status_code, response["Location"]) == (302, terms)
    cookie = response.cookies["infactor_language_3000"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert language_of(client, accept_language="en") == "es"


@pytest.mark.django_db
def test_only_known_languages_are_taken_and_nobody_is_led_to_another_site(client: Client) -> None:
    assert client.post(LANGUAGE, {"language": "xx"}).status_code == 400
    assert client.post(LANGUAGE, {"language": "es", "next": "https://evil.example/"})["Location"] == HOME


def test_a_person_keeps_the_language_on_every_device(client: Client, member: Membership) -> None:
    client.force_login(member.user)
    assert language_of(client, accept_language="es") == "es"  # not chosen yet
    client.post(LANGUAGE, {"language": "es"})
    elsewhere = Client()
    elsewhere.force_login(User.objects.get(pk=member.user_id))
    assert language_of(elsewhere, accept_language="en") == "es"
    assert translation.get_language() == "en"  # the thread is left as it was


def test_who_signs_in_with_a_spanish_browser_gets_spanish_mails(client: Client, member: Membership) -> None:
    with translation.override("es"):
        client.force_login(member.user)
    assert User.objects.get(pk=member.user_id).language == "es"


def test_staff_read_english_until_they_choose_otherwise(client: Client, db: None) -> None:
    client.force_login(onboarding.staff_member(roles.OPERATIONS))
    assert client.get(reverse("admin:index"), headers={"accept-language": "es"})["Content-Language"] == "en"


def test_a_mail_is_in_the_language_of_its_reader_whoever_caused_it(member: Membership) -> None:
    reader = MembershipFactory(supplier=member.supplier, user__language="es")
    event = notifications.Event(
        supplier_id=member.supplier_id,
        kind=NotificationKind.OFFERS,
        key="made-up",
        path="/",
        text=lambda one: (f"Subject for {translation.get_language()}", "Body\n\ninfactor"),
    )
    notifications.notify(event, at=timezone.now())
    titles = dict(Notification.objects.values_list("user_id", "title"))
    assert titles == {member.user_id: "Subject for en", reader.user_id: "Subject for es"}
    languages = dict(OutgoingMail.objects.values_list("to", "language"))
    assert languages == {member.user.email: "en", reader.user.email: "es"}
    outbox.send_due(now=timezone.now)
    parts = {one.to[0]: str(one.alternatives[0].content) for one in mail.outbox}  # type: ignore[attr-defined]
    assert '<html lang="es">' in parts[reader.user.email]
    assert '<html lang="en">' in parts[member.user.email]


def test_a_link_for_a_new_password_is_in_the_language_of_the_account(client: Client, member: Membership) -> None:
    User.objects.filter(pk=member.user_id).update(language="es")
    client.post(reverse("account_reset_password"), {"email": member.user.email})
    assert OutgoingMail.objects.get().language == "es"


def test_amounts_numbers_and_days_follow_the_language() -> None:
    at = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
    with translation.override("es"):
        assert money_text(Decimal("12345.6"), "USD") == "12.345,60\N{NO-BREAK SPACE}US$"
        assert exact_number(Decimal("1234.5000")) == "1.234,5"
        assert exact_number("21.50", 2) == "21,50"
        assert day(date(2026, 11, 20)) == '<time datetime="2026-11-20">20 nov 2026</time>'
        assert ">20 nov 2026, 14:02 UTC<" in moment(at)


@pytest.mark.parametrize(
    ("typed", "meant"), [("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("9,80", "9.80"), ("1250", "1250")]
)
def test_an_amount_may_be_typed_either_way_in_spanish(typed: str, meant: str) -> None:
    with translation.override("es"):
        assert AmountField().clean(typed) == Decimal(meant)


@pytest.mark.parametrize("typed", ["9,800", "9.800"])
def test_an_amount_that_can_mean_two_is_asked_about_in_spanish(typed: str) -> None:
    with translation.override("es"), pytest.raises(ValidationError, match=r"9\.800,00.*9,80"):
        AmountField().clean(typed)
