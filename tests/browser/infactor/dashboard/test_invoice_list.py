"""The invoice list: what is selected stays in sight and across pages, search keeps the focus, keys move and select."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from infactor.financing.eligibility import recalculation
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.browser]


@pytest.fixture
def scenario(live_server: LiveServer, context: BrowserContext) -> Scenario:
    made = build_scenario(now=timezone.now())
    made.terms()
    buyer = made.buyer("Harbor Street Print")
    for number in range(60):
        made.invoice(buyer, face="1000", invoice_no=f"INV-{number:02}", search_text=f"inv-{number:02} harbor")
    recalculation.recalculate(supplier_id=made.supplier.pk, at=made.now)
    context.add_cookies([session_cookie(made.owner, str(live_server))])  # type: ignore[list-item]
    return made


def test_the_selection_stays_in_sight_and_across_pages(scenario: Scenario, page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server}/invoices/?sort=number&status=open")
    bar = page.locator(".selection-bar")
    page.get_by_label("Select invoice INV-01").check()
    expect(bar).to_be_in_viewport()
    page.get_by_label("Select invoice INV-02").check()
    expect(bar).to_contain_text("2 selected · invoices $2,000.00 · $1,700.00 now · fee $40.00")
    page.get_by_role("link", name="Page 2", exact=True).click()
    expect(page.get_by_text("INV-55")).to_be_visible()
    page.get_by_label("Select invoice INV-55").check()
    expect(bar).to_contain_text("3 selected")
    page.get_by_role("link", name="Previous page").click()
    expect(page.get_by_label("Select invoice INV-01")).to_be_checked()
    expect(bar).to_contain_text("3 selected")
    page.go_back()
    expect(page.get_by_label("Select invoice INV-55")).to_be_checked()
    expect(bar).to_contain_text("3 selected")
    page.go_forward()
    expect(page.get_by_label("Select invoice INV-01")).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("4 selected")
    page.get_by_role("button", name="Clear selection").click()
    expect(bar).to_contain_text("Select invoices to see the quote.")
    page.get_by_role("button", name="Select all eligible (60)").click()
    expect(bar).to_contain_text("60 selected")
    page.get_by_role("button", name="Request financing for 60 invoices").click()
    expect(page).to_have_url(re.compile("/financing/request/"))
    expect(page.get_by_text("INV-55")).to_be_attached()


def test_search_keeps_the_focus_and_the_filters(scenario: Scenario, page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server}/invoices/")
    page.get_by_role("link", name=re.compile("^Eligible")).click()
    expect(page).to_have_url(re.compile("financing=eligible"))
    search = page.get_by_role("searchbox")
    search.press_sequentially("inv-5")
    expect(page).to_have_url(re.compile("q=inv-5.*financing=eligible"))
    expect(search).to_be_focused()
    expect(page.locator("#list-count")).to_have_text(re.compile("10 of 62 invoices"))


def test_the_list_and_the_forms_break_no_rule(scenario: Scenario, page: Page, live_server: LiveServer) -> None:
    for path in ("/invoices/", "/invoices/new/", "/invoices/upload/"):
        assert accessibility_faults(page, f"{live_server}{path}") == [], path
