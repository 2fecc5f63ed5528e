"""The supplier's pages work in a browser: sign-up, invoice list, one invoice, colours and keyboard."""

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from tests.support.delivery import delivered
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.browser_site import Site, build_site, create_invoices

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: object) -> Site:
    cache.clear()
    return build_site(str(live_server), count=60)


def test_a_newcomer_signs_up_and_reaches_home(site: Site, page: Page, complaints: list[str]) -> None:
    page.goto(site.address)
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    page.get_by_label("Company name").fill("Blue Door Bakery")
    page.get_by_label("Email").fill("baker@bluedoor.example")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Company name")).to_have_value("Blue Door Bakery")
    page.get_by_label("Password").fill("nine-tall-lanterns")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")

    (path,) = re.findall(r"https?://[^/]+(/accounts/confirm-email/\S+)", delivered()[-1].body)
    page.goto(f"{site.address}{path}")
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Blue Door Bakery")
    expect(page.get_by_role("heading", name="Get your first advance")).to_be_visible()
    page.get_by_text("Blue Door Bakery: account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()


def test_the_list_narrows_sorts_and_turns_pages_with_its_address(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/")
    rows = page.locator("#invoice-list tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Next page").click()
    expect(rows).to_have_count(10)
    expect(page).to_have_url(re.compile(r"\?page=2$"))

    page.get_by_role("searchbox", name="Search", exact=True).fill("nandu")
    expect(rows).to_have_count(20)
    expect(page.get_by_role("status").filter(has_text="20 of 60 invoices")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=nandu$"))
    page.get_by_role("link", name=re.compile(r"^Paid \d")).click()
    expect(rows).to_have_count(5)
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("nandu")

    page.get_by_role("link", name="Invoice", exact=True).click()
    expect(page).to_have_url(re.compile(r"q=nandu&status=paid&sort=number$"))
    expect(page.get_by_role("columnheader", name="Invoice")).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("INV-2011")
    page.reload()
    expect(rows).to_have_count(5)
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("nandu")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV (5)").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.go_back()
    expect(page).to_have_url(re.compile(r"status=paid$"))
    expect(page.get_by_role("columnheader", name="Issued")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("searchbox", name="Search", exact=True).fill("no such thing")
    expect(page.get_by_role("heading", name="No invoice matches")).to_be_visible()
    page.get_by_role("link", name="Show all invoices").click()
    expect(rows).to_have_count(50)


def test_a_list_that_cannot_be_loaded_says_so_and_offers_another_try(
    site: Site, page: Page, context: BrowserContext
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/")
    page.route("**/invoices/?q=*", lambda route: route.fulfill(status=500, body="no"))
    page.get_by_role("searchbox", name="Search", exact=True).fill("inv")
    expect(page.get_by_role("alert")).to_contain_text("The list could not be loaded.")
    expect(page.locator("#invoice-list tbody tr")).to_have_count(50)
    page.unroute("**/invoices/?q=*")
    page.get_by_role("searchbox", name="Search", exact=True).fill("inv-2001")
    expect(page.locator("#invoice-list tbody tr")).to_have_count(1)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_home_and_list_fill_when_the_books_changed(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/")
    expect(page.get_by_role("heading", name="Newest invoices")).to_be_visible()
    for path, asked in (("/", re.compile("/figures/")), ("/invoices/", "**/invoices/")):
        page.goto(f"{site.address}{path}")
        with page.expect_request(asked) as request:
            page.evaluate("htmx.trigger(document.body, 'books-changed')")
        assert request.value.headers["hx-request"] == "true"
        expect(page.locator("[data-htmx-region][aria-busy]")).to_have_count(0)


@pytest.fixture
def empty_handed(site: Site) -> Site:
    return Site(site.address, MembershipFactory(supplier__name="Blue Door Bakery").supplier, [])


def test_an_empty_list_fills_by_itself(
    empty_handed: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    empty_handed.sign_in(context)
    page.goto(f"{empty_handed.address}/invoices/")
    expect(page.get_by_role("heading", name="No invoices yet")).to_be_visible()
    create_invoices(empty_handed.supplier, count=8)
    page.evaluate("htmx.trigger(document.body, 'books-changed')")
    expect(page.locator("#invoice-list tbody tr")).to_have_count(8)
    page.get_by_role("searchbox", name="Search", exact=True).fill("inv-2003")
    expect(page.locator("#invoice-list tbody tr")).to_have_count(1)


def test_a_session_that_ended_meanwhile_leads_to_signing_in_and_back(
    site: Site, page: Page, context: BrowserContext
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/?status=open")
    context.clear_cookies()
    page.get_by_role("searchbox", name="Search", exact=True).fill("inv")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page).to_have_url(re.compile(r"next=/invoices/%3Fstatus%3Dopen$"))


def test_an_invoice_shows_its_text_inert_and_goes_to_paper(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/?sort=number")
    page.get_by_role("link", name="INV-2002").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Invoice INV-2002")
    expect(page.get_by_role("main")).to_contain_text("Café <b>Ñandú</b>")
    expect(page.get_by_role("row", name="Roasted beans")).to_contain_text("$1,000.00")
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("heading", name="Invoice items")).to_be_visible()


def test_colours_follow_the_system_until_someone_chooses(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site.address}/")

    def background() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert background() == "rgb(16, 18, 23)"
    page.get_by_text("Larkspur Coffee Roasters: account").click()
    page.get_by_role("button", name="Light").click()
    assert background() == "rgb(246, 247, 249)"
    page.goto(f"{site.address}/invoices/")
    assert background() == "rgb(246, 247, 249)"
    assert page.get_by_role("button", name="Light", include_hidden=True).get_attribute("aria-pressed") == "true"


def test_keys_help_and_can_be_switched_off(
    site: Site, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_be_focused()
    page.keyboard.type("?g/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).to_have_value("?g/")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.goto(f"{site.address}/invoices/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search", exact=True)).not_to_be_focused()
    page.get_by_role("contentinfo").get_by_role("button", name="Keyboard shortcuts").click()
    dialog.get_by_role("checkbox").check()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect(page).to_have_url(f"{site.address}/")


def test_the_page_is_reached_by_tab_and_works_without_scripts(site: Site, page: Page, context: BrowserContext) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/invoices/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    plain = context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    site.sign_in(plain)
    page = plain.new_page()
    page.goto(f"{site.address}/invoices/")
    page.get_by_role("searchbox", name="Search", exact=True).fill("nandu")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#invoice-list tbody tr")).to_have_count(20)
    page.get_by_role("link", name="Due", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=due$"))
    plain.close()
