"""The editions of QuickBooks Online and the countries of companies: what a company does not have."""

import re
from enum import IntEnum
from typing import NamedTuple


class Level(IntEnum):
    """The editions in order: each has what those before it have."""

    SIMPLE_START = 1
    ESSENTIALS = 2
    PLUS = 3
    ADVANCED = 4

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").title()


# CompanyInfo names the edition as text, such as "QuickBooks Online Plus"; Simple Start was EasyStart once.
_PATTERNS = (
    (re.compile(r"\b(advanced|enterprise)\b", re.IGNORECASE), Level.ADVANCED),
    (re.compile(r"\bplus\b", re.IGNORECASE), Level.PLUS),
    (re.compile(r"\bessentials\b", re.IGNORECASE), Level.ESSENTIALS),
    (re.compile(r"\b(simple ?start|easy ?start|solopreneur|self.?employed)\b", re.IGNORECASE), Level.SIMPLE_START),
)


class CompanyProfile(NamedTuple):
    """What a company says of itself: its edition (OfferingSku) and its country; both empty if unknown."""

    edition: str = ""
    country: str = ""

    @property
    def level(self) -> Level | None:
        """The edition, None if it is unknown: nothing is refused then."""
        return next((level for pattern, level in _PATTERNS if pattern.search(self.edition)), None)

    def lacks(self, *, level: Level, countries: frozenset[str]) -> str:
        """Why the company does not have something that begins with `level`, or that only `countries` have; or ""."""
        if self.level is not None and self.level < level:
            return f"it begins with QuickBooks Online {level.title}, and this company has {self.edition}"
        if countries and self.country and self.country.upper() not in countries:
            return f"only companies in {', '.join(sorted(countries))} have it, and this one is in {self.country}"
        return ""
