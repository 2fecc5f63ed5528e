"""Tables of what was measured: a line for each page, and a summary that docs/benchmarks.md keeps."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.benchmarks.pages.addresses import NotSeen
from tests.benchmarks.pages.limits import KB, P95_MS, PAINT_MS, SHIFT, Measured
from tests.benchmarks.pages.site import BUYER, STAFF, STRANGER, SUPPLIER
from tests.support.processes.devserver import ROOT

DOCUMENT = ROOT / "docs" / "benchmarks.md"
HEAD = f"{'page':62} html  own   js  css  queries p50  p95 paint shift faults"


def line(one: Measured) -> str:
    """A line of the table on the screen, with the faults below it."""
    seen = one.seen
    sizes = " ".join(f"{size / KB:4.1f}" for size in (seen.html, seen.own_js, seen.all_js, seen.css))
    faults = one.faults()
    times = f"{one.quantile(0.5):4.0f} {one.quantile(0.95):4.0f} {seen.paint:5.0f}"
    page = f"{one.address.who} {one.address.name}"
    head = f"{page:62} {sizes} {one.queries:7} {times} {seen.shift:5.3f} {len(faults) or ''}"
    return "\n".join([head, *(f"    {fault}" for fault in faults)])


def summary(measured: Sequence[Measured], unseen: Sequence[NotSeen], *, load: tuple[float, float]) -> str:
    """A table in Markdown with a row for each kind of person."""
    rows = [
        f"| {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load[0]:.1f} to {load[1]:.1f} | pages "
        "| with faults | own JS | all JS | CSS | shift | queries | p95 | paint |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for who in (STRANGER, SUPPLIER, BUYER, STAFF):
        theirs = [one for one in measured if one.address.who == who]
        if not theirs:
            continue
        sizes = [max(getattr(one.seen, name) for one in theirs) / KB for name in ("own_js", "all_js", "css")]
        figures = [f"{size:.1f} KB" for size in sizes]
        figures += [
            f"{max(one.seen.shift for one in theirs):.3f}",
            f"{max(one.queries for one in theirs)}",
            f"{max(one.quantile(0.95) for one in theirs):.0f} ms",
            f"{max(one.seen.paint for one in theirs):.0f} ms",
        ]
        faulty = sum(bool(one.faults()) for one in theirs)
        rows.append(f"| {who} | {len(theirs)} | {faulty} | {' | '.join(figures)} |")
    for name, most in P95_MS.items():
        for one in (each for each in measured if each.address.name == name):
            rows.append(
                f"\n`{name}`: {one.queries} queries, p50 {one.quantile(0.5):.0f} ms, p95 {one.quantile(0.95):.0f} ms "
                f"(goal {most} ms with 5,000 invoices)."
            )
    slow = sum(one.seen.paint > PAINT_MS for one in measured)
    rows.append(
        f"\nPages whose largest content came after {PAINT_MS / 1000} s: {slow}. URLs that no row opened: "
        f"{len(unseen)}. The limit of the layout shift is {SHIFT}."
    )
    return "\n".join(rows)


def write(text: str, *, mark: str) -> None:
    """Put `text` between the two comments of docs/benchmarks.md that name `mark`."""
    before = DOCUMENT.read_text()
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    after, count = re.subn(
        f"{re.escape(begin)}.*{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", before, flags=re.DOTALL
    )
    if count != 1:
        raise SystemExit(f"docs/benchmarks.md has no place for {mark}")
    DOCUMENT.write_text(after)
