"""Periods: the months of the books, open or closed. Nothing is posted into a closed one.

A month is closed by its first day. Closing follows the calendar without a gap, so everything up to the last closed
month is closed. What is posted later about a closed month counts on the first open day: that keeps the order of days,
and the first open day has always come, because only a month that is over is closed.

Postings share a lock that a closing takes alone (in PostgreSQL: `ledger_first_open_day`). So a closing waits for the
postings under way, and what is posted after it sees it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Min
from django.db.transaction import atomic

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.ledger.models import PeriodClosing, Transaction
from infactor.users import roles
from infactor.users.models import User

PERMISSION = "ledger.close_periods"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('infactor.ledger.periods', 0))"


class PeriodError(Exception):
    """The month cannot be closed or reopened. The message says why. Nothing was written."""


def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after that of `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day(month: date) -> date:
    """The last day of the month of `month`."""
    return next_month(month) - timedelta(days=1)


def posting_day(value_date: date) -> date:
    """The day on which a posting with this value date counts: its own, or the first open day if that is later.

    Until the database transaction ends, no month is closed.
    """
    return posting_days([value_date])[value_date]


def posting_days(value_dates: Iterable[date]) -> dict[date, date]:
    """`posting_day` of each of these days, in one query."""
    first_open = lock_closings()
    return {day: day if first_open is None else max(day, first_open) for day in value_dates}


def lock_closings() -> date | None:
    """The first open day; None while every month is open. No month is closed or reopened until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_first_open_day()")
        first_open: date | None = cursor.fetchone()[0]
    return first_open


def last_closing() -> PeriodClosing | None:
    """The closing of the last closed month; None while every month is open."""
    found: PeriodClosing | None = PeriodClosing.objects.filter(reopened_at=None).order_by("-month").first()
    return found


def first_open_day() -> date | None:
    """The day after the last closed month; None while every month is open."""
    closing = last_closing()
    return None if closing is None else next_month(closing.month)


def closed_sentence(day: date) -> str:
    """What staff read where something may not count on another day than `day`."""
    return f"{day:%B %Y} is closed. Choose a day of an open month, or have the month reopened."


def month_to_close(*, at: datetime) -> date | None:
    """The first open month, if it is over where infactor is, and something was posted by its end; else None."""
    month = first_open_day()
    if month is None:
        first = Transaction.objects.aggregate(first=Min("value_date"))["first"]
        month = None if first is None else month_of(first)
    return month if month is not None and last_day(month) < business_day(at) else None


def close(*, month: date, explanations: Sequence[Mapping[str, str]], by: User, at: datetime) -> PeriodClosing:
    """Close the first open month, which must be over. `explanations`: what was not in order, and why it may be so.

    Raises NotAllowed, PeriodError.
    """
    roles.require(by, PERMISSION)
    with atomic():
        lock()
        if month != month_to_close(at=at):
            raise PeriodError(_why_not(month, at=at))
        closing: PeriodClosing = PeriodClosing.objects.create(
            month=month, closed_by=by, closed_at=at, explanations=[dict(one) for one in explanations]
        )
        details = {"month": f"{month:%Y-%m}", "explained": len(explanations)}
        audit.record(event="ledger.month_closed", subject=closing, by=by, at=at, details=details)
        return closing


def reopen(*, month: date, reason: str, by: User, approver: User, at: datetime) -> PeriodClosing:
    """Reopen the last closed month. The caller has checked that `approver` may approve.

    Raises NotAllowed, PeriodError.
    """
    roles.require(by, PERMISSION)
    if not reason.strip():
        raise PeriodError("Enter why the month is reopened.")
    if approver.pk == by.pk:
        raise roles.NotAllowed("Somebody other than the requester must approve.")
    with atomic():
        lock()
        closing = last_closing()
        if closing is None or closing.month != month:
            raise PeriodError("Only the last closed month can be reopened.")
        closing.reopened_by, closing.reopening_approved_by, closing.reopened_at = by, approver, at
        closing.reopening_reason = reason.strip()[:300]
        closing.save()
        details = {"month": f"{month:%Y-%m}", "approver": approver.pk}
        audit.record(event="ledger.month_reopened", subject=closing, by=by, at=at, reason=reason, details=details)
        return closing


def _why_not(month: date, *, at: datetime) -> str:
    first_open = first_open_day()
    if first_open is not None and month < first_open:
        return f"{month:%B %Y} is closed already."
    if last_day(month) >= business_day(at):
        return f"{month:%B %Y} is not over yet."
    return "Months are closed one after the other, without a gap."


def lock() -> None:
    """Wait for the postings under way, and let new ones wait until this is done."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
