"""The pages where a supplier makes something break no rule of accessibility, whatever state it is in."""

import json

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.invoices.models import Buyer
from quickbooks_app.models import Connection, Push
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.scenarios.browser_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "Österreichische Kaffeerösterei & Handelsgesellschaft mit beschränkter Haftung <b>"
ITEM = {"Id": "1", "Name": LONG, "Type": "Service", "UnitPrice": 12}
TAXED = {"TaxPrefs": {"UsingSalesTax": True}}


@pytest.fixture
def connection(site: Site) -> Connection:
    """A company that allows writes, whose lists are known."""
    buyer = Buyer.objects.earliest("pk")
    made: Connection = ConnectionFactory(
        company_file=buyer.company_file, company_name=LONG, writes_allowed_at=timezone.now()
    )
    lists = {"Item": [ITEM], "Term": [{"Id": "3", "Name": "Net 30"}], "TaxCode": []}
    cache.set(f"quickbooks:choices:{made.pk}", (TAXED, lists, "US"))
    return made


def pushed(connection: Connection, state: str, **more: str) -> Push:
    return Push.objects.create(
        connection=connection,
        entity="Customer",
        operation="create",
        purpose="supplier",
        fields=json.dumps({"DisplayName": LONG}),
        state=state,
        requested_at=timezone.now(),
        finished_at=timezone.now(),
        **more,
    )


def test_the_pages_of_making_break_no_rule(
    site: Site, connection: Connection, context: BrowserContext, page: Page, complaints: list[str]
) -> None:
    site.sign_in(context)
    buyer = Buyer.objects.earliest("pk")
    failed = pushed(connection, "failed", error="The name is taken in QuickBooks already.")
    done = pushed(connection, "done", qbk_id="7")
    pages = (
        "made",
        f"made/{failed.public_id}",
        f"made/{done.public_id}",
        "make/buyer",
        "make/invoice",
        "make/payment?q=nothing",
    )
    base = f"{site.address}/quickbook/{connection.public_id}"
    found = [fault for one in pages for fault in accessibility_faults(page, f"{base}/{one}")]
    form = f"{base}/make/invoice?buyer={buyer.public_id}"
    found += accessibility_faults(page, form)
    page.get_by_role("button", name="See what QuickBooks gets").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter at least one line.")
    page.get_by_label("Item").first.fill(LONG)
    page.get_by_role("button", name="See what QuickBooks gets").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing is written until you press the button.")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    Connection.objects.update(writes_allowed_at=None)
    found += accessibility_faults(page, form)
    assert found == []
