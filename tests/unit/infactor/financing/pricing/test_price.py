"""The price of an invoice: base, advance, reserve and fee, in worked numbers."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from infactor.financing.pricing import price
from infactor.financing.pricing.price import PriceUndefined
from infactor.financing.terms import Terms

USUAL = Terms()
MONTHLY = Terms(
    advance_rate=Decimal(80), first_fee_rate=Decimal(2), additional_fee_rate=Decimal(2), additional_fee_days=30
)
FUNDED = date(2026, 11, 2)


def test_a_thousand_at_80_percent_and_2_percent_a_month_brings_800_and_180_after_30_days() -> None:
    priced = price.price(face=Decimal(1000), base=Decimal(1000), terms=MONTHLY)
    assert (priced.advance, priced.reserve) == (Decimal("800.00"), Decimal("200.00"))
    fee = price.fee(fee_base=Decimal(1000), days=30, terms=MONTHLY)
    assert fee.amount == Decimal("20.00")
    assert priced.reserve - fee.amount == Decimal("180.00")


@pytest.mark.parametrize(
    ("days", "fee"),
    [(0, 150), (1, 150), (30, 150), (31, 200), (40, 200), (41, 250), (50, 250), (51, 300), (60, 300), (61, 350)],
)
def test_ten_thousand_costs_150_for_the_first_period_and_50_for_each_further_one_begun(days: int, fee: int) -> None:
    assert price.fee(fee_base=Decimal(10_000), days=days, terms=USUAL).amount == Decimal(fee)


def test_the_formula_is_the_calculation() -> None:
    assert price.fee(fee_base=Decimal(10_000), days=55, terms=USUAL).formula == (
        "10,000.00 × (1.5% + 3 × 0.5%) = 300.00 for 55 days"
    )
    with translation.override("es"):
        assert "1,5% + 3 × 0,5%" in price.fee(fee_base=Decimal(10_000), days=55, terms=USUAL).formula
    assert price.fee(fee_base=Decimal(1000), days=1, terms=MONTHLY).formula == "1,000.00 × 2% = 20.00 for 1 day"


def test_tax_sits_in_the_reserve() -> None:
    priced = price.price(face=Decimal(1080), base=Decimal(1000), terms=USUAL)
    assert (priced.advance, priced.reserve) == (Decimal("850.00"), Decimal("230.00"))


def test_yen_are_paid_charged_and_given_back_whole() -> None:
    yen = Terms(currency="JPY")
    priced = price.price(face=Decimal(13_579), base=Decimal(12_345), terms=yen)
    assert (priced.advance, priced.reserve) == (10_493, 3_086)  # 85 % are 10,493.25
    end = price.payoff_scenario(prices=[priced], days=41, terms=yen, recourse=[], funded_on=FUNDED)
    assert (end.fee, end.rebate) == (339, 2_747)  # 2.5 % are 339.475
    assert price.cost_per_additional_period(prices=[priced], terms=yen) == 68  # 0.5 % are 67.895


def test_the_day_of_funding_is_not_counted_and_the_day_of_payment_is() -> None:
    assert price.days_between(funded_on=FUNDED, collected_on=date(2026, 12, 2)) == 30
    assert price.days_between(funded_on=FUNDED, collected_on=FUNDED) == 0
    assert price.days_between(funded_on=FUNDED, collected_on=date(2026, 10, 31)) == 0


def test_the_estimated_annual_rate_is_fee_over_advance_by_days() -> None:
    assert price.annual_rate(fees=Decimal(150), advanced=Decimal(8500), days=30) == Decimal("21.47")
    assert price.annual_rate(fees=Decimal(150), advanced=Decimal(8500), days=0) == Decimal("644.12")


def test_a_pay_date_past_recourse_is_marked() -> None:
    priced = price.price(face=Decimal(10_000), base=Decimal(10_000), terms=USUAL)
    recourse = [date(2027, 1, 1)]  # 60 days after funding

    def past(days: int) -> bool:
        return price.payoff_scenario(
            prices=[priced], days=days, terms=USUAL, recourse=recourse, funded_on=FUNDED
        ).past_recourse

    assert [past(days) for days in (30, 60, 61, 90)] == [False, False, True, True]


def test_a_fee_above_the_reserve_is_owed_and_not_a_negative_rebate() -> None:
    dear = Terms(advance_rate=Decimal(99), first_fee_rate=Decimal(1), additional_fee_rate=Decimal(1))
    priced = price.price(face=Decimal(1000), base=Decimal(1000), terms=dear)
    end = price.payoff_scenario(prices=[priced], days=60, terms=dear, recourse=[], funded_on=FUNDED)
    assert (end.fee, end.rebate, end.shortfall) == (Decimal("40.00"), Decimal(0), Decimal("30.00"))


@pytest.mark.parametrize(("face", "base"), [("100", "0"), ("100", "-1"), ("100", "100.01"), ("0.01", "0.00")])
def test_what_cannot_be_bought_has_no_price(face: str, base: str) -> None:
    with pytest.raises(PriceUndefined):
        price.price(face=Decimal(face), base=Decimal(base), terms=USUAL)


def test_an_advance_that_rounds_to_nothing_has_no_price() -> None:
    with pytest.raises(PriceUndefined):
        price.price(face=Decimal("0.01"), base=Decimal("0.01"), terms=Terms(advance_rate=Decimal(1)))


def test_days_before_funding_have_no_fee() -> None:
    with pytest.raises(PriceUndefined):
        price.fee(fee_base=Decimal(1), days=-1, terms=USUAL)


cents = st.integers(min_value=100, max_value=10**14).map(lambda amount: Decimal(amount) / 100)


@given(face=cents, share=st.integers(1, 100), days=st.integers(0, 400))
def test_what_is_advanced_held_charged_and_paid_back_is_the_face_to_the_cent(
    face: Decimal, share: int, days: int
) -> None:
    base = (face * share / 100).quantize(Decimal("0.01"))
    priced = price.price(face=face, base=base, terms=USUAL)
    end = price.payoff_scenario(prices=[priced], days=days, terms=USUAL, recourse=[], funded_on=FUNDED)
    assert priced.advance + end.fee + end.rebate - end.shortfall == face
    assert end.rebate >= 0
    assert end.shortfall >= 0
    assert abs(priced.advance - base * Decimal("0.85")) <= Decimal("0.005")


@given(
    face=cents,
    base_share=st.integers(1, 100),
    kept_share=st.integers(1, 100),
    currency=st.sampled_from(["USD", "JPY"]),
    days=st.integers(0, 400),
)
def test_what_limits_cut_lowers_the_fee_in_proportion(
    face: Decimal, base_share: int, kept_share: int, currency: str, days: int
) -> None:
    unit = Decimal(1) if currency == "JPY" else Decimal("0.01")
    face = max(face.quantize(unit), Decimal(100))
    terms = Terms(currency=currency)
    whole = max((face * base_share / 100).quantize(unit), Decimal(1)) + unit
    whole = min(whole, face)
    base = max((whole * kept_share / 100).quantize(unit), 2 * unit)
    uncut = price.price(face=face, base=whole, terms=terms)
    cut = price.price(face=face, base=base, terms=terms, cut_by_limits=whole - base)
    assert uncut.fee_base == face
    assert base <= cut.fee_base <= face
    assert cut.reserve == face - cut.advance
    assert abs(cut.fee_base - face * base / whole) <= unit / 2
    fees = [price.fee(fee_base=one.fee_base, days=days, terms=terms).amount for one in (cut, uncut)]
    assert fees[0] <= fees[1]
    # What a supplier pays for a hundred is the same with and without the limit, up to the rounding.
    rounding = unit * (1 + whole / base)
    assert abs(fees[0] - fees[1] * base / whole) <= rounding


def test_an_invoice_of_3_7_million_within_a_limit_costs_what_every_other_costs() -> None:
    cut = price.price(
        face=Decimal(3_700_000), base=Decimal(6_073), terms=USUAL, cut_by_limits=Decimal(3_700_000 - 6_073)
    )
    assert (cut.advance, cut.fee_base) == (Decimal("5162.05"), Decimal("6073.00"))
    fee = price.fee(fee_base=cut.fee_base, days=30, terms=USUAL).amount
    assert fee == Decimal("91.10")  # 1.76 per 100 of cash; on the whole face it would be 55,500
    assert price.highest_annual_rate(priced=cut, terms=USUAL) < 30


def test_limits_cannot_cut_more_than_stands_between_face_and_base() -> None:
    with pytest.raises(PriceUndefined):
        price.price(face=Decimal(1000), base=Decimal(900), terms=USUAL, cut_by_limits=Decimal("100.01"))


@given(face=cents, days=st.integers(0, 400))
def test_waiting_never_makes_it_cheaper(face: Decimal, days: int) -> None:
    today, tomorrow = (price.fee(fee_base=face, days=when, terms=USUAL).amount for when in (days, days + 1))
    assert today <= tomorrow
