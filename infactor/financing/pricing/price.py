"""The price of an advance: what is paid out, what it costs for so many days, and what comes back. Pure.

Amounts are in the currency of the terms, rounded to its smallest unit (a cent, a whole yen); rates are in percent.
face: the open balance that is bought. base: the eligible part of it. reserve = face - advance. rebate = reserve - fee.
fee base: the part of the face that is bought against, and that the fee is charged on.
cash = advance - wire fee. fee = the fee for the days, at least the minimum fee, and the late fee.
So cash + wire fee + fee + rebate = face, less what the supplier owes where the fee exceeds the reserve.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core import money
from infactor.core.money import round_to_currency
from infactor.financing.pricing import late_fee
from infactor.financing.pricing.late_fee import LateFee
from infactor.financing.terms import Terms

HUNDRED = Decimal(100)
DAYS_OF_YEAR = 365
DISCLOSED_DAYS = (30, 45, 60, 90)


class PriceUndefined(ValueError):
    """There is no price for these amounts or days. The message says why."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one invoice brings on funding, and what is held in reserve. The wire fee is deducted from the advance."""

    face: Decimal
    base: Decimal
    advance: Decimal
    reserve: Decimal
    fee_base: Decimal
    wire_fee: Decimal = Decimal("0.00")

    @property
    def cash(self) -> Decimal:
        """What is paid out on funding."""
        return self.advance - self.wire_fee


@dataclass(frozen=True, slots=True)
class Fee:
    """The fee on `fee_base` for `days`: the first period, and the additional periods begun after it.

    It is at least `minimum`. The `late` fee comes on top.
    """

    fee_base: Decimal
    days: int
    first_rate: Decimal
    additional_periods: int
    additional_rate: Decimal
    by_rate: Decimal
    minimum: Decimal = Decimal("0.00")
    late: LateFee = late_fee.NONE

    @property
    def rate(self) -> Decimal:
        """All periods together, in percent of the fee base."""
        return self.first_rate + self.additional_periods * self.additional_rate

    @property
    def discount(self) -> Decimal:
        """The fee for the days, without a late fee."""
        return max(self.by_rate, self.minimum)

    @property
    def amount(self) -> Decimal:
        """All that is kept from the reserve."""
        return self.discount + self.late.amount

    @property
    def formula(self) -> str:
        """The calculation as text: "10,000.00 x (1.5% + 3 x 0.5%) = 300.00 for 55 days"."""
        rates = f"{money.format_number(self.first_rate)}%"
        if self.additional_periods:
            rates = f"({rates} + {self.additional_periods} × {money.format_number(self.additional_rate)}%)"
        text = ngettext(
            "%(base)s × %(rates)s = %(fee)s for %(days)s day",
            "%(base)s × %(rates)s = %(fee)s for %(days)s days",
            self.days,
        )
        base, fee = money.format_amount(self.fee_base, ""), money.format_amount(self.by_rate, "")
        parts = [text % {"base": base, "rates": rates, "fee": fee, "days": self.days}]
        if self.minimum > self.by_rate:
            parts.append(_("the minimum fee is %(minimum)s") % {"minimum": money.format_amount(self.minimum, "")})
        if self.late.amount:
            parts.append(_("late fee %(formula)s") % {"formula": self.late.formula})
            parts.append(_("together %(amount)s") % {"amount": money.format_amount(self.amount, "")})
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class PayoffScenario:
    """Fee and rebate if the buyer pays in full after `days`.

    `fee` is kept from the reserve, `late_fee` is a part of it, and `cost` is the fee and the wire fee. `shortfall` is
    the part of the fee that the reserve does not cover: the supplier owes it.
    """

    days: int
    fee: Decimal
    late_fee: Decimal
    cost: Decimal
    rebate: Decimal
    shortfall: Decimal
    annual_rate: Decimal
    past_recourse: bool


def price(*, face: Decimal, base: Decimal, terms: Terms, cut_by_limits: Decimal = Decimal(0)) -> Price:
    """Price an invoice with this face and base, of which limits and concentration took off `cut_by_limits`.

    Raises PriceUndefined unless 0 < base, 0 <= cut_by_limits, base + cut_by_limits <= face, and advance > wire fee.
    """
    if not 0 < base <= face:
        raise PriceUndefined(_("The base of an invoice must be above zero and not above its face."))
    if not 0 <= cut_by_limits <= face - base:
        raise PriceUndefined(_("Limits cannot cut more than there is between face and base."))
    advance = round_to_currency(base * terms.advance_rate / HUNDRED, terms.currency)
    if advance <= 0:
        raise PriceUndefined(_("The advance would be zero."))
    if advance <= terms.wire_fee:
        raise PriceUndefined(_("The wire fee would take all of the advance."))
    # In proportion: half of the base within the limits costs half of the fee.
    fee_base = round_to_currency(face * base / (base + cut_by_limits), terms.currency) if cut_by_limits else face
    return Price(
        face=face, base=base, advance=advance, reserve=face - advance, fee_base=fee_base, wire_fee=terms.wire_fee
    )


def fee(*, fee_base: Decimal, days: int, terms: Terms, late: LateFee = late_fee.NONE) -> Fee:
    """The fee on `fee_base` for the actual `days` from funding (excluded) to full collection (included), and `late`.

    The first period is always charged in full, and so is each additional one as soon as it has begun. Raises
    PriceUndefined for a negative number of days.
    """
    if days < 0:
        raise PriceUndefined(_("A buyer cannot have paid before the invoice was funded."))
    days_after_first = max(days - terms.first_fee_days, 0)
    additional_periods = -(-days_after_first // terms.additional_fee_days)  # rounded up
    rate = terms.first_fee_rate + additional_periods * terms.additional_fee_rate
    return Fee(
        fee_base=fee_base,
        days=days,
        first_rate=terms.first_fee_rate,
        additional_periods=additional_periods,
        additional_rate=terms.additional_fee_rate,
        by_rate=round_to_currency(fee_base * rate / HUNDRED, terms.currency),
        minimum=terms.minimum_fee,
        late=late,
    )


def zero_fee(*, fee_base: Decimal) -> Fee:
    """No fee, for an advance that is written off."""
    zero = Decimal("0.00")
    return Fee(fee_base=fee_base, days=0, first_rate=zero, additional_periods=0, additional_rate=zero, by_rate=zero)


def days_between(*, funded_on: date, collected_on: date) -> int:
    """The days that are charged: not the day of funding, but the day of collection. 0 for money that came earlier."""
    return max((collected_on - funded_on).days, 0)


def annual_rate(*, fees: Decimal, advanced: Decimal, days: int) -> Decimal:
    """The estimated annual rate in percent, two decimals: all fees / cash x 365 / days (at least one day)."""
    return round_to_currency(fees / advanced * DAYS_OF_YEAR / max(days, 1) * HUNDRED)


def highest_annual_rate(
    *, priced: Price, terms: Terms, funded_on: date | None = None, late_from: date | None = None
) -> Decimal:
    """The highest of the estimated annual rates that are disclosed for an invoice, in percent.

    `late_from` is the first day of the late fee, where there is one, of an advance that is funded on `funded_on`.
    """
    day = funded_on or date.min
    scenarios = (
        payoff_scenario(prices=[priced], days=days, terms=terms, recourse=(), funded_on=day, late_from=[late_from])
        for days in DISCLOSED_DAYS
    )
    return max(one.annual_rate for one in scenarios)


def payoff_scenario(
    *,
    prices: Sequence[Price],
    days: int,
    terms: Terms,
    recourse: Iterable[date],
    funded_on: date,
    late_from: Sequence[date | None] = (),
) -> PayoffScenario:
    """What `prices` together come to if every buyer pays `days` after `funded_on`; each invoice is rounded by itself.

    `recourse` are the dates from which on the supplier buys back an unpaid invoice, `late_from` the first days of the
    late fee, one for each of `prices`; without them there is none.
    """
    paid_on = funded_on + timedelta(days=days)
    late = [
        late_fee.late_fee(face=one.face, changes=[(funded_on, one.face)], start=start, end=paid_on, terms=terms)
        if start is not None
        else late_fee.NONE
        for one, start in zip(prices, late_from or [None] * len(prices), strict=True)
    ]
    fees = [
        fee(fee_base=one.fee_base, days=days, terms=terms, late=extra).amount
        for one, extra in zip(prices, late, strict=True)
    ]
    rests = [one.reserve - charged for one, charged in zip(prices, fees, strict=True)]
    zero = Decimal("0.00")
    cost = sum(fees, zero) + sum((one.wire_fee for one in prices), zero)
    return PayoffScenario(
        days=days,
        fee=sum(fees, zero),
        late_fee=sum((one.amount for one in late), zero),
        cost=cost,
        rebate=sum((rest for rest in rests if rest > 0), zero),
        shortfall=sum((-rest for rest in rests if rest < 0), zero),
        annual_rate=annual_rate(fees=cost, advanced=sum((one.cash for one in prices), zero), days=days),
        past_recourse=any(day < paid_on for day in recourse),
    )


def cost_per_additional_period(*, prices: Iterable[Price], terms: Terms) -> Decimal:
    """The fee of one additional period, all invoices together."""
    costs = (round_to_currency(one.fee_base * terms.additional_fee_rate / HUNDRED, terms.currency) for one in prices)
    return sum(costs, Decimal("0.00"))
