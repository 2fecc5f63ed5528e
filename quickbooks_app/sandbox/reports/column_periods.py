"""The columns of a report that sums: one for the whole period, for each part of it, or for each object of a list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports.periods import ALL
from quickbooks_app.sandbox.reports.shape import Column
from quickbooks_app.sandbox.reports.source import Source

CHOICES = (
    "Total",
    "Month",
    "Week",
    "Days",
    "Quarter",
    "Year",
    "Customers",
    "Vendors",
    "Employees",
    "Classes",
    "Departments",
    "ProductsAndServices",
)
_MONTHS = {"Month": 1, "Quarter": 3, "Year": 12}
_DAYS = {"Days": 1, "Week": 7}
# The list whose objects have a column each, and where a posting names one.
_LISTED = {
    "Customers": ("Customer", "customer"),
    "Vendors": ("Vendor", "customer"),
    "Employees": ("Employee", "customer"),
    "Classes": ("Class", "class_id"),
    "Departments": ("Department", "department"),
    "ProductsAndServices": ("Item", "item_id"),
}


class Summed(Protocol):
    """What columns add up: a posting, or a sold line."""

    @property
    def date(self) -> str: ...
    @property
    def home(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One column: the days it covers, and the object whose postings alone count.

    `named_by` is the attribute of a posting that names the object: one of `ids`.
    """

    title: str
    first: date
    last: date
    named_by: str = ""
    ids: frozenset[str] = frozenset()
    is_rest: bool = False  # everything but `ids`

    @property
    def column(self) -> Column:
        days = (("StartDate", self.first.isoformat()), ("EndDate", self.last.isoformat()))
        return Column(self.title, self.title, "Money", details=days)

    def sum(self, postings: Sequence[Summed], *, since: date | None = None) -> Decimal:
        """Add up what falls into the column, from its own first day or from an earlier one."""
        first, last = (since or self.first).isoformat(), self.last.isoformat()
        return sum((one.home for one in postings if first <= one.date <= last and self._takes(one)), ZERO)

    def _takes(self, posting: Summed) -> bool:
        return not self.named_by or (getattr(posting, self.named_by) in self.ids) != self.is_rest


def slots_of(
    source: Source, *, first: date, last: date, summed: Iterable[Summed] | None = None
) -> tuple[str, list[Slot]]:
    """Return the choice of `summarize_column_by` and its columns, without the total.

    Only objects that `summed` (default: the postings) name have a column.
    """
    choice = source.parameters.choice("summarize_column_by", among=CHOICES)
    if choice == "Total":
        return choice, []
    found: Iterable[Summed] = source.postings(until=last) if summed is None else summed
    if choice in _MONTHS or choice in _DAYS:
        if (first, last) == ALL:
            # As recorded: from the first transaction to the last.
            days = [one.date for one in found] or [last.isoformat()]
            first, last = date.fromisoformat(min(days)), date.fromisoformat(max(days))
        return choice, [
            Slot(_title(choice, start, end), start, end) for start, end in _parts(choice, first=first, last=last)
        ]
    entity, named_by = _LISTED[choice]
    active = {getattr(one, named_by) for one in found} & set(source.lists[entity])
    named = sorted(active, key=lambda id: source.name(entity, id).casefold())
    slots = [Slot(source.name(entity, id), first, last, named_by, frozenset({id})) for id in named]
    return choice, [*slots, Slot("Not Specified", first, last, named_by, frozenset(named), is_rest=True)]


def _parts(choice: str, *, first: date, last: date) -> list[tuple[date, date]]:
    parts: list[tuple[date, date]] = []
    start = first
    while start <= last:
        if choice in _DAYS:
            # Weeks begin on Sunday.
            rest = (start.weekday() + 1) % 7 if choice == "Week" else 0
            following = start + timedelta(days=_DAYS[choice] - rest)
        else:
            months = _MONTHS[choice]
            number = start.year * 12 + (start.month - 1) // months * months + months
            following = date(number // 12, number % 12 + 1, 1)
        parts.append((start, min(following - timedelta(days=1), last)))
        start = following
    return parts


def _title(choice: str, start: date, end: date) -> str:
    if choice == "Month":
        return f"{start:%b} {start.year}"
    if choice == "Year":
        return str(start.year)
    if choice == "Days":
        return f"{start:%b} {start.day}, {start.year}"
    if choice == "Quarter":
        return f"{start:%b} - {end:%b}, {end.year}"
    return f"{start:%b} {start.day} - {end:%b} {end.day}, {end.year}"
