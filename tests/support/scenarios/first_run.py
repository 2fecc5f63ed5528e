"""The first run of a new supplier in a browser, as a person makes it: sign up, confirm, connect, see the invoices.

Machine seconds are measured. A person's are estimated by the keystroke-level model of Card, Moran and Newell (1980):
what a click, a field and a key take somebody who has seen such a page before, and types 40 words a minute.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

KEY, POINT, PRESS, TO_KEYBOARD, THINK = 0.28, 1.10, 0.20, 0.40, 1.35  # seconds: K, P, B twice, H, M of the model
PATIENCE = 60_000  # milliseconds
PASSWORD = "nine-tall-lanterns"
INTUIT_PASSWORD = "larkspur"


@dataclass
class Step:
    """One step: seconds of the machine, and what the person does in it."""

    name: str
    machine: float = 0.0
    clicks: int = 0
    fields: int = 0
    keys: int = 0

    @property
    def person(self) -> float:
        """The person's seconds by the model."""
        per_field = THINK + POINT + PRESS + 2 * TO_KEYBOARD
        return self.clicks * (THINK + POINT + PRESS) + self.fields * per_field + self.keys * KEY


@dataclass
class FirstRun:
    """Counts what a person does, while it does it."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.steps.append(Step(name))
        began = time.monotonic()
        yield
        self.steps[-1].machine = time.monotonic() - began

    def fill(self, where: Locator, text: str) -> None:
        """Click into a field and type."""
        where.click()
        where.press("ControlOrMeta+a")
        where.press_sequentially(text)
        self.steps[-1].fields += 1
        self.steps[-1].keys += len(text)

    def enter(self, where: Locator) -> None:
        """Send the form with the Enter key, from its last field."""
        self.steps[-1].keys += 1
        where.press("Enter")

    def click(self, where: Locator) -> None:
        self.steps[-1].clicks += 1
        where.click()

    @property
    def seconds(self) -> float:
        """From sign-up to the first invoices on Home."""
        return sum(one.machine + one.person for one in self.steps)


def play(context: BrowserContext, *, address: str, mails: Path, email: str, company: str = "") -> FirstRun:
    """Make the first run at `address`, whose mails lie in the folder `mails`, with a QuickBooks company that is free.

    Without the name of a `company` it is the first one. Fails where a page does not do what it should.
    """
    run = FirstRun()
    page = context.new_page()
    with run.step("Sign up"):
        page.goto(address)
        run.click(page.get_by_role("main").get_by_role("link", name="Create an account").first)
        run.fill(page.get_by_label("Company name"), "Larkspur Coffee Roasters")
        run.fill(page.get_by_label("Email"), email)
        run.fill(page.get_by_label("Password"), PASSWORD)
        run.enter(page.get_by_label("Password"))
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Check your e-?mail"), timeout=PATIENCE)
    with run.step("Confirm the address"):
        link = _wait_for(lambda: _link(mails, email=email))
        run.steps[-1].clicks += 2  # to the mail program, and the link in the mail
        page.goto(link)
        run.click(page.get_by_role("button", name="Confirm address"))
        expect(page.get_by_role("heading", name="Get your first advance")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("#checklist")).to_contain_text("1 of 5 done")
    with run.step("Connect QuickBooks"):
        button = page.locator("#quickbooks-card").get_by_role("button", name="Connect QuickBooks")
        button.wait_for(timeout=PATIENCE)
        with page.expect_popup() as opening:
            run.click(button)
        popup = opening.value
        run.fill(popup.get_by_label("Email"), email)
        run.fill(popup.get_by_label("Password"), INTUIT_PASSWORD)
        run.click(popup.get_by_role("button", name="Sign in"))
        connect = popup.get_by_role("button", name="Connect")
        connect.wait_for(timeout=PATIENCE)
        if company:
            run.click(popup.get_by_label(company))
        with popup.expect_event("close", timeout=PATIENCE):
            run.click(connect)
    with run.step("First import on Home"):
        _see_invoices(page)
    return run


def report(run: FirstRun) -> str:
    """The run as a table, with its sums."""
    head = f"{'step':<24}{'clicks':>7}{'fields':>7}{'keys':>6}{'machine s':>11}{'person s':>10}"
    rows = [
        f"{one.name:<24}{one.clicks:>7}{one.fields:>7}{one.keys:>6}{one.machine:>11.1f}{one.person:>10.1f}"
        for one in run.steps
    ]
    total = Step(
        "Sum",
        sum(one.machine for one in run.steps),
        sum(one.clicks for one in run.steps),
        sum(one.fields for one in run.steps),
        sum(one.keys for one in run.steps),
    )
    rows.append(
        f"{total.name:<24}{total.clicks:>7}{total.fields:>7}{total.keys:>6}{total.machine:>11.1f}{total.person:>10.1f}"
    )
    return "\n".join([head, *rows, f"Together: {run.seconds:.0f} seconds"])


def _see_invoices(page: Page) -> None:
    """The page fills by itself: invoices, and the step of the checklist."""
    expect(page.get_by_role("heading", name="Newest invoices")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#checklist")).to_contain_text("2 of 5 done", timeout=PATIENCE)


def _link(mails: Path, *, email: str) -> str:
    """The link of the mail to `email` that confirms the address; "" if there is none yet."""
    for file in sorted(mails.glob("*.eml"), reverse=True):
        message = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        if email in str(message["To"]) and body is not None:
            found = re.search(r"https?://\S+/accounts/confirm-email/\S+", body.get_content())
            if found:
                return found[0]
    return ""


def _wait_for(find: Callable[[], str]) -> str:
    give_up_at = time.monotonic() + PATIENCE / 1000
    while not (found := find()):
        assert time.monotonic() < give_up_at, "no mail came"
        time.sleep(0.1)
    return found
