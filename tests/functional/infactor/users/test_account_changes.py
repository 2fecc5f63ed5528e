"""Changes of how a person signs in: the password comes first, the former address hears of it, accounts wait longer."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.suppliers import bank_accounts
from infactor.suppliers.models import BankAccount, Supplier
from infactor.users import roles
from infactor.users.models import AccountChange, User
from infactor.users.security import account_changes
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios import onboarding
from tests.support.second_factor import code, give_factor

pytestmark = pytest.mark.django_db

NEW = "new@larkspur.example"


@pytest.fixture
def person(supplier: Supplier) -> User:
    return supplier.members.get()


def confirm_password(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def change_address(client: Client, person: User) -> None:
    """Add NEW, confirm it, make it primary, and remove the former one."""
    address, former = reverse("account_email"), person.email
    client.post(address, {"action_add": "", "email": NEW})
    EmailAddress.objects.filter(email=NEW).update(verified=True)
    client.post(address, {"action_primary": "", "email": NEW})
    client.post(address, {"action_remove": "", "email": former})


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("account_email", {"action_add": "", "email": NEW}),
        ("account_email", {"action_primary": "", "email": "second@larkspur.example"}),
        ("account_email", {"action_remove": "", "email": "second@larkspur.example"}),
        ("mfa_activate_totp", {"code": "000000"}),
        ("mfa_deactivate_totp", {}),
        ("mfa_generate_recovery_codes", {}),
        ("mfa_add_webauthn", {"credential": "{}"}),
    ],
)
def test_an_open_session_changes_nothing_of_the_sign_in_without_a_password(
    client: Client, person: User, name: str, form: dict[str, str]
) -> None:
    if form.get("email") == "second@larkspur.example":
        EmailAddress.objects.create(user=person, email="second@larkspur.example", verified=True)
    if name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        give_factor(person)
    before = list(EmailAddress.objects.values_list("email", "primary"))
    client.force_login(person)
    answer = client.post(reverse(name), form)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert list(EmailAddress.objects.values_list("email", "primary")) == before
    assert not AccountChange.objects.exists()


def test_what_was_asked_for_goes_on_once_the_password_is_entered(client: Client, person: User) -> None:
    client.force_login(person)
    asked = client.post(reverse("account_email"), {"action_add": "", "email": NEW})
    client.post(asked["Location"], {"password": PASSWORD, "next": reverse("account_email")})
    assert EmailAddress.objects.filter(user=person, email=NEW).exists()


def test_a_second_factor_stands_for_the_password(client: Client, person: User) -> None:
    give_factor(person)
    client.force_login(person)
    client.post(reverse("mfa_reauthenticate"), {"code": code()})
    client.post(reverse("account_email"), {"action_add": "", "email": NEW})
    assert EmailAddress.objects.filter(user=person, email=NEW).exists()


def test_the_former_address_hears_of_every_step_of_a_takeover(client: Client, person: User) -> None:
    former = person.email
    client.force_login(person)
    confirm_password(client)
    change_address(client, person)
    reset = Client()
    reset.post(reverse("account_reset_password"), {"email": NEW})
    (link,) = re.findall(r"https?://testserver(/accounts/password/\S+)", delivered()[-1].body)
    form = reset.get(link)["Location"]
    reset.post(form, {"password1": "seven-quiet-lanterns", "password2": "seven-quiet-lanterns"})
    heard = [message.subject for message in delivered() if message.to == [former]]
    assert heard == [
        "An email address was added",
        "Your email address was changed",
        "An email address was removed",
        "Your password was reset",
    ]
    kinds = list(AccountChange.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["address_added", "address_changed", "address_removed", "password_changed"]
    assert AuditEvent.objects.filter(event="user.address_changed", subject_id=person.pk).exists()


def test_an_address_that_was_never_confirmed_is_not_written_to(client: Client, person: User) -> None:
    client.force_login(person)
    confirm_password(client)
    client.post(reverse("account_email"), {"action_add": "", "email": NEW})
    delivered().clear()
    client.post(reverse("account_email"), {"action_remove": "", "email": NEW})
    assert [message.to for message in delivered()] == [[person.email]]


def test_a_bank_account_entered_after_a_takeover_waits_longer_and_warns_the_former_address(
    client: Client, supplier: Supplier, person: User
) -> None:
    onboarding.approved(supplier, at=timezone.now() - timedelta(days=30))
    former = person.email
    client.force_login(person)
    confirm_password(client)
    change_address(client, person)
    person.refresh_from_db()
    now = timezone.now()
    details = onboarding.entry(account_number=onboarding.OTHER_ACCOUNT)
    entered = bank_accounts.add(supplier=supplier, details=details, by=person, at=now)
    assert entered.usable_from == now + settings.BANK_COOLING_OFF_AFTER_CHANGE
    assert entered.usable_from > now + bank_accounts.COOLING_OFF_PERIOD
    told = OutgoingMail.objects.filter(key__startswith=f"suppliers.account_added:{entered.pk}:")
    assert set(told.values_list("to", flat=True)) == {former, NEW}
    client.force_login(onboarding.staff_member(roles.OPERATIONS))
    page = client.get(reverse("admin:suppliers_bankaccount_confirm", args=[entered.pk])).content.decode()
    assert "CAUTION: email address removed" in page


def test_the_first_account_of_a_hijacked_application_is_not_confirmed_at_once(supplier: Supplier, person: User) -> None:
    account_changes.record(user=person, kind=AccountChange.Kind.PASSWORD_CHANGED, at=onboarding.AT)
    onboarding.approved(supplier)
    assert BankAccount.objects.get(supplier=supplier).status == BankAccount.Status.WAITING


def test_a_change_is_forgotten_after_the_days_of_the_setting(supplier: Supplier, person: User) -> None:
    at = onboarding.AT
    account_changes.record(
        user=person, kind=AccountChange.Kind.ADDRESS_CHANGED, at=at - settings.ACCOUNT_CHANGE_WATCH, former_email=NEW
    )
    assert account_changes.former_addresses(user=person, at=at) == []
    added = bank_accounts.add(supplier=supplier, details=onboarding.entry(), by=person, at=at)
    assert (added.usable_from, added.after_account_change) == (at, False)


def test_a_sign_in_from_a_new_device_is_told_once(client: Client, person: User) -> None:
    credentials = {"login": person.email, "password": PASSWORD}
    login = reverse("account_login")
    client.post(login, credentials)
    assert delivered() == [], "the first sign-in of a new account is no news"
    known = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert known["httponly"]
    assert person.email not in known.value
    other = Client()
    other.post(login, credentials)
    assert [(message.to, message.subject) for message in delivered()] == [
        ([person.email], "New sign-in to your account")
    ]
    for browser in (client, other):
        browser.post(reverse("account_logout"))
        browser.post(login, credentials)
    assert len(delivered()) == 1


def test_the_first_sign_in_ever_seen_of_an_old_account_is_told(client: Client, person: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert [message.subject for message in delivered()] == ["New sign-in to your account"]
