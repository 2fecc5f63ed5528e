"""No page breaks a rule of WCAG 2.0 to 2.2, A and AA, at any width, light or dark, as far as axe-core can tell."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from infactor.ledger.models import Transaction
from tests.support.factories.ledger import fund
from tests.support.factories.suppliers import UserFactory
from tests.support.scenarios.browser_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# What depends on colours; every other rule gives the same answer in the dark.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
# What depends on where things stand; between a phone and a wide screen the same things are on a page.
PLACES = {"runOnly": ["target-size", "scrollable-region-focusable", "color-contrast"], "resultTypes": ["violations"]}
WIDTHS = {
    320: (("light", RULES), ("dark", COLOURS)),
    768: (("light", PLACES),),
    1440: (("light", RULES), ("dark", COLOURS)),
}
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
    "/invoices/?q=2",
    "/invoices/?q=nothing-like-it",
    "/invoices/?due_from=soon&q=2003",
    "/quickbook/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/design",
)


def faults(page: Page, address: str) -> list[str]:
    """Every broken rule on one page, at every width, in both colours; and whatever makes the page scroll sideways."""
    found = []
    page.goto(address)
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    page.evaluate(Axe().axe_script)
    for width, runs in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in runs:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            result = page.evaluate("rules => axe.run(document, rules)", rules)
            for violation in result["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{address} {width} {scheme}: {violation['id']}: {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address} {width}: scrolls sideways")
    return found


def test_public_pages_break_no_rule(site: Site, page: Page) -> None:
    assert [fault for path in PUBLIC for fault in faults(page, site.address + path)] == []


def test_a_suppliers_pages_break_no_rule(site: Site, page: Page, context: BrowserContext) -> None:
    site.sign_in(context)
    paths = (*OURS, f"/invoices/{site.invoices[0].public_id}/", f"/invoices/{site.invoices[7].public_id}/")
    assert [fault for path in paths for fault in faults(page, site.address + path)] == []


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
def staff_cookie(site: Site) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    ((name, cookie),) = client.cookies.items()
    return {"name": name, "value": cookie.value, "url": site.address}


@pytest.fixture
def posted(site: Site) -> Transaction:
    """Something in the books."""
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
