"""A buyer acknowledges its notice on a phone without JavaScript, and each page about it passes axe."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from infactor.financing.advances import repurchases
from infactor.financing.models import Advance, Notice
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.notices import mails_of, notice_of, token_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def scenario() -> Scenario:
    scenario = build_scenario(now=timezone.now())
    scenario.terms()
    return scenario


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    return scenario.funded(scenario.invoice(scenario.buyer("Cedar")))


@pytest.fixture
def link(live_server: LiveServer, advance: Advance) -> str:
    return f"{live_server}/buyer/{token_in(mails_of(notice_of(advance))[0])}/"


def test_a_buyer_acknowledges_on_a_phone_without_javascript(link: str, advance: Advance, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Notice of assignment")
    page.get_by_role("button", name="Acknowledge notice").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the name")
    page.get_by_label("Your name").fill("Ann Payable")
    page.get_by_role("button", name="Acknowledge notice").click()
    expect(page.get_by_role("heading", name="Acknowledged", exact=True)).to_be_visible()
    assert context.cookies() == []
    context.close()
    assert notice_of(advance).status == Notice.Status.ACKNOWLEDGED


def test_the_pages_of_a_notice_break_no_rule(link: str, scenario: Scenario, advance: Advance, page: Page) -> None:
    found = accessibility_faults(page, link)
    page.get_by_label("Your name").fill("Ann Payable")
    page.get_by_role("button", name="Acknowledge notice").click()
    expect(page.get_by_role("heading", name="Acknowledged", exact=True)).to_be_visible()
    found += accessibility_faults(page, link)
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid"
    )
    assert [*found, *accessibility_faults(page, link)] == []
