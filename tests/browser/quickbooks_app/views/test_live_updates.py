"""The dashboard follows the books: what is done on the company's own page shows up without a reload or a button."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.quickbooks_app.connections.test_first_connection import set_out, sign_in
from tests.support.processes.devserver import DevServer

pytestmark = [pytest.mark.browser]

SOON = 25_000  # milliseconds; an open page asks every five seconds


def open_invoices(page: Page, infactor: DevServer, count: int) -> list[tuple[str, str]]:
    """Numbers and addresses of open invoices on the company's own page."""
    page.goto(f"http://127.0.0.1:{infactor.sandbox_port}/invoices")
    rows = page.locator("tbody tr").filter(has=page.get_by_text("Open", exact=True))
    links = [rows.nth(place).get_by_role("link") for place in range(count)]
    return [(link.inner_text(), str(link.evaluate("link => link.href"))) for link in links]


def test_edit_pay_void_and_delete_reach_an_open_list_by_themselves(
    infactor: DevServer, context: BrowserContext
) -> None:
    page = context.new_page()
    sign_in(page, infactor)
    popup = set_out(page)
    with popup.expect_event("close"):
        popup.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Newest invoices")).to_be_visible(timeout=SOON)
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
    expect(row("STEP-1")).to_be_visible(timeout=SOON)

    books.goto(paid[1])
    books.get_by_role("button", name="Record payment").click()
    expect(row(paid[0])).to_contain_text("Paid", timeout=SOON)

    for (number, address), button, label in (
        (voided, "Void this invoice", "Void"),
        (deleted, "Delete this invoice", "Deleted"),
    ):
        books.goto(address)
        books.get_by_text("Void or delete").click()
        books.get_by_role("button", name=button).click()
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
