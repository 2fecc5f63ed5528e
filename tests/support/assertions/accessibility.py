"""Checks a page with axe-core against WCAG 2.0 to 2.2, A and AA, at every width, light and dark."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# The rules that depend on colours; every other rule gives the same result in dark mode.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
# The rules that depend on layout; a phone and a wide screen show the same elements.
PLACES = {"runOnly": ["target-size", "scrollable-region-focusable", "color-contrast"], "resultTypes": ["violations"]}
WIDTHS = {
    320: (("light", RULES), ("dark", COLOURS)),
    768: (("light", PLACES),),
    1440: (("light", RULES), ("dark", COLOURS)),
}


def accessibility_faults(page: Page, address: str) -> list[str]:
    """Every broken rule on one page, at every width, light and dark, and everything that scrolls sideways."""
    found = []
    page.goto(address)
    expect(page.locator("[hx-trigger=load]")).to_have_count(0)
    page.evaluate(Axe().axe_script)
    for width, runs in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in runs:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            result = page.evaluate("rules => axe.run(document, rules)", rules)
            for violation in result["violations"]:
                nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                found.append(f"{address} {width} {scheme}: {violation['id']}: {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address} {width}: scrolls sideways")
    return found
