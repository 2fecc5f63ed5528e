"""Reads the clock and writes times as QuickBooks Online does: always Pacific, always with the offset."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, aware of its zone."""
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """A moment as it stands in MetaData: Pacific, to the second."""
    return at.astimezone(PACIFIC).isoformat(timespec="seconds")


def answer_stamp(at: datetime) -> str:
    """A moment as it ends every answer: Pacific, with milliseconds."""
    return at.astimezone(PACIFIC).isoformat(timespec="milliseconds")


def today(at: datetime) -> date:
    """The date in the company's own zone."""
    return at.astimezone(PACIFIC).date()


def read_moment(text: str) -> datetime:
    """A moment as a client wrote it; without an offset it is Pacific, a date alone is its midnight.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=PACIFIC)
