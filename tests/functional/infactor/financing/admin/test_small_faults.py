"""Staff's pages say what is so: why a step is impossible, what moves, and what was tried."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.financing.advances import short_payments
from infactor.financing.models import Advance, FinancingRequest
from tests.support.admin_client import confirm
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address, follow=True).content.decode().split())


def test_settling_an_unpaid_advance_says_that_it_is_not_paid(client: Client, scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    client.force_login(scenario.operations)
    shown = page(client, reverse("admin:financing_advance_settle", args=[advance.pk]))
    assert "The buyer has not paid it in full yet." in shown


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
