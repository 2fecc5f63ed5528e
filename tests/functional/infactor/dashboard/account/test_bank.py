"""Only the owner sees and changes the bank account, after entering a password; its number is always masked."""

import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.fixtures import Settings

from infactor.core.models import OutgoingMail
from infactor.suppliers import bank_accounts
from infactor.suppliers.models import BankAccount, Membership, Supplier
from tests.support.factories.suppliers import PASSWORD, CompanyFileFactory, MembershipFactory
from tests.support.scenarios import onboarding

pytestmark = pytest.mark.django_db
PAGE, CHANGE, WITHDRAW = "/bank/", "/bank/change/", "/bank/withdraw"
TYPED = {
    "currency": "USD",
    "country": "US",
    "holder": "Larkspur LLC",
    "bank_name": "First Bank of Oregon",
    "account_number": onboarding.US_ACCOUNT,
    "routing_number": onboarding.US_ROUTING,
}


@pytest.fixture
def proven(member: Client) -> Client:
    """An owner who has just re-entered the password."""
    answer = member.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": CHANGE})
    assert answer["Location"] == CHANGE
    return member


def test_nobody_enters_an_account_without_a_password_entered_just_now(member: Client, supplier: Supplier) -> None:
    assert member.get(CHANGE)["Location"].startswith("/accounts/reauthenticate/")
    page = member.post(CHANGE, TYPED).content.decode()
    assert "Confirm your password." in page
    assert 'value="Larkspur LLC"' in page, "nothing typed is lost"
    assert not BankAccount.objects.exists()
    assert all(onboarding.US_ACCOUNT not in str(session.get_decoded()) for session in Session.objects.all())


def test_a_password_of_long_ago_does_not_count(proven: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert "Confirm your password." in proven.post(CHANGE, TYPED).content.decode()
    assert not BankAccount.objects.exists()


def test_an_account_is_entered_and_shown_by_its_last_four_alone(proven: Client, supplier: Supplier) -> None:
    assert proven.get(CHANGE).status_code == 200
    assert proven.post(CHANGE, TYPED)["Location"] == PAGE
    made = BankAccount.objects.get()
    assert (made.supplier, made.account_number, made.added_by) == (
        supplier,
        onboarding.US_ACCOUNT,
        supplier.members.get(),
    )
    for address in (PAGE, CHANGE, "/application/"):
        page = proven.get(address).content.decode()
        assert onboarding.US_ACCOUNT not in page
        assert onboarding.US_ROUTING not in page
    page = proven.get(PAGE).content.decode()
    assert "••••6789" in page
    assert "Your application is not submitted yet." in page
    assert OutgoingMail.objects.filter(key__startswith="suppliers.account_added").count() == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"routing_number": "111000024"}, "routing_number", "This is not a valid routing number"),
        ({"country": "DE"}, "account_number", "This is not a valid IBAN"),
        ({"account_number": "12"}, "account_number", "6 to 17 digits"),
        ({"country": "QQ"}, "country", "Select a valid choice"),
        ({"currency": "XXX"}, "currency", "Select a valid choice"),  # ISO 4217's code for no currency
        ({"holder": ""}, "holder", "This field is required"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    proven: Client, changes: dict[str, str], field: str, said: str
) -> None:
    page = proven.post(CHANGE, {**TYPED, **changes}).content.decode()
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert said in page
    assert 'value="First Bank of Oregon"' in page
    assert not BankAccount.objects.exists()


def test_the_currencies_of_the_books_are_offered_first(proven: Client, supplier: Supplier) -> None:
    CompanyFileFactory(supplier=supplier, home_currency="SEK")
    page = proven.get(CHANGE).content.decode()
    assert page.index('value="SEK"') < page.index('value="USD"')


def test_a_change_says_from_when_it_counts_and_is_taken_back_with_one_click(member: Client, supplier: Supplier) -> None:
    onboarding.approved(supplier)
    changed = bank_accounts.add(
        supplier=supplier,
        details=onboarding.entry(account_number=onboarding.OTHER_ACCOUNT),
        by=onboarding.owner_of(supplier),
        at=onboarding.AT,
    )
    page = member.get(PAGE).content.decode()
    assert "••••6789" in page
    assert "••••4321" in page
    assert member.post(WITHDRAW, {"account": changed.pk})["Location"] == PAGE
    assert BankAccount.objects.get(pk=changed.pk).status == "refused"
    assert "Withdrawn by the company." in member.get(PAGE).content.decode()
    member.post(WITHDRAW, {"account": changed.pk})
    assert "no longer waits for confirmation" in member.get(PAGE).content.decode()


@pytest.mark.parametrize("chosen", ["", "x", "0", "-1", "²", "99999999999999999999999"])
def test_an_account_that_is_none_is_not_found(member: Client, chosen: str) -> None:
    assert member.post(WITHDRAW, {"account": chosen}).status_code == 404


def test_another_companys_account_is_neither_seen_nor_touched(member: Client) -> None:
    other = MembershipFactory(supplier__name="Other").supplier
    theirs = bank_accounts.add(
        supplier=other,
        details=onboarding.entry(bank_name="Canary Bank"),
        by=onboarding.owner_of(other),
        at=onboarding.AT,
    )
    assert "Canary Bank" not in member.get(PAGE).content.decode()
    assert member.post(WITHDRAW, {"account": theirs.pk}).status_code == 404
    assert BankAccount.objects.get().status == "waiting"


def test_who_is_no_owner_sees_the_accounts_and_changes_none(client: Client, supplier: Supplier) -> None:
    account = bank_accounts.add(
        supplier=supplier, details=onboarding.entry(), by=onboarding.owner_of(supplier), at=onboarding.AT
    )
    client.force_login(MembershipFactory(supplier=supplier, role=Membership.Role.FINANCE).user)
    page = client.get(PAGE).content.decode()
    assert "••••6789" in page
    assert CHANGE not in page
    for method, address, form in (
        ("get", CHANGE, {}),
        ("post", CHANGE, TYPED),
        ("post", WITHDRAW, {"account": account.pk}),
    ):
        answer: Any = getattr(client, method)(address, form)
        assert answer.status_code == 403
    assert BankAccount.objects.get().status == "waiting"


def test_a_form_without_its_token_does_nothing(supplier: Supplier, settings: Settings) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(supplier.members.get())
    for address in (CHANGE, WITHDRAW, "/application/"):
        assert strict.post(address, TYPED).status_code == 403


def test_a_bank_is_shown_as_text(member: Client, supplier: Supplier) -> None:
    bank_accounts.add(
        supplier=supplier,
        details=onboarding.entry(bank_name="<script>alert(1)</script>", holder="<b>bold</b>"),
        by=onboarding.owner_of(supplier),
        at=onboarding.AT,
    )
    for address in (PAGE, "/application/"):
        page = member.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page


def test_an_account_that_cannot_be_is_not_found(member: Client, supplier: Supplier) -> None:
    for chosen in ("", "x", "-1", "9" * 5000):
        assert member.post(WITHDRAW, {"account": chosen}).status_code == 404
