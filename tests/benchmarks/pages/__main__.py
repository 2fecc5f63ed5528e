"""`make measure-pages`: walk every page of strangers, suppliers, buyers and staff, and judge what each shows and costs.

Limits are those of limits.py, and exit_code.py says how the command ends. Times are printed, with how loaded the
machine was beside them: of them only the largest contentful paint has a limit here.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

from playwright.sync_api import sync_playwright

from tests.benchmarks.exit_code import exit_code
from tests.benchmarks.load import Visitor
from tests.benchmarks.pages import browser, tables
from tests.benchmarks.pages.addresses import NotSeen, PageAddress
from tests.benchmarks.pages.limits import Measured
from tests.benchmarks.pages.site import MeasuredSite, measured_site
from tests.support.processes.production_site import HOST
from tests.support.processes.programs import chromium

REQUESTS = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages", description=__doc__)
    parser.add_argument("--only", default="", help="a regular expression, as in ^supplier.dashboard:inv")
    parser.add_argument("--data", default="", metavar="FOLDER", help="keep the filled database, and use it again")
    parser.add_argument("--json", metavar="FILE", help="write every figure and fault there")
    parser.add_argument("--write", action="store_true", help="write the summary into docs/benchmarks.md")
    asked = parser.parse_args()
    with measured_site(asked.data) as site:
        load = os.getloadavg()[0]
        measured, unseen = list[Measured](), list[NotSeen]()
        print(tables.HEAD, flush=True)
        try:
            for one in _measure_all(site, only=asked.only):
                if isinstance(one, NotSeen):
                    unseen.append(one)
                    continue
                measured.append(one)
                print(tables.line(one), flush=True)
        except KeyboardInterrupt:
            print("Stopped: the figures are those of the pages above.")
    summary = tables.summary(measured, unseen, load=(load, os.getloadavg()[0]))
    print("\n" + summary)
    for each in unseen:
        print(f"not seen: {each.who} {each.name}, answered {', '.join(map(str, each.statuses))}")
    if asked.json:
        with open(asked.json, "w") as file:
            json.dump([asdict(one) | {"faults": one.faults()} for one in measured], file, indent=1)
    if asked.write:
        tables.write(summary, mark="pages")
    return exit_code([f"{one.address.who} {one.address.name}: {fault}" for one in measured for fault in one.missed()])


def _measure_all(site: MeasuredSite, *, only: str) -> Iterator[Measured | NotSeen]:
    from tests.benchmarks.pages.walk import pages
    from tests.browser.conftest import ARGUMENTS

    arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        for number, address in enumerate(pages(site, only=only)):
            if isinstance(address, NotSeen):
                yield address
                continue
            site.people[address.who].refresh()
            one = Measured(address, browser.look(started, site, address), queries=_queries(site, address))
            _time(site, one, visitor=number)
            yield one
        started.close()


def _queries(site: MeasuredSite, address: PageAddress) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        site.people[address.who].client.get(address.path)
    return len(captured)


def _time(site: MeasuredSite, one: Measured, *, visitor: int) -> None:
    """Ask for the page over the network, each page from an address of its own as limits count by address."""
    asking = Visitor(site.port, number=1 + visitor % 250, cookie=site.people[one.address.who].cookie)
    for _ in range(REQUESTS):
        began = time.perf_counter()
        if asking.ask(one.address.path) == 200:
            one.seconds.append(time.perf_counter() - began)
        else:
            one.refused += 1
    one.seconds.sort()


if __name__ == "__main__":
    sys.exit(main())
