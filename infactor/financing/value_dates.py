"""Which day it is for money: the supplier's, and what a value date may be."""

from datetime import date, datetime, timedelta

from infactor.suppliers.models import Supplier

OLDEST = timedelta(days=366)
AHEAD = timedelta(hours=14)  # somewhere on earth it is tomorrow already


class ValueDateRefused(Exception):
    """No payment can have had this value date; the message says why."""


def today_of(*, supplier: Supplier, at: datetime) -> date:
    """The supplier's day at the moment `at`."""
    return at.astimezone(supplier.zone).date()


def words(day: date) -> str:
    """A day as sentences have it: Nov 2, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


def checked(
    value_date: date, *, at: datetime, not_before: date | None = None, supplier: Supplier | None = None
) -> date:
    """`value_date`, if money can have moved on it. Raises ValueDateRefused for a day to come, or one long ago.

    It has come when it has where `supplier` is; of money that is of several of them, anywhere.
    """
    if value_date > (today_of(supplier=supplier, at=at) if supplier is not None else (at + AHEAD).date()):
        raise ValueDateRefused(
            "This day has not come yet: money that is still on its way is recorded when it is there."
        )
    if value_date < (at - OLDEST).date():
        raise ValueDateRefused("This is more than a year ago.")
    if not_before is not None and value_date < not_before:
        raise ValueDateRefused(f"This is before {words(not_before)}, when it became possible.")
    return value_date
