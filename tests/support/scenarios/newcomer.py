"""What a newcomer does with a fresh `make run`: signs in, connects QuickBooks, looks into its books."""

import json

import requests
from playwright.sync_api import Page, expect

from tests.support.processes.devserver import DevServer

SUPPLIER, PASSWORD = "supplier@infactor.test", "try-infactor-today"
MIDLIFE, DEMO_REALM = "midlife@infactor.test", "9341457021722428"


def enter(page: Page, infactor: DevServer, email: str) -> None:
    page.goto(f"{infactor.address}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def sign_in(page: Page, infactor: DevServer) -> None:
    enter(page, infactor, SUPPLIER)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Larkspur Coffee Roasters")
    page.wait_for_load_state("load")  # its pictures may come after its heading


def invoices_in_quickbooks(infactor: DevServer) -> int:
    given = json.loads(infactor.sandbox("credentials"))
    answer = requests.get(
        f"{given['api_base']}/v3/company/{given['realm_id']}/query",
        params={"query": "select count(*) from Invoice"},
        headers={"Authorization": f"Bearer {given['access_token']}", "Accept": "application/json"},
        timeout=10,
    )
    return int(answer.json()["QueryResponse"]["totalCount"])


def set_out(page: Page) -> Page:
    """Press Connect, sign in at QuickBooks, and return the popup that asks for consent."""
    with page.expect_popup() as opening:
        page.locator("#quickbooks-card").get_by_role("button", name="Connect QuickBooks").click()
    popup = opening.value
    popup.wait_for_url("**/connect/oauth2**")
    popup.get_by_role("button", name="Sign in").click()
    expect(popup.get_by_role("button", name="Connect")).to_be_visible()
    return popup


def open_invoices(page: Page, infactor: DevServer, count: int) -> list[tuple[str, str]]:
    """Numbers and addresses of open invoices on the sandbox company's page."""
    page.goto(f"http://127.0.0.1:{infactor.sandbox_port}/invoices")
    rows = page.locator("tbody tr").filter(has=page.get_by_text("Open", exact=True))
    links = [rows.nth(place).get_by_role("link") for place in range(count)]
    return [(link.inner_text(), str(link.evaluate("link => link.href"))) for link in links]
