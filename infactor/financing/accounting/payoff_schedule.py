"""The payoff figure of a supplier: what would have to be paid on a day so that nothing is outstanding, by currency.

For each advance it is what staff's repurchase comes to (`payoff.amount_to_close`); to that comes what the supplier owes
besides, and off it what infactor owes the supplier.

An advance whose money has not left costs nothing: its funding is taken back. Then the supplier owes again what was
netted from it, and what its buyer has paid meanwhile is the supplier's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from infactor.financing.accounting import fees, positions
from infactor.financing.accounting.payoff import amount_to_close, whose_money_is_here
from infactor.financing.accounting.positions import Position
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, CollectionAllocation, Netting
from infactor.financing.pricing.late_fee import Change
from infactor.financing.pricing.price import Fee
from infactor.suppliers.models import Supplier

ZERO = Decimal("0.00")
DAYS_AHEAD = 30


@dataclass(frozen=True)
class PayoffLine:
    """One advance on a day: `amount` = receivable + fee - reserve. Negative: the reserve is more than the rest."""

    advance: Advance
    receivable: Decimal
    fee: Fee
    reserve: Decimal
    amount: Decimal


@dataclass(frozen=True)
class PayoffFigure:
    """All of one currency on the day `on`. `amount` is what the supplier pays; negative: what infactor pays it.

    `unsent` are the advances whose money has not left: they are taken back, and cost nothing.
    """

    currency: str
    on: date
    lines: Sequence[PayoffLine] = field(default_factory=tuple)
    due_from_supplier: Decimal = ZERO
    payable_to_supplier: Decimal = ZERO
    unsent: Sequence[Advance] = field(default_factory=tuple)

    @property
    def receivable(self) -> Decimal:
        return sum((one.receivable for one in self.lines), ZERO)

    @property
    def fees(self) -> Decimal:
        return sum((one.fee.amount for one in self.lines), ZERO)

    @property
    def reserve(self) -> Decimal:
        return sum((one.reserve for one in self.lines), ZERO)

    @property
    def amount(self) -> Decimal:
        lines = sum((one.amount for one in self.lines), ZERO)
        return lines + self.due_from_supplier - self.payable_to_supplier

    @property
    def owed_to_supplier(self) -> Decimal:
        return max(-self.amount, ZERO)


def schedule(*, supplier: Supplier, today: date, days: int = DAYS_AHEAD) -> dict[str, list[PayoffFigure]]:
    """By currency, the figure for `today` and each of the next `days`. A few queries. {} if nothing is outstanding.

    It holds if no payment arrives meanwhile: each day is reckoned from the ledger as it is now.
    """
    rows = positions.open_positions(supplier=supplier, today=today)
    found = [one for one in rows if one.advance.status in OUTSTANDING_STATUSES]
    here = whose_money_is_here(advances=[one.advance for one in found])
    unsent = [one.advance for one in found if one.advance.pk in here]
    found = [one for one in found if one.advance.pk not in here]
    changes = fees.open_balance_changes(advances=[one.advance for one in found])
    besides = _besides(supplier, unsent)
    currencies = sorted({one.advance.currency for one in found} | besides.keys())
    on = [today + timedelta(days=number) for number in range(days + 1)]
    return {
        currency: [
            PayoffFigure(
                currency,
                day,
                [_line(one, day, changes.get(one.advance.pk, [])) for one in found if one.advance.currency == currency],
                *besides.get(currency, (ZERO, ZERO)),
                [one for one in unsent if one.currency == currency],
            )
            for day in on
        ]
        for currency in currencies
    }


def _besides(supplier: Supplier, unsent: Sequence[Advance]) -> dict[str, tuple[Decimal, Decimal]]:
    """By currency, what the supplier owes and is owed besides its advances, once the funding of `unsent` is taken back.

    Then it owes again what was netted from them, and what their buyers have paid is its own.
    """
    found = {
        one.currency: (one.due_from_supplier, one.payable_to_supplier)
        for one in positions.supplier_balances(supplier=supplier)
    }
    if not unsent:
        return found
    nettings = Netting.objects.filter(advance__in=unsent, undone_at__isnull=True).order_by()
    paid = CollectionAllocation.objects.filter(
        advance__in=unsent, kind=CollectionAllocation.Kind.ADVANCE, reversed_at__isnull=True
    ).order_by()
    for currency, sum_ in nettings.values_list("currency").annotate(Sum("amount")):
        due, payable = found.get(currency, (ZERO, ZERO))
        found[currency] = (due + sum_, payable)
    for currency, sum_ in paid.values_list("advance__currency").annotate(Sum("amount")):
        due, payable = found.get(currency, (ZERO, ZERO))
        found[currency] = (due, payable + sum_)
    return found


def _line(one: Position, on: date, changes: Sequence[Change]) -> PayoffLine:
    until = one.advance.collected_on or on  # once the buyer has paid, the fee grows no more
    fee = fees.fee_until(advance=one.advance, until=until, changes=changes)
    amount = amount_to_close(receivable=one.receivable, fee=fee.amount, reserve=one.reserve)
    return PayoffLine(one.advance, one.receivable, fee, one.reserve, amount)
