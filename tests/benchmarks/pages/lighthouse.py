"""`make measure-lighthouse`: Lighthouse on every page of strangers and suppliers, as a desktop and as a phone.

The limit is 95 in every category, and exit_code.py says how the command ends. The score of performance is that of
simulated networks and processors; where it is too low the page is run twice more, and the median counts, as other work
slows a machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from tests.benchmarks.exit_code import exit_code
from tests.benchmarks.pages import tables
from tests.benchmarks.pages.addresses import NotSeen, PageAddress
from tests.benchmarks.pages.site import STRANGER, SUPPLIER, MeasuredSite, measured_site
from tests.support.processes.devserver import ROOT
from tests.support.processes.production_site import COOKIE, HOST
from tests.support.processes.programs import chromium

FOLDER = ROOT / "tests" / "benchmarks" / "pages" / "node"
LEAST = 95
TRIES = 3  # a trace is sometimes incomplete on a loaded machine
FORMS = ("desktop", "mobile")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--ignore-certificate-errors",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
)
# No search engine may list a page that needs a session, so it is right that none may.
PRIVATE = ["is-crawlable"]


@dataclass
class Scored:
    """Scores from 0 to 100, medians where performance was run three times; `lost` are the audits that took points."""

    name: str
    path: str
    who: str
    form: str
    scores: dict[str, float]
    lost: list[str]

    @property
    def low(self) -> list[str]:
        return [name for name, score in self.scores.items() if score < LEAST]


class Runner:
    """Lighthouse in one process with one browser."""

    def __init__(self, process: subprocess.Popen[str], site: MeasuredSite) -> None:
        self._process, self._site = process, site

    def score(self, page: PageAddress, form: str) -> Scored:
        given = self._run(page, form)
        runs = [given]
        if given["scores"]["performance"] < LEAST:
            runs += [self._run(page, form), self._run(page, form)]
        scores = {name: median(run["scores"][name] for run in runs) for name in CATEGORIES}
        return Scored(page.name, page.path, page.who, form, scores, runs[-1]["lost"])

    def _run(self, page: PageAddress, form: str) -> dict[str, Any]:
        person = self._site.people[page.who]
        person.refresh()
        wanted = {
            "url": self._site.address + page.path,
            "headers": {"Cookie": f"{COOKIE}={person.cookie}"} if person.cookie else {},
            "form": form,
            "skip": PRIVATE if person.cookie else [],
        }
        for _ in range(TRIES):
            answer = self._ask(wanted)
            if not answer["error"]:
                return answer
        raise SystemExit(f"Lighthouse cannot measure {page.name}: {answer['error']}")

    def _ask(self, wanted: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or '{"error": "it ended"}')
        return answer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pages.lighthouse", description=__doc__)
    parser.add_argument("--only", default="", help="a regular expression, as in ^supplier.dashboard:inv")
    parser.add_argument("--form", choices=FORMS, help="one of both")
    parser.add_argument("--data", default="", metavar="FOLDER", help="keep the filled database, and use it again")
    parser.add_argument("--json", metavar="FILE", help="write every score and lost audit there")
    parser.add_argument("--write", action="store_true", help="write the summary into docs/benchmarks.md")
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    scored = []
    print(f"{'page':52} {'form':8} performance accessibility best-practices seo")
    with measured_site(asked.data) as site, _runner(site) as runner:
        for page in _pages(site, only=asked.only):
            for form in [asked.form] if asked.form else FORMS:
                one = runner.score(page, form)
                scored.append(one)
                print(_line(one), flush=True)
    summary = _summary(scored, load=(load, os.getloadavg()[0]))
    print("\n" + summary)
    if asked.json:
        with open(asked.json, "w") as file:
            json.dump([asdict(one) for one in scored], file, indent=1)
    if asked.write:
        tables.write(summary, mark="lighthouse")
    missed = [f"{one.name} as {one.form}: {name} {one.scores[name]:.0f}" for one in scored for name in one.low]
    return exit_code(missed)


def _pages(site: MeasuredSite, *, only: str) -> Iterator[PageAddress]:
    from tests.benchmarks.pages.walk import pages

    for page in pages(site, only=only):
        if not isinstance(page, NotSeen) and page.who in (STRANGER, SUPPLIER):
            yield page


@contextmanager
def _runner(site: MeasuredSite) -> Iterator[Runner]:
    if not (FOLDER / "node_modules").exists():
        raise SystemExit("Lighthouse is not installed: npm ci --prefix tests/benchmarks/pages/node")
    process = subprocess.Popen(
        [shutil.which("node") or "node", "run.mjs", *FLAGS],
        cwd=FOLDER,
        env={**os.environ, "CHROME_PATH": chromium() or "no Chromium"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Runner(process, site)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def _line(one: Scored) -> str:
    head = f"{one.who} {one.name}"
    scores = " ".join(f"{one.scores[name]:>{len(name)}.0f}" for name in CATEGORIES)
    return f"{head:52} {one.form:8} {scores}" + (f"  {'; '.join(one.lost)}" if one.low else "")


def _summary(scored: Sequence[Scored], *, load: tuple[float, float]) -> str:
    head = f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load[0]:.1f} to {load[1]:.1f}"
    rows = [f"| {head} | pages | lowest {' | lowest '.join(CATEGORIES)} |", "| --- |" + " ---: |" * 5]
    for form in FORMS:
        theirs = [one for one in scored if one.form == form]
        if theirs:
            lowest = " | ".join(f"{min(one.scores[name] for one in theirs):.0f}" for name in CATEGORIES)
            rows.append(f"| {form} | {len(theirs)} | {lowest} |")
    low = [f"`{one.name}` as {one.form}: {', '.join(one.low)}" for one in scored if one.low]
    rows.append(f"\nUnder {LEAST}: {'; '.join(low) or 'none'}.")
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
