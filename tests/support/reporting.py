"""What tests of reports share: a scenario that lives on while history is written, and rows and files."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import time_machine

from infactor.reports import exports
from infactor.reports.catalogue import REPORTS
from infactor.reports.figures import REPORT as FIGURES
from infactor.reports.moments import Moment, Span
from infactor.reports.report import Row
from tests.support.scenarios.financing import Scenario

usd = Decimal


class Life:
    """A scenario whose clock is the machine's, too, so that history is written at the times of the test."""

    def __init__(self, scenario: Scenario, clock: time_machine.Traveller) -> None:
        self.scenario, self.clock = scenario, clock

    def later(self, days: int) -> None:
        self.scenario.later(days)
        self.clock.move_to(self.scenario.now)

    @property
    def now(self) -> datetime:
        return self.scenario.now


def rows(slug: str, at: datetime, *, since: datetime | None = None) -> list[Row]:
    return list(REPORTS[slug].rows(Span(moment=Moment(at), since=Moment(since or at - timedelta(days=30)))))


def cells(found: Sequence[Row]) -> list[tuple[object, ...]]:
    return [tuple(row.cells) for row in found if not row.is_total]


def totals(found: Sequence[Row]) -> list[tuple[object, ...]]:
    return [tuple(row.cells) for row in found if row.is_total]


def files(at: datetime) -> dict[str, tuple[str, bytes]]:
    """Each report as of a moment, as CSV and as XLSX."""
    found = {}
    for slug, report in {**REPORTS, FIGURES.slug: FIGURES}.items():
        span = Span(moment=Moment(at), since=Moment(at - timedelta(days=30)))
        book = BytesIO()
        exports.write_xlsx(book, report=report, rows=report.rows(span), span=span)
        found[slug] = "".join(exports.csv_lines(report, report.rows(span))), book.getvalue()
    return found
