"""Public pages, the supplier's pages and staff's pages pass axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from infactor.ledger.models import Transaction
from tests.support.assertions.accessibility import RULES, accessibility_faults
from tests.support.factories.ledger import fund
from tests.support.scenarios.browser_site import Site, build_site

pytestmark = [pytest.mark.browser]

PUBLIC = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/made-up/",
    "/quickbook/help",
    "/no-such-page/",
)
OURS = (
    "/",
    "/invoices/?page=2",
    "/invoices/?q=nothing-like-it",
    "/invoices/?due_from=soon&q=2007",
    "/quickbook/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/design",
)


@pytest.fixture(scope="module")
def site(module_server: str) -> Site:
    return build_site(module_server, count=60)


def test_public_pages_break_no_rule(site: Site, page: Page) -> None:
    assert [fault for path in PUBLIC for fault in accessibility_faults(page, site.address + path)] == []


def test_a_suppliers_pages_break_no_rule(site: Site, page: Page, context: BrowserContext) -> None:
    site.sign_in(context)
    paths = (*OURS, f"/invoices/{site.invoices[0].public_id}/", f"/invoices/{site.invoices[7].public_id}/")
    assert [fault for path in paths for fault in accessibility_faults(page, site.address + path)] == []


def test_the_menu_and_the_list_of_keys_break_no_rule(site: Site, page: Page, context: BrowserContext) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/")
    page.evaluate(Axe().axe_script)
    page.get_by_text("Larkspur Coffee Roasters: account").click()
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    page.get_by_role("button", name="Keyboard shortcuts").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    assert [violation["id"] for violation in found] == []


@pytest.fixture
def posted(site: Site) -> Transaction:
    """A posting in the ledger."""
    return fund()


def test_pages_of_the_staff_raise_no_complaint_and_keep_the_size_of_targets(
    site: Site, staff_cookie: dict[str, str], posted: Transaction, context: BrowserContext
) -> None:
    cache.clear()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    rules = {"runOnly": ["target-size", "label", "color-contrast", "link-name", "button-name"]}
    found = []
    invoice = f"invoices/invoice/{site.invoices[0].pk}/change/"
    books = (
        "ledger/integritycheck/",
        "ledger/integritycheck/trial-balance/",
        f"ledger/transaction/{posted.pk}/change/",
    )
    for path in ("", "invoices/invoice/", invoice, "suppliers/supplier/", *books):
        page.goto(f"{site.address}/admin/{path}")
        page.evaluate(Axe().axe_script)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for violation in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"/admin/{path} {scheme}: {violation['id']}: {nodes}")
    assert found == []
    assert complaints == []
