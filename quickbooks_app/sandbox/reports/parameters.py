"""Reading and checking of report parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from quickbooks_app.sandbox.reports.periods import ALL, period_named
from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.errors import invalid_enumeration, invalid_value

_FIRST_HALF = ("January", "February", "March", "April", "May", "June")
MONTHS = (*_FIRST_HALF, "July", "August", "September", "October", "November", "December")


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one request. Those that a report does not know are ignored, as Intuit ignores them.

    Each method raises BusinessFault 2080 for a value that is no value of its kind, or 2170 for an unknown name.
    """

    given: Mapping[str, str]
    at: datetime
    first_month: int = 1

    @property
    def today(self) -> date:
        return clock.company_today(self.at)

    def text(self, name: str) -> str:
        return self.given.get(name, "").strip()

    def day(self, name: str) -> date | None:
        """Return a date, written YYYY-MM-DD, or None if it is absent."""
        text = self.text(name)
        if not text:
            return None
        try:
            if len(text) != len("2026-01-31"):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            raise invalid_value(element=name, detail=f"Invalid Date : {text}") from None

    def whole_number(self, name: str, *, default: int, least: int, most: int) -> int:
        text = self.text(name)
        if not text:
            return default
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise invalid_value(element=name, detail=f"Invalid Number : {text}") from None
        if not number.is_finite() or number != number.to_integral_value() or not least <= number <= most:
            raise invalid_value(element=name, detail=f"Invalid Number : {text}")
        return int(number)

    def choice(self, name: str, *, among: tuple[str, ...]) -> str:
        """Return one of the names, whatever its case; the first is the default."""
        text = self.text(name)
        for one in among:
            if text.lower() == one.lower():
                return one
        if text:
            raise invalid_enumeration(element=name, value=text)
        return among[0]

    def names(self, name: str) -> list[str]:
        """Return the parts of a comma-separated list."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def period(self) -> tuple[date, date, str]:
        """Return first day, last day and macro ("" if dates are given); without any, this month to date.

        Dates win over `date_macro`.
        """
        first, last = self.day("start_date"), self.day("end_date")
        macro = self.text("date_macro")
        named = self.macro()
        if first is None and last is None:
            if named is not None:
                return *named, "all" if named == ALL else macro.lower()
            return self.today.replace(day=1), self.today, "this month-to-date"
        last = last or self.today
        first = first or last.replace(day=1)
        if first > last:
            raise invalid_value(element="start_date", detail=f"Invalid Date : {first} is after {last}")
        return first, last, ""

    def macro(self) -> tuple[date, date] | None:
        """Return the period that `date_macro` names, or None if it is absent."""
        name = self.text("date_macro")
        if not name:
            return None
        found = period_named(name, today=self.today, first_month=self.first_month)
        if found is None:
            raise invalid_enumeration(element="date_macro", value=name)
        return found
