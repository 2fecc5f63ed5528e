"""Value dates: the supplier's today, and which days a payment may have."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from infactor.suppliers.models import Supplier

MAX_AGE = timedelta(days=366)
MAX_UTC_OFFSET = timedelta(hours=14)  # somewhere on earth it is tomorrow already


class InvalidValueDate(Exception):
    """A payment cannot have this value date. The message says why."""


def supplier_today(*, supplier: Supplier, at: datetime) -> date:
    """The supplier's day at the moment `at`."""
    return at.astimezone(supplier.zone).date()


def day_of_all(*, at: datetime) -> date:
    """The day that has begun for every supplier at the moment `at`: what arrived on it is in nobody's future."""
    zones = Supplier.objects.order_by().values_list("time_zone", flat=True).distinct()
    return min((at.astimezone(ZoneInfo(name)).date() for name in zones), default=at.date())


def format_day(day: date) -> str:
    """A day as sentences write it: Nov 2, 2026."""
    return f"{day:%b} {day.day}, {day.year}"


def validate_value_date(
    value_date: date, *, at: datetime, not_before: date | None = None, supplier: Supplier | None = None
) -> date:
    """Return `value_date`. Raises InvalidValueDate if it is in the future, over a year ago, or before `not_before`.

    The future begins where `supplier` is; for money of several suppliers (None), where it begins first on earth.
    """
    today = supplier_today(supplier=supplier, at=at) if supplier is not None else (at + MAX_UTC_OFFSET).date()
    if value_date > today:
        raise InvalidValueDate("This day has not come yet. Record a payment when the money has arrived.")
    if value_date < (at - MAX_AGE).date():
        raise InvalidValueDate("This day is more than a year ago.")
    if not_before is not None and value_date < not_before:
        raise InvalidValueDate(f"This day is before {format_day(not_before)}, the first possible one.")
    return value_date
