"""The slider of the amount reads and writes amounts as the language of the page does."""

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from infactor.financing.eligibility import recalculation
from infactor.users.models import User
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import build_scenario

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server: LiveServer, context: BrowserContext) -> str:
    made = build_scenario(now=timezone.now())
    made.terms()
    for number in range(20):
        made.invoice(made.buyer("Harbor Street Print"), face="1000.37", invoice_no=f"INV-{number:02}")
    recalculation.recalculate(supplier_id=made.supplier.pk, at=made.now)
    context.add_cookies([session_cookie(made.owner, str(live_server))])  # type: ignore[list-item]
    return f"{live_server}/financing/request/"


@pytest.mark.parametrize(
    ("language", "typed", "cents"), [("en", "9,800.00", "."), ("en", "9.800,00", "."), ("es", "9.800,00", ",")]
)
def test_the_slider_follows_an_amount_in_either_writing(
    address: str, page: Page, language: str, typed: str, cents: str
) -> None:
    User.objects.update(language=language)
    page.goto(address)
    slider, amount = page.locator("#ask-range"), page.locator("#id_amount")
    amount.fill(typed)
    expect(slider).to_have_value("9800")
    slider.focus()
    with page.expect_response("**/financing/request/?*amount=17*"):
        page.keyboard.press("End")
    assert cents in amount.input_value(), "all of it, with its cents"
    expect(page.locator("#quote")).to_contain_text("INV-00")
