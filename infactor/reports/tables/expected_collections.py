"""Collections against expectation: by week, what fell due, what buyers paid, and what is to come."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from infactor.reports.moments import Span
from infactor.reports.movements import collected_by_day
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, day, percent, share, text

COLUMNS = (
    day(_("Week from")),
    text(_("Currency")),
    amount(_("Fell or falls due")),
    amount(_("Collected")),
    percent(_("Collected of due")),
    amount(_("Still outstanding of these")),
)


# A purchase counts as its posting does: one that was entered later, or is taken back by then, does not.
DUE = """
    SELECT advance.currency, bought.due_on, sum(advance.face)
    FROM ledger_transaction AS posted
    JOIN financing_advance AS advance ON posted.reference = 'advance:' || advance.id || ':funded'
    JOIN financing_purchasedinvoice AS bought ON bought.advance_id = advance.id AND bought.due_on IS NOT NULL
    LEFT JOIN ledger_transaction AS undone
        ON undone.reverses_id = posted.id AND undone.posted_at <= %(at)s AND undone.value_date <= %(day)s
    WHERE posted.posted_at <= %(at)s AND posted.value_date <= %(day)s AND undone.id IS NULL
    GROUP BY 1, 2 ORDER BY 1, 2
"""


def rows(span: Span) -> Iterator[Row]:
    """Weeks begin on Monday: those since the span begins, and those in which something outstanding falls due."""
    due: dict[tuple[str, date], Decimal] = defaultdict(lambda: ZERO)
    collected: dict[tuple[str, date], Decimal] = defaultdict(lambda: ZERO)
    left: dict[tuple[str, date], Decimal] = defaultdict(lambda: ZERO)
    first = _week(span.since.day)
    for currency, due_on, face in _due(span):
        due[currency, _week(due_on)] += face
    for currency, on, paid in collected_by_day(span):
        collected[currency, _week(on)] += paid
    for one in outstanding(span.moment):
        if one.due_on and one.receivable:
            left[one.currency, _week(one.due_on)] += one.receivable
    weeks = sorted({key for sums in (due, collected, left) for key in sums if key[1] >= first})
    for currency, week in weeks:
        key = currency, week
        fell_due, paid = due[key], collected[key]
        yield Row(currency, (week, currency, fell_due, paid, share(paid, fell_due), left[key]))


def _week(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _due(span: Span) -> Iterator[tuple[str, date, Decimal]]:
    """Currency, due date as bought, and face of the invoices that were purchased by then. One query."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"at": span.moment.at, "day": span.moment.day})
        yield from cursor.fetchall()
