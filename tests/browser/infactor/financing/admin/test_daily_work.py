"""Staff price, fund, collect and settle an advance in a browser, with a payment by hand and a bank statement."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from infactor.banking import statement_files
from infactor.banking.models import StatementLine
from infactor.financing.collections import matching_runs
from infactor.financing.models import Advance, MatchingRun, Offer
from infactor.users.models import User
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.onboarding import published
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
CUT_OFF = "[...document.querySelectorAll('.results')].some(list => list.scrollWidth > list.clientWidth)"
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}


@dataclass
class StaffBrowser:
    """The financing scenario on a running server, and a cookie for each member of staff."""

    address: str
    scenario: Scenario
    cookies: dict[int, tuple[str, str]]
    request: int
    out: int
    unmatched: int
    terms: int
    account: int
    file: int
    line: int
    console_errors: list[str] = field(default_factory=list)

    def sign_in(self, context: BrowserContext, user: User) -> Page:
        name, value = self.cookies[user.pk]
        context.clear_cookies()
        context.add_cookies([{"name": name, "value": value, "url": self.address}])
        page = context.new_page()
        page.on(
            "console", lambda message: self.console_errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: self.console_errors.append(str(error)))
        return page


@pytest.fixture
def staff_browser(live_server: object) -> StaffBrowser:
    cache.clear()
    published()
    scenario = build_scenario(now=timezone.now())
    terms = scenario.terms()
    cookies = {}
    for user in (scenario.underwriter, scenario.operations):
        client = Client()
        client.force_login(user)
        ((name, cookie),) = client.cookies.items()
        cookies[user.pk] = (name, cookie.value)
    request = scenario.request(scenario.invoice(scenario.buyer("Northwind"), invoice_no="INV-1"))
    waiting = scenario.funded(scenario.invoice(scenario.buyer("Café <b>Ñandú</b>"), invoice_no="INV-2", face="500"))
    scenario.pay(waiting, "100.00")
    unmatched = scenario.pay(None, "7.00", remittance="INV-2")
    account = house_account(scenario.operations, scenario.now)
    given = {"account": account, "by": scenario.operations, "at": scenario.now}
    import_file(csv_statement(f"{scenario.today};900.00;;Café <b>Ñandú</b>;INV-2 and others;"), **given)
    matching_runs.start(kind=MatchingRun.Kind.FIND, by=scenario.operations, at=scenario.now)
    _work_on_matching(scenario)
    waits = csv_statement(f"{scenario.today};5.00;;Somebody;?;", "bad line")
    file = statement_files.upload(name="waits.csv", data=waits, **given)
    line = StatementLine.objects.get()
    ids = (request.pk, waiting.pk, unmatched.pk, terms.pk, account.pk, file.pk, line.pk)
    return StaffBrowser(str(live_server), scenario, cookies, *ids)


def _work_on_matching(scenario: Scenario) -> None:
    """What a worker does, which no test of a browser has."""
    for run_id in matching_runs.unfinished(at=scenario.now):
        matching_runs.work(run_id=run_id, at=scenario.now)


def confirm(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def test_an_invoice_goes_through_the_hands_of_staff(
    staff_browser: StaffBrowser, tmp_path: Path, context: BrowserContext
) -> None:
    scenario = staff_browser.scenario
    page = staff_browser.sign_in(context, scenario.underwriter)
    page.goto(f"{staff_browser.address}/admin/")
    mine = page.get_by_role("region", name="Waiting for you")
    expect(mine.get_by_role("row", name="Requests to price")).to_contain_text("$1,000.00")
    mine.get_by_role("link", name="Requests to price").click()
    page.get_by_role("link", name=f"Request {staff_browser.request}").click()
    page.get_by_text("Invoice INV-1: every rule").click()
    expect(page.get_by_role("row", name="Buyer's payment history")).to_be_visible()
    page.get_by_role("link", name="Make an offer").click()
    expect(page.get_by_role("checkbox", name="Invoice INV-1")).to_be_checked()
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_role("row", name="The supplier gets now")).to_contain_text("$850.00")
    confirm(page, "Make an offer")
    page.goto(f"{staff_browser.address}/admin/")
    expect(mine.get_by_role("row", name="Requests to price")).to_have_count(0)

    scenario.accept(Offer.objects.latest("pk"))
    page = staff_browser.sign_in(context, scenario.operations)
    page.goto(f"{staff_browser.address}/admin/")
    mine = page.get_by_role("region", name="Waiting for you")
    mine.get_by_role("link", name="Accepted advances to pay out").click()
    page.get_by_role("row", name="INV-1").get_by_role("link").first.click()
    number = page.url.split("/")[-3]
    page.get_by_role("link", name="Pay out").click()
    expect(page.get_by_role("row", name="To the account")).to_contain_text("••••6789")
    confirm(page, "Pay out")

    page.goto(f"{staff_browser.address}/admin/")
    mine.get_by_role("link", name="Record a payment").click()
    page.get_by_label("Amount").first.fill("600")
    page.get_by_label("Currency").fill("usd")
    page.get_by_label("Bank reference").fill("TRN-1")
    page.get_by_label("Advance (optional)").first.fill("inv-none")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("There is no advance inv-none")).to_be_visible()
    page.get_by_label("Advance (optional)").first.fill("INV-1")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row", name="Buyer's payment of a financed invoice")).to_contain_text("$400.00")
    confirm(page, "Record")

    file = tmp_path / "statement.csv"
    today = scenario.today.isoformat()
    file.write_text(f"date;amount;details\n{today};400.00;A{number}\n{today};x;A{number}\n{today};-9.00;fee\n")
    page.get_by_role("link", name="Import a statement").click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("House account (optional)").select_option(label="Operating USD, USD")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_role("region", name="Refused")).to_contain_text("line 3")
    confirm(page, "Import")
    _work_on_matching(scenario)
    page.goto(f"{staff_browser.address}/admin/")
    mine.get_by_role("link", name="Statement lines to match").click()
    expect(page.get_by_role("region", name="Certain")).to_contain_text("the amount is exactly what is open")
    page.get_by_role("button", name="Accept 1 certain line").click()
    expect(page.get_by_text("Accept the certain lines: 0 of 1 line.")).to_be_visible()
    _work_on_matching(scenario)
    expect(page.get_by_text("No line is certain.")).to_be_visible()  # the page loads itself again
    page.get_by_role("region", name="Debits to explain").get_by_role("link").click()
    page.get_by_role("link", name="Charge, capital, transfer").click()
    page.get_by_label("Kind").select_option(label="Bank charge, or its refund")
    confirm(page, "Post")

    page.goto(f"{staff_browser.address}/admin/")
    mine.get_by_role("link", name="Collected advances to settle").click()
    page.get_by_role("row", name="INV-1").get_by_role("link").first.click()
    page.get_by_role("link", name="Settle").click()
    expect(page.get_by_role("row", name="Fee", exact=False).first).to_be_visible()
    confirm(page, "Settle")
    assert Advance.objects.get(pk=number).status == Advance.Status.SETTLED
    assert staff_browser.console_errors == []


def test_pages_of_financing_break_no_rule_and_fit_a_telephone(
    staff_browser: StaffBrowser, context: BrowserContext
) -> None:
    page = staff_browser.sign_in(context, staff_browser.scenario.operations)
    paths = [
        "",
        "financing/advance/",
        f"financing/advance/{staff_browser.out}/change/",
        f"financing/advance/{staff_browser.out}/write_off/",
        "financing/collection/",
        f"financing/collection/{staff_browser.unmatched}/match/",
        f"financing/collection/record/?advance={staff_browser.out}",
        "banking/houseaccount/",
        f"banking/houseaccount/{staff_browser.account}/change/",
        f"banking/houseaccount/{staff_browser.account}/reconcile/",
        f"banking/houseaccount/{staff_browser.account}/move/",
        "banking/statementfile/import/",
        f"banking/statementfile/{staff_browser.file}/confirm/",
        f"banking/statementfile/{staff_browser.file}/layout/",
        "banking/statementline/",
        "banking/statementline/matching/",
        f"banking/statementline/{staff_browser.line}/change/",
        f"banking/statementline/{staff_browser.line}/match/",
        f"banking/statementline/{staff_browser.line}/booked/",
        "financing/payout/balances/",
    ]
    found = _faults(page, [f"{staff_browser.address}/admin/{path}" for path in paths])
    page = staff_browser.sign_in(context, staff_browser.scenario.underwriter)
    paths = [
        f"financing/financingrequest/{staff_browser.request}/change/",
        f"financing/financingrequest/{staff_browser.request}/offer/",
        f"financing/fundingterms/add/?from={staff_browser.terms}",
        "financing/limit/add/",
        "financing/override/add/",
    ]
    found += _faults(page, [f"{staff_browser.address}/admin/{path}" for path in paths])
    assert found == []


def test_a_buyer_is_chosen_in_a_window_of_its_own(staff_browser: StaffBrowser, context: BrowserContext) -> None:
    page = staff_browser.sign_in(context, staff_browser.scenario.underwriter)
    page.goto(f"{staff_browser.address}/admin/financing/override/add/")
    with page.expect_popup() as opened:
        page.locator("#lookup_id_buyer").click()
    buyer = opened.value.get_by_role("link", name="Northwind")
    # The click closes its own window.
    with opened.value.expect_event("close"):
        buyer.evaluate("link => setTimeout(() => link.click())")
    expect(page.get_by_label("Buyer (optional)")).not_to_have_value("")
    page.get_by_label("Reason").fill("They are well known.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Summary")).to_contain_text("Northwind")


def _faults(page: Page, addresses: list[str]) -> list[str]:
    found = []
    for address in addresses:
        page.goto(address)
        page.evaluate(Axe().axe_script)
        for width, scheme, rules in ((1280, "light", RULES), (320, "light", RULES), (320, "dark", COLOURS)):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            for violation in page.evaluate("rules => axe.run(document, rules)", rules)["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{address} {width} {scheme}: {violation['id']}: {nodes}")
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{address} {width}: scrolls sideways")
            if width == 1280 and page.evaluate(CUT_OFF):
                found.append(f"{address} {width}: the list is cut off")
    return found
