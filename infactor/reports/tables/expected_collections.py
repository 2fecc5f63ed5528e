"""Collections against expectation: by week, what fell due, what buyers paid, and what is to come."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.history import Kind, as_known
from infactor.financing.models import Advance
from infactor.reports.moments import Span
from infactor.reports.movements import collected_by_day
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, day, percent, share, text
from infactor.suppliers.models import Supplier

COLUMNS = (
    day("Week from"), text("Currency"), amount("Fell or falls due"), amount("Collected"), percent("Collected of due"),
    amount("Still outstanding of these"),
)  # fmt: skip
AT_ONCE = 1000


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
    """Currency, due date as known, and face of every invoice that was purchased by then."""
    for supplier in Supplier.objects.filter(advances__accepted_at__lte=span.moment.at).distinct().order_by("pk"):
        purchased = Advance.objects.filter(supplier=supplier, funded_on__lte=span.moment.day)
        rows = list(purchased.order_by("pk").values_list("invoice_id", "currency", "face"))
        for start in range(0, len(rows), AT_ONCE):
            batch = rows[start : start + AT_ONCE]
            states = as_known(
                kind=Kind.INVOICE, supplier=supplier, at=span.moment.at, ids=[row[0] for row in batch],
                fields={"payable_date"},
            )  # fmt: skip
            for invoice_id, currency, face in batch:
                if invoice_id in states and (due_on := states[invoice_id].values["payable_date"]):
                    yield currency, due_on, face
