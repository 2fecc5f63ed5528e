"""A quote for an amount: one price, all that is available to begin with, and what would make it larger or cheaper."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from infactor.financing.eligibility import recalculation
from infactor.invoices.by_hand import services
from infactor.invoices.by_hand.entry import Entry
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db
ASK = "/financing/request/"


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    def build() -> Scenario:
        scenario = build_scenario(now=timezone.now())
        scenario.terms(verify_threshold=Decimal(5000))
        return scenario

    return build


@pytest.fixture
def scenario(scenario: Scenario, client: Client) -> Scenario:
    """The scenario as of now; its owner is signed in."""
    client.force_login(scenario.owner)
    return scenario


def assess(scenario: Scenario) -> None:
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)


def test_the_price_of_an_amount_is_one_wherever_it_stands(client: Client, scenario: Scenario) -> None:
    due = scenario.today + timedelta(days=40)
    scenario.invoice(scenario.buyer(), payable_date=due)
    assess(scenario)
    response = client.get(ASK, {"amount": "800", "currency": "USD"})
    (group,) = response.context["quote_groups"]
    assert group.cost == response.context["suggestion"].fee
    assert group.cost_of_100 == response.context["suggestion"].selected[0].cost


def test_the_page_begins_with_all_that_is_available(client: Client, scenario: Scenario) -> None:
    assert 'name="amount" value=' not in client.get(ASK).content.decode()
    for _ in range(2):
        scenario.invoice(scenario.buyer(), face="1000")
    assess(scenario)
    page = client.get(ASK).content.decode()
    assert 'value="1700.00"' in page
    assert "load" in re.search(r'hx-trigger="([^"]*)"', page)[1]  # type: ignore[index]


def test_what_a_confirmation_would_add_and_save_is_said(client: Client, scenario: Scenario) -> None:
    scenario.terms(verify_threshold=Decimal(2000))
    buyer = scenario.buyer("Kestrel Cycles")
    soon = scenario.today + timedelta(days=20)
    scenario.invoice(buyer, face="1900", invoice_no="SLOW", payable_date=scenario.today + timedelta(days=45))
    scenario.invoice(buyer, face="2100", invoice_no="WAITS", payable_date=soon)
    assess(scenario)
    page = visible_text(client.get(ASK, {"amount": "1500", "currency": "USD"}))
    assert "Kestrel Cycles confirms WAITS" in page
    assert "up to $1,785.00 more" in page
    (one,) = client.get(ASK, {"amount": "1500", "currency": "USD"}).context["improvements"]
    assert one.saved > 0
    too_much = visible_text(client.get(ASK, {"amount": "3000", "currency": "USD"}))
    assert "up to $1,785.00 more" in too_much
    client.force_login(MembershipFactory().user)
    assert "WAITS" not in visible_text(client.get(ASK, {"amount": "1500", "currency": "USD"}))


def test_an_invoice_by_hand_is_said_to_need_its_documents_and_not_its_buyer(client: Client, scenario: Scenario) -> None:
    scenario.terms()
    scenario.buyer("Kestrel Cycles")
    entry = Entry(
        number="H-7",
        buyer_name="Kestrel Cycles",
        buyer_email="ap@kestrel.example",
        issued=scenario.today - timedelta(days=3),
        due=scenario.today + timedelta(days=30),
        amount=Decimal(2100),
        currency="USD",
    )
    services.add(supplier=scenario.supplier, entry=entry, key=uuid.uuid4(), by=scenario.owner, at=scenario.now)
    assess(scenario)
    page = visible_text(client.get(ASK, {"amount": "1500", "currency": "USD"}))
    assert "You upload documents for H-7 to Kestrel Cycles" in page
    assert "confirms H-7" not in page
    assert "after you upload documents" in visible_text(client.get("/"))
