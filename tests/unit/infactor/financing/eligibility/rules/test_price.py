"""The ceiling of the annual rate: an ordinary invoice is far below it, and what would cost more is not offered."""

from dataclasses import replace
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.pricing import price
from tests.support.factories.portfolios import PLAIN, assess, result_of, untaxed


def test_an_ordinary_invoice_is_far_below_the_ceiling() -> None:
    found = assess(untaxed(1, "1000"))[1]
    result = result_of(found, Rule.ANNUAL_RATE)
    assert (result.outcome, result.actual, result.limit) == (Outcome.PASS, Decimal("23.86"), Decimal(100))


def test_above_the_ceiling_nothing_is_offered_and_the_reason_is_named() -> None:
    invoice = untaxed(1, "1000")
    found = assess(invoice, credits={(1, "USD"): Decimal(850)})[1]
    result = result_of(found, Rule.ANNUAL_RATE)
    assert (result.outcome, found.decision, found.deciding_rule) == (Outcome.FAIL, "ineligible", "annual_rate")
    assert (found.base, found.advance) == (0, 0)
    assert assess(invoice, terms=replace(PLAIN, max_annual_rate_pct=Decimal(20)))[1].deciding_rule == "annual_rate"


def test_what_a_limit_cuts_does_not_make_the_rest_dearer() -> None:
    found = assess(untaxed(1, "1000"), pair_limits={("buyer:1", "USD"): Decimal(200)})[1]
    assert (found.base, found.decision) == (200, "eligible")
    assert result_of(found, Rule.ANNUAL_RATE).outcome is Outcome.PASS
    assert price.DISCLOSED_DAYS[0] == 30
