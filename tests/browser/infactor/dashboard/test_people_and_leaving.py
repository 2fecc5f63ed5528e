"""An owner invites a colleague, who joins by the link; then the company leaves, and its letter of release is there."""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from infactor.financing import leaving
from infactor.suppliers.models import AccountClosing
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEWCOMER = "kim@larkspur.example"


@pytest.fixture
def scenario(live_server: LiveServer) -> Scenario:
    cache.clear()
    return build_scenario(now=timezone.now())


def test_a_colleague_joins_by_the_link_and_the_company_leaves(
    scenario: Scenario,
    live_server: LiveServer,
    page: Page,
    context: BrowserContext,
    browser: Browser,
    complaints: list[str],
) -> None:
    context.add_cookies([session_cookie(scenario.owner, str(live_server))])  # type: ignore[list-item]
    page.goto(f"{live_server}/settings/people/")
    page.get_by_label(re.compile("^E-?mail")).fill(NEWCOMER)
    page.get_by_label("Role", exact=True).select_option("finance")
    page.get_by_role("button", name="Send invitation").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("main")).to_contain_text(NEWCOMER)

    invited = next(one for one in delivered() if one.to == [NEWCOMER])
    (link,) = set(re.findall(r"https?://[^/\s]+(/invitations/\S+)", str(invited.body)))
    other = browser.new_context()
    joining = other.new_page()
    joining.goto(f"{live_server}{link}")
    expect(joining.get_by_role("main")).to_contain_text(f"Join {scenario.supplier.name}")
    joining.get_by_role("link", name="Create an account").click()
    joining.get_by_label("Password").fill("nine-tall-lanterns")
    joining.get_by_role("button", name="Create account").click()
    expect(joining.get_by_role("navigation").get_by_role("link", name="Invoices").first).to_be_visible()
    joining.goto(f"{live_server}/settings/leave/")
    expect(joining.get_by_role("main")).to_contain_text("Only an owner can close the account.")

    page.goto(f"{live_server}/settings/leave/")
    page.get_by_label("Why you leave").fill("We were sold.")
    page.get_by_role("button", name="Close the account").click()
    expect(page.get_by_role("main")).to_contain_text("You asked to close this account.")
    leaving.release(
        closing=AccountClosing.objects.get(),
        decision="Nothing is outstanding.",
        by=scenario.underwriter,
        at=timezone.now(),
    )
    page.reload()
    page.get_by_role("link", name="Release letter").click()
    expect(page.get_by_role("main")).to_contain_text(scenario.supplier.name)
    joining.goto(f"{live_server}/invoices/")
    expect(joining.get_by_role("heading", level=1)).to_contain_text("Invoices")
    other.close()
