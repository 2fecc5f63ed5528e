"""The second factor: staff come nowhere without one, and show it anew before they move money."""

import io
import re
import time
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.suppliers import bank_accounts
from infactor.suppliers.models import BankAccount, Supplier
from infactor.users import demo_factor, roles
from infactor.users.models import AccountChange, User
from infactor.users.security.recovery_codes import HashedRecoveryCodes
from tests.support.admin_client import confirm
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios import onboarding
from tests.support.second_factor import SECRET, code, give_factor, show_factor, sign_in_without_factor

pytestmark = pytest.mark.django_db

DEEP_LINKS = (
    reverse("admin:index"),
    reverse("admin:login"),
    reverse("admin:financing_advance_changelist"),
    reverse("admin:financing_advance_fund", args=[1]),
    reverse("admin:autocomplete"),
    reverse("admin:jsi18n"),
    "/admin/no-such-page/",
)


@pytest.fixture
def operations() -> User:
    return onboarding.staff_member(roles.OPERATIONS)


@pytest.fixture
def waiting(supplier: Supplier) -> BankAccount:
    """A replacement account whose cooling-off period is over."""
    onboarding.approved(supplier)
    owner = onboarding.owner_of(supplier)
    details = onboarding.entry(account_number=onboarding.OTHER_ACCOUNT)
    return bank_accounts.add(supplier=supplier, details=details, by=owner, at=onboarding.AT)


def password_step(client: Client, person: User, **extra: str) -> object:
    return client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD, **extra})


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", DEEP_LINKS)
def test_staff_without_a_second_factor_are_led_to_set_one_up(
    client: Client, operations: User, address: str, method: str
) -> None:
    sign_in_without_factor(client, operations)
    answer = getattr(client, method)(address)
    assert answer.status_code == 302
    if address == reverse("admin:login"):
        answer = client.get(answer["Location"])
    assert answer["Location"] == reverse("mfa_index")


def test_a_password_alone_signs_nobody_in_who_has_a_second_factor(client: Client, operations: User) -> None:
    give_factor(operations)
    assert password_step(client, operations)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("admin:login"))
    assert "not right" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    client.post(reverse("mfa_authenticate"), {"code": code()})
    assert client.get(reverse("admin:index")).status_code == 200
    assert AuditEvent.objects.get(event="user.signed_in").details == {"shown": ["password", "totp"]}


def test_a_code_works_once(client: Client, operations: User) -> None:
    give_factor(operations)
    shown = code()
    for _ in range(2):
        browser = Client()
        password_step(browser, operations)
        answer = browser.post(reverse("mfa_authenticate"), {"code": shown})
    assert answer.status_code == 200
    assert "used before" in answer.content.decode()


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_code_of_the_half_minute_before_or_after_is_refused(client: Client, operations: User, steps: int) -> None:
    give_factor(operations)
    password_step(client, operations)
    now = time.time()
    other = format_hotp_value(hotp_value(SECRET, int(now) // 30 + steps))
    with time_machine.travel(now, tick=False):
        assert "not right" in client.post(reverse("mfa_authenticate"), {"code": other}).content.decode()
        assert client.get("/admin/").status_code == 302


def test_a_session_from_before_the_factor_was_set_up_is_asked_for_it(client: Client, operations: User) -> None:
    sign_in_without_factor(client, operations)
    give_factor(operations)
    asked = client.get(reverse("admin:index"))
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    done = client.post(asked["Location"], {"code": code(), "next": reverse("admin:index")})
    assert done["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200


def test_staff_cannot_show_a_password_in_place_of_the_factor(client: Client, operations: User) -> None:
    client.force_login(operations)
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer["Location"] == reverse("mfa_reauthenticate")


@pytest.mark.django_db(transaction=True)  # allauth goes on after the commit
def test_a_new_member_of_staff_sets_up_an_app_and_goes_on_to_the_page_that_was_asked_for(
    client: Client, operations: User
) -> None:
    sign_in_without_factor(client, operations)
    wanted = reverse("admin:financing_advance_changelist")
    page = client.get(wanted, follow=True).content.decode()
    assert "Set up a second factor" in page
    asked = client.get(reverse("mfa_activate_totp"))
    client.post(asked["Location"], {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    form = client.get(reverse("mfa_activate_totp")).context["form"]
    done = client.post(reverse("mfa_activate_totp"), {"code": code(secret=form.secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    codes = client.get(done["Location"]).content.decode()
    assert f'href="{wanted}"' in codes
    assert client.get(wanted).status_code == 200
    assert [message.subject for message in delivered()] == ["An authenticator app was added"]
    assert AuditEvent.objects.filter(event="user.factor_added", subject_id=operations.pk).exists()


def test_the_secrets_of_factors_are_encrypted_in_the_database(operations: User) -> None:
    stored = give_factor(operations)
    assert SECRET not in str(Authenticator.objects.filter(pk=stored.pk).values())


def test_money_is_decided_with_a_fresh_factor_and_the_form_goes_on_by_itself(
    client: Client, operations: User, waiting: BankAccount, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FRESH = timedelta(minutes=15)
    cache.clear()
    client.force_login(operations)
    address = reverse("admin:suppliers_bankaccount_confirm", args=[waiting.pk])
    show_factor(client, operations, at=time.time() - 14 * 60)
    assert client.get(address).status_code == 200
    token = client.get(address).context["preview_token"]
    show_factor(client, operations, at=time.time() - 16 * 60)
    proof = {"proof": "call", "phone_number": "+1 555 0100", "note": "Kim read the number to us."}
    asked = client.post(address, {"preview_token": token, **proof})
    waiting.refresh_from_db()
    assert waiting.status == BankAccount.Status.WAITING
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    client.post(asked["Location"], {"code": code(), "next": address})
    waiting.refresh_from_db()
    assert waiting.status == BankAccount.Status.IN_USE
    # Pages that decide nothing are open meanwhile.
    show_factor(client, operations, at=time.time() - 16 * 60)
    assert client.get(reverse("admin:suppliers_bankaccount_changelist")).status_code == 200


def test_a_recovery_code_opens_the_account_once_where_the_app_is_lost(client: Client, operations: User) -> None:
    give_factor(operations)
    spare = HashedRecoveryCodes.activate(operations).get_unused_codes()[0]
    password_step(client, operations)
    client.post(reverse("mfa_authenticate"), {"code": spare})
    assert client.get(reverse("admin:index")).status_code == 200
    elsewhere = Client()
    password_step(elsewhere, operations)
    assert elsewhere.post(reverse("mfa_authenticate"), {"code": spare}).status_code == 200


def test_a_supplier_may_have_a_factor_and_needs_none(client: Client, supplier: Supplier) -> None:
    owner = supplier.members.get()
    assert password_step(client, owner)["Location"] == reverse("dashboard:home")
    assert "Set up an app" in client.get(reverse("mfa_index")).content.decode()
    give_factor(owner)
    assert password_step(Client(), owner)["Location"] == reverse("mfa_authenticate")


@pytest.mark.django_db(transaction=True)  # allauth goes on after the commit
def test_recovery_codes_are_shown_once_stored_as_hashes_and_work(client: Client, operations: User) -> None:
    client.force_login(operations)
    asked = client.post(reverse("mfa_generate_recovery_codes"))
    client.post(asked["Location"], {"code": code(), "next": reverse("mfa_generate_recovery_codes")})
    client.post(reverse("mfa_generate_recovery_codes"))
    pattern = r"<li>([a-z2-9-]{29})</li>"
    codes = re.findall(pattern, client.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert len(set(codes)) == 10
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert re.findall(pattern, again) == []
    assert "10 of 10 left" in again
    stored = Authenticator.objects.get(user=operations, type=Authenticator.Type.RECOVERY_CODES).data
    assert set(stored) == {"hashes", "viewed_at"}
    assert not any(code in str(stored) for code in codes)
    for code_, status in ((codes[3].upper().replace("-", " "), 200), (codes[3], 302)):
        browser = Client()
        password_step(browser, operations)
        browser.post(reverse("mfa_authenticate"), {"code": code_})
        assert browser.get(reverse("admin:index")).status_code == status


def test_where_the_operator_says_so_a_supplier_needs_a_factor(
    client: Client, supplier: Supplier, settings: Settings
) -> None:
    settings.SUPPLIERS_NEED_SECOND_FACTOR = True
    person = supplier.members.get()
    client.force_login(person)
    for address in ("/", "/invoices/", "/bank/", "/quickbook/"):
        assert client.get(address)["Location"] == reverse("mfa_index"), address
    assert client.get("/invoices/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_index")
    give_factor(person)
    assert client.post("/financing/request/")["Location"].startswith(reverse("mfa_reauthenticate"))
    show_factor(client, person)
    assert client.get("/").status_code == 200


def test_a_reset_password_does_not_skip_the_factor(client: Client, supplier: Supplier) -> None:
    owner = supplier.members.get()
    give_factor(owner)
    client.post(reverse("account_reset_password"), {"email": owner.email})
    (link,) = re.findall(r"https?://testserver(/\S+)", delivered()[0].body)
    form = client.get(link)["Location"]
    client.post(form, {"password1": "seven-quiet-lanterns", "password2": "seven-quiet-lanterns"})
    answer = client.post(reverse("account_login"), {"login": owner.email, "password": "seven-quiet-lanterns"})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("dashboard:invoices")).status_code == 302


def test_an_administrator_removes_a_lost_factor_and_the_person_is_told(client: Client, operations: User) -> None:
    admin = User.objects.create_superuser("admin@example.com", PASSWORD)
    give_factor(operations)
    elsewhere = Client()
    elsewhere.force_login(operations)
    client.force_login(admin)
    address = reverse("admin:users_user_remove_factors", args=[operations.pk])
    confirm(client, address, reason="Called back at the desk")
    assert not Authenticator.objects.filter(user=operations).exists()
    assert elsewhere.get(reverse("admin:index")).status_code == 302
    told = OutgoingMail.objects.get()
    assert (told.to, told.subject) == (operations.email, "Your second factor was removed")
    assert AccountChange.objects.get(user=operations).kind == AccountChange.Kind.FACTOR_REMOVED
    assert AuditEvent.objects.filter(event="user.factors_removed_by_staff", actor_id=admin.pk).exists()
    own = confirm(client, reverse("admin:users_user_remove_factors", args=[admin.pk]), reason="My phone is lost")
    assert "your own account" in own.content.decode()


def test_an_operator_removes_the_factor_of_the_last_administrator(operations: User) -> None:
    give_factor(operations)
    with pytest.raises(CommandError):
        call_command("remove_second_factors", "nobody@example.com")
    call_command("remove_second_factors", operations.email.upper(), verbosity=0, stdout=io.StringIO())
    assert not Authenticator.objects.filter(user=operations).exists()
    assert AuditEvent.objects.get(event="user.factors_removed_by_staff").actor_id is None


def test_the_code_of_the_demo_is_shown_in_local_mode_only(settings: Settings) -> None:
    shown = io.StringIO()
    with time_machine.travel(time.time(), tick=False):
        call_command("demo_code", stdout=shown)
        assert shown.getvalue().startswith(code(secret=demo_factor.SECRET))
    settings.LOCAL_MODE = False
    with pytest.raises(CommandError):
        call_command("demo_code")


def test_the_freshness_of_a_factor_from_the_future_counts_for_nothing(
    client: Client, operations: User, waiting: BankAccount, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FRESH = timedelta(minutes=15)
    client.force_login(operations)
    show_factor(client, operations, at=time.time() + 3600)
    with time_machine.travel(time.time(), tick=False):
        answer = client.get(reverse("admin:suppliers_bankaccount_confirm", args=[waiting.pk]))
    assert answer.status_code == 302
