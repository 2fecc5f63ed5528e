"""The price of an invoice: what is paid out, what it costs for so many days, and what comes back. Pure.

Amounts are in the currency of the terms, rounded to what can be paid in it (a cent, a whole yen); rates are in percent.
The trade's words: face is the open balance that is bought, base what of it counts, reserve = face - advance, rebate =
reserve - fee (financing.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from infactor.core.money import rounded
from infactor.financing.terms import Terms

HUNDRED = Decimal(100)
DAYS_OF_YEAR = 365
SHOWN_DAYS = (30, 45, 60, 90)


class PriceUndefined(ValueError):
    """There is no price for these amounts or days; the message says why."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one invoice brings at once, and what is held back."""

    face: Decimal
    base: Decimal
    advance: Decimal
    reserve: Decimal


@dataclass(frozen=True, slots=True)
class Fee:
    """The discount fee on `face` for `days`: the first period, and `further` periods begun after it."""

    face: Decimal
    days: int
    first_rate: Decimal
    further: int
    further_rate: Decimal
    amount: Decimal

    @property
    def rate(self) -> Decimal:
        """All periods together, in percent of the face."""
        return self.first_rate + self.further * self.further_rate

    @property
    def formula(self) -> str:
        """How it comes about: "10,000.00 x (1.5 % + 3 x 0.5 %) = 300.00 for 55 days"."""
        rates = f"{_plain(self.first_rate)} %"
        if self.further:
            rates = f"({rates} + {self.further} × {_plain(self.further_rate)} %)"
        days = f"{self.days} day{'' if self.days == 1 else 's'}"
        return f"{self.face:,.2f} × {rates} = {self.amount:,.2f} for {days}"


@dataclass(frozen=True, slots=True)
class Ending:
    """What it comes to if the buyer pays all of it after `days`; `owed`: what of the fee the reserve does not cover."""

    days: int
    fee: Decimal
    rebate: Decimal
    owed: Decimal
    annual_rate: Decimal
    past_recourse: bool


def price(*, face: Decimal, base: Decimal, terms: Terms) -> Price:
    """What is advanced on `base` of `face`. Raises PriceUndefined unless 0 < base <= face and something is advanced."""
    if not 0 < base <= face:
        raise PriceUndefined("What counts of an invoice is above zero and not above its open balance.")
    advance = rounded(base * terms.advance_rate / HUNDRED, terms.currency)
    if advance <= 0:
        raise PriceUndefined("Nothing would be paid out on it.")
    return Price(face=face, base=base, advance=advance, reserve=face - advance)


def fee(*, face: Decimal, days: int, terms: Terms) -> Fee:
    """The fee on `face` for the real `days` from funding (excluded) to full collection (included).

    The first period is always charged; each further one as soon as it has begun. Raises PriceUndefined for less than
    no days.
    """
    if days < 0:
        raise PriceUndefined("A buyer cannot have paid before the invoice was funded.")
    over = max(days - terms.first_fee_days, 0)
    further = -(-over // terms.further_fee_days)
    rate = terms.first_fee_rate + further * terms.further_fee_rate
    return Fee(
        face=face,
        days=days,
        first_rate=terms.first_fee_rate,
        further=further,
        further_rate=terms.further_fee_rate,
        amount=rounded(face * rate / HUNDRED, terms.currency),
    )


def free(*, face: Decimal) -> Fee:
    """No fee: what ends in a loss earns nothing."""
    zero = Decimal("0.00")
    return Fee(face=face, days=0, first_rate=zero, further=0, further_rate=zero, amount=zero)


def days_between(*, funded_on: date, collected_on: date) -> int:
    """Days that are charged: the day of funding is not, the day of collection is. Money that came before it: 0."""
    return max((collected_on - funded_on).days, 0)


def annual_rate(*, fees: Decimal, advanced: Decimal, days: int) -> Decimal:
    """The estimated annual rate in percent, two decimals: fee / advance x 365 / days (at least one day)."""
    return rounded(fees / advanced * DAYS_OF_YEAR / max(days, 1) * HUNDRED)


def ending(*, prices: Sequence[Price], days: int, terms: Terms, recourse: Iterable[date], funded_on: date) -> Ending:
    """What `prices` together come to if every buyer pays `days` after `funded_on`; each is rounded by itself.

    `recourse` are the dates from which on an unpaid invoice is bought back.
    """
    fees = [fee(face=one.face, days=days, terms=terms).amount for one in prices]
    backs = [one.reserve - charged for one, charged in zip(prices, fees, strict=True)]
    zero = Decimal("0.00")
    advanced = sum((one.advance for one in prices), zero)
    return Ending(
        days=days,
        fee=sum(fees, zero),
        rebate=sum((back for back in backs if back > 0), zero),
        owed=sum((-back for back in backs if back < 0), zero),
        annual_rate=annual_rate(fees=sum(fees, zero), advanced=advanced, days=days),
        past_recourse=any(day < funded_on + timedelta(days=days) for day in recourse),
    )


def waiting_costs(*, prices: Iterable[Price], terms: Terms) -> Decimal:
    """What each further period begun costs, all invoices together."""
    costs = (rounded(one.face * terms.further_fee_rate / HUNDRED, terms.currency) for one in prices)
    return sum(costs, Decimal("0.00"))


def _plain(rate: Decimal) -> str:
    """A rate without zeros at its end: 1.5, not 1.500."""
    return f"{rate.normalize():f}"
