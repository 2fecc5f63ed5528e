"""Days and moments as sentences write them, in the language of the reader. Files and records have ISO dates instead."""

from datetime import date, datetime

from django.utils import dateformat, formats
from django.utils.translation import pgettext


def format_day(day: date) -> str:
    """A day: Nov 2, 2026."""
    return formats.date_format(day, "DATE_FORMAT")


def format_moment(moment: datetime) -> str:
    """A day and a time to the minute, in the time zone of `moment`, which is not named: Nov 2, 2026, 14:02."""
    return dateformat.format(moment, pgettext("date format", "M j, Y, H:i"))


def format_short_day(day: date) -> str:
    """A day without its year: Nov 2."""
    return dateformat.format(day, pgettext("date format", "M j"))


def format_month(day: date) -> str:
    """The month of a day: November 2026."""
    return dateformat.format(day, pgettext("date format", "F Y"))


def format_second(moment: datetime) -> str:
    """A day and a time to the second, without the year: Nov 2, 14:02:09."""
    return dateformat.format(moment, pgettext("date format", "M j, H:i:s"))
