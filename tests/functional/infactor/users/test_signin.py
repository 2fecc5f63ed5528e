"""Sign-in, sign-out and password reset, and the attempts that they refuse."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.settings import base
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(supplier: Supplier) -> User:
    return supplier.members.get()


def sign_in(client: Client, person: User, password: str = PASSWORD, **extra: str) -> object:
    return client.post(reverse("account_login"), {"login": person.email, "password": password, **extra})


def confirm_password(client: Client) -> None:
    """Enter the password again, as it is asked for before changes."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_signing_in_leads_home_and_out_again(client: Client, person: User) -> None:
    assert sign_in(client, person)["Location"] == reverse("dashboard:home")
    before = client.session.session_key
    assert "Sign out?" in client.get(reverse("account_logout")).content.decode()
    assert client.session.session_key == before, "a GET signed someone out"
    client.post(reverse("account_logout"))
    assert client.get(reverse("dashboard:invoices")).status_code == 302


def test_the_session_is_a_new_one_after_signing_in(client: Client, person: User) -> None:
    client.get(reverse("account_login"))
    session = client.session
    session["kept"] = "x"
    session.save()
    before = session.session_key
    sign_in(client, person)
    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client: Client, person: User) -> None:
    wrong = sign_in(client, person, "not-the-password").content.decode()
    unknown = client.post(reverse("account_login"), {"login": "nobody@example.com", "password": "x"}).content.decode()
    words = re.search(r"<li>(.*?password.*?)</li>", wrong)
    assert words is not None
    assert words.group(1) in unknown


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "https://evil.example/",
        "https:evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
    ],
)
def test_signing_in_never_leads_to_another_site(client: Client, person: User, elsewhere: str) -> None:
    assert sign_in(client, person, next=elsewhere)["Location"] == reverse("dashboard:home")


def test_signing_in_leads_on_to_the_page_that_was_asked_for(client: Client, person: User) -> None:
    asked = client.get("/invoices/?status=open")
    assert asked["Location"] == "/accounts/login/?next=/invoices/%3Fstatus%3Dopen"
    page = client.get(asked["Location"]).content.decode()
    assert 'value="/invoices/?status=open"' in page
    assert sign_in(client, person, next="/invoices/?status=open")["Location"] == "/invoices/?status=open"


def test_many_wrong_passwords_bring_a_pause_in_plain_words(client: Client, person: User) -> None:
    answers = [sign_in(client, person, f"wrong-{n}") for n in range(12)]
    assert "Too many" in answers[-1].content.decode()
    right = sign_in(client, person)
    assert right.status_code != 302, "the right password got in during the pause"


def test_wrong_passwords_are_counted_in_the_database(client: Client, person: User, settings: Settings) -> None:
    settings.CACHES = base.CACHES
    test_many_wrong_passwords_bring_a_pause_in_plain_words(client, person)


def test_too_many_sign_ups_from_one_place_get_our_page(client: Client) -> None:
    answers = [client.post(reverse("account_signup"), {"email": f"{n}@example.com"}) for n in range(25)]
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()
    said = answers[-1].content.decode()
    assert "site-wide" not in said
    assert "Nothing was saved." in said
    assert "we block sign-in" not in said, "the page is not only about signing in"


def test_someone_who_may_not_sign_in_does_not(client: Client, person: User) -> None:
    person.is_active = False
    person.save()
    response = sign_in(client, person)
    assert response.status_code == 200 or response["Location"] == reverse("account_inactive")
    assert client.get(reverse("dashboard:invoices")).status_code == 302


def test_a_form_without_its_token_is_refused_in_plain_words(person: User) -> None:
    response = sign_in(Client(enforce_csrf_checks=True), person)
    assert response.status_code == 403
    assert "has expired" in response.content.decode()
    assert "Nothing was saved." in response.content.decode()
    assert "To keep what you typed, go back with your browser" in response.content.decode()


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(client: Client, person: User) -> None:
    assert client.post(reverse("account_reset_password"), {"email": person.email})["Location"] == reverse(
        "account_reset_password_done"
    )
    assert "we have sent you an email" in client.get(reverse("account_reset_password_done")).content.decode()
    (message,) = delivered()
    assert message.subject == "Choose a new password"
    (link,) = re.findall(r"https?://testserver(/\S+)", message.body)
    form = client.get(link)["Location"]
    assert "Choose a new password" in client.get(form).content.decode()
    weak = client.post(form, {"password1": "short", "password2": "short"})
    assert "at least 12 characters" in weak.content.decode()
    new = "seven-quiet-lanterns"
    assert client.post(form, {"password1": new, "password2": new})["Location"] == reverse(
        "account_reset_password_from_key_done"
    )
    assert "Password changed" in client.get(reverse("account_reset_password_from_key_done")).content.decode()
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()
    assert sign_in(Client(), person).status_code == 200
    assert sign_in(Client(), person, new).status_code == 302


def test_a_reset_tells_nobody_who_has_an_account(client: Client, person: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in delivered()] == [[person.email]]


def test_changing_the_password_signs_out_everywhere(client: Client, person: User) -> None:
    elsewhere = Client()
    sign_in(elsewhere, person)
    sign_in(client, person)
    assert "Change your password" in client.get(reverse("account_change_password")).content.decode()
    new = "seven-quiet-lanterns"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert elsewhere.get(reverse("dashboard:invoices")).status_code == 302
    assert client.get(reverse("dashboard:invoices")).status_code == 302


def test_a_new_address_counts_once_it_is_confirmed(client: Client, person: User) -> None:
    client.force_login(person)
    address = reverse("account_email")
    assert person.email in client.get(address).content.decode()
    confirm_password(client)
    client.post(address, {"action_add": "", "email": "new@larkspur.example"})
    assert "Not confirmed" in client.get(address).content.decode()
    (link,) = [found for one in delivered() for found in re.findall(r"https?://testserver(/\S+)", one.body)]
    client.post(link)
    assert EmailAddress.objects.get(email="new@larkspur.example").verified
    client.post(address, {"action_primary": "", "email": "new@larkspur.example"})
    person.refresh_from_db()
    assert person.email == "new@larkspur.example"
    page = client.get(address).content.decode()
    assert page.count("Confirmed") == 2


def test_mails_are_plain_text_in_our_words(client: Client, person: User) -> None:
    client.force_login(person)
    confirm_password(client)
    client.post(reverse("account_email"), {"action_add": "", "email": "new@larkspur.example"})
    client.post(reverse("account_reset_password"), {"email": person.email})
    for message in delivered():
        assert message.content_subtype == "plain"
        assert message.attachments == []
        assert "example.com!" not in message.body
        assert "Hello from" not in message.body
        assert message.body.rstrip().endswith("infactor")
