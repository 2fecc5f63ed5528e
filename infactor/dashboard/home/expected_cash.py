"""The cash that a supplier can expect in each of the next weeks: invoices that fall due, rebates, and payouts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from infactor.dashboard.financing.advances import FundedAdvance
from infactor.financing.accounting.positions import ZERO, Position
from infactor.financing.models import OPEN_STATUSES, Advance
from infactor.invoices.models import Invoice
from infactor.invoices.selectors import OUTSTANDING
from infactor.suppliers.models import Supplier

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """One week from `start`, in one currency: what buyers pay the supplier, and what infactor pays it."""

    start: date
    from_buyers: Decimal = ZERO
    from_infactor: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.from_buyers + self.from_infactor


def expected_cash(
    *, supplier: Supplier, positions: Sequence[Position], funded_advances: Sequence[FundedAdvance], today: date
) -> dict[str, list[Week]]:
    """By currency, WEEKS weeks from the supplier's day `today` on. A currency without any expected cash is left out.

    Buyers pay the supplier the open invoices that are not financed, on their due dates. infactor pays accepted advances
    in the first week, and rebates when the buyer's payment is due. Left out, because nobody knows when they come:
    overdue invoices, and rebates that a dispute holds. One query.
    """
    buyers: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)
    ours: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)
    for row in _invoices_due(supplier, today):
        buyers[row["currency"], _week(row["payable_date"], today)] += row["amount"]
    for position in positions:
        if position.advance.status == Advance.Status.ACCEPTED:
            ours[position.advance.currency, 0] += position.advance.cash
    for one in funded_advances:
        week = _week(one.position.expected_on, today)
        if not one.is_held and not one.is_late and 0 <= week < WEEKS:
            ours[one.advance.currency, week] += one.position.expected_rebate
    currencies = {key[0] for found in (buyers, ours) for key, amount in found.items() if amount > 0}
    return {
        currency: [
            Week(today + number * WEEK, buyers[currency, number], ours[currency, number]) for number in range(WEEKS)
        ]
        for currency in sorted(currencies)
    }


def _invoices_due(supplier: Supplier, today: date) -> Iterable[dict[str, Any]]:
    financed = Advance.objects.filter(supplier=supplier, status__in=OPEN_STATUSES).values("invoice")
    found: Iterable[Any] = (
        Invoice.objects.for_supplier(supplier)
        .filter(OUTSTANDING, payable_date__gte=today, payable_date__lt=today + WEEKS * WEEK, balance__gt=0)
        .exclude(currency="")
        .exclude(pk__in=financed)
        .order_by()
        .values("currency", "payable_date")
        .annotate(amount=Sum("balance"))
    )
    return found


def _week(day: date, today: date) -> int:
    return (day - today) // WEEK
