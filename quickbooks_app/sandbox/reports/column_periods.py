"""The columns of a report that sums: one for the whole period, for each part of it, or for each customer or vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quickbooks_app.sandbox.ledger.postings import ZERO, Posting
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
_PARTIES = {"Customers": "Customer", "Vendors": "Vendor", "Employees": "Employee"}


@dataclass(frozen=True, slots=True)
class Slot:
    """One column: the days it covers, and the party whose postings alone count ("" for those of nobody there)."""

    title: str
    first: date
    last: date
    parties: frozenset[str] | None = None
    is_rest: bool = False  # everybody but `parties`

    @property
    def column(self) -> Column:
        days = (("StartDate", self.first.isoformat()), ("EndDate", self.last.isoformat()))
        return Column(self.title, self.title, "Money", details=days)

    def sum(self, postings: Sequence[Posting], *, since: date | None = None) -> Decimal:
        """Add up what falls into the column, from its own first day or from an earlier one."""
        first, last = (since or self.first).isoformat(), self.last.isoformat()
        return sum((one.home for one in postings if first <= one.date <= last and self._takes(one)), ZERO)

    def _takes(self, posting: Posting) -> bool:
        return self.parties is None or (posting.customer in self.parties) != self.is_rest


def slots_of(source: Source, *, first: date, last: date) -> tuple[str, list[Slot]]:
    """Return the choice of `summarize_column_by` and its columns, without the total."""
    choice = source.parameters.choice("summarize_column_by", among=CHOICES)
    if choice == "Total":
        return choice, []
    if choice in _MONTHS or choice in _DAYS:
        return choice, [
            Slot(_title(choice, start, end), start, end) for start, end in _parts(choice, first=first, last=last)
        ]
    if choice in _PARTIES:
        people = source.lists[_PARTIES[choice]]
        active = {posting.customer for posting in source.postings(until=last)} & set(people)
        named = sorted(active, key=source.party)
        slots = [Slot(source.party(id), first, last, frozenset({id})) for id in named]
        return choice, [*slots, Slot("Not Specified", first, last, frozenset(named), is_rest=True)]
    # Nothing in the books of these companies is by class, department or item alone.
    return choice, [Slot("Not Specified", first, last)]


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
