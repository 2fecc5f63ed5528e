"""Random lifecycles of advances end with the balances that an independent calculation gives."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.models import Advance, Collection, Payout
from infactor.ledger.integrity import verify
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")
TERMS = {
    "advance_rate": (70, 85, 97),
    "first_fee_rate": ("0.333", "1.5", "2.75"),
    "first_fee_days": (1, 7, 30),
    "additional_fee_rate": ("0", "0.5", "1.25"),
    "additional_fee_days": (1, 10, 15),
}


def to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class ByHand:
    """An independent calculation of each account of one advance, its supplier and infactor."""

    face: Decimal
    advance: Decimal
    terms: dict[str, Decimal]
    funded_on: date
    closed_by: list[tuple[Decimal, date]] = field(default_factory=list)
    paid: list[tuple[Collection, Decimal, Decimal]] = field(default_factory=list)
    owed: Decimal = Decimal(0)
    passing: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)
    shorts: int = 0
    before: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))  # held and owed before the settlement
    rebate: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        self.open, self.held, self.cash = self.face, self.face - self.advance, -self.advance

    def pays(self, collection: Collection, amount: Decimal, on: date) -> None:
        part = min(amount, self.open)
        self.open, self.passing, self.cash = self.open - part, self.passing + amount - part, self.cash + amount
        self.paid.append((collection, part, amount - part))
        self.closed_by.append((part, on))

    def bounces(self, place: int, *, was_settled: bool = False, was_repurchased: bool = False) -> Collection:
        """A payment is returned. After a settlement all is as before it, but the rebate that was paid is owed."""
        collection, part, above = self.paid.pop(place)
        self.closed_by.remove((part, collection.value_date))
        self.cash, self.passing = self.cash - part - above, self.passing - above
        if was_repurchased:
            self.owed += part
            return collection
        self.open += part
        if was_settled:
            self.held, self.owed = self.before
            self.owed, self.fee = self.owed + self.rebate, Decimal(0)
        return collection

    def short(self, amount: Decimal, on: date) -> None:
        self.shorts += 1
        part = min(amount, self.held)
        self.held, self.owed, self.open = self.held - part, self.owed + amount - part, self.open - amount
        self.closed_by.append((amount, on))

    def fee_until(self, day: date) -> tuple[Decimal, int]:
        days, rate = max((day - self.funded_on).days, 0), self.terms["first_fee_rate"]
        left = days - int(self.terms["first_fee_days"])
        while left > 0:
            rate, left = rate + self.terms["additional_fee_rate"], left - int(self.terms["additional_fee_days"])
        return to_the_cent(self.face * rate / 100), days

    def books(self) -> dict[str, Decimal]:
        found = {
            "cash": self.cash,
            "receivable": self.open,
            "reserve": self.held,
            "fee_income": self.fee,
            "bad_debt": self.lost,
            "due_from_supplier": self.owed,
            "payable_to_supplier": self.passing,
        }
        return {name: amount for name, amount in found.items() if amount}


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def begin(scenario: Scenario, chance: random.Random) -> tuple[Advance, ByHand]:
    terms = {name: Decimal(chance.choice(some)) for name, some in TERMS.items()}
    scenario.terms(**terms, max_annual_rate_pct=Decimal(1000))
    face = Decimal(chance.randint(20_000, 3_000_000)) / 100
    tax = to_the_cent(face * chance.choice((0, 7, 19)) / 119)
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face=str(face), tax=str(tax)))
    money_out.leave(scenario, advance)
    paid_out = to_the_cent((face - tax) * terms["advance_rate"] / 100)
    return advance, ByHand(face, paid_out, terms, scenario.today)


def live(scenario: Scenario, advance: Advance, hand: ByHand, chance: random.Random) -> None:
    """One day: the buyer pays in part or in full, a credit lowers the invoice, or a payment is returned."""
    scenario.later(chance.randint(0, 12))
    what = chance.random()
    if what < 0.5:
        part = to_the_cent(hand.face * chance.randint(1, 120) / 100)
        amount = part if chance.random() < 0.7 else hand.open or part
        on = max(scenario.today - timedelta(days=chance.randint(0, 3)), hand.funded_on)
        hand.pays(scenario.pay(fresh(advance), str(amount), value_date=on), amount, on)
    elif what < 0.7 and hand.open:
        amount = max(to_the_cent(hand.open * chance.randint(1, 60) / 100), CENT)
        short(scenario, advance, amount)
        hand.short(amount, scenario.today)
    elif hand.paid:
        bounce(scenario, hand.bounces(chance.randrange(len(hand.paid))))


def end(scenario: Scenario, advance: Advance, hand: ByHand, chance: random.Random) -> Advance:
    """Settle the advance, have it repurchased or write it off, as its state allows."""
    scenario.later(chance.randint(0, 40))
    given: dict[str, Any] = {
        "advance": fresh(advance),
        "value_date": scenario.today,
        "by": scenario.operations,
        "at": scenario.now,
    }
    fee, days = hand.fee_until(scenario.today)
    if hand.open > hand.held and chance.random() < 0.6:
        if chance.random() < 0.5:
            hand.lost, hand.open, hand.held = hand.open - hand.held, Decimal(0), Decimal(0)
            return write_offs.write_off(**given, reason="Insolvent")
        hand.owed, hand.fee = hand.owed + hand.open + fee - hand.held, fee
        hand.open = hand.held = Decimal(0)
        ended = repurchases.repurchase(**given, reason="Recourse")
        assert (ended.fee, ended.fee_days) == (fee, days)
        return ended
    if hand.open:
        hand.pays(scenario.pay(fresh(advance), str(hand.open)), hand.open, scenario.today)
    fee, days = hand.fee_until(max(on for amount, on in hand.closed_by if amount))
    hand.before = hand.held, hand.owed
    netted = min(max(hand.held - fee, Decimal(0)), hand.owed)
    rebate = max(hand.held - fee, Decimal(0)) - netted
    hand.owed += max(fee - hand.held, Decimal(0)) - netted
    hand.cash, hand.fee, hand.held, hand.rebate = hand.cash - rebate, fee, Decimal(0), rebate
    settled = scenario.settle(fresh(advance))
    if rebate:
        money_out.send(scenario, Payout.objects.get(advance=advance, purpose="rebate", status="prepared"))
    assert (settled.fee, settled.fee_days, settled.rebate) == (fee, days, rebate)
    return settled


def short(scenario: Scenario, advance: Advance, amount: Decimal) -> None:
    short_payments.accept_short_payment(
        advance=fresh(advance),
        amount=amount,
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Less",
        approver=scenario.underwriter,
    )


def bounce(scenario: Scenario, collection: Collection) -> None:
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="Not covered", by=scenario.operations, at=scenario.now
    )


@pytest.mark.parametrize("seed", range(5))
def test_an_advance_is_on_every_account_what_it_is_by_hand(seed: int) -> None:
    chance, scenario = random.Random(seed), build_scenario()
    advance, hand = begin(scenario, chance)
    for _ in range(chance.randint(3, 9)):
        live(scenario, advance, hand, chance)
        assert fresh(advance).status == ("funded" if hand.open else "closed_short" if hand.shorts else "collected")
    ended = end(scenario, advance, hand, chance)
    if ended.status != Advance.Status.WRITTEN_OFF and hand.paid:
        was_settled = ended.status == Advance.Status.SETTLED and hand.paid[-1][1] > 0
        was_repurchased = ended.status == Advance.Status.REPURCHASED
        bounce(scenario, hand.bounces(-1, was_settled=was_settled, was_repurchased=was_repurchased))
    assert money_out.available_books() == hand.books()
    assert verify(at=scenario.now).ok
