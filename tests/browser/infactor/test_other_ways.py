"""Buyers, suppliers and staff in other ways than with a mouse on a wide screen.

By keyboard alone, enlarged to 200%, without JavaScript, and with a finger on a phone. test_keyboard.py and
test_lifecycle.py of the dashboard hold the supplier's way to an advance by keyboard and without JavaScript.
"""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from infactor.financing import leaving
from infactor.financing.models import Advance, Collection, Offer, Payout
from infactor.suppliers.models import AccountClosing, Application
from infactor.users.models import User
from infactor.verification.models import Verification
from tests.support.assertions import accessibility
from tests.support.browsers.chromium import ChromiumPerson
from tests.support.browsers.keyboard import press, tab_to
from tests.support.factories.suppliers import PASSWORD
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.financing import build_scenario
from tests.support.scenarios.lifecycle import Lifecycle, add, build
from tests.support.scenarios.verification import ask, token_of

pytestmark = [pytest.mark.browser]
UNUSABLE = (Path(accessibility.__file__).parent / "unusable_controls.js").read_text()
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def lifecycle(module_server: str) -> Lifecycle:
    return build(now=timezone.now())


def sign_in(context: BrowserContext, user: User, server: str) -> None:
    context.clear_cookies()
    context.add_cookies([session_cookie(user, server)])  # type: ignore[list-item]


def asked(lifecycle: Lifecycle, number: str) -> Verification:
    """A question about one invoice to a buyer of whom nothing else is asked."""
    own = f"ap@{number.lower()}.example"  # one address opens all that is asked of it
    buyer = lifecycle.scenario.buyer(f"Buyer of {number}", email=own)
    return ask(add(lifecycle.scenario, buyer, number, "3100"), at=timezone.now(), to=own)


def test_a_buyer_answers_by_keyboard_alone(
    module_server: str, lifecycle: Lifecycle, page: Page, complaints: list[str]
) -> None:
    verification = asked(lifecycle, "INV-9401")
    page.goto(f"{module_server}/buyer/{token_of(verification)}/")
    press(page, page.get_by_label("Approve in full"), "Space")
    tab_to(page, page.locator("#id_name"))
    page.keyboard.type("Ann Payable")
    press(page, page.get_by_role("button", name="Submit response"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you for your response")
    assert Verification.objects.get(pk=verification.pk).status == Verification.Status.CONFIRMED


def test_staff_decide_by_keyboard_alone(
    module_server: str, lifecycle: Lifecycle, page: Page, context: BrowserContext, complaints: list[str]
) -> None:
    scenario = lifecycle.scenario
    buyer = lifecycle.todo.buyer
    assert buyer is not None
    request = scenario.request(add(scenario, buyer, "INV-9402", "1300"))
    sign_in(context, scenario.underwriter, module_server)
    page.goto(module_server + reverse("admin:index"))
    queue = page.get_by_role("region", name="Waiting for you").get_by_role("link", name="Requests to price")
    tab_to(page, queue)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(queue).to_be_focused()
    page.keyboard.press("Enter")
    press(page, page.get_by_role("link", name=f"Request {request.pk}", exact=True))
    press(page, page.get_by_role("link", name="Make an offer"))
    press(page, page.get_by_role("button", name="Preview", exact=True))
    press(page, page.get_by_role("button", name="Make an offer", exact=True))
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Offer.objects.filter(request=request).count() == 1


def test_at_200_percent_buyers_and_staff_can_use_everything(
    module_server: str, lifecycle: Lifecycle, browser: Browser
) -> None:
    scenario, found = lifecycle.scenario, []
    answered = asked(lifecycle, "INV-9403")
    advance = Advance.objects.filter(status=Advance.Status.FUNDED).earliest("pk")
    staff = [
        reverse("admin:index"),
        reverse("admin:financing_financingrequest_changelist"),
        reverse("admin:financing_financingrequest_offer", args=[lifecycle.request.pk]),
        reverse("admin:financing_advance_changelist"),
        reverse("admin:financing_advance_change", args=[advance.pk]),
        reverse("admin:financing_advance_fund", args=[lifecycle.accepted.pk]),
        reverse("admin:financing_advance_settle", args=[lifecycle.collected.pk]),
        reverse("admin:financing_collection_record"),
        reverse("admin:banking_statementline_matching"),
        reverse("admin:suppliers_application_change", args=[Application.objects.earliest("pk").pk]),
        reverse("admin:suppliers_supplier_change", args=[scenario.supplier.pk]),
        reverse("admin:verification_verification_phone", args=[advance.invoice_id]),
    ]
    enlarged = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    page = enlarged.new_page()
    for path in (f"/buyer/{token_of(answered)}/", "/buyer/nothing/"):
        page.goto(module_server + path)
        found += [f"{path}: {one}" for one in page.evaluate(UNUSABLE)]
    for user, paths in ((scenario.underwriter, staff[:3]), (scenario.operations, staff)):
        sign_in(enlarged, user, module_server)
        for path in paths:
            answer = page.goto(module_server + path)
            assert answer is not None
            assert answer.status in (200, 403), path
            found += [f"{path}: {one}" for one in page.evaluate(UNUSABLE)]
    enlarged.close()
    assert found == []


def test_without_javascript_staff_take_an_advance_from_request_to_settlement(
    module_server: str, lifecycle: Lifecycle, browser: Browser
) -> None:
    scenario = lifecycle.scenario
    buyer = lifecycle.todo.buyer
    assert buyer is not None
    request = scenario.request(add(scenario, buyer, "INV-9404", "1000"))
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()

    def confirm(button: str) -> None:
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".messagelist .success")).to_be_visible()

    sign_in(plain, scenario.underwriter, module_server)
    page.goto(module_server + reverse("admin:financing_financingrequest_change", args=[request.pk]))
    page.get_by_role("link", name="Make an offer").click()
    page.get_by_role("button", name="Preview", exact=True).click()
    confirm("Make an offer")
    (advance,) = scenario.accept(Offer.objects.get(request=request))

    sign_in(plain, scenario.operations, module_server)
    page.goto(module_server + reverse("admin:financing_advance_change", args=[advance.pk]))
    page.get_by_role("link", name="Pay out").click()
    confirm("Pay out")
    page.goto(module_server + reverse("admin:financing_collection_record"))
    page.get_by_label("Amount").first.fill("1000")
    page.get_by_label("Currency").fill("usd")
    page.get_by_label("Bank reference").fill("TRN-9404")
    page.get_by_label("Advance (optional)").first.fill("INV-9404")
    page.get_by_role("button", name="Preview").click()
    confirm("Record")
    assert Collection.objects.filter(bank_reference="TRN-9404").exists()
    page.goto(module_server + reverse("admin:financing_advance_change", args=[advance.pk]))
    page.get_by_role("link", name="Settle").first.click()
    confirm("Settle")

    sign_in(plain, scenario.approver, module_server)
    page.goto(module_server + reverse("admin:financing_payout_changelist"))
    payout = Payout.objects.filter(status=Payout.Status.PREPARED).latest("pk")
    page.locator(f"input[name=_selected_action][value='{payout.pk}']").check()
    page.get_by_label("Action:").select_option(label="Approve")
    page.get_by_role("button", name="Go").click()
    confirm("Approve")
    assert Payout.objects.get(pk=payout.pk).status == Payout.Status.APPROVED
    plain.close()


def test_without_javascript_a_supplier_changes_its_settings_and_leaves(
    module_server: str, lifecycle: Lifecycle, browser: Browser
) -> None:
    scenario = build_scenario(now=timezone.now(), name="Quill Bindery")
    owner = ChromiumPerson(browser, module_server, java_script_enabled=False)
    sign_in(owner.context, scenario.owner, module_server)
    owner.open("/settings/")
    owner.press("Open", then="What your application says")
    owner.open("/settings/people/")
    owner.fill("Email address", "kim@quill.example")
    owner.choose("Role", "finance")
    owner.press("Send invitation", then="Confirm your password")
    owner.fill("Password", PASSWORD)
    owner.press("Continue", then="kim@quill.example")
    owner.press("Two people accept offers", then="One owner is enough")
    owner.open("/settings/notifications/")
    owner.page.get_by_role("checkbox").first.uncheck()
    owner.press("Save", then="saved")
    expect(owner.page.get_by_role("checkbox").first).not_to_be_checked()
    owner.open("/settings/data/")
    owner.press("Prepare the export", then="Being prepared")
    owner.open("/settings/leave/")
    owner.fill("Why you leave", "We were sold.")
    owner.press("Close the account", then="You asked to close this account.")
    owner.press("Keep the account", then="Your account stays open.")
    owner.press("Close the account", then="You asked to close this account.")
    leaving.release(
        closing=AccountClosing.objects.latest("pk"),
        decision="Nothing is outstanding.",
        by=scenario.underwriter,
        at=timezone.now(),
    )
    owner.open("/settings/leave/")
    owner.press("Release letter", then="releases every claim")
    owner.close()


def test_with_a_finger_on_a_phone_a_buyer_answers_and_a_supplier_changes_its_settings(
    module_server: str, lifecycle: Lifecycle, browser: Browser
) -> None:
    verification = asked(lifecycle, "INV-9405")
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    buyer = ChromiumPerson(browser, module_server, **phone)
    buyer.open(f"/buyer/{token_of(verification)}/")
    buyer.tick("Approve in full")
    buyer.fill("Your name", "Ann Payable")
    buyer.press("Submit response", then="Thank you for your response")
    assert not buyer.page.evaluate(SIDEWAYS)

    owner = ChromiumPerson(browser, module_server, **phone)
    sign_in(owner.context, lifecycle.scenario.owner, module_server)
    owner.open("/")
    owner.press("Invoices", then="Search")
    owner.page.locator(".menu > summary").tap()
    owner.page.get_by_role("link", name="Settings", exact=True).tap()
    owner.reads("You work for this company with the role Owner.")
    for name, said in (
        ("People", "Invite somebody"),
        ("Notifications", "What we notify you about"),
        ("Security", "Sign-in and security"),
        ("Payoff and closing", "Payoff on the next 30 days"),
    ):
        owner.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).tap()
        owner.reads(said)
        assert not owner.page.evaluate(SIDEWAYS), name
    assert buyer.complaints == owner.complaints == []
    for person in (buyer, owner):
        person.close()
