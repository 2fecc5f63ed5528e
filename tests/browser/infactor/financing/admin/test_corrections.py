"""Staff unmatch a payment and take back a settlement in a real browser, and the supplier reads what was undone."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.financing.advances import write_offs
from infactor.financing.models import Advance, Correction
from infactor.users.models import User
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.onboarding import published

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WIDTHS = (320, 1440)
WHY = "It was matched to the wrong invoice"


def sign_in(context: BrowserContext, address: str, user: User) -> Page:
    client = Client()
    client.force_login(user)
    ((name, cookie),) = client.cookies.items()
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": cookie.value, "url": address}])
    return context.new_page()


def settled_and_paid(scenario: Scenario) -> tuple[Advance, Advance]:
    """A settled advance, and one that was written off."""
    buyer = scenario.buyer("Café <b>Ñandú</b>")
    paid = scenario.funded(scenario.invoice(buyer, invoice_no="INV-1", face="1234.50"))
    lost = scenario.funded(scenario.invoice(buyer, invoice_no="INV-2", face="500"))
    scenario.pay(paid, "1234.50", payer="Café Ñandú LLC")
    scenario.settle(Advance.objects.get(pk=paid.pk))
    for advance in (paid, lost):
        money_out.leave(scenario, advance)
    write_offs.write_off(
        advance=lost, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Insolvent"
    )
    return paid, lost


def look(page: Page, name: str, folder: Path) -> None:
    """Nothing sticks out at either width, and axe finds nothing."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, f"{name} at {width}"
    found = Axe().run(page, options=RULES).response["violations"]
    assert found == [], name


def test_a_settlement_and_its_payment_are_undone_and_the_supplier_reads_why(
    live_server: object, context: BrowserContext, tmp_path: Path
) -> None:
    cache.clear()
    published()
    scenario, address = build_scenario(now=timezone.now()), str(live_server)
    scenario.terms()
    paid, lost = settled_and_paid(scenario)
    payment = paid.allocations.get().collection_id
    page = sign_in(context, address, scenario.operations)

    page.goto(f"{address}/admin/financing/collection/{payment}/change/")
    page.get_by_role("link", name="Unmatch").click()
    page.get_by_role("checkbox").check()
    page.get_by_label("Reason").fill(WHY)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="What is posted to the ledger")).to_contain_text("Reversal")
    look(page, "unmatch", tmp_path)
    page.get_by_role("button", name="Unmatch", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    look(page, "payment", tmp_path)
    assert Advance.objects.get(pk=paid.pk).status == Advance.Status.FUNDED

    page.get_by_role("link", name="Refund").click()
    look(page, "refund", tmp_path)
    for name in ("cost", "cancel_write_off"):
        page.goto(f"{address}/admin/financing/advance/{lost.pk}/{name}/")
        look(page, name, tmp_path)
    page.goto(f"{address}/admin/financing/correction/{Correction.objects.get().pk}/change/")
    expect(page.get_by_text(WHY)).to_be_visible()
    look(page, "correction", tmp_path)
    page.goto(f"{address}/admin/financing/advance/{paid.pk}/repurchase/")
    page.get_by_label("Reason").fill("Its buyer has not paid")
    page.get_by_role("button", name="Preview").click()
    look(page, "repurchase", tmp_path)

    page = sign_in(context, address, scenario.owner)
    page.goto(f"{address}{reverse('dashboard:statement')}")
    expect(page.get_by_text(f"Reason: {WHY}").first).to_be_visible()
    look(page, "statement", tmp_path)
    page.goto(f"{address}{reverse('dashboard:invoice', args=[paid.invoice.public_id])}")
    expect(page.get_by_text("Your buyer's payment was taken back").first).to_be_visible()
    look(page, "invoice", tmp_path)
