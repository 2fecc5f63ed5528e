"""`make picture-pages`: take every page of strangers, suppliers, buyers and staff as pictures, on a phone and a desk.

Judges nothing: a person looks. `--folder` twice, before and after a change, gives the same file names for both.
"""

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from tests.benchmarks.pages.addresses import NotSeen, PageAddress
from tests.benchmarks.pages.site import MeasuredSite, measured_site
from tests.support.processes.production_site import HOST
from tests.support.processes.programs import chromium

WIDTHS = (320, 1440)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("var/page-pictures"), help="where the pictures go")
    parser.add_argument("--only", default="", help="a regular expression, as in ^supplier.dashboard:inv")
    parser.add_argument("--data", default="", metavar="FOLDER", help="keep the filled database, and use it again")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with measured_site(asked.data) as site:
        failed = _take_all(site, folder=asked.folder, only=asked.only, scheme=asked.scheme)
    print(f"Pictures of every page: {asked.folder}")
    return int(bool(failed))


def _take_all(site: MeasuredSite, *, folder: Path, only: str, scheme: str) -> list[str]:
    from tests.benchmarks.pages.walk import pages
    from tests.browser.conftest import ARGUMENTS

    taken, failed = dict[str, int](), list[str]()
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        opened = {who: _page(browser, site, who, scheme=scheme) for who in site.people}
        for address in pages(site, only=only):
            if isinstance(address, NotSeen):
                print(f"not seen: {address.who} {address.name}")
                continue
            site.people[address.who].refresh()
            name = re.sub(r"[^a-z0-9]+", "-", f"{address.who} {address.name}".lower())
            taken[name] = taken.get(name, 0) + 1
            try:
                _take(opened[address.who], site, address, to=folder / f"{name}-{taken[name]}")
            except (Error, AssertionError) as error:
                failed.append(name)
                print(f"no picture of {name}: {str(error).partition(chr(10))[0]}")
        browser.close()
    return failed


def _page(browser: Browser, site: MeasuredSite, who: str, *, scheme: str) -> Page:
    context = browser.new_context(
        ignore_https_errors=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.add_cookies(site.cookies(who))  # type: ignore[arg-type]
    return context.new_page()


def _take(page: Page, site: MeasuredSite, address: PageAddress, *, to: Path) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(site.address + address.path, wait_until="load")
        expect(page.locator("[hx-trigger=load]")).to_have_count(0, timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=f"{to}-{width}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
