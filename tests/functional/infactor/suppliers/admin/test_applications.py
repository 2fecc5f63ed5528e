"""Staff decide on applications and bank accounts, each role within its rights, with the figures on the page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.suppliers import agreements, bank_accounts
from infactor.suppliers.models import AgreementText, Application, BankAccount, Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import confirm
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db
APPLICATIONS = "/admin/suppliers/application/"
ACCOUNTS = "/admin/suppliers/bankaccount/"
TEXTS = "/admin/suppliers/agreementtext/"
CALL = {"proof": "call", "phone_number": "+1 503 555 0100", "note": "Robin read it out to us."}
ROLES = (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY)


def sign_in(client: Client, role: str) -> User:
    user = onboarding.staff_member(role)
    client.force_login(user)
    return user


def page_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@pytest.fixture
def application(supplier: Supplier) -> Application:
    return onboarding.applied(supplier)


@pytest.fixture
def waiting(supplier: Supplier) -> BankAccount:
    """A change of an approved supplier's bank account whose waiting period is over."""
    long_ago = timezone.now() - timedelta(days=9)
    onboarding.approved(supplier, at=long_ago)
    entry = onboarding.entry(account_number=onboarding.OTHER_ACCOUNT)
    return bank_accounts.add(supplier=supplier, details=entry, by=onboarding.owner_of(supplier), at=long_ago)


def test_the_queue_shows_those_that_wait_first_and_no_drafts(client: Client, application: Application) -> None:
    sign_in(client, roles.UNDERWRITER)
    onboarding.approved(MembershipFactory(supplier__name="Approved Ltd").supplier, at=onboarding.AT - timedelta(days=1))
    draft = MembershipFactory(supplier__name="Draft Ltd").supplier
    Application.objects.create(supplier=draft, legal_name="Draft Ltd")
    page = page_of(client, APPLICATIONS)
    assert "Draft Ltd" not in page
    assert page.index("Larkspur Coffee Roasters LLC: Being checked") < page.index("Approved Ltd")


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_an_application_and_nobody_its_secrets(
    client: Client, application: Application, role: str
) -> None:
    sign_in(client, role)
    pages = [f"{APPLICATIONS}{application.pk}/change/", APPLICATIONS, ACCOUNTS]
    pages += [f"{ACCOUNTS}{account.pk}/change/" for account in BankAccount.objects.all()]
    if role == roles.UNDERWRITER:
        pages.append(f"{APPLICATIONS}{application.pk}/approve/")
    for address in pages:
        page = page_of(client, address)
        for secret in (onboarding.COMPANY.tax_id, onboarding.US_ACCOUNT, onboarding.US_ROUTING):
            assert secret not in page, address
    page = page_of(client, pages[0])
    assert "••••4321" in page
    assert "••••6789" in page
    assert "Robin Larkspur" in page


def test_an_underwriter_approves_with_everything_before_their_eyes(
    client: Client, application: Application, supplier: Supplier
) -> None:
    underwriter = sign_in(client, roles.UNDERWRITER)
    address = f"{APPLICATIONS}{application.pk}/approve/"
    assert address in page_of(client, f"{APPLICATIONS}{application.pk}/change/")
    page = page_of(client, address)
    for said in ("12 Mill Street", "Robin Larkspur", "60%", "USD ••••6789", "First Bank of Oregon", "version 1"):
        assert said in page
    refused = confirm(client, address).content.decode()
    assert "Approval needs every check of the list. Registration: not made yet; Beneficial owners: not" in refused
    onboarding.complete_checks(supplier, by=underwriter, at=timezone.now())
    answer = confirm(client, address)
    assert answer["Location"] == f"{APPLICATIONS}{application.pk}/change/"
    application.refresh_from_db()
    assert (application.status, application.decided_by) == ("approved", underwriter)
    assert BankAccount.objects.get().status == "waiting", "operations confirm it"
    assert f"{supplier} is approved" in page_of(client, APPLICATIONS)


@pytest.mark.parametrize(("name", "status"), [("hold", "on_hold"), ("refuse", "refused")])
def test_holding_and_refusing_need_a_reason(client: Client, application: Application, name: str, status: str) -> None:
    sign_in(client, roles.UNDERWRITER)
    address = f"{APPLICATIONS}{application.pk}/{name}/"
    for reason in ("", " no ", "x" * 501):
        assert confirm(client, address, reason=reason).status_code == 200
    assert Application.objects.get().status == "submitted"
    assert confirm(client, address, reason="Send the last accounts.").status_code == 302
    made = Application.objects.get()
    assert (made.status, made.reason) == (status, "Send the last accounts.")


def test_what_changed_since_the_page_was_opened_is_shown_before_anything_is_done(
    client: Client, application: Application
) -> None:
    sign_in(client, roles.UNDERWRITER)
    address = f"{APPLICATIONS}{application.pk}/approve/"
    assert (
        "have changed since you opened this page" in client.post(address, {"preview_token": "0" * 64}).content.decode()
    )
    assert "have changed since you opened this page" in client.post(address).content.decode()
    assert Application.objects.get().status == "submitted"


def test_what_was_decided_meanwhile_is_not_decided_again(client: Client, application: Application) -> None:
    sign_in(client, roles.UNDERWRITER)
    confirm(client, f"{APPLICATIONS}{application.pk}/refuse/", reason="Too young.")
    events = AuditEvent.objects.count()
    answer = client.post(f"{APPLICATIONS}{application.pk}/approve/", {"preview_token": "x"}, follow=True)
    assert "Its status is: refused, since " in answer.content.decode()
    assert (Application.objects.get().status, AuditEvent.objects.count()) == ("refused", events)


@pytest.mark.parametrize("role", [roles.OPERATIONS, roles.READ_ONLY])
def test_other_roles_see_no_button_and_change_nothing(client: Client, application: Application, role: str) -> None:
    sign_in(client, role)
    page = page_of(client, f"{APPLICATIONS}{application.pk}/change/")
    for name in ("approve", "hold", "refuse"):
        address = f"{APPLICATIONS}{application.pk}/{name}/"
        assert address not in page
        assert client.get(address).status_code == 403
        assert client.post(address, {"reason": "Because I can.", "preview_token": "x"}).status_code == 403
    assert Application.objects.get().status == "submitted"
    assert client.post(f"{APPLICATIONS}{application.pk}/change/", {"status": "approved"}).status_code == 403


def test_operations_confirm_a_change_of_account(client: Client, waiting: BankAccount) -> None:
    operations = sign_in(client, roles.OPERATIONS)
    address = f"{ACCOUNTS}{waiting.pk}/confirm/"
    page = page_of(client, address)
    assert "••••6789, First Bank of Oregon" in page
    assert onboarding.OTHER_ACCOUNT not in page
    assert "Enter the number that you called" in confirm(client, address, proof="call").content.decode()
    assert confirm(client, address, **CALL).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.status, waiting.confirmed_by) == ("in_use", operations)
    shown = page_of(client, f"{ACCOUNTS}{waiting.pk}/change/")
    assert "Robin read it out to us." in shown


def test_an_account_that_has_not_waited_is_refused_on_the_page(client: Client, waiting: BankAccount) -> None:
    sign_in(client, roles.OPERATIONS)
    BankAccount.objects.filter(pk=waiting.pk).update(usable_from=timezone.now() + timedelta(hours=1))
    page = confirm(client, f"{ACCOUNTS}{waiting.pk}/confirm/", **CALL).content.decode()
    assert "cooling-off period of this account is not over" in page
    waiting.refresh_from_db()
    assert waiting.status == "waiting"


def test_an_account_is_refused_with_a_reason(client: Client, waiting: BankAccount) -> None:
    sign_in(client, roles.OPERATIONS)
    address = f"{ACCOUNTS}{waiting.pk}/refuse/"
    assert confirm(client, address, reason="").status_code == 200
    assert confirm(client, address, reason="Nobody there knows of it.").status_code == 302
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("refused", "Nobody there knows of it.")


@pytest.mark.parametrize("role", [roles.UNDERWRITER, roles.READ_ONLY])
def test_who_is_not_of_operations_confirms_no_account(client: Client, waiting: BankAccount, role: str) -> None:
    sign_in(client, role)
    assert "/confirm/" not in page_of(client, f"{ACCOUNTS}{waiting.pk}/change/")
    for name in ("confirm", "refuse"):
        assert (
            client.post(f"{ACCOUNTS}{waiting.pk}/{name}/", {"reason": "Because.", "preview_token": "x"}).status_code
            == 403
        )
    waiting.refresh_from_db()
    assert waiting.status == "waiting"


def test_the_same_account_at_another_supplier_is_told_to_staff(client: Client, application: Application) -> None:
    sign_in(client, roles.UNDERWRITER)
    other = MembershipFactory(supplier__name="Twin Ltd").supplier
    bank_accounts.add(supplier=other, details=onboarding.entry(), by=onboarding.owner_of(other), at=onboarding.AT)
    assert "Twin Ltd" in page_of(client, f"{APPLICATIONS}{application.pk}/approve/")


def test_an_underwriter_publishes_a_new_version_and_changes_no_old_one(client: Client, db: None) -> None:
    underwriter = sign_in(client, roles.UNDERWRITER)
    first = onboarding.published()
    assert "Approved suppliers" in page_of(client, f"{TEXTS}add/")
    assert confirm(client, f"{TEXTS}add/", title="Second", body="").status_code == 200
    assert confirm(client, f"{TEXTS}add/", title="Second", body="New <b>text</b>.").status_code == 302
    newest = agreements.latest()
    assert newest is not None
    assert (newest.version, newest.published_by) == (first.version + 1, underwriter)
    assert client.post(f"{TEXTS}{first.pk}/change/", {"body": "Other."}).status_code == 403
    assert AgreementText.objects.get(pk=first.pk).body == first.body


@pytest.mark.parametrize("role", [roles.OPERATIONS, roles.READ_ONLY])
def test_other_roles_publish_nothing(client: Client, db: None, role: str) -> None:
    sign_in(client, role)
    count = AgreementText.objects.count()
    assert client.post(f"{TEXTS}add/", {"title": "Mine", "body": "Text.", "preview_token": "x"}).status_code == 403
    assert AgreementText.objects.count() == count
    assert client.get(TEXTS).status_code == 200
    assert client.get("/admin/suppliers/agreementacceptance/").status_code == 200


def test_a_decision_on_what_is_not_there_is_not_found(client: Client, db: None) -> None:
    sign_in(client, roles.UNDERWRITER)
    assert client.get(f"{APPLICATIONS}999999/approve/").status_code == 404
