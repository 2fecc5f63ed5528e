"""The limit rules: a buyer's credits, and buyer and supplier limits, in worked numbers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.portfolio import ConfirmationFacts, Utilization
from tests.support.factories.portfolios import (
    PLAIN,
    WIDE,
    assess,
    bases,
    buyer,
    days,
    one,
    result_of,
    untaxed,
)


def test_credits_are_taken_off_the_invoice_that_is_due_first() -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "1000", payable_date=days(20))
    found = assess(later, soon, credits={(1, "USD"): Decimal(300)})
    assert (found[1].base, found[2].base) == (700, 1000)
    assert found[1].deductions == (("credits", 300),)


def test_credits_that_are_more_than_an_invoice_go_on_to_the_next() -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "1000", payable_date=days(20))
    found = assess(later, soon, credits={(1, "USD"): Decimal(1300)})
    assert (found[1].decision, found[1].deciding_rule, found[2].base) == ("ineligible", "credits", 700)
    assert found[1].deductions == (("credits", 1000),)


def test_what_the_supplier_owes_is_taken_off_before_credits_from_what_is_due_first() -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "1000", payable_date=days(20))
    found = assess(later, soon, contra={(1, "USD"): Decimal(950)}, credits={(1, "USD"): Decimal(250)})
    assert (found[1].decision, found[1].deciding_rule, found[2].base) == ("ineligible", "contra", 800)
    assert found[2].deductions == (("credits", 200),)
    assert explanations.sentence(result_of(found[1], Rule.CONTRA), currency="USD") == (
        "Too little is left of it after $950.00 that you owe this buyer by your bills."
    )
    assert explanations.sentence(result_of(found[2], Rule.CONTRA), currency="USD") == (
        "By your bills you owe this buyer $950.00, which is taken off what is due first."
    )


def test_what_is_owed_in_another_currency_or_to_another_buyer_takes_nothing() -> None:
    found = one(around={"contra": {(1, "EUR"): Decimal(950), (2, "USD"): Decimal(950)}})
    assert (found.base, result_of(found, Rule.CONTRA).actual) == (1000, 0)


def test_an_invoice_that_still_needs_a_step_gives_way_to_one_that_is_eligible() -> None:
    terms = replace(PLAIN, verify_threshold=Decimal(1500), supplier_limit=Decimal(2700))
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "2000", payable_date=days(20))
    found = assess(soon, later, terms=terms)
    assert (found[2].decision, found[1].base, found[2].base) == ("needs_action", 1000, 1700)


@pytest.mark.parametrize(
    "around", [{"terms": replace(PLAIN, verify_threshold=Decimal(1500))}, {"under_decision": frozenset({1})}]
)
def test_credits_are_taken_off_what_is_due_first_whatever_is_under_decision_or_still_needs_a_step(
    around: dict[str, Any],
) -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "2000", payable_date=days(20))
    found = assess(soon, later, credits={(1, "USD"): Decimal(300)}, **around)
    assert bases(found) == [700, 2000]


def test_what_the_buyer_did_not_confirm_is_out_with_its_tax() -> None:
    found = one(around={"confirmations": {1: ConfirmationFacts(confirmed_amount=Decimal(600), is_partial=True)}})
    assert (found.base, found.deductions) == (520, (("tax", 80), ("not_confirmed", 480)))


LIMITS = [
    (Rule.BUYER_LIMIT, {"buyer_limit": Decimal(1500)}),
    (Rule.PAIR_LIMIT, {"pair_limit": Decimal(1500)}),
    (Rule.SUPPLIER_LIMIT, {"supplier_limit": Decimal(1500)}),
]


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
def test_a_limit_takes_off_what_is_above_it(rule: Rule, limit: dict[str, Decimal]) -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "1000", payable_date=days(20))
    found = assess(soon, later, terms=replace(PLAIN, **limit))
    assert bases(found) == [500, 1000]
    assert found[1].deductions == ((rule, 500),)
    assert result_of(found[1], rule).reason == "reduced"


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
def test_a_limit_that_is_just_enough_takes_nothing_off(rule: Rule, limit: dict[str, Decimal]) -> None:
    found = assess(untaxed(1, "750"), untaxed(2, "750"), terms=replace(PLAIN, **limit))
    assert bases(found) == [750, 750]


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
def test_an_override_lets_an_invoice_pass_a_limit_without_using_it_up_for_others(
    rule: Rule, limit: dict[str, Decimal]
) -> None:
    around = {"invoice_overrides": {(rule, 1): None}}
    found = assess(untaxed(1, "1000"), untaxed(2, "1000"), terms=replace(PLAIN, **limit), **around)
    assert bases(found) == [1000, 1000]


def test_what_is_financed_already_uses_the_limit_and_is_named() -> None:
    held = {("buyer:1", "USD"): Utilization(Decimal(49_400), ("INV-1009",))}
    found = one(around={"used_across_suppliers": held, "used_by_pair": held})
    assert (found.decision, found.base) == ("eligible", 600)
    full = {("buyer:1", "USD"): Utilization(Decimal(49_950), ("INV-1009",))}
    found = one(around={"used_across_suppliers": full, "used_by_pair": full})
    assert (found.decision, found.deciding_rule, found.base) == ("ineligible", "buyer_limit", 0)
    assert result_of(found, Rule.BUYER_LIMIT).details == ("INV-1009",)
    assert sum(line.amount for line in found.deductions) == found.face


def test_two_buyers_of_one_debtor_share_its_limit() -> None:
    buyers = [buyer(1, debtor_id=5), buyer(2, debtor_id=5)]
    limits = {("debtor:5", "USD"): Decimal(1500)}
    found = assess(untaxed(1, "1000"), untaxed(2, "1000", buyer_key=2), buyers=buyers, buyer_limits=limits, terms=WIDE)
    assert sum(bases(found)) == 1500


def test_what_is_under_decision_comes_first_when_a_limit_is_shared_out() -> None:
    terms = replace(PLAIN, supplier_limit=Decimal(1000))
    mine = untaxed(1, "1000", payable_date=days(10), state="ifactor_proposed")
    found = assess(mine, untaxed(2, "1000", payable_date=days(20)), terms=terms, under_decision=frozenset({1}))
    assert (found[1].base, found[1].decision, found[2].decision) == (1000, "eligible", "ineligible")


def test_yen_are_reduced_and_advanced_whole() -> None:
    terms = {"JPY": replace(WIDE, currency="JPY")}
    found = assess(untaxed(1, "40000", currency="JPY"), untaxed(2, "1001", currency="JPY", buyer_key=2), terms=terms)
    assert bases(found) == [10_250, 1001]  # a quarter of 41,001 are 10,250.25
    assert [one.advance for one in found.values()] == [8_713, 851]  # 8,712.50 and 850.85


def test_amounts_of_two_currencies_never_meet() -> None:
    terms = {"USD": replace(PLAIN, supplier_limit=Decimal(1000)), "EUR": replace(WIDE, currency="EUR")}
    found = assess(untaxed(1, "1000"), untaxed(2, "1000", currency="EUR"), terms=terms)
    assert bases(found) == [1000, 1000]
    credits = {(1, "EUR"): Decimal(400)}
    found = assess(untaxed(1, "1000"), untaxed(2, "1000", currency="EUR"), terms=terms, credits=credits)
    assert bases(found) == [1000, 600]
