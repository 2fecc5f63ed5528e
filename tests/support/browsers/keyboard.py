"""Pages worked by keyboard alone: only Tab, Enter and Space are pressed, besides typing.

Each control on the way that has the focus shows it, and lets it go again.
"""

from playwright.sync_api import Locator, Page, expect

from tests.support.browsers.chromium import ChromiumPerson

MOST = 200  # presses of Tab until something is reached; no page has as many controls before its main button
# Of the focused control: whether a ring shows it, it is in sight, and it had the focus before. None if nothing has it.
FOCUS = """
() => {
  const node = document.activeElement;
  if (!node || node === document.body) return window.focusedBefore = null;
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  const stays = window.focusedBefore === node;
  window.focusedBefore = node;
  const parts = ["date", "time"].includes(node.type);  // day, month and year are stops of their own within one field
  return {name: node.outerHTML.slice(0, 120), ring, seen, stays: stays && !parts};
}
"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus. Every stop on the way shows that it has it, and none keeps it."""
    expect(wanted).to_be_attached()  # the page that the last key led to
    page.wait_for_load_state()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is None:  # the end of the page: the browser's own controls
            continue
        assert at["ring"], f"nothing shows the focus: {at['name']}"
        assert at["seen"], f"the focus is out of sight: {at['name']}"
        if wanted.evaluate("node => node === document.activeElement"):
            return
        assert not at["stays"], f"the focus is trapped: {at['name']}"
    raise AssertionError(f"Tab does not reach {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


class KeyboardPerson(ChromiumPerson):
    """Somebody in Chromium who has no mouse. See Person."""

    def _touch(self, wanted: Locator) -> None:
        is_box = wanted.get_attribute("type") in ("checkbox", "radio")
        press(self.page, wanted, "Space" if is_box else "Enter")

    def fill(self, label: str, text: str) -> None:
        tab_to(self.page, self.field(label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str) -> None:
        """Type the name of the option, which a closed list follows."""
        choice = self.field(label)
        tab_to(self.page, choice)
        self.page.keyboard.type(choice.locator(f"option[value={option}]").inner_text())
        expect(choice).to_have_value(option)
