"""What a browser sees of one page: axe, errors, weights, layout shift, what scrolls sideways, requests elsewhere."""

import gzip
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Response, expect

from tests.benchmarks.pages.addresses import PageAddress
from tests.benchmarks.pages.site import MeasuredSite
from tests.support.assertions.accessibility import COLOURS, RULES
from tests.support.processes.production_site import HOST

WIDTHS = (320, 768, 1440)
# Of the page itself, before axe is loaded. Shifts after a click or a key are wanted, so they do not count.
OBSERVE = """
window.measured = {csp: [], shift: 0, moved: [], paint: 0};
document.addEventListener("securitypolicyviolation", event =>
  window.measured.csp.push(`${event.violatedDirective} ${event.blockedURI}`));
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  if (entry.hadRecentInput) return;
  window.measured.shift += entry.value;
  entry.sources.forEach(one => window.measured.moved.push((one.node?.outerHTML ?? "gone").slice(0, 80)));
})).observe({type: "layout-shift", buffered: true});
new PerformanceObserver(list => list.getEntries().forEach(entry => {
  window.measured.paint = entry.startTime;
})).observe({type: "largest-contentful-paint", buffered: true});
"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass
class Seen:
    """Sizes are bytes after gzip, `shift` is without a unit, `paint` milliseconds until the largest content."""

    axe: list[str] = field(default_factory=list)
    csp: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    sideways: list[int] = field(default_factory=list)
    html: int = 0
    own_js: int = 0
    all_js: int = 0
    css: int = 0
    shift: float = 0
    moved: list[str] = field(default_factory=list)
    paint: float = 0


def look(browser: Browser, site: MeasuredSite, page_address: PageAddress) -> Seen:
    """Open the page with an empty cache, as who asks for it. What a browser cannot do is a fault of the page."""
    seen = Seen()
    context = browser.new_context(ignore_https_errors=True, viewport={"width": 1440, "height": 900})
    context.add_cookies(site.cookies(page_address.who))  # type: ignore[arg-type]
    context.add_init_script(OBSERVE)
    try:
        _look(context.new_page(), site, page_address, seen)
    except (Error, AssertionError) as error:
        seen.errors.append(str(error).partition("\n")[0])
    context.close()
    return seen


def _look(page: Page, site: MeasuredSite, page_address: PageAddress, seen: Seen) -> None:
    responses = list[Response]()
    page.on("response", lambda response: responses.append(response))
    page.on("console", lambda one: seen.errors.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    answer = page.goto(site.address + page_address.path, wait_until="load")
    if answer is None or answer.status != page_address.status:
        seen.errors.append(f"answers {answer and answer.status}, not {page_address.status}")
    expect(page.locator("[hx-trigger=load]")).to_have_count(0, timeout=60_000)
    page.wait_for_load_state("networkidle")
    measured = page.evaluate("window.measured")
    seen.csp, seen.paint = measured["csp"], measured["paint"]
    seen.shift, seen.moved = measured["shift"], measured["moved"]
    for response in responses:
        _weigh(response, seen)
    _check(page, seen)


def _weigh(response: Response, seen: Seen) -> None:
    address = urlsplit(response.url)
    if address.scheme in ("http", "https") and address.hostname != HOST:
        seen.elsewhere.append(response.url)
    kind = response.request.resource_type
    if kind not in ("document", "script", "stylesheet"):
        return
    try:
        size = len(gzip.compress(response.body(), 6))
    except Error:  # a redirect has no body
        return
    if kind == "document":
        seen.html = size
    elif kind == "stylesheet":
        seen.css += size
    else:
        seen.all_js += size
        seen.own_js += size if address.path.startswith("/static/js/") else 0


def _check(page: Page, seen: Seen) -> None:
    """axe at every width, light and dark. What does not depend on colours is the same in dark."""
    before = len(seen.errors)
    page.evaluate(Axe().axe_script)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, rules in (("light", RULES), ("dark", COLOURS)):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            result: Any = page.evaluate("rules => axe.run(document, rules)", rules)
            for violation in result["violations"]:
                nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:2])
                seen.axe.append(f"{width} {scheme} {violation['id']}: {nodes}")
        if page.evaluate(SIDEWAYS):
            seen.sideways.append(width)
    del seen.errors[before:]  # of axe itself
