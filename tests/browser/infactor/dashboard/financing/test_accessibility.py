"""The supplier's financing pages pass axe at every width, light and dark, and work without JavaScript."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infactor.financing.models import Advance
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.lifecycle import Lifecycle, build

pytestmark = [pytest.mark.browser]


class SignedInLifecycle:
    """A supplier with invoices at every stage on a running server, with the cookie of its owner."""

    def __init__(self, address: str, story: Lifecycle) -> None:
        self.address, self.story = address, story
        self.cookie = session_cookie(story.scenario.owner, address)
        self.accepted = story.accepted.offer_line.offer


@pytest.fixture(scope="module")
def lifecycle(module_server: str) -> SignedInLifecycle:
    return SignedInLifecycle(module_server, build(now=timezone.now()))


def test_the_pages_of_financing_break_no_rule(
    lifecycle: SignedInLifecycle, page: Page, context: BrowserContext
) -> None:
    context.add_cookies([lifecycle.cookie])  # type: ignore[list-item]
    story = lifecycle.story
    chosen = "&".join(f"invoice={one.public_id}" for one in [*story.ready, story.not_now])
    invoices = (story.ready[0], story.todo, story.not_now, story.funded.invoice, story.settled.invoice)
    paths = (
        "/",
        "/invoices/",
        "/financing/",
        "/financing/request/",
        "/financing/request/?amount=1200&currency=USD",
        "/financing/request/?amount=120000&currency=USD",
        "/financing/request/?amount=much",
        f"/financing/request/?{chosen}",
        f"/financing/requests/{story.request.public_id}/",
        f"/financing/offers/{story.offer.public_id}/",
        f"/financing/offers/{story.expired.public_id}/",
        f"/financing/offers/{lifecycle.accepted.public_id}/",
        "/statement/",
        "/statement/?from=soon",
        *(f"/invoices/{one.public_id}/" for one in invoices),
    )
    assert [fault for path in paths for fault in accessibility_faults(page, lifecycle.address + path)] == []


def test_the_list_is_narrowed_and_chosen_from_by_keyboard(
    lifecycle: SignedInLifecycle, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    context.add_cookies([lifecycle.cookie])  # type: ignore[list-item]
    page.goto(f"{lifecycle.address}/invoices/")
    page.get_by_role("link", name=re.compile(r"^Eligible \d")).click()
    rows = page.locator("#invoice-list tbody tr")
    expect(rows).to_have_count(4)
    expect(page).to_have_url(re.compile(r"\?financing=eligible$"))
    page.get_by_label("Select invoice INV-9100").focus()
    page.keyboard.press("Space")
    with page.expect_response(lambda response: "financing=eligible" in response.url):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('books-changed'))")
    expect(page.locator("[data-htmx-region]").first).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_label("Select invoice INV-9100")).to_be_checked()
    page.get_by_label("Select invoice INV-9100").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/financing/request/$"))
    expect(page.get_by_role("heading", name="1 invoice in USD")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Statement")


def test_an_offer_is_asked_for_and_accepted_on_a_phone_without_javascript(
    lifecycle: SignedInLifecycle, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    context.add_cookies([lifecycle.cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{lifecycle.address}/invoices/?financing=eligible")
    page.get_by_label("Select invoice INV-9101").check()
    page.get_by_role("button", name="Request financing").click()
    expect(page.get_by_role("heading", name="1 invoice in USD")).to_be_visible()
    page.get_by_role("button", name="Request $722.50").click()
    expect(page.get_by_role("status")).to_contain_text("We have received your request")

    page.goto(f"{lifecycle.address}/financing/")
    page.get_by_role("link", name="Review offer").click()
    page.get_by_label("INV-9007").uncheck()
    page.get_by_role("button", name="Update the figures").click()
    expect(page.get_by_label("INV-9007")).not_to_be_checked()
    page.get_by_role("button", name="Accept $1,870.00 now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted offer")
    context.close()
    numbers = Advance.objects.filter(status="accepted").values_list("invoice__invoice_no", flat=True)
    assert sorted(numbers) == ["INV-9006", "INV-9008"]
