"""The payoff figure of a supplier: what would have to be paid on a day so that nothing is outstanding, by currency.

For each advance it is what staff's repurchase comes to (`payoff.amount_to_close`); to that comes what the supplier owes
besides, and off it what infactor owes the supplier.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.accounting import fees, positions
from infactor.financing.accounting.payoff import amount_to_close
from infactor.financing.accounting.positions import Position, SupplierBalance
from infactor.financing.models import OUTSTANDING_STATUSES, Advance
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
    """All of one currency on the day `on`. `amount` is what the supplier pays; negative: what infactor pays it."""

    currency: str
    on: date
    lines: Sequence[PayoffLine] = field(default_factory=tuple)
    due_from_supplier: Decimal = ZERO
    payable_to_supplier: Decimal = ZERO

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
    changes = fees.open_balance_changes(advances=[one.advance for one in found])
    besides = {one.currency: one for one in positions.supplier_balances(supplier=supplier)}
    currencies = sorted({one.advance.currency for one in found} | besides.keys())
    on = [today + timedelta(days=number) for number in range(days + 1)]
    return {
        currency: [
            _figure(
                currency,
                day,
                [one for one in found if one.advance.currency == currency],
                besides.get(currency, SupplierBalance(currency, ZERO, ZERO)),
                changes,
            )
            for day in on
        ]
        for currency in currencies
    }


def _figure(
    currency: str,
    on: date,
    found: Sequence[Position],
    besides: SupplierBalance,
    changes: dict[int, list[Change]],
) -> PayoffFigure:
    return PayoffFigure(
        currency,
        on,
        [_line(one, on, changes.get(one.advance.pk, [])) for one in found],
        besides.due_from_supplier,
        besides.payable_to_supplier,
    )


def _line(one: Position, on: date, changes: Sequence[Change]) -> PayoffLine:
    until = one.advance.collected_on or on  # once the buyer has paid, the fee grows no more
    fee = fees.fee_until(advance=one.advance, until=until, changes=changes)
    amount = amount_to_close(receivable=one.receivable, fee=fee.amount, reserve=one.reserve)
    return PayoffLine(one.advance, one.receivable, fee, one.reserve, amount)
