"""Leases: one worker holds a row for a time, and no longer, whatever happens to the clock meanwhile."""

from datetime import datetime, timedelta

from django.db.models import Q

CLOCK_SKEW = timedelta(seconds=5)  # of the servers' clocks against each other


def has_expired(*, at: datetime, duration: timedelta, field: str = "lease_until") -> Q:
    """The condition of a lease in `field`, taken for `duration`, that holds no more at `at`.

    One that ends later than any lease taken now was taken by a clock that has been set back since.
    """
    return Q(**{f"{field}__lt": at}) | Q(**{f"{field}__gt": at + duration + CLOCK_SKEW})
