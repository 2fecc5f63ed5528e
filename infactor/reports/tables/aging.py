"""Aging of the purchased receivables: by buyer and by supplier, in the days that they are past due."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from infactor.reports.moments import Span
from infactor.reports.receivables import Receivable, outstanding
from infactor.reports.report import ZERO, Row, amount, count, text, with_totals

UP_TO = (0, 30, 60, 90)  # the last day late of each bucket; beyond is the last bucket
COLUMNS = (
    amount(_("Not due")),
    amount(_("1 to 30 days late")),
    amount(_("31 to 60")),
    amount(_("61 to 90")),
    amount(_("Over 90")),
    amount(_("No due date")),
    amount(_("Outstanding")),
    count(_("Invoices")),
)
BY_BUYER = (text(_("Buyer")), text(_("Currency")), *COLUMNS)
BY_SUPPLIER = (text(_("Supplier")), text(_("Currency")), *COLUMNS)
NO_DUE_DATE = len(UP_TO) + 1


def by_buyer(span: Span) -> Iterator[Row]:
    """What each debtor owes, over all suppliers."""
    return _aging(span, key=lambda one: one.debtor_key, name=lambda one: one.debtor)


def by_supplier(span: Span) -> Iterator[Row]:
    """What is outstanding of each supplier's invoices."""
    return _aging(span, key=lambda one: one.supplier_id, name=lambda one: one.supplier)


def _aging(span: Span, *, key: Callable[[Receivable], Hashable], name: Callable[[Receivable], str]) -> Iterator[Row]:
    sums: dict[tuple[str, Hashable], list[Decimal]] = defaultdict(lambda: [ZERO] * (NO_DUE_DATE + 1))
    names: dict[Hashable, str] = {}
    counts: dict[tuple[str, Hashable], int] = defaultdict(int)
    for one in outstanding(span.moment):
        if not one.receivable:
            continue  # paid, and not settled
        group = (one.currency, key(one))
        sums[group][_bucket(one, span)] += one.receivable
        counts[group] += 1
        names[key(one)] = name(one)
    rows = [
        Row(currency, (names[of], currency, *buckets, sum(buckets, ZERO), counts[currency, of]))
        for (currency, of), buckets in sums.items()
    ]
    rows.sort(key=lambda row: (row.currency, -row.cells[-2], str(row.cells[0])))  # type: ignore[operator]
    return with_totals(rows, summed=range(2, len(COLUMNS) + 2))


def _bucket(one: Receivable, span: Span) -> int:
    if one.due_on is None:
        return NO_DUE_DATE
    late = one.days_late(span.moment.day)
    return next((place for place, last in enumerate(UP_TO) if late <= last), len(UP_TO))
