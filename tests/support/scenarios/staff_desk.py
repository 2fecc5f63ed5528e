"""The browser of staff on a running server: they sign in, go to a queue, decide about many rows, upload a file."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect

from infactor.financing.collections import matching_runs
from infactor.users.models import User
from tests.support.scenarios.browser_site import session_cookie
from tests.support.scenarios.operations_day import OperationsDay


@dataclass
class Desk:
    """`complaints` are the errors that the browser reports."""

    address: str
    context: BrowserContext
    day: OperationsDay
    page: Page
    complaints: list[str]
    pictures: int = 0

    def sign_in(self, user: User) -> None:
        self.context.clear_cookies()
        self.context.add_cookies([session_cookie(user, self.address)])  # type: ignore[list-item]

    def home(self) -> Locator:
        """The home page: what waits for whoever is signed in."""
        self.page.goto(f"{self.address}/admin/")
        return self.page.get_by_role("region", name="Waiting for you")

    def queue(self, name: str) -> None:
        self.home().get_by_role("link", name=name, exact=True).click()

    def confirm(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()
        expect(self.page.locator(".messagelist .success")).to_be_visible()

    def choose(self, action: str) -> None:
        """Tick every row of the list, and open the page of an action about them."""
        self.page.locator("#action-toggle").check()
        self.page.get_by_label("Action:").select_option(label=action)
        self.page.get_by_role("button", name="Go").click()

    def shot(self, name: str) -> None:
        """Save pictures, if the environment names a folder for them. No page may scroll sideways."""
        self.pictures += 1
        self.page.wait_for_load_state()  # a click may have begun to lead elsewhere
        folder = os.environ.get("SCREENSHOTS")
        for width in (320, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            if folder:
                self.page.screenshot(path=f"{folder}/{self.pictures:02}-{name}-{width}.png", full_page=True)
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not self.page.evaluate(wide), f"{name} at {width}"

    def upload(self, folder: Path, name: str, content: bytes) -> None:
        file = folder / name
        file.write_bytes(content)
        self.page.goto(f"{self.address}/admin/banking/statementfile/")
        self.page.get_by_role("link", name="Import a statement").click()
        self.page.get_by_label("File").set_input_files(file)
        self.page.get_by_role("button", name="Preview", exact=True).click()
        expect(self.page.get_by_role("button", name="Import", exact=True)).to_be_visible()


def work_on_matching() -> None:
    """What a worker does, which no test of a browser has."""
    while runs := matching_runs.unfinished(at=timezone.now()):
        for run_id in runs:
            matching_runs.work(run_id=run_id, at=timezone.now())
