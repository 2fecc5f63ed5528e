"""The fees that a supplier was charged in a calendar year, by month, kind and advance, by the ledger. Reads only."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from infactor.financing.models import Advance
from infactor.ledger.models import FEE_PURPOSES, Entry, Purpose
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
MONTHS = 12
OF_ADVANCE = re.compile(r"^advance:(\d+):")
KINDS = dict(zip(FEE_PURPOSES, ("discount", "late", "wire"), strict=True))


@dataclass(frozen=True)
class Fees:
    """Amounts of one currency by kind of fee; below zero where a correction took back more than was charged."""

    discount: Decimal = ZERO
    late: Decimal = ZERO
    wire: Decimal = ZERO

    def __add__(self, other: "Fees") -> "Fees":
        return Fees(self.discount + other.discount, self.late + other.late, self.wire + other.wire)

    @property
    def total(self) -> Decimal:
        return self.discount + self.late + self.wire


@dataclass(frozen=True)
class FeeLine:
    """What one advance was charged in the month that begins on `month`; no advance where it is of no single one."""

    month: date
    advance: Advance | None
    fees: Fees


@dataclass(frozen=True)
class FeeYear:
    """One currency in one year. `lines` are by month and advance, `months` are all that have begun."""

    currency: str
    lines: tuple[FeeLine, ...]
    months: tuple[tuple[date, Fees], ...]
    advances: tuple[tuple[Advance | None, Fees], ...]
    total: Fees


def first_year(*, supplier: Supplier) -> int | None:
    """The first year in which a fee was charged; None where none was."""
    days = _entries(supplier).order_by("transaction__value_date").values_list("transaction__value_date", flat=True)
    first: date | None = days.first()
    return None if first is None else first.year


def fees_of_year(*, supplier: Supplier, year: int, today: date) -> list[FeeYear]:
    """The fees of each currency in `year`, up to the month of `today`. Two queries.

    They count on their day in the ledger, as on the statement: a correction lowers the month in which it counts.
    """
    charged: dict[str, dict[tuple[date, int], Fees]] = defaultdict(lambda: defaultdict(Fees))
    rows = _entries(supplier).filter(transaction__value_date__range=(date(year, 1, 1), date(year, 12, 31))).order_by()
    sums = rows.values_list(
        "account__currency", TruncMonth("transaction__value_date"), "transaction__reference", "account__purpose"
    ).annotate(charged=Sum(F("credit") - F("debit")))
    for currency, month, reference, purpose, amount in sums:
        found = OF_ADVANCE.match(reference)
        charged[currency][month, int(found[1]) if found else 0] += Fees(**{KINDS[Purpose(purpose)]: amount})
    numbers = {number for of in charged.values() for _, number in of}
    advances = Advance.objects.filter(supplier=supplier, pk__in=numbers).select_related("invoice").in_bulk()
    begun = [date(year, one, 1) for one in range(1, (today.month if year == today.year else MONTHS) + 1)]
    return [
        _fee_year(
            currency,
            [FeeLine(month, advances.get(number), fees) for (month, number), fees in sorted(of.items())],
            begun=begun,
        )
        for currency, of in sorted(charged.items())
    ]


def fees_by_month(*, supplier: Supplier, today: date) -> dict[str, list[tuple[date, Fees]]]:
    """By currency, the fees of the month of `today` and of the eleven before, the oldest first. One query.

    They count as in `fees_of_year`. A currency without a fee in these months is left out.
    """
    first = today.year * MONTHS + today.month - MONTHS
    months = [date(number // MONTHS, number % MONTHS + 1, 1) for number in range(first, first + MONTHS)]
    charged: dict[str, dict[date, Fees]] = defaultdict(lambda: dict.fromkeys(months, Fees()))
    rows = _entries(supplier).filter(transaction__value_date__gte=months[0], transaction__value_date__lte=today)
    sums = (
        rows.order_by()
        .values_list("account__currency", TruncMonth("transaction__value_date"), "account__purpose")
        .annotate(charged=Sum(F("credit") - F("debit")))
    )
    for currency, month, purpose, amount in sums:
        charged[currency][month] += Fees(**{KINDS[Purpose(purpose)]: amount})
    return {currency: list(of.items()) for currency, of in sorted(charged.items())}


def _fee_year(currency: str, lines: Iterable[FeeLine], *, begun: Iterable[date]) -> FeeYear:
    found = tuple(lines)
    by_month: dict[date, Fees] = defaultdict(Fees)
    by_advance: dict[Advance | None, Fees] = defaultdict(Fees)
    for line in found:
        by_month[line.month] += line.fees
        by_advance[line.advance] += line.fees
    months = sorted({*begun, *by_month})
    return FeeYear(
        currency,
        found,
        tuple((month, by_month[month]) for month in months),
        tuple(by_advance.items()),
        sum(by_month.values(), Fees()),
    )


def _entries(supplier: Supplier) -> QuerySet[Entry]:
    """The entries of fees that `supplier` was charged. Accruals are an estimate of infactor, and no claim."""
    own = Q(transaction__supplier=supplier)
    accruals = Entry.objects.filter(own, account__purpose=Purpose.ACCRUED_FEES).values("transaction_id")
    return Entry.objects.filter(own, account__purpose__in=FEE_PURPOSES).exclude(transaction_id__in=accruals)
