"""The dates of the demo: days are counted back from the day on which it is played, in the company's time zone."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

OPENED_HOUR = 8
ISSUED, PAID = time(6, 40), time(6, 45)  # before the books are imported on that day


class DemoCalendar(NamedTuple):
    """Turns days ago into dates and moments. `today` is the company's day, in `zone`."""

    today: date
    zone: ZoneInfo

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def moment(self, days_ago: int, at: time) -> datetime:
        """This time of day, `days_ago` days before today."""
        return datetime.combine(self.day(days_ago), at, tzinfo=self.zone)
