"""A buyer answers on a phone without JavaScript, and the verification pages pass axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infactor.verification.models import Verification
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios.browser_site import Site
from tests.support.scenarios.verification import ask, draft, token_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STAFF_RULES = {"runOnly": ["target-size", "label", "color-contrast", "link-name", "button-name"]}


@pytest.fixture
def asked(site: Site) -> Verification:
    return ask(site.invoices[0], at=timezone.now())


@pytest.fixture
def link(site: Site, asked: Verification) -> str:
    return f"{site.address}/buyer/{token_of(asked)}/"


@pytest.fixture
def drafted(site: Site) -> Verification:
    return draft(site.invoices[0], at=timezone.now())


def test_a_buyer_answers_on_a_phone_without_javascript(asked: Verification, link: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Please confirm invoice")
    page.get_by_label("Approve part").check()
    page.get_by_role("button", name="Submit response").click()
    expect(page.get_by_role("alert")).to_contain_text("Please check what you entered")
    page.get_by_label("Amount you approve").fill("1000.50")
    page.get_by_label("Reason or note").fill("One bag is missing")
    page.locator("#id_name").fill("Ann Payable")
    page.get_by_role("button", name="Submit response").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for your response")
    assert context.cookies() == []
    context.close()
    asked.refresh_from_db()
    assert (asked.status, str(asked.confirmed_amount)) == (Verification.Status.PARTLY_CONFIRMED, "1000.50")


def test_the_pages_of_a_buyer_break_no_rule(site: Site, link: str, complaints: list[str], page: Page) -> None:
    found = accessibility_faults(page, link)
    page.get_by_role("button", name="Submit response").click()
    expect(page.get_by_role("alert")).to_have_count(2)
    page.evaluate(Axe().axe_script)
    found += [one["id"] for one in page.evaluate("axe.run(document)")["violations"]]
    page.get_by_label("Approve in full").check()
    page.locator("#id_name").fill("Ann Payable")
    page.get_by_role("button", name="Submit response").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for your response")
    assert [*found, *accessibility_faults(page, link)] == []


def test_the_page_of_a_link_that_is_none_breaks_no_rule(site: Site, page: Page) -> None:
    assert accessibility_faults(page, f"{site.address}/buyer/nothing/") == []


def test_the_page_of_the_text_breaks_no_rule(
    site: Site, drafted: Verification, page: Page, context: BrowserContext
) -> None:
    site.sign_in(context)
    assert accessibility_faults(page, f"{site.address}/invoices/{site.invoices[0].public_id}/verify/") == []


def test_the_pages_of_staff_can_be_seen_and_touched(
    site: Site, asked: Verification, staff_cookie: dict[str, str], complaints: list[str], page: Page
) -> None:
    page.context.add_cookies([staff_cookie])  # type: ignore[list-item]
    found = []
    for path in ("", f"{asked.pk}/change/", f"{asked.pk}/record/", f"{asked.pk}/withdraw/"):
        page.goto(f"{site.address}/admin/verification/verification/{path}")
        page.evaluate(Axe().axe_script)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for violation in page.evaluate("rules => axe.run(document, rules)", STAFF_RULES)["violations"]:
                found.append(f"{path} {scheme}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
    assert found == []
