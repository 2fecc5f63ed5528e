"""`make run` for a newcomer: start it, sign in, connect QuickBooks, and watch invoices arrive and change.

The tests share one infactor and run in order, because starting it takes longer than any of them.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from tests.support.processes.devserver import DevServer
from tests.support.scenarios import first_run
from tests.support.scenarios.newcomer import (
    DEMO_REALM,
    MIDLIFE,
    PASSWORD,
    SUPPLIER,
    enter,
    invoices_in_quickbooks,
    open_invoices,
    set_out,
    sign_in,
)

pytestmark = [pytest.mark.browser]

SOON = 25_000  # milliseconds; an open page asks every five seconds


def test_a_company_in_mid_life_is_there_from_the_start(infactor: DevServer, page: Page) -> None:
    enter(page, infactor, MIDLIFE)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Available to you now")
    expect(page.get_by_role("link", name="Review offer").first).to_be_visible()
    expect(page.locator("#quickbooks-card")).to_contain_text("73 invoices checked, 0 new, 0 updated", timeout=SOON)


def test_a_change_in_its_books_reaches_its_page(infactor: DevServer, context: BrowserContext) -> None:
    page = context.new_page()
    enter(page, infactor, MIDLIFE)
    page.goto(f"{infactor.address}/invoices/?q=1081")
    page.get_by_role("link", name="1081", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1081")
    books = context.new_page()
    books.goto(f"http://127.0.0.1:{infactor.sandbox_port}/invoices/1081?realm={DEMO_REALM}")
    books.get_by_label("Number").fill("1081-B")
    books.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1081-B", timeout=SOON)


def test_a_new_supplier_sees_its_invoices_within_two_minutes(infactor: DevServer, context: BrowserContext) -> None:
    run = first_run.play(
        context,
        address=infactor.address,
        mails=infactor.folder / "var" / "mail",
        email="kiln@harborvine.example",
        company="Harbor & Vine Ceramics",
    )
    own = [one for one in run.steps if one.name != "Connect QuickBooks"]
    assert sum(one.fields for one in own) == 3, "company, email, password: nothing else is asked before the invoices"
    assert sum(one.clicks for one in run.steps) <= 8
    assert sum(one.person for one in run.steps) < 100, first_run.report(run)


def test_the_command_prints_the_address_and_both_logins(infactor: DevServer) -> None:
    assert f"infactor is ready: {infactor.address}" in infactor.printed
    assert f"Supplier: {SUPPLIER}  password {PASSWORD}" in infactor.printed
    assert re.search(r"Staff: +staff@infactor\.test +password", infactor.printed)
    assert f"http://127.0.0.1:{infactor.sandbox_port}" in infactor.printed


def test_cancel_at_quickbooks_ends_in_a_plain_sentence_and_nothing_connected(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    popup = set_out(page)
    popup.get_by_role("button", name="Cancel").click()
    expect(popup.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    assert "code=" not in popup.url
    assert "state=" not in popup.url
    with popup.expect_event("close"), suppress(Error):  # the window may be gone before the click is reported
        popup.get_by_role("button", name="Close this window").click()
    expect(page.locator("#quickbooks-card")).to_contain_text("You chose Cancel at QuickBooks.")
    expect(page.get_by_role("button", name="Connect QuickBooks")).to_be_visible()


def test_a_window_closed_halfway_is_said_so_in_the_page_and_again_later(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    popup = set_out(page)
    card = page.locator("#quickbooks-card")
    expect(card).to_contain_text("Waiting for QuickBooks…")
    assert popup.evaluate("window.opener === null"), "Intuit's page cannot reach ours"
    popup.close()
    said = "The QuickBooks window was closed before connecting."
    expect(card).to_contain_text(said)
    page.reload()
    expect(card).to_contain_text(said)


def test_every_invoice_arrives_by_itself_after_the_popup_and_the_books_stay_in_step(
    infactor: DevServer, context: BrowserContext, picture: Callable[..., None]
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    picture(page, "connect-button")
    page.evaluate("window.isTheSame = true")

    popup = set_out(page)
    picture(popup, "connect-consent", resize=False)
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Connect").click()

    there = invoices_in_quickbooks(infactor)
    assert there >= 60
    card = page.locator("#quickbooks-card")
    expect(card).to_contain_text("Connected", timeout=20_000)
    expect(card).to_contain_text(f"{there} invoices checked, {there} new", timeout=20_000)
    expect(page.get_by_role("heading", name="Newest invoices")).to_be_visible()
    assert page.evaluate("window.isTheSame"), "the dashboard must fill without a reload"
    picture(page, "connect-dashboard")

    page.get_by_role("link", name="Invoices", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=f"{there} invoices")).to_be_visible()

    page.goto(f"{infactor.address}/quickbook/")
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"(?<!\d)0 new, 0 updated"), timeout=20_000)

    page.locator("#quickbooks-page a[href*='/quickbook/runs/']").last.click()
    expect(page.get_by_role("table").first).to_be_visible()
    picture(page, "connect-import")


def test_a_supplier_makes_an_invoice_here_and_it_is_in_quickbooks_once(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    there = invoices_in_quickbooks(infactor)
    page.goto(f"{infactor.address}/quickbook/")
    page.get_by_role("link", name="Make an invoice or buyer").click()
    expect(page.get_by_role("main")).to_contain_text("An owner of your company can allow it.")
    page.get_by_role("main").get_by_role("link", name="Writing into your books").click()
    page.get_by_role("button", name="Allow writing").click()
    page.get_by_role("link", name="make here").click()
    page.get_by_role("link", name="New invoice").click()
    page.get_by_label("Find a buyer").fill("cedar")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Cedar & Pine").click()
    page.get_by_label("Item").first.fill("Moon rock")
    page.get_by_role("button", name="See what QuickBooks gets").click()
    expect(page.get_by_role("main")).to_contain_text("Choose one of the items in your QuickBooks")
    page.get_by_label("Item").first.fill("House Blend, 5 lb")
    page.get_by_label("Invoice number").fill("MADE-1")
    page.get_by_role("button", name="More lines").click()
    expect(page.get_by_label("Item").first).to_have_value("House Blend, 5 lb")
    page.get_by_role("button", name="See what QuickBooks gets").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing is written until you press the button.")
    page.get_by_role("button", name="Write to QuickBooks").dblclick()
    page.get_by_role("link", name="Open the invoice").click(timeout=SOON)
    expect(page.get_by_role("heading", level=1)).to_contain_text("MADE-1")
    assert invoices_in_quickbooks(infactor) == there + 1


def test_a_blocked_popup_falls_back_to_the_same_journey_in_the_page(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    page.add_init_script("window.open = () => null")
    sign_in(page, infactor)
    page.goto(f"{infactor.address}/quickbook/")
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("main")).to_contain_text("is disconnected. Its invoices stay in infactor.")
    page.get_by_role("button", name="Reconnect").click()
    page.wait_for_url("**/connect/oauth2**")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{infactor.address}/")
    expect(page.get_by_role("main")).to_contain_text("QuickBooks is connected")


def test_without_javascript_the_connect_button_leads_to_quickbooks_and_back(
    infactor: DevServer, browser: Browser
) -> None:
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    sign_in(page, infactor)
    page.goto(f"{infactor.address}/quickbook/")
    page.get_by_role("link", name="Disconnect").click()
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("button", name="Reconnect").click()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Connect").click()
    page.wait_for_url(f"{infactor.address}/**")
    page.goto(f"{infactor.address}/quickbook/")
    expect(page.get_by_role("link", name="Disconnect")).to_be_visible()
    plain.close()


def test_ctrl_c_stops_everything_and_the_next_start_has_the_data(
    infactor: DevServer, context: BrowserContext, tmp_path: Path
) -> None:
    there = invoices_in_quickbooks(infactor)
    assert infactor.stop() == 0
    assert infactor.leftovers() == []
    infactor.start()
    page = context.new_page()
    sign_in(page, infactor)
    page.goto(f"{infactor.address}/invoices/")
    expect(page.get_by_role("status").filter(has_text=f"{there} invoices")).to_be_visible()


def test_edit_pay_void_and_delete_reach_an_open_list_by_themselves(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    page.get_by_role("link", name="Invoices", exact=True).click()
    page.wait_for_url("**/invoices/")
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))

    books = context.new_page()
    edited, paid, voided, deleted = open_invoices(books, infactor, 4)

    def row(number: str) -> Locator:
        return page.get_by_role("row").filter(has=page.get_by_role("link", name=number, exact=True))

    for number, _ in (edited, paid, voided, deleted):
        expect(row(number)).to_be_visible()

    books.goto(edited[1])
    books.get_by_label("Number").fill("STEP-1")
    books.get_by_role("button", name="Save").click()
    books.goto(paid[1])
    books.get_by_role("button", name="Record payment").click()
    for (_, address), button in ((voided, "Void this invoice"), (deleted, "Delete this invoice")):
        books.goto(address)
        books.get_by_text("Void or delete").click()
        books.get_by_role("button", name=button).click()

    expect(row("STEP-1")).to_be_visible(timeout=SOON)
    for (number, _), label in ((paid, "Paid"), (voided, "Void"), (deleted, "Deleted")):
        expect(row(number)).to_contain_text(label, timeout=SOON)
    assert loads == [], "the list must follow without a reload"
    books.goto(f"http://127.0.0.1:{infactor.sandbox_port}/webhooks")
    expect(books.get_by_role("row").filter(has_text="Payment")).to_contain_text("delivered")


def test_a_payment_reaches_an_open_invoice_page_by_itself(infactor: DevServer, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    page.goto(f"{infactor.address}/")
    expect(page.locator("#quickbooks-card")).to_contain_text("Connected", timeout=SOON)
    books = context.new_page()
    ((number, address),) = open_invoices(books, infactor, 1)
    page.goto(f"{infactor.address}/invoices/?q={number}")
    page.get_by_role("link", name=number, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)

    books.goto(address)
    books.get_by_role("button", name="Record payment").click()
    received = page.get_by_role("region", name="Payments and credits").or_(
        page.locator("section").filter(has=page.get_by_role("heading", name="Payments and credits"))
    )
    expect(received.first).to_contain_text("Payment", timeout=SOON)
