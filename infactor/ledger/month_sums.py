"""Sums by purpose and currency over a time: those that closings kept, and the entries of all other days.

A closed month never changes, so its kept sums are what its entries add up to (`integrity_checks` compares them). While
somebody adds up, no month is closed or reopened.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from operator import add
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.db.transaction import atomic

from infactor.ledger import periods
from infactor.ledger.models import ZERO, Entry, MonthSum, Purpose

ONE_DAY = timedelta(days=1)
DAY = "transaction__value_date"
# Each transaction's entries by their index: left to itself, PostgreSQL reads all entries to find those of some days.
OF_SOME_DAYS = """
WITH moved AS MATERIALIZED (
    SELECT account_id,
        coalesce(sum(debit) FILTER (WHERE value_date < %(start)s), 0.00) AS debits_before,
        coalesce(sum(credit) FILTER (WHERE value_date < %(start)s), 0.00) AS credits_before,
        coalesce(sum(debit) FILTER (WHERE value_date >= %(start)s), 0.00) AS debits,
        coalesce(sum(credit) FILTER (WHERE value_date >= %(start)s), 0.00) AS credits
    FROM ledger_transaction AS written CROSS JOIN LATERAL (
        SELECT account_id, debit, credit FROM ledger_entry WHERE transaction_id = written.id OFFSET 0
    ) AS entry
    WHERE value_date <= %(end)s
        AND (value_date >= %(open)s OR value_date >= %(before)s AND value_date < %(first)s)
    GROUP BY account_id
)
SELECT currency, purpose, sum(debits_before), sum(credits_before), sum(debits), sum(credits)
FROM moved JOIN ledger_account AS account ON account.id = moved.account_id
GROUP BY currency, purpose
"""
Row = tuple[Any, ...]  # currency, purpose, and the four amounts of Sums


class Sums(NamedTuple):
    """Debits and credits before the first day of a time, and within it."""

    debits_before: Decimal = ZERO
    credits_before: Decimal = ZERO
    debits: Decimal = ZERO
    credits: Decimal = ZERO


def sums(*, start: date | None = None, end: date | None = None) -> dict[tuple[str, Purpose], Sums]:
    """The sums of value dates up to `end`, by currency and purpose, where there are any; None: all dates.

    Takes the lock that postings share, until the transaction ends. Three queries.
    """
    found: dict[tuple[str, Purpose], Sums] = defaultdict(Sums)
    with atomic():
        first_open = periods.lock_closings()
        kept = () if first_open is None else _kept(start, end)
        for currency, purpose, *amounts in (*kept, *_of_entries(start, end, first_open=first_open)):
            key = (currency, Purpose(purpose))
            found[key] = Sums._make(map(add, found[key], amounts))
    return dict(found)


def _whole_months(start: date | None, end: date | None) -> tuple[date, date, date]:
    """Whole months before the first day are before `start`; those from the second to before the third are within."""
    before = first = date.min
    if start is not None:
        before = periods.month_of(start)
        first = before if start == before else _month_after(start)
    return before, first, date.max if end is None or end == date.max else periods.month_of(end + ONE_DAY)


def _month_after(day: date) -> date:
    """The first day of the next month; in the last one that there is, its last day."""
    return date.max if periods.month_of(day) == periods.month_of(date.max) else periods.next_month(day)


def _kept(start: date | None, end: date | None) -> Iterable[Row]:
    before, first, until = _whole_months(start, end)
    is_before = Q(month__lt=before)
    rows = MonthSum.objects.filter(is_before | Q(month__gte=first, month__lt=until))
    return _summed(rows, "currency", "purpose", amounts=("debits", "credits"), is_before=is_before)


def _of_entries(start: date | None, end: date | None, *, first_open: date | None) -> Iterable[Row]:
    """The sums of the entries that no kept sum holds: of open months, and of closed ones that are not whole."""
    if first_open is None:
        rows = Entry.objects.all() if end is None else Entry.objects.filter(**{f"{DAY}__lte": end})
        is_before = Q(**{f"{DAY}__lt": start or date.min})
        keys = "account__currency", "account__purpose"
        return _summed(rows, *keys, amounts=("debit", "credit"), is_before=is_before)
    before, first, until = _whole_months(start, end)
    with connection.cursor() as cursor:
        cursor.execute(
            OF_SOME_DAYS,
            {
                "start": start or date.min,
                "end": end or date.max,
                "open": min(first_open, max(first, until)),
                "before": before,
                "first": first,
            },
        )
        found: list[Row] = cursor.fetchall()
    return found


def _summed(rows: QuerySet[Any], *keys: str, amounts: tuple[str, str], is_before: Q) -> Iterable[Row]:
    totals = {
        f"{name}_{side}": Sum(amount, filter=condition, default=ZERO)
        for name, condition in (("before", is_before), ("within", ~is_before))
        for side, amount in zip(("debits", "credits"), amounts, strict=True)
    }
    summed: Iterable[Row] = rows.order_by().values_list(*keys).annotate(**totals)
    return summed
