"""The connection health pages pass axe, whatever state the connection is in."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.suppliers.models import Supplier
from quickbooks_app.auth import integrations, oauth_client
from quickbooks_app.connections import grants
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, ImportRun
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.factories.completeness import CheckFactory, LineFactory
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.browser_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Österreichische Kaffeerösterei & Handelsgesellschaft mit beschränkter Haftung <b>"


@pytest.fixture
def troubled(site: Site) -> Connection:
    """A supplier with four companies: one disconnected, one about to expire, one failing, one released."""
    now = timezone.now()
    made: Connection = ConnectionFactory(
        company_file__supplier=site.supplier,
        company_name=LONG,
        status="needs_attention",
        status_reason="QuickBooks ended infactor's permission.",
        access_token="",
        refresh_token="",
    )
    ending, failing = ConnectionFactory.create_batch(2, company_file__supplier=site.supplier)
    Connection.objects.filter(pk=ending.pk).update(
        refresh_token_expires_at=now + timedelta(days=5), expiry_warned_at=now
    )
    LineFactory(completeness_check__connection=failing, customer_name=LONG)
    LineFactory(
        completeness_check=CheckFactory(connection=ending, entries_total=Decimal("-25.00")),
        kind="entry",
        outcome="named",
        entity="JournalEntry",
        ours=None,
    )
    run = RunFactory(
        connection=failing,
        state="failed",
        started_at=now,
        finished_at=now,
        error="QuickBooks did not answer.",
        error_code="timeout",
    )
    for status, code in ((200, ""), (429, "3001"), (None, "timeout")):
        ApiCall.objects.create(
            connection=failing,
            run=run,
            at=now,
            operation="query",
            entity="Invoice",
            status=status,
            error_code=code,
            intuit_tid="1-6affe728-41e828a25bb343ef8d989579",
            duration_ms=60000,
        )
    gone = {"realm_id": "", "realm_fingerprint": None, "access_token": "", "refresh_token": ""}
    ConnectionFactory(company_file__supplier=site.supplier, status="released", **gone)
    return made


@pytest.fixture
def asked(site: Site, troubled: Connection) -> ConsentAttempt:
    """A person chose another company at QuickBooks and has not yet confirmed it."""
    now = timezone.now()
    given = oauth_client.Tokens("eyJ-held", now, "RT1-held", None, None)
    made: ConsentAttempt = ConsentAttempt.objects.create(
        state_digest="x",
        user=site.supplier.members.get(),
        supplier=site.supplier,
        integration=integrations.from_settings(),
        environment="local",
        in_popup=False,
        expires_at=now,
        used_at=now,
        expected_connection=troubled,
        outcome="other_pending",
        pending_grant=grants.Grant("77", given, LONG, "USD", "UTC").as_text(),
        pending_until=now + timedelta(minutes=10),
    )
    return made


@pytest.fixture
def run(troubled: Connection) -> ImportRun:
    """The import run that failed."""
    return ImportRun.objects.get(error_code="timeout")


@pytest.fixture
def second(site: Site) -> Supplier:
    """Another company of the same person."""
    made: Supplier = MembershipFactory(user=site.supplier.members.get(), supplier__name="Zweite Firma").supplier
    return made


def test_pages_of_connections_in_trouble_break_no_rule(
    site: Site, asked: ConsentAttempt, run: ImportRun, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    site.sign_in(context)
    pages = ("/", "/quickbook/", f"/quickbook/runs/{run.public_id}", f"/quickbook/connected?attempt={asked.public_id}")
    others = ("/quickbook/reconnect/confirm", "/quickbook/disconnected", "/privacy", "/terms")
    found = [fault for address in (*pages, *others) for fault in accessibility_faults(page, site.address + address)]
    assert found == []


def test_the_choice_among_companies_breaks_no_rule_and_works_by_keyboard(
    site: Site, second: Supplier, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    site.sign_in(context)
    assert accessibility_faults(page, f"{site.address}/companies/") == []
    page.get_by_role("button", name=second.name).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(second.name)


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/quickbooks_app/connection/overview/", "/admin/ledger/integritycheck/trial-balance/"]
)
def test_staffs_overview_scrolls_sideways_at_no_width(
    site: Site,
    run: ImportRun,
    staff_cookie: dict[str, str],
    context: BrowserContext,
    page: Page,
    complaints: list[str],
    address: str,
) -> None:
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site.address + address)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), width


@pytest.fixture
def left(troubled: Connection) -> Connection:
    """A company whose supplier has disconnected it."""
    Connection.objects.filter(pk=troubled.pk).update(status="disconnected", access_token="", refresh_token="")
    return troubled


def test_the_page_that_gives_a_company_free_scrolls_sideways_at_no_width(
    site: Site, left: Connection, staff_cookie: dict[str, str], context: BrowserContext, page: Page
) -> None:
    context.add_cookies([staff_cookie])  # type: ignore[list-item]
    for width in (320, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site.address}/admin/quickbooks_app/connection/{left.pk}/release/")
        expect(page.get_by_label("Reason")).to_be_visible()
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), width
