"""On paper: a statement of 24 movements takes two pages, an invoice at most two, and neither shows the navigation."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.dashboard.statement import views
from infactor.financing.accounting.statement import Statement, statements
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.lifecycle import build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOVEMENTS = 24


def pages_of(page: Page) -> int:
    """How many pages of US Letter the browser prints, by the page tree of its PDF."""
    counts = re.findall(rb"/Type /Pages\s[^>]*?/Count (\d+)", page.pdf(format="Letter", prefer_css_page_size=True))
    return max(int(count) for count in counts)


def test_statement_and_invoice_fit_two_pages(
    live_server: object, page: Page, context: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = build(now=timezone.now())
    (found,) = statements(supplier=story.scenario.supplier)
    rows = (found.movements * MOVEMENTS)[:MOVEMENTS]
    monkeypatch.setattr(
        views, "statements", lambda **given: [Statement(found.currency, found.opening, rows, found.closing)]
    )
    context.add_cookies([session_cookie(story.scenario.owner, str(live_server))])  # type: ignore[list-item]
    page.goto(f"{live_server}/statement/")
    assert pages_of(page) == 2
    page.emulate_media(media="print")
    expect(page.get_by_role("banner").first).to_be_hidden()
    expect(page.locator(".letterhead")).to_be_visible()
    expect(page.get_by_text("Closing balance").first).to_be_visible()
    page.goto(f"{live_server}/invoices/{story.funded.invoice.public_id}/")
    assert pages_of(page) <= 2
