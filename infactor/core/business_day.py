"""infactor's own calendar: bank days and reports follow its time zone, never UTC."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def business_zone() -> ZoneInfo:
    """infactor's time zone, from BUSINESS_TIME_ZONE."""
    return ZoneInfo(settings.BUSINESS_TIME_ZONE)


def business_day(at: datetime) -> date:
    """The day on which `at` falls where infactor is."""
    return at.astimezone(business_zone()).date()
