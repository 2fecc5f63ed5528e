"""The pages on which buyers are asked together, and a supplier pays what it owes, pass axe and work by keyboard."""

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from infactor.core.models import OutgoingMail
from infactor.financing.advances import cases
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance
from infactor.verification import bulk_requests
from infactor.verification.models import Verification
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios import money_out
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.verification import LINK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINES = [
    {"DetailType": "SalesItemLineDetail", "Description": name, "Amount": amount}
    for name, amount in (("Espresso beans, 12 bags of the autumn roast", 4000), ("Filter papers", 2000))
]


@pytest.fixture
def scenario(context: BrowserContext, live_server: LiveServer) -> Scenario:
    """Three large invoices of two buyers, and one advance past its recourse date."""
    scenario = build_scenario(now=timezone.now())
    scenario.terms(verify_threshold=Decimal(5000))
    buyers = [scenario.buyer("Northwind"), scenario.buyer("Cedar", email="ap@cedar.example", phone="+1 555 0199")]
    for number, buyer in enumerate((*buyers, buyers[0])):
        scenario.invoice(buyer, face="6000", invoice_no=f"BIG-{number}", buyer_email=buyer.email, items=LINES)
    funded = scenario.funded(scenario.invoice(buyers[0], invoice_no="LATE-1"))
    money_out.leave(scenario, funded)
    Advance.objects.filter(pk=funded.pk).update(recourse_on=scenario.today)
    cases.open_recourse(advance=Advance.objects.get(pk=funded.pk), at=scenario.now)
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    context.add_cookies([session_cookie(scenario.owner, str(live_server))])  # type: ignore[list-item]
    return scenario


def test_buyers_are_asked_together_from_the_list(
    page: Page, live_server: LiveServer, scenario: Scenario, complaints: list[str]
) -> None:
    page.goto(f"{live_server}/invoices/")
    for number, box in enumerate(page.get_by_role("checkbox").all(), start=1):
        box.check()
        expect(page.get_by_text(f"{number} selected")).to_be_visible()
    page.get_by_role("button", name="Ask buyers to confirm 3 invoices").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask buyers to confirm 3 invoices")
    page.get_by_role("button", name="Approve and send 2 emails").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have asked about 3 invoices")
    page.get_by_role("link", name="Buyers that have not answered yet").click()
    expect(page.get_by_text("+1 555 0199")).to_be_visible()
    assert OutgoingMail.objects.filter(key__startswith="verification.request").count() == 2


def test_the_supplier_says_that_it_has_sent_what_it_owes(
    page: Page, live_server: LiveServer, scenario: Scenario, complaints: list[str]
) -> None:
    advance = Advance.objects.get()
    page.goto(f"{live_server}/invoices/{advance.invoice.public_id}/")
    page.get_by_role("link", name="I have sent it").click()
    page.get_by_role("button", name="I have sent it").press("Enter")
    expect(page.get_by_text("It has not arrived yet.")).to_be_visible()


def test_the_pages_break_no_rule(page: Page, live_server: LiveServer, scenario: Scenario) -> None:
    advance = Advance.objects.get()
    found = accessibility_faults(page, f"{live_server}/financing/advances/{advance.public_id}/pay")
    found += accessibility_faults(page, f"{live_server}/invoices/{advance.invoice.public_id}/")
    found += accessibility_faults(page, f"{live_server}/invoices/")
    rows = list(scenario.supplier.invoices.filter(invoice_no__startswith="BIG"))
    bulk_requests.send(supplier=scenario.supplier, invoices=rows, by=scenario.owner, at=scenario.now)
    found += accessibility_faults(page, f"{live_server}/invoices/waiting/")
    asked = Verification.objects.order_by("pk")[0]
    link = LINK.search(OutgoingMail.objects.filter(to=asked.to, key__startswith="verification").latest("pk").body)
    assert link
    found += accessibility_faults(page, f"{live_server}/buyer/{link[1]}/")
    assert found == []
