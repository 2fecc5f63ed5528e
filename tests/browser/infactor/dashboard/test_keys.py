"""What the scripts of every page do: keys and the switch that stops them, menus, the search over everything, themes."""

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.scenarios.browser_site import Site, build_site

pytestmark = [pytest.mark.browser]
BESIDE = (5, 5)  # a place that every dialog leaves free


@pytest.fixture(scope="module")
def site(module_server: str) -> Site:
    return build_site(module_server, count=8)


@pytest.fixture
def shown(site: Site, page: Page, context: BrowserContext) -> Page:
    """The statement, which has no search of its own."""
    site.sign_in(context)
    page.goto(f"{site.address}/statement/")
    return page


def search_for(page: Page, text: str) -> Locator:
    """The field of the search over everything, with the options that it found."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search everything")
    expect(field).to_be_focused()
    field.fill(text)
    expect(page.get_by_role("option").first).to_be_visible()
    return field


def test_two_keys_lead_to_each_part_and_type_nothing_elsewhere(site: Site, shown: Page, complaints: list[str]) -> None:
    for key, path in (
        ("h", "/"),
        ("f", "/financing/"),
        ("s", "/statement/"),
        ("q", "/quickbook/"),
        ("i", "/invoices/"),
    ):
        shown.keyboard.press("g")
        shown.keyboard.press(key)
        shown.wait_for_url(site.address + path)
        shown.wait_for_load_state()
    shown.keyboard.press("/")
    own = shown.get_by_role("main").get_by_role("searchbox").first
    expect(own).to_be_focused()
    shown.keyboard.type("gh?/")  # keys are texts in a field
    expect(own).to_have_value("gh?/")
    expect(shown.get_by_role("dialog")).to_have_count(0)
    assert "/invoices/" in shown.url


def test_keys_are_switched_off_and_on_in_their_list(shown: Page, complaints: list[str]) -> None:
    keys = shown.get_by_role("dialog", name="Keyboard shortcuts")
    shown.keyboard.press("?")
    expect(keys).to_be_visible()
    shown.keyboard.press("Control+k")  # nothing opens over an open dialog
    expect(shown.get_by_role("dialog")).to_have_count(1)
    keys.get_by_label("Use keyboard shortcuts in this browser").uncheck()
    keys.get_by_role("button", name="Close").click()
    shown.reload()
    for key in ("?", "/", "Control+k"):
        shown.keyboard.press(key)
    expect(shown.get_by_role("dialog")).to_have_count(0)
    shown.get_by_role("contentinfo").get_by_role("button", name="Keyboard shortcuts").click()
    keys.get_by_label("Use keyboard shortcuts in this browser").check()
    shown.keyboard.press("Escape")
    shown.keyboard.press("Control+k")
    expect(shown.get_by_role("combobox", name="Search everything")).to_be_focused()


def test_a_menu_closes_by_escape_and_by_a_click_beside_it(shown: Page, complaints: list[str]) -> None:
    menu = shown.locator("header details.menu").first
    summary = menu.locator("summary")
    summary.click()
    expect(menu).to_have_attribute("open", "")
    shown.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    summary.click()
    shown.get_by_role("heading", level=1).click()
    expect(menu).not_to_have_attribute("open", "")


def test_arrows_go_round_and_what_is_typed_anew_unchooses(shown: Page, complaints: list[str]) -> None:
    field, options = search_for(shown, "INV"), shown.get_by_role("option")
    shown.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    shown.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(shown.locator("[aria-selected=true]")).to_have_count(1)
    shown.keyboard.type("x")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    expect(field).to_have_attribute("aria-expanded", "false")
    shown.get_by_role("button", name="Close").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)


def test_a_press_on_the_backdrop_closes_the_search_but_not_the_end_of_a_selection(
    shown: Page, complaints: list[str]
) -> None:
    field = search_for(shown, "statement")
    box = field.bounding_box()
    assert box
    shown.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2)
    shown.mouse.down()
    shown.mouse.move(*BESIDE)
    shown.mouse.up()
    expect(shown.get_by_role("dialog")).to_have_count(1)
    shown.mouse.click(*BESIDE)
    expect(shown.get_by_role("dialog")).to_have_count(0)
    shown.get_by_role("link", name="Search").first.click()  # the link of the header opens it, too
    expect(field).to_be_focused()
    expect(field).to_have_value("statement")


def test_a_search_that_gets_no_answer_says_so(shown: Page) -> None:
    shown.route("**/search/**", lambda route: route.abort())
    shown.keyboard.press("Control+k")
    shown.keyboard.type("statement")
    expect(shown.get_by_text("Search is not responding.")).to_be_visible()
    shown.unroute("**/search/**")
    shown.keyboard.type("s")
    expect(shown.get_by_role("option").first).to_be_visible()
    expect(shown.get_by_text("Search is not responding.")).to_be_hidden()


def test_the_chosen_theme_stays(site: Site, shown: Page, complaints: list[str]) -> None:
    root = shown.locator("html")
    shown.locator("header details.menu").first.locator("summary").click()
    shown.get_by_role("button", name="Dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    shown.goto(f"{site.address}/financing/")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(shown.locator("[data-theme-set=dark]")).to_have_attribute("aria-pressed", "true")


def test_a_password_is_shown_and_hidden_again(site: Site, page: Page, complaints: list[str]) -> None:
    page.goto(f"{site.address}/accounts/login/")
    password, button = page.get_by_label("Password", exact=True), page.get_by_role("button", name="Show password")
    password.fill("nine-tall-lanterns")
    for kind, pressed in (("text", "true"), ("password", "false")):
        button.click()
        expect(password).to_have_attribute("type", kind)
        expect(button).to_have_attribute("aria-pressed", pressed)
