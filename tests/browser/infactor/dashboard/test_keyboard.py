"""By keyboard alone a supplier signs in with a second factor, asks for an advance and accepts the offer.

tests.support.browsers.keyboard says what each step must hold.
"""

import re

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from infactor.financing.models import Advance, FinancingRequest
from infactor.financing.origination import offers
from tests.support import second_factor
from tests.support.browsers.keyboard import press, tab_to
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios.lifecycle import Lifecycle, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lifecycle(live_server: object) -> Lifecycle:
    cache.clear()
    made = build(now=timezone.now())
    second_factor.give_factor(made.scenario.owner)
    return made


def test_from_signing_in_to_an_accepted_offer(
    lifecycle: Lifecycle, live_server: object, page: Page, complaints: list[str]
) -> None:
    scenario, main = lifecycle.scenario, page.get_by_role("main")
    page.goto(f"{live_server}/accounts/login/")
    tab_to(page, page.get_by_label("Email"))
    page.keyboard.type(scenario.owner.email)
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/2fa/authenticate/"))
    tab_to(page, page.get_by_label(re.compile("code", re.IGNORECASE)).first)
    page.keyboard.type(second_factor.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Available to you now")

    press(page, page.get_by_role("navigation").get_by_role("link", name="Invoices", exact=True).first)
    expect(page).to_have_url(re.compile("/invoices/"))
    press(page, page.get_by_role("link", name=re.compile(r"^Eligible \d")))
    expect(page).to_have_url(re.compile("financing=eligible"))
    press(page, page.get_by_label("Select invoice INV-9100"), "Space")
    expect(page.get_by_label("Select invoice INV-9100")).to_be_checked()
    press(page, page.get_by_role("button", name=re.compile("Request financing")))
    expect(page).to_have_url(re.compile("/financing/request/"))
    press(page, main.get_by_role("button", name=re.compile(r"^Request \$")), "Space")
    expect(page.get_by_role("status").first).to_contain_text("We have received your request")

    made = FinancingRequest.objects.latest("pk")
    offers.create(request=made, by=scenario.underwriter, at=timezone.now())
    press(page, page.get_by_role("navigation").get_by_role("link", name="Financing", exact=True).first)
    expect(page.get_by_role("heading", level=1)).to_have_text("Financing")
    press(page, main.get_by_role("link", name=re.compile("^Review (the )?offer")).first)
    expect(page).to_have_url(re.compile("/financing/offers/"))
    press(page, main.get_by_role("button", name=re.compile(r"^Accept \$")))
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted offer")
    assert Advance.objects.filter(status="accepted").count() > 1
