"""Collections against expectation: by week, what fell due, what buyers paid, and what is to come."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing.models import Advance, Correction
from infactor.reports.moments import Span
from infactor.reports.movements import collected_by_day
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, day, percent, share, text

COLUMNS = (
    day("Week from"), text("Currency"), amount("Fell or falls due"), amount("Collected"), percent("Collected of due"),
    amount("Still outstanding of these"),
)  # fmt: skip


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
    purchased = Advance.objects.filter(accepted_at__lte=span.moment.at, funded_on__lte=span.moment.day)
    taken_back = Correction.objects.filter(kind=Correction.Kind.FUNDING, made_at__lte=span.moment.at)
    purchased = purchased.exclude(pk__in=taken_back.values("advance"))
    days = purchased.filter(purchase__due_on__isnull=False).order_by().values_list("currency", "purchase__due_on")
    yield from days.annotate(sum=Sum("face"))
