"""A person in Chromium, by Playwright."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

from infactor.users.models import User
from tests.support.scenarios.browser_site import session_cookie

UNTIL_STILL = """() => new Promise(done => {
  let last = null;
  const look = () => { if (scrollY === last) done(); else { last = scrollY; setTimeout(look, 200); } };
  look();
})"""


class ChromiumPerson:
    """See Person. `given` are Playwright's options of the context, such as a phone's, or no JavaScript."""

    def __init__(self, browser: Browser, address: str, **given: object) -> None:
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(**given)  # type: ignore[arg-type]
        self.address = address
        self.has_touch = bool(given.get("has_touch"))
        self.page: Page = self._watch(self.context.new_page())

    def _watch(self, page: Page) -> Page:
        page.set_default_timeout(60_000)
        page.on("console", lambda message: self.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def control(self, name: str) -> Locator:
        """The link or button whose name begins so, of the main part before that of the navigation."""
        beginning = re.compile("^" + re.escape(name))
        found = []
        for part in (self.page.get_by_role("main"), self.page.get_by_role("navigation")):
            found += [part.get_by_role(role, name=beginning) for role in ("button", "link")]  # type: ignore[arg-type]
        self.page.wait_for_load_state()
        expect(found[0].or_(found[1]).or_(found[2]).or_(found[3]).first).to_be_visible()
        return next(one for one in found if one.filter(visible=True).count()).filter(visible=True).first

    def field(self, label: str) -> Locator:
        """The visible field with this label, else the first whose label begins so."""
        begun, whole = (
            self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}{end}")).filter(visible=True).first
            for end in ("", r"\s*$")
        )
        begun.wait_for()
        return whole if whole.count() else begun

    def sign_in(self, user: User) -> None:
        self.context.clear_cookies()
        self.context.add_cookies([session_cookie(user, self.address)])  # type: ignore[list-item]

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, name: str, *, then: str = "") -> None:
        self._touch(self.control(name))
        if then:
            self.reads(then)

    def _touch(self, wanted: Locator) -> None:
        if self.has_touch:
            wanted.scroll_into_view_if_needed()
            self.page.evaluate(UNTIL_STILL)  # a finger on a page that still moves only stops it
            wanted.tap()
        else:
            wanted.click()

    def fill(self, label: str, text: str) -> None:
        self.field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        self.field(label).select_option(option)

    def tick(self, label: str) -> None:
        box = self.field(label)
        if not box.is_checked():
            self._touch(box)
        expect(box).to_be_checked()

    def reads(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.get_by_role("main")).to_contain_text(text, timeout=60_000)

    def reads_one_of(self, *texts: str) -> str:
        main = self.page.get_by_role("main")
        expect(main).to_contain_text(re.compile("|".join(map(re.escape, texts))), timeout=60_000)
        return next(text for text in texts if text in main.inner_text())

    @contextmanager
    def window(self, opened_by: str) -> Iterator[None]:
        below = self.page
        with below.expect_popup() as opening:
            self._touch(self.control(opened_by))
        self.page = self._watch(opening.value)
        yield
        self.page = below

    def press_last(self, name: str) -> None:
        with self.page.expect_event("close"), suppress(Error):  # it may be gone before the press is reported
            self._touch(self.control(name))

    def close(self) -> None:
        self.context.close()
