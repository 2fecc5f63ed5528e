"""The one screen of the decision about a request: what is asked, what stands against it, history, price, buttons."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import cases
from tests.support.admin_client import visible_text
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

FIGURE = re.compile(r'class="(?:money|figure)"')
MOST_FIGURES = 90


def test_it_says_what_is_asked_what_stands_against_it_and_how_it_went_before(
    scenario: Scenario, client: Client
) -> None:
    scenario.terms()
    northwind, harbor = scenario.buyer("Northwind"), scenario.buyer("Harbor Hotels")
    paid_late = scenario.funded(scenario.invoice(northwind, invoice_no="OLD-1", face="2000"))
    scenario.later(60)
    scenario.pay(paid_late, "2000")
    disputed = scenario.funded(scenario.invoice(northwind, invoice_no="OLD-2", face="1000"))
    cases.open_dispute(advance=disputed, by=scenario.operations, at=scenario.now, reason="Two bags were missing.")
    request = scenario.request(scenario.invoice(harbor, invoice_no="NEW-1", face="3000"))
    client.force_login(scenario.underwriter)
    page = visible_text(client.get(reverse("admin:financing_financingrequest_offer", args=[request.pk])))
    for said in (
        "What is asked Invoice Buyer Due Open Advance Eligibility NEW-1 Harbor Hotels",
        "Dispute OLD-2, Northwind Open since",
        "Two bags were missing.",
        "Limits after this",
        "History Of Advances Advanced Days to pay Paid late Repurchased Dilution Supplier 2 $2,550.00",
        "Preview Cancel Instead: Decline",
    ):
        assert said in page, page


def test_it_holds_ninety_figures_at_most_however_many_invoices_are_asked_for(
    scenario: Scenario, client: Client
) -> None:
    scenario.terms()
    buyers = [scenario.buyer(f"Buyer {number}") for number in range(8)]
    for buyer in buyers:
        scenario.funded(scenario.invoice(buyer, face="500"))
    invoices = [scenario.invoice(buyers[number % 8], face=str(400 + number)) for number in range(24)]
    request = scenario.request(*invoices)
    client.force_login(scenario.underwriter)
    page = client.get(reverse("admin:financing_financingrequest_offer", args=[request.pk]))
    shown = visible_text(page)  # type: ignore[arg-type]
    assert "16 more" in shown
    assert shown.index("What is asked") < shown.index("Price under terms") < shown.index("What stands against it")
    assert 40 < len(FIGURE.findall(page.content.decode())) <= MOST_FIGURES
