"""Staff confirm the account of a payer on its page: a second person, on a proof, with the number asked for."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.financing.admin.queues import counts
from infactor.financing.models import PayeeAccount, Payout
from infactor.users.models import User
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
LIST = "/admin/financing/payeeaccount/"
NUMBER = "000777888999"
CALL = {"proof": "call", "phone_number": "+1 555 0100", "note": "Robin read out all digits."}
TYPED = {
    "holder": "Somebody",
    "bank_name": "Bank of Payers",
    "country": "US",
    "account_number": "",
    "routing_number": "",
}


@pytest.fixture
def payout(scenario: Scenario) -> Payout:
    payment = scenario.arrive("1000", targets=[], payer="Somebody")
    given: Any = {"by": scenario.operations, "at": scenario.now}
    return money_out.refund(payment, "250", value_date=scenario.today, reason="Not ours", **given).payout


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(row: Any, name: str) -> str:
    return reverse(f"admin:financing_{row._meta.model_name}_{name}", args=[row.pk])


def read(client: Client, address: str) -> str:
    return visible_text(client.get(address, follow=True))  # type: ignore[arg-type]


def test_a_second_person_confirms_it_from_the_queue_and_the_payout_is_approved(
    scenario: Scenario, payout: Payout
) -> None:
    account = PayeeAccount.objects.get()
    first, second = client_of(scenario.operations), client_of(scenario.approver)
    assert "is not confirmed" in visible_text(confirm(second, page(payout, "approve")))
    assert "Accounts of payers to confirm" in read(second, "/admin/")
    waiting = [
        counts.count(by=one, at=scenario.now)["payee_accounts"] for one in (scenario.operations, scenario.approver)
    ]
    assert waiting == [0, 1]
    assert "Somebody ••••8999" in read(second, f"{LIST}?waiting=yes")
    assert first.get(page(account, "confirm")).status_code == 403
    assert page(account, "confirm") not in first.get(page(account, "change")).content.decode()
    assert "Enter the number that you called" in visible_text(confirm(second, page(account, "confirm"), proof="call"))
    assert confirm(second, page(account, "confirm"), **CALL).status_code == 302
    assert "It is confirmed already." in read(second, page(account, "confirm"))
    assert "Robin read out all digits." in read(first, page(account, "change"))
    assert "Somebody" not in read(second, f"{LIST}?waiting=yes").split("Export")[-1]
    assert confirm(second, page(payout, "approve")).status_code == 302
    assert Payout.objects.get().status == "approved"
    assert "was approved as it is" in read(first, page(account, "correct"))


def test_what_was_changed_while_the_page_was_open_is_not_confirmed(scenario: Scenario, payout: Payout) -> None:
    account = PayeeAccount.objects.get()
    first, second = client_of(scenario.operations), client_of(scenario.approver)
    opened = second.get(page(account, "confirm")).content.decode()
    token = opened.split('name="preview_token" value="')[1].split('"')[0]
    changed = {**TYPED, "account_number": "000111228999", "routing_number": "021000021", "reason": "It was typed wrong"}
    assert confirm(first, page(account, "correct"), **changed).status_code == 302
    answer = second.post(page(account, "confirm"), {**CALL, "preview_token": token})
    assert "figures have changed" in visible_text(answer)  # type: ignore[arg-type]
    assert PayeeAccount.objects.get().confirmed_at is None


def test_a_correction_needs_a_reason_and_takes_the_confirmation_away(scenario: Scenario, payout: Payout) -> None:
    account = PayeeAccount.objects.get()
    second = client_of(scenario.approver)
    money_out.confirm_account(account, by=scenario.approver, at=scenario.now)
    assert "required" in visible_text(confirm(second, page(account, "correct"), **TYPED))
    given = {**TYPED, "reason": "The payer wrote it"}
    assert "Nothing of this differs" in visible_text(confirm(second, page(account, "correct"), **given))
    given["bank_name"] = "Another bank"
    assert confirm(second, page(account, "correct"), **given).status_code == 302
    assert second.get(page(account, "confirm")).status_code == 403
    assert client_of(scenario.underwriter).get(page(account, "correct")).status_code == 403
    assert PayeeAccount.objects.get().confirmed_at is None


def test_the_full_number_is_on_no_page_but_the_one_that_shows_it(scenario: Scenario, payout: Payout) -> None:
    account, second = PayeeAccount.objects.get(), client_of(scenario.approver)
    pages = [LIST, page(account, "change"), page(account, "confirm"), page(account, "correct"), page(payout, "change")]
    for address in (*pages, page(account, "number"), f"{LIST}export/?format=csv"):
        assert NUMBER not in second.get(address, follow=True).content.decode(), address
    shown = confirm(second, page(account, "number"))
    assert NUMBER in visible_text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert client_of(scenario.underwriter).get(page(account, "number")).status_code == 403
    assert AuditEvent.objects.get(event="payeeaccount.number_shown").actor == scenario.approver
