"""Operations correct, close and reopen house accounts on their pages; a second person confirms what redirects money."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.banking.models import HouseAccount
from infactor.users.roles import OPERATIONS
from tests.support.admin_client import confirm, filled_in, visible_text
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.statements import house_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
WHY = "The bank gave us another number"


def page_of(account: HouseAccount, name: str) -> str:
    return reverse(f"admin:banking_houseaccount_{name}", args=[account.pk])


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def test_a_number_is_corrected_by_two_people_on_their_pages(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    first, second = client_of(scenario.operations), client_of(staff_member(OPERATIONS))
    assert client_of(scenario.reader).get(page_of(account, "correct")).status_code == 403
    given = {"bank_name": "Bank of Examples", "account_number": "12", "reason": WHY}
    assert "6 to 34" in visible_text(confirm(first, page_of(account, "correct"), **given))
    given["account_number"] = "000999888777"
    assert confirm(first, page_of(account, "correct"), **given).status_code == 302
    assert "waits already" in visible_text(first.get(page_of(account, "correct"), follow=True))  # type: ignore[arg-type]
    assert first.get(page_of(account, "confirm_change")).status_code == 403
    assert account.name in visible_text(second.get("/admin/banking/houseaccount/?waiting=yes"))  # type: ignore[arg-type]
    asked = visible_text(second.get(page_of(account, "confirm_change")))  # type: ignore[arg-type]
    assert "000123456789" in asked
    assert "000999888777" in asked
    assert WHY in asked
    assert confirm(second, page_of(account, "confirm_change")).status_code == 302
    assert second.get(page_of(account, "confirm_change")).status_code == 302
    shown = visible_text(first.get(page_of(account, "change")))  # type: ignore[arg-type]
    assert "Bank of Examples ••••6789 Bank of Examples ••••8777" in shown
    assert "000123456789" not in shown
    assert HouseAccount.objects.get().account_number == "000999888777"


def test_an_account_is_closed_on_its_page_which_says_what_is_against_it(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Old")
    clerk = client_of(scenario.operations)
    assert "It is the default account of USD." in visible_text(clerk.get(page_of(account, "close")))  # type: ignore[arg-type]
    assert confirm(clerk, page_of(account, "close"), reason=WHY).status_code == 200
    before = visible_text(clerk.get(page_of(other, "close")))  # type: ignore[arg-type]
    assert "Nothing is against it." in before
    assert "no batch that was withdrawn counts as sent again" in before
    assert "required" in visible_text(confirm(clerk, page_of(other, "close")))
    assert confirm(clerk, page_of(other, "close"), reason=WHY).status_code == 302
    for name in ("close", "move", "opening", "payment_details", "make_default", "correct", "pay_to", "confirm_change"):
        refused = clerk.get(page_of(other, name), follow=True)
        assert "Old, USD is closed since Nov 2, 2026" in visible_text(refused), name  # type: ignore[arg-type]
    assert "Old" not in clerk.get("/admin/banking/statementfile/import/").content.decode()
    assert "Old" in visible_text(clerk.get("/admin/banking/houseaccount/"))  # type: ignore[arg-type]
    assert clerk.get(page_of(other, "reconcile")).status_code == 200
    assert confirm(clerk, page_of(other, "reopen"), reason="There was money left").status_code == 302
    assert "not closed" in visible_text(clerk.get(page_of(other, "reopen"), follow=True))  # type: ignore[arg-type]


def test_a_change_is_refused_on_its_page_and_buyers_keep_their_account(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    clerk = client_of(scenario.operations)
    assert "in whose name" in visible_text(confirm(clerk, page_of(account, "pay_to"), reason=WHY))
    HouseAccount.objects.update(originator_name="infactor Inc")
    assert confirm(clerk, page_of(account, "pay_to"), reason=WHY).status_code == 302
    assert confirm(clerk, page_of(account, "refuse_change"), reason="Not now, please").status_code == 302
    assert not HouseAccount.objects.get().is_pay_to
    assert "No change of this account waits" in visible_text(
        clerk.get(page_of(account, "refuse_change"), follow=True)  # type: ignore[arg-type]
    )


def test_who_confirms_that_buyers_pay_to_it_sees_all_that_they_will_read(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    HouseAccount.objects.update(originator_name="infactor Inc", routing_number="021000021", bic="CHASUS33")
    first, second = client_of(scenario.operations), client_of(staff_member(OPERATIONS))
    asking = visible_text(first.get(page_of(account, "pay_to")))  # type: ignore[arg-type]
    for said in ("infactor Inc", "Bank of Examples", "••••6789", "021000021", "CHASUS33"):
        assert said in asking
    assert confirm(first, page_of(account, "pay_to"), reason=WHY).status_code == 302
    address = page_of(account, "confirm_change")
    page = second.get(address)
    for said in ("infactor Inc", "Bank of Examples", "000123456789", "021000021", "CHASUS33"):
        assert said in visible_text(page)  # type: ignore[arg-type]
    HouseAccount.objects.update(routing_number="011000015")
    assert "has changed since" in visible_text(confirm(second, address))
    assert not HouseAccount.objects.get().is_pay_to
    HouseAccount.objects.update(routing_number="021000021")
    assert confirm(second, address).status_code == 302
    shown = visible_text(first.get(page_of(account, "change")))  # type: ignore[arg-type]
    assert "Bank of Examples ••••6789, infactor Inc, 021000021, CHASUS33" in shown


def test_a_change_is_confirmed_beside_what_is_there_now(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    HouseAccount.objects.update(is_pay_to=True, originator_name="infactor Inc", routing_number="021000021")
    first, second = client_of(scenario.operations), client_of(staff_member(OPERATIONS))
    given = {**filled_in(first, page_of(account, "correct")), "reason": WHY}
    assert (given["originator_name"], given["routing_number"]) == ("infactor Inc", "021000021")
    given |= {"originator_name": "infactor Finance Inc", "routing_number": "011000015"}
    assert confirm(first, page_of(account, "correct"), **given).status_code == 302
    asked = visible_text(second.get(page_of(account, "confirm_change")))  # type: ignore[arg-type]
    for said in (
        "Account holder now infactor Inc Account holder afterwards infactor Finance Inc",
        "Routing number now 021000021 Routing number afterwards 011000015",
        "BIC now - BIC afterwards -",
    ):
        assert said in asked
    assert confirm(second, page_of(account, "confirm_change")).status_code == 302
    assert HouseAccount.objects.get().originator_name == "infactor Finance Inc"
