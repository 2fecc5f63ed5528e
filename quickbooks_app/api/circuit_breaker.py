"""A company that does not answer is left alone for a while: its runs wait, keep their place, and nobody is hammered.

After so many failures in a row nobody calls it for a quarter of an hour; then one call tries (the turn of `pace` gives
it to one), and any answer ends it. What one company's row says holds for all workers.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, F, Q, Value, When
from django.db.models.functions import Coalesce

from quickbooks_app.models import ApiCall, Connection, Pace

FAILURES = 5  # in a row
REST = timedelta(minutes=15)
LOOKS_BACK = timedelta(minutes=5)
FEWEST = 4  # companies from which on one can speak of most of them


@dataclass(frozen=True)
class State:
    """Since when a company has not answered, and when it is tried again; both None while it does."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_resting(self) -> bool:
        return self.until is not None


def state(*, connection: Connection, now: datetime) -> State:
    """Whether the company of `connection` is left alone at the moment `now`."""
    row = Pace.objects.filter(pk=connection.pk, closed_until__gt=now).first()
    return State(since=row.failing_since, until=row.closed_until) if row else State()


def failed(*, connection_id: int, at: datetime) -> None:
    """A call found no answer. The one that is too many in a row, or the one that tried, closes the way."""
    Pace.objects.filter(pk=connection_id).update(
        failures=F("failures") + 1,
        failing_since=Coalesce(F("failing_since"), Value(at)),
        closed_until=Case(When(failures__gte=FAILURES - 1, then=Value(at + REST)), default=F("closed_until")),
    )


def answered(*, connection_id: int) -> None:
    """The company has answered: everything is as if nothing had been."""
    Pace.objects.filter(pk=connection_id).update(failures=0, failing_since=None, closed_until=None)


def spread(*, at: datetime) -> timedelta:
    """How long a new run should wait for Intuit's sake: at random, while most companies find it unavailable."""
    calls = ApiCall.objects.filter(at__gte=at - LOOKS_BACK, at__lte=at, connection__isnull=False)
    tried = calls.aggregate(
        all=Count("connection", distinct=True), refused=Count("connection", distinct=True, filter=Q(status=503))
    )
    if tried["all"] < FEWEST or tried["refused"] * 2 <= tried["all"]:
        return timedelta(0)
    return random.random() * LOOKS_BACK  # noqa: S311  no secret
