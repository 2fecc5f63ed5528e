"""The period of a statement, as addresses, files and the audit log write it."""

from datetime import date
from urllib.parse import urlencode


def period_query(start: date | None, end: date | None) -> str:
    """The period as the address of the statement has it."""
    return urlencode({name: day.isoformat() for name, day in (("from", start), ("to", end)) if day})


def period_name(start: date | None, end: date | None, *, today: date) -> tuple[str, dict[str, str]]:
    """The period for the name of a file, and for the audit log."""
    last = (end or today).isoformat()
    details = {"from": start.isoformat() if start else "", "to": last}
    return (f"{start.isoformat()}-{last}" if start else f"until-{last}"), details
