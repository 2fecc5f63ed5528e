"""Value dates: which days a payment may have, by infactor's calendar; and the supplier's today, for all else."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from infactor.core.business_day import business_day
from infactor.core.dates import format_day
from infactor.suppliers.models import Supplier

MAX_AGE = timedelta(days=366)
MAX_UTC_OFFSET = timedelta(hours=14)  # somewhere on earth it is tomorrow already


class InvalidValueDate(Exception):
    """A payment cannot have this value date. The message says why."""


def supplier_today(*, supplier: Supplier, at: datetime) -> date:
    """The supplier's day at the moment `at`."""
    return at.astimezone(supplier.zone).date()


def validate_value_date(
    value_date: date, *, at: datetime, not_before: date | None = None, is_of_bank: bool = False
) -> date:
    """Return `value_date`. Raises InvalidValueDate if it is in the future, over a year ago, or before `not_before`.

    Money moves on the days of infactor's own calendar, wherever the supplier is. `is_of_bank`: a statement says this
    day, and it has begun somewhere on earth.
    """
    today = (at + MAX_UTC_OFFSET).date() if is_of_bank else business_day(at)
    if value_date > today:
        raise InvalidValueDate(_("This day has not come yet. Record a payment when the money has arrived."))
    if value_date < business_day(at - MAX_AGE):
        raise InvalidValueDate(_("This day is more than a year ago."))
    if not_before is not None and value_date < not_before:
        raise InvalidValueDate(
            _("This day is before %(not_before)s, the first possible one.") % {"not_before": format_day(not_before)}
        )
    return value_date
