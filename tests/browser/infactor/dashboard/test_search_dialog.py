"""Ctrl+K opens the search over everything; arrows choose, Enter opens, Escape gives the focus back; it passes axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.assertions.accessibility import RULES
from tests.support.scenarios.browser_site import Site, build_site

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def site(module_server: str) -> Site:
    return build_site(module_server, count=8)


def test_everything_is_found_by_keyboard(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/statement/")
    before = page.get_by_role("link", name="Skip to main content")
    before.focus()
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search everything")
    expect(field).to_be_focused()
    page.keyboard.type("statement")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "none")
    page.evaluate(Axe().axe_script)
    assert page.evaluate("rules => axe.run(document, rules)", RULES)["violations"] == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(before).to_be_focused()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    field.fill(site.invoices[0].invoice_no)
    wanted = page.get_by_role("option", name=f"Invoice {site.invoices[0].invoice_no}")
    expect(wanted.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/invoices/{site.invoices[0].public_id}/")


def test_without_javascript_the_link_opens_a_page_with_the_same_results(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    site.sign_in(context)
    page = context.new_page()
    page.goto(f"{site.address}/")
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox", name="Search everything").fill("passkey")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Sign-in and security").first).to_be_visible()
    context.close()
