"""Staff send micro-deposits from the page of an account, the owner enters the amounts, and staff confirm it."""

import pytest
from django.test import Client

from infactor.financing import micro_deposits
from infactor.financing.models import MicroDeposits, Payout
from infactor.suppliers import bank_accounts
from infactor.suppliers.models import BankAccount, Membership, Supplier
from infactor.users.models import User
from tests.support.admin_client import confirm, visible_text
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
PAGE, AMOUNTS = "/bank/", "/bank/amounts"


@pytest.fixture
def account(scenario: Scenario) -> BankAccount:
    return bank_accounts.add(
        supplier=scenario.supplier,
        details=onboarding.entry(account_number=onboarding.OTHER_ACCOUNT),
        by=scenario.owner,
        at=scenario.now,
    )


@pytest.fixture
def sent(scenario: Scenario, account: BankAccount) -> MicroDeposits:
    pair = micro_deposits.send(account=account, by=scenario.operations, at=scenario.now)
    money_out.send(scenario, *pair.payouts.all())
    return pair


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(account: BankAccount, name: str = "change") -> str:
    return f"/admin/suppliers/bankaccount/{account.pk}/{name}/"


def send_page(account: BankAccount) -> str:
    return f"/admin/financing/microdeposits/add/?account={account.pk}"


def typed(account: BankAccount, first: object, second: object) -> dict[str, object]:
    return {"account": account.pk, f"{account.pk}-first": first, f"{account.pk}-second": second}


def amounts(pair: MicroDeposits) -> list[str]:
    return [f"{one.amount}" for one in pair.payouts.order_by("pk")]


def test_staff_send_them_from_the_page_of_the_account_once(scenario: Scenario, account: BankAccount) -> None:
    operations = client_of(scenario.operations)
    shown = operations.get(page_of(account)).content.decode()
    assert send_page(account) in shown
    assert confirm(operations, send_page(account)).status_code == 302
    assert Payout.objects.filter(purpose="micro", status="prepared").count() == 2
    page = operations.get(page_of(account))
    assert "Waiting for the amounts" in visible_text(page)
    assert send_page(account) not in page.content.decode()
    again = operations.get(send_page(account), follow=True)
    assert "Two amounts are on their way already." in visible_text(again)  # type: ignore[arg-type]
    pair = MicroDeposits.objects.get()
    listed = visible_text(operations.get(f"/admin/financing/microdeposits/{pair.pk}/change/"))
    assert listed.count("Micro-deposit") >= 2
    assert operations.get("/admin/financing/microdeposits/").status_code == 200


@pytest.mark.parametrize("chosen", ["", "0", "x", "9" * 30])
def test_no_page_sends_to_an_account_that_is_none(scenario: Scenario, chosen: str) -> None:
    address = f"/admin/financing/microdeposits/add/?account={chosen}"
    assert client_of(scenario.operations).get(address).status_code == 404


def test_the_owner_enters_both_and_staff_choose_them_as_the_proof(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    owner, operations = client_of(scenario.owner), client_of(scenario.operations)
    page = owner.get(PAGE).content.decode()
    assert "Enter the two small amounts" in page
    assert not any(f">{one}<" in page or f"${one}" in page for one in amounts(sent)), "no page tells the amounts"
    assert "Micro-deposits" not in operations.get(page_of(account, "confirm")).content.decode().split("<form")[-1]
    first, second = amounts(sent)
    answered = owner.post(AMOUNTS, typed(account, f"${second}", first), follow=True)
    assert "Both amounts are right." in visible_text(answered)  # type: ignore[arg-type]
    assert "Enter the two small amounts" not in owner.get(PAGE).content.decode()
    asked = operations.get(page_of(account, "confirm")).content.decode()
    assert 'value="micro"' in asked
    refused = confirm(operations, page_of(account, "confirm"), proof="micro")
    assert "cooling-off" in visible_text(refused)


def test_a_wrong_answer_says_how_many_tries_are_left_and_keeps_what_was_typed(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits
) -> None:
    owner = client_of(scenario.owner)
    first, second = amounts(sent)
    other = "0.05" if "0.05" not in (first, second) else "0.06"
    answer = owner.post(AMOUNTS, typed(account, first, other))
    assert "You have 2 tries left." in visible_text(answer)
    assert f'value="{first}"' in answer.content.decode()
    assert "You have 1 try left." in visible_text(owner.post(AMOUNTS, typed(account, first, other)))
    last = owner.post(AMOUNTS, typed(account, first, other), follow=True)
    assert "that was the last try" in visible_text(last)  # type: ignore[arg-type]


@pytest.mark.parametrize(("first", "second"), [("", "0.10"), ("ten", "0.10"), ("-0.10", "0.20"), ("0.001", "0.20")])
def test_what_is_no_amount_costs_no_try(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits, first: str, second: str
) -> None:
    answer = client_of(scenario.owner).post(AMOUNTS, typed(account, first, second))
    assert answer.status_code == 200
    assert f'href="#id_{account.pk}-first"' in answer.content.decode()
    sent.refresh_from_db()
    assert sent.tries == 0


def test_another_company_and_a_reader_answer_nothing(
    scenario: Scenario, account: BankAccount, sent: MicroDeposits, supplier: Supplier
) -> None:
    stranger = client_of(MembershipFactory(supplier=supplier).user)
    reader = client_of(MembershipFactory(supplier=scenario.supplier, role=Membership.Role.READER).user)
    assert stranger.post(AMOUNTS, typed(account, *amounts(sent))).status_code == 404
    assert reader.post(AMOUNTS, typed(account, *amounts(sent))).status_code == 403
    assert "Enter the two small amounts" not in reader.get(PAGE).content.decode()
    sent.refresh_from_db()
    assert (sent.status, sent.tries) == ("sent", 0)
