"""Beside every decision about an invoice or an advance: what stands against it, and how its buyer and supplier did."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.advances import cases
from infactor.financing.models import Advance
from tests.support.admin_client import visible_text
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

FIGURE = re.compile(r'class="(?:money|figure)"')
MOST_FIGURES = 90


@pytest.fixture
def paid(scenario: Scenario) -> Advance:
    """An advance whose buyer has paid it, and an earlier one of the same buyer that is in dispute."""
    scenario.terms()
    buyer = scenario.buyer("Northwind")
    disputed = scenario.funded(scenario.invoice(buyer, invoice_no="OLD-1", face="1000"))
    cases.open_dispute(advance=disputed, by=scenario.operations, at=scenario.now, reason="Two bags were missing.")
    advance = scenario.funded(scenario.invoice(buyer, invoice_no="NEW-1", face="3000"))
    scenario.later(20)
    scenario.pay(advance, "3000")
    return advance


def of_settlement(scenario: Scenario, advance: Advance) -> str:
    return reverse("admin:financing_advance_settle", args=[advance.pk])


def of_phone_answer(scenario: Scenario, advance: Advance) -> str:
    invoice = scenario.invoice(advance.buyer, invoice_no="ASKED-1", face="2000")
    return reverse("admin:verification_verification_phone", args=[invoice.pk])


@pytest.mark.parametrize("address", [of_settlement, of_phone_answer])
def test_a_decision_shows_what_stands_against_it_and_the_history(
    scenario: Scenario, client: Client, staff: object, paid: Advance, address: Callable[[Scenario, Advance], str]
) -> None:
    client.force_login(staff)  # type: ignore[arg-type]
    page = client.get(address(scenario, paid))
    shown = visible_text(page)  # type: ignore[arg-type]
    assert "What stands against it What Of Why Dispute OLD-1, Northwind Open since" in shown, shown
    assert "History Of Advances Advanced Days to pay Paid late Repurchased Dilution" in shown
    assert f"{scenario.supplier} 2 $3,400.00" in shown
    assert "Northwind 2 $3,400.00" in shown
    assert len(FIGURE.findall(page.content.decode())) <= MOST_FIGURES
