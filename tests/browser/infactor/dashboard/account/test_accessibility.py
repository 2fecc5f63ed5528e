"""The application and bank account pages pass axe, for suppliers and for staff."""

import os

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from infactor.suppliers import agreements, bank_accounts
from infactor.users.models import User
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.factories.suppliers import PASSWORD, EveryPermissionFactory
from tests.support.scenarios import onboarding
from tests.support.scenarios.browser_site import Site, session_cookie

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def boss(site: Site) -> User:
    onboarding.published()
    boss: User = EveryPermissionFactory()
    return boss


@pytest.fixture
def changing(site: Site, boss: User) -> tuple[str, ...]:
    """An approved supplier with a pending change of account and a newer agreement; the pages on which staff decide."""
    application = onboarding.approved(site.supplier)
    for number in (onboarding.OTHER_ACCOUNT, "000555544443333"):
        entry = onboarding.entry(account_number=number)
        waiting = bank_accounts.add(
            supplier=site.supplier, details=entry, by=onboarding.owner_of(site.supplier), at=onboarding.AT
        )
    agreements.publish(title="Second", body="Text.\n\nMore.", by=boss, at=onboarding.AT)
    return (
        f"application/{application.pk}/hold/",
        f"bankaccount/{waiting.pk}/confirm/",
        "agreementtext/add/",
    )


@pytest.fixture
def staff_cookie(site: Site, boss: User) -> dict[str, str]:
    return session_cookie(boss, site.address)


def test_an_application_breaks_no_rule_empty_and_refused(
    site: Site, boss: User, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    assert accessibility_faults(page, f"{site.address}/application/") == []
    page.get_by_role("button", name="Add another owner").click()
    page.get_by_label("Name", exact=True).first.fill("Robin")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Please check what you entered.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth") is False
    shot(page, "application-refused")


def test_an_account_is_entered_after_a_password(
    site: Site, boss: User, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    site.sign_in(context)
    page.goto(f"{site.address}/bank/change/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    assert accessibility_faults(page, f"{site.address}/bank/change/") == []
    page.get_by_label("Country of the bank").select_option("DE")
    page.get_by_label("Bank", exact=True).fill("Bank")
    page.get_by_label("IBAN or account number").fill(onboarding.IBAN)
    shot(page, "bank-change")
    page.get_by_role("button", name="Save account").click()
    expect(page.get_by_role("heading", name="••••3000")).to_be_visible()


def test_pages_of_an_approved_supplier_break_no_rule(
    site: Site, changing: tuple[str, ...], page: Page, context: BrowserContext
) -> None:
    site.sign_in(context)
    assert [
        fault for path in ("/application/", "/bank/") for fault in accessibility_faults(page, site.address + path)
    ] == []
    shot(page, "bank")
    page.goto(f"{site.address}/application/")
    shot(page, "application-approved")


def test_the_pages_on_which_staff_decide_break_no_rule(
    site: Site, changing: tuple[str, ...], staff_cookie: dict[str, str], page: Page, context: BrowserContext
) -> None:
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    found = []
    for path in changing:
        found += accessibility_faults(page, f"{site.address}/admin/suppliers/{path}")
        shot(page, "admin-" + path.replace("/", "-"))
    assert found == []
    page.goto(f"{site.address}/admin/suppliers/{changing[0]}")
    page.get_by_label("Reason").fill("no")
    page.locator("form").evaluate_all("forms => forms.forEach((form) => { form.noValidate = true; })")
    page.get_by_role("button", name="Put on hold").click()
    expect(page.get_by_text("Please check what you entered.")).to_be_visible()
    shot(page, "admin-refused")


def shot(page: Page, name: str) -> None:
    """Save a screenshot, if the environment names a folder for them."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.set_viewport_size({"width": 1200, "height": 900})
        page.emulate_media(color_scheme="light")
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
