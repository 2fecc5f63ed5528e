"""What has changed after funding, on the pages of supplier and staff: no rule of axe is broken, one click forwards."""

from dataclasses import dataclass

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.financing.models import Advance, Case
from infactor.financing.policy import debtor_marks
from infactor.financing.watch import watching
from infactor.invoices.debtors import grouping
from tests.support.assertions.accessibility import accessibility_faults
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.supplier_books import SupplierBooks

pytestmark = [pytest.mark.browser]


@dataclass
class Watched:
    """A supplier with an invoice that has changed, and one whose buyer paid the supplier, on a running server."""

    address: str
    scenario: Scenario
    changed: Advance
    misdirected: Advance
    mark: int

    def invoice(self, advance: Advance) -> str:
        return f"/invoices/{advance.invoice.public_id}/"


@pytest.fixture(scope="module")
def watched(module_server: str) -> Watched:
    scenario = build_scenario(now=timezone.now())
    scenario.terms()
    buyer = scenario.buyer("Northwind Traders of the Pacific Coast")
    changed, misdirected = (
        scenario.funded(scenario.invoice(buyer, invoice_no=number, face="10560")) for number in ("W-1", "W-2")
    )
    books = SupplierBooks(scenario)
    books.edit(changed.invoice, invoice_amount=1000, balance=1000, invoice_no="W-1-corrected")
    books.pay(misdirected.invoice, amount="10560")
    watching.watch(supplier_id=scenario.supplier.pk, at=scenario.now)
    debtor = grouping.get_or_create_debtor(buyer=buyer, by=scenario.underwriter, at=scenario.now)
    mark = debtor_marks.mark(
        debtor=debtor, kind="watch", reason="Late lately", by=scenario.underwriter, at=scenario.now
    )
    return Watched(module_server, scenario, changed, misdirected, mark.pk)


def test_the_supplier_reads_it_and_says_with_one_click_that_it_forwards_the_money(
    watched: Watched, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    context.add_cookies([session_cookie(watched.scenario.owner, watched.address)])  # type: ignore[list-item]
    paths = ("/", watched.invoice(watched.changed), watched.invoice(watched.misdirected))
    assert [fault for path in paths for fault in accessibility_faults(page, watched.address + path)] == []
    page.get_by_role("button", name="I will forward it").click()
    expect(page.get_by_text("You said that you would forward this payment.")).to_be_visible()
    expect(page.get_by_role("button", name="I will forward it")).to_have_count(0)


def test_staffs_pages_of_it_break_no_rule(watched: Watched, page: Page, context: BrowserContext) -> None:
    context.add_cookies([session_cookie(watched.scenario.underwriter, watched.address)])  # type: ignore[list-item]
    case = Case.objects.get(kind=Case.Kind.CHANGED)
    paths = (
        "/admin/",
        f"/admin/financing/case/{case.pk}/change/",
        f"/admin/financing/case/{case.pk}/close/",
        f"/admin/financing/advance/{watched.changed.pk}/change/",
        "/admin/financing/debtormark/add/",
        f"/admin/financing/debtormark/{watched.mark}/end/",
    )
    assert [fault for path in paths for fault in accessibility_faults(page, watched.address + path)] == []
