"""A moment of the past, and what counts as known then."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from infactor.core.business_day import business_day


@dataclass(frozen=True)
class Moment:
    """What infactor knew at `at`. A posting counts if it was written by then and its value date had come."""

    at: datetime

    @property
    def day(self) -> date:
        """infactor's day."""
        return business_day(self.at)

    @property
    def postings(self) -> Q:
        """The ledger entries that count."""
        return Q(transaction__posted_at__lte=self.at, transaction__value_date__lte=self.day)


@dataclass(frozen=True)
class Span:
    """What a report is asked for: the moment, and for a report about a time, the moment at which that begins."""

    moment: Moment
    since: Moment
