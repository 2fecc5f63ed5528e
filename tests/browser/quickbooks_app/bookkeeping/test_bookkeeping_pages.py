"""The pages of the bookkeeping break no rule at any width, for suppliers and for staff."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from quickbooks_app.bookkeeping import chart, entries
from quickbooks_app.bookkeeping.chart import Account, Chart
from quickbooks_app.models import (
    BookkeepingComparison,
    BookkeepingDifference,
    BookkeepingEntry,
    BookkeepingSettings,
    Connection,
    Push,
)
from tests.support.assertions.accessibility import COLOURS, RULES, accessibility_faults
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.lifecycle import Lifecycle, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = {
    "bank": "Checking",
    "advances": "infactor advances",
    "due": "Due from infactor",
    "fees": "Factoring fees",
    "vendor": "infactor",
    "receivables": "Accounts Receivable (A/R)",
}
CHART = Chart(
    "USD",
    [
        Account("35", "Checking", "Bank", "USD"),
        Account("36", "Loans:From partners of the company, short term", "Other Current Liability", "USD"),
        Account("84", "Accounts Receivable (A/R)", "Accounts Receivable", "USD"),
    ],
)


@pytest.fixture
def connected(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> tuple[Lifecycle, Connection]:
    """A supplier with advances at every stage, whose bookkeeping is on; one entry has failed."""
    cache.clear()
    monkeypatch.setattr(chart, "read_chart", lambda **given: CHART)
    now = timezone.now()
    life = build(now=now)
    connection = ConnectionFactory(
        company_file=life.scenario.books, company_name="Larkspur Coffee Roasters", writes_allowed_at=now
    )
    life.scenario.arrive("70", targets=[])
    settings = BookkeepingSettings.objects.create(
        connection=connection,
        start_on=life.late.accepted_at.date(),
        currency="USD",
        turned_on_at=now,
        turned_on_by=life.scenario.owner,
    )
    for number, (role, name) in enumerate(NAMES.items(), start=35):
        settings.accounts.create(role=role, qbk_id=str(number), name=name)
    entries.record(settings=settings, at=now)
    for number, entry in enumerate(BookkeepingEntry.objects.order_by("pk")):
        done = {"connection": connection, "entity": "Deposit", "operation": "create", "purpose": "bookkeeping"}
        failed = {"state": "failed", "error": "The books are closed for 2026-10-01. Open that period in QuickBooks."}
        entry.push = Push.objects.create(
            **done,
            **(failed if number == 1 else {"state": "done", "qbk_id": str(900 + number)}),
            reference=entry.key,
            requested_at=now,
            finished_at=now,
        )
        entry.save()
    compared = BookkeepingComparison.objects.create(
        connection=connection,
        compared_on=now.date(),
        compared_at=now,
        state="different",
        advances_theirs=-1000,
        advances_ours=-9500,
        due_theirs=20,
        due_ours=0,
    )
    for kind, amount in (("failed", 8500), ("unknown", 20)):
        BookkeepingDifference.objects.create(
            comparison=compared,
            role="advances" if kind == "failed" else "due",
            kind=kind,
            amount=amount,
            day=now.date(),
            explanation="Transfer 17, which infactor has not written.",
        )
    return life, connection


def test_the_suppliers_page_breaks_no_rule(
    connected: tuple[Lifecycle, Connection], live_server: LiveServer, context: BrowserContext, page: Page
) -> None:
    life, connection = connected
    context.add_cookies([session_cookie(life.scenario.owner, str(live_server))])  # type: ignore[list-item]
    address = f"{live_server}/quickbook/{connection.public_id}/bookkeeping"
    found = accessibility_faults(page, address)
    page.get_by_label("Bank account").select_option("35")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="Save these accounts")).to_be_visible()
    found += accessibility_faults(page, page.url)
    assert found == []


def test_staffs_pages_break_no_rule(
    connected: tuple[Lifecycle, Connection],
    live_server: LiveServer,
    staff_cookie: dict[str, str],
    context: BrowserContext,
    page: Page,
) -> None:
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    failed = BookkeepingEntry.objects.get(push__state="failed")
    done = BookkeepingEntry.objects.filter(push__state="done").first()
    assert done is not None
    pages = [
        f"bookkeepingentry/{failed.pk}/change/",
        f"bookkeepingentry/{failed.pk}/write_again/",
        f"bookkeepingentry/{done.pk}/undo/",
        f"bookkeepingcomparison/{BookkeepingComparison.objects.get().pk}/change/",
        f"bookkeepingsettings/{BookkeepingSettings.objects.get().pk}/change/",
    ]
    found = []
    for address in pages:
        page.set_viewport_size({"width": 320, "height": 800})
        page.goto(f"{live_server}/admin/quickbooks_app/{address}")
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found.append(f"{address} scrolls sideways")
        page.evaluate(Axe().axe_script)
        for width, scheme, rules in ((320, "light", RULES), (1440, "dark", COLOURS)):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for violation in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
                found.append(f"{address} {width}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
    assert [fault for fault in found if "label-title-only" not in fault] == []
