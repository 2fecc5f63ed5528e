"""Sign-up creates a user and a supplier, confirms the address, and does not reveal which accounts exist."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.suppliers.models import Membership, Supplier
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import UserFactory

pytestmark = pytest.mark.django_db
GOOD = {"company_name": "Larkspur Coffee", "email": "robin@larkspur.example", "password1": "nine-tall-lanterns"}


def sign_up(client: Client, **changes: str) -> object:
    return client.post(reverse("account_signup"), {**GOOD, **changes})


def words(client: Client, address: str) -> str:
    """The visible text of a page's main part."""
    main = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def link_in(message: object) -> str:
    (found,) = re.findall(r"https?://testserver(/\S+)", message.body)  # type: ignore[attr-defined]
    return found


def test_signing_up_makes_person_company_and_ownership_together(client: Client) -> None:
    response = sign_up(client)
    assert response["Location"] == reverse("account_email_verification_sent")
    membership = Membership.objects.get()
    assert membership.user.email == GOOD["email"]
    assert membership.supplier.name == GOOD["company_name"]
    assert membership.role == Membership.Role.OWNER
    assert AuditEvent.objects.filter(event="supplier.opened", supplier_id=membership.supplier_id).exists()
    assert "Check your email" in client.get(response["Location"]).content.decode()


def test_nobody_gets_in_before_the_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    credentials = {"login": GOOD["email"], "password": GOOD["password1"]}
    assert client.post(reverse("account_login"), credentials)["Location"] == reverse("account_email_verification_sent")
    assert client.get(reverse("dashboard:invoices")).status_code == 302


def test_the_link_in_the_mail_confirms_by_a_button_and_not_by_being_opened(client: Client) -> None:
    sign_up(client)
    (message,) = delivered()
    assert message.subject == "Welcome to infactor: confirm your email address"
    link = link_in(message)
    page = client.get(link).content.decode()
    assert "Confirm your email address" in page
    assert GOOD["email"] in page
    assert not EmailAddress.objects.get().verified
    elsewhere = Client()
    assert elsewhere.post(link)["Location"] == reverse("account_login"), "the link alone signs nobody in"
    assert EmailAddress.objects.get().verified
    credentials = {"login": GOOD["email"].upper(), "password": GOOD["password1"]}
    assert client.post(reverse("account_login"), credentials)["Location"] == reverse("dashboard:home")
    assert "Larkspur Coffee" in client.get(reverse("dashboard:home")).content.decode()


def test_who_confirms_where_the_account_was_made_is_signed_in(client: Client) -> None:
    sign_up(client)
    assert client.post(link_in(delivered()[0]))["Location"] == reverse("dashboard:home")
    assert "Larkspur Coffee" in client.get(reverse("dashboard:home")).content.decode()


def test_a_link_that_is_too_old_says_so_and_what_to_do(client: Client) -> None:
    page = client.get(reverse("account_confirm_email", args=["made-up"])).content.decode()
    assert "has expired or was used before" in page
    assert reverse("account_login") in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"company_name": ""}, "This field is required."),
        ({"company_name": "   "}, "This field is required."),
        ({"company_name": "--- !!! ..."}, "Enter the name of your company."),
        ({"company_name": "\u200b\u202e"}, "Enter the name of your company."),
        ({"company_name": "x" * 201}, "at most 200 characters"),
        ({"company_name": "a\x00b"}, "Null characters are not allowed."),
        ({"email": ""}, "This field is required."),
        ({"email": "not an address"}, "Enter a valid email address."),
        ({"password1": ""}, "This field is required."),
        ({"password1": "short"}, "at least 12 characters"),
        ({"password1": "robin@larkspur"}, "too similar"),
        ({"password1": "q1w2e3r4t5y6"}, "too common"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_is_made(
    client: Client, changes: dict[str, str], said: str
) -> None:
    response = sign_up(client, **changes)
    assert response.status_code == 200
    page = response.content.decode()
    assert said in page
    assert "Please check what you entered." in page
    assert not User.objects.exists()
    assert not Supplier.objects.exists()
    kept = "email" if "company_name" in changes else "company_name"
    assert GOOD[kept] in page


def test_a_company_name_is_stored_with_single_spaces(client: Client) -> None:
    sign_up(client, company_name="  Larkspur \t  Coffee ")
    assert Supplier.objects.get().name == "Larkspur Coffee"


def test_an_address_that_has_an_account_gets_the_same_answer_and_a_mail(client: Client) -> None:
    UserFactory(email=GOOD["email"])
    one, other = Client(), Client()
    new = sign_up(one, email="new@larkspur.example")
    known = sign_up(other, email=GOOD["email"].upper())
    assert (known.status_code, known["Location"]) == (new.status_code, new["Location"])
    told = [words(visitor, new["Location"]) for visitor in (one, other)]
    assert told[0].replace("new@larkspur.example", "") == told[1].replace(GOOD["email"], "")
    assert Supplier.objects.count() == 1
    assert User.objects.filter(email=GOOD["email"]).count() == 1
    assert delivered()[-1].subject == "You already have an account"
    assert reverse("account_reset_password") in delivered()[-1].body


def test_fields_that_are_not_asked_for_change_nothing(client: Client) -> None:
    sign_up(client, is_staff="on", is_superuser="1", role="finance", time_zone="UTC")
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser


def test_a_company_name_of_markup_stays_text(client: Client) -> None:
    sign_up(client, company_name="<script>alert(1)</script>")
    client.force_login(User.objects.get())
    assert "<script>alert(1)" not in client.get(reverse("dashboard:home")).content.decode()
