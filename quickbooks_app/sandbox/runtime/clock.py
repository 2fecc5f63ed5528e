"""Clock and time formats of QuickBooks Online: Pacific time, always with the offset."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")

Clock = Callable[[], datetime]


def now() -> datetime:
    """Return the current time, timezone-aware."""
    return datetime.now(UTC)


def format_timestamp(at: datetime) -> str:
    """Format a moment as in MetaData: Pacific time, to the second."""
    return at.astimezone(PACIFIC).isoformat(timespec="seconds")


def format_response_time(at: datetime) -> str:
    """Format a moment as in a response's `time`: Pacific time, with milliseconds."""
    return at.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def company_today(at: datetime) -> date:
    """Return the date in the company's time zone."""
    return at.astimezone(PACIFIC).date()


def parse_timestamp(text: str) -> datetime:
    """Parse a client's timestamp. Without an offset it is Pacific; a date alone means midnight.

    Raises ValueError for anything else.
    """
    # Clients put a time into an address as it is, and the plus of its offset arrives as a space.
    moment = datetime.fromisoformat(re.sub(r"(T\S+) (\d\d:?\d\d)$", r"\1+\2", text.strip()))
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)
