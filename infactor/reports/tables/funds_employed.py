"""Funds employed and yield: by month, what was out on average each day, and the fees that it earned."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from infactor.ledger.models import FEE_PURPOSES, Purpose
from infactor.reports.moments import Span
from infactor.reports.movements import by_day
from infactor.reports.report import ZERO, Row, amount, count, day, percent, share, text

COLUMNS = (
    day(_("Month")),
    text(_("Currency")),
    count(_("Days")),
    amount(_("Funds employed, average")),
    amount(_("Funds employed, end")),
    amount(_("Fee income")),
    percent(_("Yield a year")),
)


def rows(span: Span) -> Iterator[Row]:
    """From the month in which the span begins. A year has 365 days; the last month may be unfinished."""
    fees: dict[tuple[str, date], Decimal] = defaultdict(lambda: ZERO)
    for currency, on, moved in by_day(span, purposes=FEE_PURPOSES):
        fees[currency, on.replace(day=1)] -= moved
    for currency, balances in _daily(span).items():
        month = span.since.day.replace(day=1)
        while month <= span.moment.day:
            following = (month + timedelta(days=32)).replace(day=1)
            last = min(following - timedelta(days=1), span.moment.day)
            in_month = [balances.on(month + timedelta(days=offset)) for offset in range((last - month).days + 1)]
            average = (sum(in_month, ZERO) / len(in_month)).quantize(ZERO)
            earned = fees[currency, month]
            yearly = share(earned * 365 / len(in_month), average)
            yield Row(currency, (month, currency, len(in_month), average, in_month[-1], earned, yearly))
            month = following


class Balances:
    """A balance by day, from its changes in the order of days."""

    def __init__(self) -> None:
        self._changes: list[tuple[date, Decimal]] = []
        self._place, self._balance = 0, ZERO

    def change(self, on: date, moved: Decimal) -> None:
        self._changes.append((on, moved))

    def on(self, on: date) -> Decimal:
        """The balance at the end of a day. Days are asked in their order."""
        while self._place < len(self._changes) and self._changes[self._place][0] <= on:
            self._balance += self._changes[self._place][1]
            self._place += 1
        return self._balance


def _daily(span: Span) -> dict[str, Balances]:
    """Receivables less reserve, by currency: a reserve is a credit, so the sum of both is what is out."""
    found: dict[str, Balances] = {}
    for currency, on, moved in by_day(span, purposes=[Purpose.RECEIVABLE, Purpose.RESERVE]):
        found.setdefault(currency, Balances()).change(on, moved)
    return found
