"""Prints the measurements as plain tables, and says whether each goal was reached."""

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.contenders import CONTENDERS
from tests.benchmarks.runner import CHANGED, WORKS, Measured

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- make bench-import --write: begin -->", "<!-- make bench-import --write: end -->"
MANY = 100_000
MOST_MEMORY = 150
WINDOWS, FEWEST_PAGES = 10, 4  # MOST and FEWEST_PAGES of quickbooks_app/sync/windows.py, which needs Django
HEAD = ("", "seconds", "best", "processor", "invoices/s", "x rows", "x bulk", "x limit", "peak MB", "calls")


def tables(measured: Sequence[Measured], *, latency: float) -> str:
    """One table for each measurement: a row for each contender, with its speed relative to each of the others."""
    parts = [_circumstances(latency)]
    for work, title in WORKS.items():
        rows = [one for one in measured if one.work == work]
        if rows:
            parts.append(f"{title}\n{_table([HEAD, *(_row(one, rows) for one in rows)])}")
    return "\n\n".join(parts) + "\n"


def goals(measured: Sequence[Measured], *, flat: Measured | None) -> str:
    """The goals that this benchmark covers, one line each."""
    by = {(one.name, one.work): one for one in measured}
    ours = by.get(("infactor", "first"))
    lines = [
        _times(by, work=work, peer=peer, wanted=wanted)
        for work, peer, wanted in (
            ("first", "rows", 60), ("first", "bulk", 6), ("first", "limit", 0.5), ("first", "limit-documents", 0.5),
            ("again", "rows", 200), ("again", "bulk", 12), ("changed", "rows", 5),
        )
    ]  # fmt: skip
    if (many := by.get(("infactor", "many"))) is not None:
        lines.append(_line("1,500 changed at once: none lost", f"{many.lost} lost", not many.lost))
    if ours:
        pages = math.ceil(ours.invoices / 1000)
        most = pages + 4 + (WINDOWS - 1 if pages > FEWEST_PAGES else 0)  # a call finds where each further one begins
        lines.append(_line(f"first import: at most {most} calls", f"{ours.calls}", ours.calls <= most))
        peak = max(ours.peak_mb)
        lines.append(_line(f"memory under {MOST_MEMORY} MB", f"{peak:.0f} MB", peak < MOST_MEMORY))
        if flat:
            more = max(flat.peak_mb)
            held = more < MOST_MEMORY and more < peak * 1.15
            lines.append(_line(f"memory flat to {flat.invoices:,} invoices", f"{peak:.0f} -> {more:.0f} MB", held))
    return "Goals\n" + "\n".join(line for line in lines if line) + "\n"


def as_json(measured: Sequence[Measured], *, speed: Mapping[str, float], latency: float) -> str:
    """Every round of every measurement, and the speed of the machine in milliseconds."""
    return json.dumps({"machine": speed, "latency": latency, "measured": [asdict(one) for one in measured]}, indent=1)


def write(measured: Sequence[Measured], *, speed: Mapping[str, float], latency: float, flat: Measured | None) -> None:
    """Replace what the last run wrote into the documentation, between its two marks."""
    text = DOCUMENT.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{markdown(measured, speed=speed, latency=latency, flat=flat)}\n{END}{after}")


def markdown(measured: Sequence[Measured], *, speed: Mapping[str, float], latency: float, flat: Measured | None) -> str:
    """One table of all measurements, beside the speed of the machine, and the goals."""
    rows = [
        (WORKS[one.work].partition(" (")[0], *_row(one, [other for other in measured if other.work == one.work]))
        for one in measured
    ]
    head = ("work", "who", *HEAD[1:])
    lines = [
        f"{_circumstances(latency)}, a load of {os.getloadavg()[1]:.0f}. The machine, in the same run: "
        + ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in speed.items())
        + ".",
        "",
        *(f"| {' | '.join(row)} |" for row in (head, ("---", "---", *["---:"] * (len(head) - 2)), *rows)),
        "",
        "```",
        goals(measured, flat=flat).rstrip(),
        "```",
    ]
    return "\n".join(lines)


def _circumstances(latency: float) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {latency:g} s of network a page; medians, and the best round"


def _times(by: dict[tuple[str, str], Measured], *, work: str, peer: str, wanted: float) -> str:
    ours, theirs = by.get(("infactor", work)), by.get((peer, work))
    if not ours or not theirs:
        return ""
    ratio = _ratio(ours, theirs)
    return _line(f"{work}: at least {wanted:g} x {peer}", f"{ratio:.1f} x", ratio >= wanted)


def _line(goal: str, got: str, reached: bool) -> str:
    return f"  {'reached    ' if reached else 'NOT REACHED'}  {goal}: {got}"


def _ratio(one: Measured, other: Measured) -> float:
    """How many times as fast as `other`: by time for changes, else by rate, so that sizes may differ."""
    return other.typical / one.typical if one.work in CHANGED else one.rate / other.rate


def _row(one: Measured, rows: Sequence[Measured]) -> tuple[str, ...]:
    beside = {other.name: other for other in rows}
    ratios = [f"{_ratio(one, beside[name]):.1f}" if name in beside else "" for name in ("rows", "bulk", "limit")]
    title = CONTENDERS[one.name].title
    if one.invoices != max(other.invoices for other in rows):
        title += f" ({one.invoices:,} only)"
    rate = "" if one.work in CHANGED else f"{one.rate:,.0f}"
    return (
        title,
        f"{one.typical:.2f}",
        f"{min(one.seconds):.2f}",
        f"{median(one.processor_seconds):.2f}",
        rate,
        *ratios,
        f"{max(one.peak_mb):.0f}",
        str(one.calls),
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  "
        + "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
