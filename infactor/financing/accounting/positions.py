"""Positions: the outstanding amount, fee and expected rebate of a supplier's open advances."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing.accounting import fees
from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.models import OPEN_STATUSES, OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing import price
from infactor.financing.pricing.late_fee import Change
from infactor.financing.pricing.price import Fee
from infactor.ledger.balances import balances_by_purpose, on_normal_side
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
MOST_DAYS = 3660  # an advance does not last ten years


@dataclass(frozen=True)
class Position:
    """One open advance, in its currency. `receivable` and `reserve` are ledger balances, 0.00 before funding.

    `accrued_fee` is the fee if the buyer paid today, or the final one once it has paid. `expected_fee` is the fee for a
    payment on `expected_on`: the due date, or today if that is past. The fee grows by `fee_increase` on
    `fee_increases_on`; None: it grows no more.
    """

    advance: Advance
    receivable: Decimal
    reserve: Decimal
    expected_on: date
    accrued_fee: Fee | None = None
    expected_fee: Fee | None = None
    fee_increases_on: date | None = None
    fee_increase: Decimal = ZERO

    @property
    def collected(self) -> Decimal:
        """How much of the face is no longer outstanding."""
        return self.advance.face - self.receivable if self.advance.status in OUTSTANDING_STATUSES else ZERO

    @property
    def expected_rebate(self) -> Decimal:
        """The rebate if the buyer pays in full on `expected_on`."""
        return max(self.reserve - self.expected_fee.amount, ZERO) if self.expected_fee is not None else ZERO


@dataclass(frozen=True)
class CashForecast:
    """The funded advances of one currency together: how many, their totals, and the rebate to expect."""

    currency: str
    count: int
    advanced: Decimal
    receivable: Decimal
    reserve: Decimal
    accrued_fee: Decimal
    expected_rebate: Decimal


@dataclass(frozen=True)
class SupplierBalance:
    """What a supplier owes infactor in one currency, and what infactor owes it."""

    currency: str
    due_from_supplier: Decimal
    payable_to_supplier: Decimal


def open_positions(*, supplier: Supplier, today: date) -> list[Position]:
    """Every open advance of `supplier` on its day `today`, the one expected first in front. A few queries."""
    rows = Advance.objects.filter(supplier=supplier, status__in=OPEN_STATUSES)
    found = list(rows.select_related("invoice", "purchase", "terms", "offer_line__offer").order_by("pk"))
    balances = _balances(found)
    changes = fees.open_balance_changes(advances=found)
    at_hand = [
        position_of(
            advance=one,
            receivable=balances[one.pk][0],
            reserve=balances[one.pk][1],
            today=today,
            changes=changes.get(one.pk, []),
        )
        for one in found
    ]
    return sorted(at_hand, key=lambda one: (one.expected_on, one.advance.pk))


def position_of(
    *,
    advance: Advance,
    receivable: Decimal,
    reserve: Decimal,
    today: date,
    changes: Sequence[Change] | None = None,
) -> Position:
    """The position of one advance with these ledger balances.

    `changes` are those of `fees.open_balance_changes`; None: they are read.
    """
    expected_on = max(advance.due_on or today, today)
    if advance.funded_on is None:
        return Position(advance, ZERO, ZERO, expected_on)
    if changes is None:
        changes = fees.open_balance_changes(advances=[advance]).get(advance.pk, [])
    if advance.collected_on is not None:
        fixed = fees.fee_until(advance=advance, until=advance.collected_on, changes=changes)
        return Position(advance, receivable, reserve, advance.collected_on, fixed, fixed)
    so_far = fees.fee_until(advance=advance, until=today, changes=changes)
    rises_on, increase = _next_increase(advance, so_far=so_far, today=today, changes=changes) or (None, ZERO)
    return Position(
        advance,
        receivable,
        reserve,
        expected_on,
        so_far,
        fees.fee_until(advance=advance, until=expected_on, changes=changes),
        rises_on,
        increase,
    )


def supplier_balances(*, supplier: Supplier) -> list[SupplierBalance]:
    """What `supplier` owes and is owed in each currency, where there is anything. One query."""
    owner = supplier_ledger_owner(supplier.pk)
    sums: dict[str, dict[str, Decimal]] = {}
    rows = Entry.objects.filter(account__owner=owner).order_by().values("account__currency", "account__purpose")
    for row in rows.annotate(debits=Sum("debit"), credits=Sum("credit")):
        purpose = Purpose(row["account__purpose"])
        balances = on_normal_side(purpose=purpose, debits=row["debits"], credits=row["credits"])
        sums.setdefault(row["account__currency"], {})[purpose] = balances
    found = [
        SupplierBalance(
            code, balances.get(Purpose.DUE_FROM_SUPPLIER, ZERO), balances.get(Purpose.PAYABLE_TO_SUPPLIER, ZERO)
        )
        for code, balances in sorted(sums.items())
    ]
    return [one for one in found if one.due_from_supplier or one.payable_to_supplier]


def cash_forecasts(*, positions: Sequence[Position]) -> list[CashForecast]:
    """The totals of the funded `positions`, by currency."""
    funded = [one for one in positions if one.advance.status in OUTSTANDING_STATUSES]
    return [
        _forecast(currency, [one for one in funded if one.advance.currency == currency])
        for currency in sorted({one.advance.currency for one in funded})
    ]


def _forecast(currency: str, found: Collection[Position]) -> CashForecast:
    return CashForecast(
        currency=currency,
        count=len(found),
        advanced=sum((one.advance.amount for one in found), ZERO),
        receivable=sum((one.receivable for one in found), ZERO),
        reserve=sum((one.reserve for one in found), ZERO),
        accrued_fee=sum((one.accrued_fee.amount for one in found if one.accrued_fee is not None), ZERO),
        expected_rebate=sum((one.expected_rebate for one in found), ZERO),
    )


def _balances(found: Collection[Advance]) -> dict[int, tuple[Decimal, Decimal]]:
    owners = [one.ledger_owner for one in found if one.status in OUTSTANDING_STATUSES]
    balances = balances_by_purpose(purposes=[Purpose.RECEIVABLE, Purpose.RESERVE], owners=owners)
    receivable, reserve = balances[Purpose.RECEIVABLE], balances[Purpose.RESERVE]
    return {one.pk: (receivable.get(one.ledger_owner, ZERO), reserve.get(one.ledger_owner, ZERO)) for one in found}


def _next_increase(
    advance: Advance, *, so_far: Fee, today: date, changes: Sequence[Change]
) -> tuple[date, Decimal] | None:
    """The first day after `today` on which the fee is higher, and by how much; None where it rises no more.

    Another period begins, or a day of the late fee. While the minimum fee is higher than the rates, periods cost
    nothing.
    """
    candidates = []
    if (period := _next_dearer_period(advance, so_far=so_far)) is not None:
        candidates.append(period)
    if advance.late_from is not None:
        candidates.append(max(advance.late_from, today + timedelta(days=1)))
    for day in sorted(candidates):
        increase = fees.fee_until(advance=advance, until=day, changes=changes).amount - so_far.amount
        if increase > 0:
            return day, increase
    return None


def _next_dearer_period(advance: Advance, *, so_far: Fee) -> date | None:
    """The first day of the next period with which the fee for the days is higher than `so_far`."""
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded accrues no fee.")
    terms = advance.terms.record()
    if not terms.additional_fee_rate:
        return None
    begun = so_far.additional_periods
    while True:
        days = terms.first_fee_days + begun * terms.additional_fee_days + 1
        if days > MOST_DAYS:
            return None
        if price.fee(fee_base=advance.fee_base, days=days, terms=terms).discount > so_far.discount:
            return advance.funded_on + timedelta(days=days)
        begun += 1
