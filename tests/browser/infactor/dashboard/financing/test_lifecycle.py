"""A supplier goes from its application to a settled invoice on its statement, in a real browser.

The product's own services do what staff and banks do in between; the buyer answers by its own link.
"""

import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infactor.financing.advances import funding
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance, FinancingRequest
from infactor.financing.origination import offers
from infactor.suppliers.models import Application, Membership
from infactor.users import roles
from infactor.verification.models import Verification
from tests.support.delivery import delivered
from tests.support.factories.suppliers import PASSWORD, CompanyFileFactory, MembershipFactory
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.scenarios.onboarding import published
from tests.support.scenarios.verification import token_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Stage:
    """A supplier that has only connected its books, on a running server, and the staff of infactor."""

    def __init__(self, address: str, membership: Membership | None = None) -> None:
        published()
        self.address = address
        membership = membership or MembershipFactory(supplier__name="Larkspur Coffee Roasters")
        membership.supplier.time_zone = settings.BUSINESS_TIME_ZONE  # one day for all, at whatever hour this runs
        membership.supplier.save(update_fields=["time_zone"])
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
        onboarding.approve(application, by=self.scenario.underwriter, at=timezone.now())
        onboarding.confirm_account(self.scenario.supplier, by=self.scenario.operations, at=timezone.now())
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
        money_out.confirm_all(self.scenario)


@pytest.fixture
def stage(live_server: object) -> Stage:
    cache.clear()
    return Stage(str(live_server))


def apply(page: Page, address: str, *, password: str = PASSWORD) -> None:
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
    page.get_by_label("Email address").fill("robin@example.com")
    page.get_by_role("button", name="Save and add a bank account").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Password").fill(password)
        page.get_by_role("main").get_by_role("button", name="Continue").click()
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


def ask_buyer(page: Page, address: str) -> None:
    page.goto(f"{address}/invoices/")
    expect(page.get_by_role("row", name="INV-7001")).to_contain_text("After your buyer confirms")
    page.get_by_role("link", name="INV-7001").click()
    page.get_by_role("button", name="Ask buyer to confirm").click()
    page.get_by_role("button", name="Approve and send").click()
    expect(page.get_by_role("status")).to_contain_text("We have sent the email to")


def answer_as_buyer(stage: Stage, context: BrowserContext) -> None:
    token = token_of(Verification.objects.get())
    page = context.new_page()
    page.goto(f"{stage.address}/buyer/{token}/")
    page.get_by_label("Approve in full").check()
    page.locator("#id_name").fill("Ann Payable")
    page.get_by_role("button", name="Submit response").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for your response")
    page.close()


def test_from_the_application_to_a_settled_invoice(stage: Stage, page: Page, context: BrowserContext) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.add_cookies([stage.cookie])  # type: ignore[list-item]

    page.goto(stage.address)
    apply(page, stage.address)
    stage.approve()

    # A buyer's first invoice needs the buyer's confirmation.
    ask_buyer(page, stage.address)
    answer_as_buyer(stage, context)
    stage.assess()

    page.goto(f"{stage.address}/")
    expect(page.get_by_role("main")).to_contain_text("$8,500.00")
    page.get_by_role("link", name="Request financing").first.click()
    page.get_by_role("textbox", name="How much do you need?").fill("8000")
    expect(page.get_by_role("heading", name="Our pick")).to_be_visible()
    page.get_by_role("button", name="Request $8,500.00").click()
    expect(page.get_by_role("status")).to_contain_text("We have received your request")

    stage.make_offer()
    page.goto(stage.address)
    page.get_by_role("link", name="Review offer").click()
    expect(page.get_by_role("main")).to_contain_text("0.5% for each 10 days after that, or part of them")
    page.get_by_role("button", name="Accept $8,500.00 now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted offer")

    stage.pay_out()
    page.get_by_role("link", name="Financing", exact=True).first.click()
    expect(page.get_by_role("heading", name="Funded in USD")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("$1,300.00")  # back, if paid when due in 40 days

    stage.collect_and_settle()
    page.get_by_role("link", name="Statement", exact=True).first.click()
    for said in ("Invoice purchased", "Your buyer paid", "Settled", "Paid to your account", "$9,850.00"):
        expect(page.get_by_role("main")).to_contain_text(said)
    page.get_by_role("link", name="Invoice INV-7001").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("INV-7001")
    expect(page.get_by_role("main")).to_contain_text("Completed")
    assert complaints == []


def sign_up(page: Page, address: str, *, password: str) -> Membership:
    page.goto(address)
    page.get_by_role("main").get_by_role("link", name="Create an account").click()
    page.get_by_label("Company name").fill("Blue Door Bakery")
    page.get_by_label("Email").fill("baker@bluedoor.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Check your")
    (path,) = re.findall(r"https?://[^/]+(/accounts/confirm-email/\S+)", str(delivered()[-1].body))
    page.goto(address + path)
    page.get_by_role("button", name="Confirm address").click()  # which signs in, too: it is the browser of the sign-up
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome, Blue Door Bakery")
    return Membership.objects.get(user__email="baker@bluedoor.example")


def test_without_javascript_from_signing_up_to_an_accepted_offer(live_server: object, browser: Browser) -> None:
    cache.clear()
    address, password = str(live_server), "nine-tall-lanterns"
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    stage = Stage(address, sign_up(page, address, password=password))
    page.goto(address)
    apply(page, address, password=password)
    stage.approve()
    ask_buyer(page, address)
    answer_as_buyer(stage, plain)
    stage.assess()

    page.goto(f"{address}/invoices/?financing=eligible")
    page.get_by_label("Select invoice INV-7001").check()
    page.get_by_role("button", name="Request financing").click()
    page.get_by_role("button", name="Request $8,500.00").click()
    expect(page.get_by_role("status")).to_contain_text("We have received your request")
    stage.make_offer()
    page.goto(f"{address}/financing/")
    page.get_by_role("link", name="Review offer").click()
    page.get_by_role("button", name="Accept $8,500.00 now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accepted offer")

    page.locator("summary", has_text="Blue Door Bakery").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/statement/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    plain.close()
