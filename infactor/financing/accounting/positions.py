"""Positions: the outstanding amount, fee and expected rebate of a supplier's open advances."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing.accounting.balances import supplier_ledger_owner
from infactor.financing.models import OPEN_STATUSES, OUTSTANDING_STATUSES, Advance
from infactor.financing.pricing import price
from infactor.financing.pricing.price import Fee
from infactor.ledger.balances import balances_by_owner, on_normal_side
from infactor.ledger.models import Entry, Purpose
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")


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
    at_hand = [
        position_of(advance=one, receivable=balances[one.pk][0], reserve=balances[one.pk][1], today=today)
        for one in found
    ]
    return sorted(at_hand, key=lambda one: (one.expected_on, one.advance.pk))


def position_of(*, advance: Advance, receivable: Decimal, reserve: Decimal, today: date) -> Position:
    """The position of one advance with these ledger balances."""
    expected_on = max(advance.due_on or today, today)
    if advance.funded_on is None:
        return Position(advance, ZERO, ZERO, expected_on)
    if advance.collected_on is not None:
        fixed = _fee_until(advance, until=advance.collected_on)
        return Position(advance, receivable, reserve, advance.collected_on, fixed, fixed)
    rises_on = _next_fee_increase(advance, today=today)
    so_far = _fee_until(advance, until=today)
    return Position(
        advance,
        receivable,
        reserve,
        expected_on,
        so_far,
        _fee_until(advance, until=expected_on),
        rises_on,
        _fee_until(advance, until=rises_on).amount - so_far.amount,
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
    receivable = balances_by_owner(purpose=Purpose.RECEIVABLE, owners=owners)
    reserve = balances_by_owner(purpose=Purpose.RESERVE, owners=owners)
    return {one.pk: (receivable.get(one.ledger_owner, ZERO), reserve.get(one.ledger_owner, ZERO)) for one in found}


def _fee_until(advance: Advance, *, until: date) -> Fee:
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded accrues no fee.")
    days = price.days_between(funded_on=advance.funded_on, collected_on=until)
    return price.fee(fee_base=advance.fee_base, days=days, terms=advance.terms.record())


def _next_fee_increase(advance: Advance, *, today: date) -> date:
    """The first day after `today` on which another fee period has begun."""
    if advance.funded_on is None:
        raise ValueError("An advance that is not funded accrues no fee.")
    terms = advance.terms
    over = max((today - advance.funded_on).days - terms.first_fee_days, 0)
    begun = -(-over // terms.additional_fee_days)
    return advance.funded_on + timedelta(days=terms.first_fee_days + begun * terms.additional_fee_days + 1)
