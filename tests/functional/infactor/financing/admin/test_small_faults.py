"""Staff's pages say what is so: why a step is impossible, what moves, and what was tried."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.banking.models import HouseAccount
from infactor.core.models import OutgoingMail
from infactor.financing.advances import cases, repurchases, short_payments
from infactor.financing.models import Advance, Case, FinancingRequest
from tests.support.admin_client import confirm
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address, follow=True).content.decode().split())


def test_settling_an_unpaid_advance_says_that_it_is_not_paid(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    client.force_login(scenario.operations)
    shown = page(client, reverse("admin:financing_advance_settle", args=[advance.pk]))
    assert "The buyer has not paid it in full yet." in shown


def test_every_decision_about_an_advance_says_why_it_is_not_possible(client: Client, scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer())
    advance = scenario.funded(invoice)
    scenario.pay(advance, "1000")
    client.force_login(scenario.approver)
    cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Broken cups")
    address = reverse("admin:financing_advance_settle", args=[advance.pk])
    assert "A dispute is open. The reserve is held until it is decided." in page(client, address)
    cases.close(
        case=Case.objects.get(),
        outcome="rejected",
        conclusion="They were whole",
        by=scenario.operations,
        at=scenario.now,
    )
    scenario.settle(advance)
    said = f"Its status is: settled, since Nov 2, 2026, 17:00 UTC, by {scenario.operations}."
    for name in ("settle", "write_off", "repurchase", "short_payment", "fund", "dispute"):
        assert said in page(client, reverse(f"admin:financing_advance_{name}", args=[advance.pk])), name
    closed = page(client, reverse("admin:financing_case_close", args=[Case.objects.get().pk]))
    assert f"It was decided on Nov 2, 2026, by {scenario.operations}." in closed


def test_the_page_of_a_payout_says_on_which_days_the_money_leaves_and_arrives(
    client: Client, scenario: Scenario
) -> None:
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    HouseAccount.objects.filter(pk=account.pk).update(cut_off=time(11), is_default=True)
    address = reverse("admin:financing_advance_fund", args=[scenario.accepted(scenario.invoice(scenario.buyer())).pk])
    client.force_login(scenario.operations)
    monday_noon = page(client, address)
    assert f"Nov 3, 2026: the cut-off time of {account}, 11:00, has passed today" in monday_noon
    assert "Nov 4, 2026" in monday_noon
    HouseAccount.objects.filter(pk=account.pk).update(cut_off=None, holiday_calendar="US")
    with time_machine.travel(datetime(2026, 11, 26, 17, tzinfo=UTC), tick=False):  # Thanksgiving
        client.force_login(scenario.operations)
        assert f"Nov 27, 2026: today is no bank day of {account}, it is Thanksgiving" in page(client, address)


def test_a_settlement_that_leaves_nothing_owing_says_nothing_of_it(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "1000")
    client.force_login(scenario.operations)
    shown = page(client, reverse("admin:financing_advance_settle", args=[advance.pk]))
    assert "Paid to the supplier now" in shown
    assert "Owed by the supplier instead" not in shown


def test_a_payout_that_a_debt_takes_whole_says_so(client: Client, scenario: Scenario) -> None:
    first = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.later(90)
    money_out.leave(scenario, first)
    repurchases.repurchase(
        advance=first, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid."
    )
    second = scenario.accepted(scenario.invoice(scenario.buyer("Next")))
    with time_machine.travel(scenario.now, tick=False):
        client.force_login(scenario.operations)
        answer = confirm(
            client,
            reverse("admin:financing_advance_fund", args=[second.pk]),
            value_date=scenario.today.isoformat(),
            nets="on",
        )
        shown = page(client, answer["Location"])
    # 1,000 and 45 for 90 days less the reserve of 150: it owes 895, more than the 850 of the advance.
    assert "Nothing is paid out: $850.00 pays what Larkspur Coffee Roasters owes." in shown


def test_a_settlement_without_payout_says_what_the_supplier_owes(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    short_payments.accept_short_payment(
        advance=advance,
        amount=Decimal(150),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Broken cups",
    )
    scenario.pay(advance, "850")
    client.force_login(scenario.operations)
    address = reverse("admin:financing_advance_settle", args=[advance.pk])
    assert "nothing is paid out" in page(client, address)
    answer = confirm(client, address, value_date=scenario.today.isoformat())
    shown = page(client, answer["Location"])
    assert "Nothing is paid out: Larkspur Coffee Roasters owes $15.00." in shown
    assert Advance.objects.get().status == Advance.Status.SETTLED


def test_a_mail_that_was_sent_at_once_has_not_failed(client: Client, scenario: Scenario) -> None:
    OutgoingMail.objects.all().delete()
    mail = OutgoingMail.objects.create(
        key="x", to="a@example.com", subject="S", body="B", attempts=1, sent_at=timezone.now()
    )
    client.force_login(scenario.operations)
    shown = page(client, reverse("admin:core_outgoingmail_change", args=[mail.pk]))
    assert 'Failed attempts:</label> <div class="readonly">0' in shown or "0</span>" in shown


def test_requests_come_the_newest_first(client: Client, scenario: Scenario) -> None:
    older = scenario.request(scenario.invoice(scenario.buyer(), invoice_no="OLDER-1"))
    scenario.later(1)
    newer = scenario.request(scenario.invoice(scenario.buyer(), invoice_no="NEWER-1"))
    client.force_login(scenario.underwriter)
    shown = page(client, reverse("admin:financing_financingrequest_changelist"))
    links = [f"/financingrequest/{one.pk}/change/" for one in (newer, older)]
    assert shown.index(links[0]) < shown.index(links[1])
    assert FinancingRequest.objects.count() == 2


def test_the_page_of_an_invoice_shows_no_raw_json(client: Client, scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer(), linked_txn=[{"TxnId": "77", "TxnType": "Estimate"}])
    client.force_login(scenario.underwriter)
    shown = page(client, reverse("admin:invoices_invoice_change", args=[invoice.pk]))
    assert "DetailType" not in shown
    assert "Linked in the books" in shown
    assert "Estimate" in shown
