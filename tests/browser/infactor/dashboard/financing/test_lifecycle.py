"""A supplier goes from its application to a settled invoice on its statement, in a real browser.

The product's own services do what staff and banks do in between; the buyer answers by its own link.
"""

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.financing.advances import funding
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, FinancingRequest
from infactor.financing.origination import offers
from infactor.suppliers import applications
from infactor.suppliers.models import Application
from infactor.users import roles
from infactor.verification.models import Verification
from tests.support.factories.suppliers import PASSWORD, CompanyFileFactory, MembershipFactory
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.scenarios.onboarding import published
from tests.support.scenarios.verification import token_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Stage:
    """A supplier that has only connected its books, on a running server, and the staff of infactor."""

    def __init__(self, address: str) -> None:
        published()
        self.address = address
        membership = MembershipFactory(supplier__name="Larkspur Coffee Roasters")
        now = timezone.now()
        self.scenario = Scenario(
            supplier=membership.supplier,
            owner=membership.user,
            books=CompanyFileFactory(supplier=membership.supplier, as_of=now),
            underwriter=staff_member(roles.UNDERWRITER),
            operations=staff_member(roles.OPERATIONS),
            approver=staff_member(roles.OPERATIONS),
            reader=staff_member(roles.READ_ONLY),
            now=now,
        )
        self.scenario.terms(verify_first_invoice=True)
        buyer = self.scenario.buyer("Northwind Grocers")
        self.invoice = self.scenario.invoice(buyer, face="10000", invoice_no="INV-7001")
        self.cookie = session_cookie(self.scenario.owner, address)
        self.assess()

    def assess(self) -> None:
        recalculation.recalculate(supplier_id=self.scenario.supplier.pk, at=timezone.now())

    def approve(self) -> None:
        application = Application.objects.get(supplier=self.scenario.supplier)
        applications.approve(application=application, by=self.scenario.underwriter, at=timezone.now())
        self.assess()

    def make_offer(self) -> None:
        offers.create(request=FinancingRequest.objects.get(), by=self.scenario.underwriter, at=timezone.now())

    def pay_out(self) -> None:
        funding.fund(
            advance=Advance.objects.get(),
            value_date=self.scenario.today,
            by=self.scenario.operations,
            at=timezone.now(),
        )

    def collect_and_settle(self) -> None:
        self.scenario.now = timezone.now()
        self.scenario.pay(Advance.objects.get(), "10000")
        self.scenario.settle(Advance.objects.get())


@pytest.fixture
def stage(live_server: object) -> Stage:
    cache.clear()
    return Stage(str(live_server))


def apply(page: Page, address: str) -> None:
    page.get_by_role("link", name="Start your application").click()
    for label, value in (
        ("Legal name", "Larkspur Coffee Roasters LLC"),
        ("Tax number", "98-7654321"),
        ("Phone", "+1 503 555 0100"),
        ("Address", "12 Mill Street"),
        ("City", "Portland"),
        ("What you sell, and to whom", "Roasted coffee, to shops."),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Country", exact=True).select_option("US")
    page.get_by_label("Name", exact=True).fill("Robin Larkspur")
    page.get_by_label("Share in percent").fill("100")
    page.get_by_label("E-mail address").fill("robin@example.com")
    page.get_by_role("button", name="Save and add a bank account").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.get_by_label("Country of the bank").select_option("US")
    page.get_by_label("Account holder").fill("Larkspur Coffee Roasters LLC")
    page.get_by_label("Bank", exact=True).fill("Bank of Examples")
    page.get_by_label("IBAN or account number").fill("000123456789")
    page.get_by_label("Routing number").fill("021000021")
    page.get_by_role("button", name="Save account").click()
    page.goto(f"{address}/application/")
    page.get_by_label("We accept this agreement").check()
    page.get_by_role("button", name="Submit application").click()
    expect(page.get_by_role("status")).to_contain_text("We have received your application")


def answer_as_buyer(stage: Stage, context: BrowserContext) -> None:
    token = token_of(Verification.objects.get())
    page = context.new_page()
    page.goto(f"{stage.address}/buyer/{token}/")
    page.get_by_label("Everything is right").check()
    page.get_by_label("Your name").fill("Ann Payable")
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for your answer")
    page.close()


def test_from_the_application_to_a_settled_invoice(stage: Stage, page: Page, context: BrowserContext) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.add_cookies([stage.cookie])  # type: ignore[list-item]

    page.goto(stage.address)
    apply(page, stage.address)
    stage.approve()

    # A buyer's first invoice needs the buyer's confirmation.
    page.goto(f"{stage.address}/invoices/")
    expect(page.get_by_role("row", name="INV-7001")).to_contain_text("After your buyer confirms")
    page.get_by_role("link", name="INV-7001").click()
    page.get_by_role("button", name="Ask buyer to confirm").click()
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("status")).to_contain_text("We have sent the e-mail to")
    answer_as_buyer(stage, context)
    stage.assess()

    page.goto(f"{stage.address}/")
    expect(page.get_by_role("main")).to_contain_text("$8,500.00")
    page.get_by_role("link", name="request financing").click()
    page.get_by_role("textbox", name="Amount").fill("8000")
    page.get_by_role("button", name="Find the cheapest invoices").click()
    expect(page.get_by_role("heading", name="Why these invoices")).to_be_visible()
    page.get_by_role("button", name="Request $8,500.00").click()
    expect(page.get_by_role("status")).to_contain_text("We have received your request")

    stage.make_offer()
    page.goto(stage.address)
    page.get_by_role("link", name="Review the offer").click()
    expect(page.get_by_role("main")).to_contain_text("0.5 % for each 10 days after that, or part of them")
    page.get_by_role("button", name="Accept: $8,500.00 now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted offer")

    stage.pay_out()
    page.get_by_role("link", name="Financing", exact=True).first.click()
    expect(page.get_by_role("heading", name="Funded in USD")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("$1,300.00")  # back, if paid when due in 40 days

    stage.collect_and_settle()
    page.get_by_role("link", name="Statement", exact=True).first.click()
    for said in ("Advance paid to you", "Your buyer paid", "Settled: rebate paid to you", "$9,850.00"):
        expect(page.get_by_role("main")).to_contain_text(said)
    page.get_by_role("link", name="Invoice INV-7001").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("INV-7001")
    expect(page.get_by_role("main")).to_contain_text("Completed")
    assert complaints == []
