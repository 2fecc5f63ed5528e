"""What a report is: a question, columns, and rows that come one by one, so that 100,000 of them need no memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from infactor.core import languages
from infactor.core.csv_files import Cell
from infactor.reports.moments import Span

ZERO = Decimal("0.00")
TOTAL = _("Total")
Text = str | Promise  # a Promise is a text of ours: on screen in the reader's language, in a file always in the same
ReportCell = Cell | Promise


class Kind(StrEnum):
    """How a column is shown and exported. Amounts are in the currency of their row."""

    TEXT = "text"
    AMOUNT = "amount"
    PERCENT = "percent"
    COUNT = "count"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    title: Text
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Row:
    """One line. A total sums up the rows of its currency before it."""

    currency: str
    cells: Sequence[ReportCell]
    is_total: bool = False


@dataclass(frozen=True)
class Report:
    """One report. `rows` makes it; it raises HistoryDeleted where retention has deleted what was known."""

    slug: str
    title: Text
    question: Text
    columns: Sequence[Column]
    rows: Callable[[Span], Iterator[Row]] = field(repr=False)
    usual_days: int = 0  # how many days it usually looks back; 0 for a report about a moment


def text(title: Text) -> Column:
    return Column(title)


def amount(title: Text) -> Column:
    return Column(title, Kind.AMOUNT)


def percent(title: Text) -> Column:
    return Column(title, Kind.PERCENT)


def count(title: Text) -> Column:
    return Column(title, Kind.COUNT)


def day(title: Text) -> Column:
    return Column(title, Kind.DAY)


def neutral(cells: Iterable[ReportCell]) -> list[Cell]:
    """`cells` as files have them: texts of ours in the default language, whoever asks."""
    cells = list(cells)
    has_ours = any(isinstance(cell, Promise) for cell in cells)
    with languages.writing_in(languages.default()) if has_ours else nullcontext():
        return [str(cell) if isinstance(cell, Promise) else cell for cell in cells]


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """`part` of `whole` in percent with two decimals; None where there is no whole."""
    return (part / whole * 100).quantize(ZERO) if whole else None


def with_totals(
    rows: Sequence[Row], *, summed: Iterable[int], finish: Callable[[list[ReportCell]], Sequence[ReportCell]] = tuple
) -> Iterator[Row]:
    """`rows`, sorted by currency, each currency followed by its total over the columns `summed`.

    `finish` fills in what of a total is no sum, such as a share.
    """
    places = tuple(summed)
    for currency, group in groupby(rows, key=lambda row: row.currency):
        total: list[ReportCell] = []
        for row in group:
            yield row
            total = total or [TOTAL, currency, *([None] * (len(row.cells) - 2))]
            for place in places:
                value = row.cells[place]
                if isinstance(value, int | Decimal):
                    before = total[place]
                    total[place] = value + before if isinstance(before, int | Decimal) else value
        yield Row(currency, finish(total), is_total=True)
