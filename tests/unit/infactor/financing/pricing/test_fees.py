"""The minimum fee, the wire fee and the late fee, in worked numbers and for any terms."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import assume, given
from hypothesis import strategies as st

from infactor.core.money import smallest_unit
from infactor.financing.eligibility.catalogue import Outcome
from infactor.financing.eligibility.rules.price import annual_rate
from infactor.financing.pricing import late_fee, price
from infactor.financing.pricing.price import PriceUndefined
from infactor.financing.terms import Terms

FUNDED = date(2026, 11, 2)
DUE = date(2026, 12, 12)  # 40 days later
LATE = Terms(late_fee_rate=Decimal("0.05"), late_fee_grace_days=10, late_fee_cap_pct=Decimal(2))
FACE = Decimal(10_000)


def late_until(day: date, *changes: tuple[date, Decimal], terms: Terms = LATE) -> late_fee.LateFee:
    start = late_fee.first_day(due_on=DUE, terms=terms)
    return late_fee.late_fee(face=FACE, changes=[(FUNDED, FACE), *changes], start=start, end=day, terms=terms)


def test_the_minimum_fee_is_charged_where_the_rates_come_to_less_and_only_there() -> None:
    terms = Terms(minimum_fee=Decimal(200))
    # 10,000 x 1.5% = 150, so 200 are charged; after 41 days it is 10,000 x (1.5% + 2 x 0.5%) = 250.
    soon, later = (price.fee(fee_base=FACE, days=days, terms=terms) for days in (30, 41))
    assert (soon.amount, later.amount) == (Decimal(200), Decimal(250))
    assert soon.formula == "10,000.00 × 1.5% = 150.00 for 30 days; the minimum fee is 200.00"
    assert "minimum" not in later.formula


def test_the_wire_fee_is_deducted_from_the_cash_and_counts_as_cost() -> None:
    terms = Terms(wire_fee=Decimal(25))
    priced = price.price(face=FACE, base=FACE, terms=terms)
    # 10,000 x 85% = 8,500; less 25 are 8,475. After 30 days: 150 + 25 = 175; 175 / 8,475 x 365 / 30 = 25.12 %.
    assert (priced.advance, priced.cash, priced.reserve) == (8500, 8475, 1500)
    end = price.payoff_scenario(prices=[priced], days=30, terms=terms, recourse=[], funded_on=FUNDED)
    assert (end.fee, end.cost, end.rebate, end.annual_rate) == (150, 175, 1350, Decimal("25.12"))
    with pytest.raises(PriceUndefined, match="wire fee would take all"):
        price.price(face=Decimal(20), base=Decimal(20), terms=terms)  # 17 are not enough to pay 25


def test_the_late_fee_begins_after_the_days_of_grace_and_ends_at_its_cap() -> None:
    # Due on Dec 12 with 10 days of grace: Dec 23 is the first day. 10,000 x 0.05% = 5 a day, at most 2% = 200.
    assert late_fee.first_day(due_on=DUE, terms=LATE) == date(2026, 12, 23)
    assert late_until(date(2026, 12, 22)).amount == 0
    assert late_until(date(2026, 12, 23)).amount == 5
    assert late_until(date(2027, 1, 3)).formula == "10,000.00 × 0.05% × 12 days = 60.00"
    assert late_until(date(2027, 1, 31)).amount == 200  # 40 days
    capped = late_until(date(2027, 2, 1))
    assert (capped.amount, capped.is_capped) == (200, True)
    assert late_fee.first_day(due_on=DUE, terms=Terms()) is None
    assert late_fee.first_day(due_on=None, terms=LATE) is None


def test_a_payment_lowers_the_late_fee_from_the_next_day_on() -> None:
    # Dec 23 to 27 on 10,000: 5 x 5 = 25. The buyer pays 6,000 on Dec 27; Dec 28 to Jan 1 on 4,000: 5 x 2 = 10.
    paid = (date(2026, 12, 27), Decimal(-6000))
    fee = late_until(date(2027, 1, 1), paid)
    assert (fee.amount, fee.days) == (35, 10)
    assert fee.formula == "the open balance × 0.05% × 10 days = 35.00"
    with translation.override("es"):
        assert "0,05%" in fee.formula
    # What was paid before counts from the first day: 10 days on 4,000.
    assert late_until(date(2027, 1, 1), (date(2026, 12, 1), Decimal(-6000))).amount == 20


def test_yen_of_every_fee_are_whole() -> None:
    terms = Terms(currency="JPY", minimum_fee=Decimal(500), wire_fee=Decimal(300), late_fee_rate=Decimal("0.05"))
    priced = price.price(face=Decimal(12_345), base=Decimal(12_345), terms=terms)
    # 85 % are 10,493.25: 10,493; less 300 are 10,193. 1.5 % are 185: the minimum of 500. Late: 12,345 x 0.05 % x 7
    # days are 43.2: 43.
    assert priced.cash == 10_193
    start = FUNDED + timedelta(days=24)
    end = price.payoff_scenario(prices=[priced], days=30, terms=terms, recourse=[], funded_on=FUNDED, late_from=[start])
    assert (end.late_fee, end.fee, end.cost, end.rebate) == (43, 543, 843, 12_345 - 10_493 - 543)


def test_the_ceiling_counts_every_fee_and_says_when_a_late_fee_breaks_it() -> None:
    def result(as_of: date, **given: Decimal) -> tuple[Outcome, date | None]:
        terms = Terms(max_annual_rate_pct=Decimal(25), **given)
        found = annual_rate(face=FACE, base=FACE, deductions=(), terms=terms, due_on=DUE, as_of=as_of)
        return found.outcome, found.next_change_on

    assert result(FUNDED) == (Outcome.PASS, None)  # 250 / 8,500 x 365 / 45 = 23.86 %
    assert result(FUNDED, wire_fee=Decimal(25))[0] is Outcome.FAIL  # 275 / 8,475 x 365 / 45 = 26.32 %
    assert result(FUNDED, minimum_fee=Decimal(180))[0] is Outcome.FAIL  # 180 / 8,500 x 365 / 30 = 25.76 %
    # After 90 days 450 and 5 for each late day: 25 % are 523.97, so 15 late days are too many. Here it is 40.
    assert result(FUNDED, late_fee_rate=Decimal("0.05"))[0] is Outcome.FAIL
    # Due 76 days after funding and 10 days of grace leave 4 late days of 90.
    early = DUE - timedelta(days=76)
    outcome, fails_on = result(early, late_fee_rate=Decimal("0.05"))
    assert outcome is Outcome.PASS
    assert fails_on is not None
    assert result(fails_on - timedelta(days=1), late_fee_rate=Decimal("0.05"))[0] is Outcome.PASS
    assert result(fails_on, late_fee_rate=Decimal("0.05"))[0] is Outcome.FAIL


percents = st.decimals(min_value=0, max_value=20, places=3)
amounts = st.decimals(min_value=0, max_value=500, places=2)


@given(
    currency=st.sampled_from(["USD", "JPY"]),
    face=st.integers(min_value=100, max_value=1_000_000),
    rate=st.decimals(min_value=1, max_value=100, places=3),
    first=percents,
    additional=percents,
    minimum=amounts,
    wire=amounts,
    late=percents,
    grace=st.integers(min_value=0, max_value=20),
    cap=percents,
    due=st.integers(min_value=-10, max_value=60),
    paid_after=st.integers(min_value=0, max_value=150),
    part=st.tuples(st.integers(min_value=0, max_value=150), st.integers(min_value=0, max_value=99)),
)
def test_cash_fees_and_rebate_are_the_face_to_the_cent_for_any_terms(
    currency: str,
    face: int,
    rate: Decimal,
    first: Decimal,
    additional: Decimal,
    minimum: Decimal,
    wire: Decimal,
    late: Decimal,
    grace: int,
    cap: Decimal,
    due: int,
    paid_after: int,
    part: tuple[int, int],
) -> None:
    unit = smallest_unit(currency)
    terms = Terms(
        currency=currency,
        advance_rate=rate,
        first_fee_rate=first,
        additional_fee_rate=additional,
        minimum_fee=minimum // unit * unit,
        wire_fee=wire // unit * unit,
        late_fee_rate=late,
        late_fee_grace_days=grace,
        late_fee_cap_pct=cap,
    )
    total = Decimal(face)
    try:
        priced = price.price(face=total, base=total, terms=terms)
    except PriceUndefined:
        assume(False)
    end = FUNDED + timedelta(days=paid_after)
    part_paid_on, share = part
    some = (FUNDED + timedelta(days=part_paid_on), -(total * share / 100 // unit * unit))
    charged = late_fee.late_fee(
        face=total,
        changes=[(FUNDED, total), some],
        start=late_fee.first_day(due_on=FUNDED + timedelta(days=due), terms=terms),
        end=end,
        terms=terms,
    )
    fee = price.fee(fee_base=priced.fee_base, days=paid_after, terms=terms, late=charged)
    rebate, owed = max(priced.reserve - fee.amount, 0), max(fee.amount - priced.reserve, 0)
    assert priced.cash + priced.wire_fee + fee.discount + fee.late.amount + rebate - owed == total
    assert all(one % unit == 0 for one in (priced.cash, fee.discount, fee.late.amount, rebate))
    assert fee.discount >= terms.minimum_fee
    assert fee.late.amount <= total * cap / 100 + unit
