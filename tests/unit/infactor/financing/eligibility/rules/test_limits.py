"""What belongs to a buyer or supplier as a whole: cross-aging, credits, limits, concentration, in worked numbers."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import AgingTotals, ConfirmationFacts, Utilization
from infactor.invoices.receivables import ReceivableInvoice
from tests.support.factories.portfolios import PLAIN, WIDE, assess, buyer, days, failing, invoice, one, result_of


def untaxed(pk: int, amount: str, **values: Any) -> ReceivableInvoice:
    return invoice(pk, balance=Decimal(amount), tax=Decimal(0), **values)


def bases(found: dict[int, Assessment]) -> list[Decimal]:
    return [assessment.base for assessment in found.values()]


def late(pk: int, amount: str, **values: Any) -> ReceivableInvoice:
    return untaxed(pk, amount, txn_date=days(-91), payable_date=days(-61), **values)


@pytest.mark.parametrize(("amount", "fails"), [("333.33", set()), ("333.34", {Rule.CROSS_AGING})])
def test_a_quarter_of_a_buyers_balance_above_ninety_days_keeps_all_of_its_invoices_out(
    amount: str, fails: set[Rule]
) -> None:
    found = assess(untaxed(1, "1000"), late(9, amount), untaxed(3, "1000", buyer_key=2), terms=WIDE)
    assert failing(found[1]) == fails
    assert found[3].decision == "eligible"


def test_a_balance_of_exactly_ninety_days_is_not_late() -> None:
    almost = untaxed(9, "900", txn_date=days(-90), payable_date=days(-60))
    found = result_of(assess(untaxed(1, "1000"), almost)[1], Rule.CROSS_AGING)
    assert (found.outcome, found.actual, found.next_change_on) == (Outcome.PASS, 0, days(1))


def test_cross_aging_names_the_fewest_late_invoices_whose_payment_would_end_it() -> None:
    found = assess(untaxed(1, "1000"), late(7, "50"), late(8, "400"), late(9, "20"))
    assert result_of(found[1], Rule.CROSS_AGING).details == ("INV-8",)


def test_cross_aging_counts_what_the_debtor_owes_over_the_whole_house() -> None:
    around: dict[str, Any] = {"buyers": [buyer(debtor_id=5)]}
    aged = {("debtor:5", "USD"): AgingTotals(Decimal(2000), Decimal(1000))}
    assert failing(one(around=around)) == set()
    found = result_of(one(around={**around, "aging_elsewhere": aged}), Rule.CROSS_AGING)
    assert (found.outcome, found.reason, found.details) == (Outcome.FAIL, "elsewhere", ())


def test_cross_aging_of_one_currency_says_nothing_of_another() -> None:
    terms = {"USD": PLAIN, "EUR": replace(PLAIN, currency="EUR")}
    found = assess(untaxed(1, "1000"), late(9, "9000", currency="EUR"), terms=terms)
    assert found[1].decision == "eligible"


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


def test_an_invoice_that_still_needs_a_step_gives_way_to_one_that_is_ready() -> None:
    terms = replace(PLAIN, verify_threshold=Decimal(1500), supplier_limit=Decimal(2700))
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "2000", payable_date=days(20))
    found = assess(soon, later, terms=terms)
    assert (found[2].decision, found[1].base, found[2].base) == ("needs_action", 1000, 1700)


@pytest.mark.parametrize(
    "around", [{"terms": replace(PLAIN, verify_threshold=Decimal(1500))}, {"under_decision": frozenset({1})}]
)
def test_credits_are_taken_off_what_is_due_first_whatever_is_asked_for_or_still_needs_a_step(
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
def test_a_limit_cuts_what_is_over_it(rule: Rule, limit: dict[str, Decimal]) -> None:
    soon, later = untaxed(1, "1000", payable_date=days(10)), untaxed(2, "1000", payable_date=days(20))
    found = assess(soon, later, terms=replace(PLAIN, **limit))
    assert bases(found) == [500, 1000]
    assert found[1].deductions == ((rule, 500),)
    assert result_of(found[1], rule).reason == "reduced"


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
def test_a_limit_that_is_just_enough_cuts_nothing(rule: Rule, limit: dict[str, Decimal]) -> None:
    found = assess(untaxed(1, "750"), untaxed(2, "750"), terms=replace(PLAIN, **limit))
    assert bases(found) == [750, 750]


@pytest.mark.parametrize(("rule", "limit"), LIMITS)
def test_staffs_word_lets_an_invoice_pass_a_limit_without_taking_anothers_room(
    rule: Rule, limit: dict[str, Decimal]
) -> None:
    around = {"invoice_overrides": {(rule, 1): None}}
    found = assess(untaxed(1, "1000"), untaxed(2, "1000"), terms=replace(PLAIN, **limit), **around)
    assert bases(found) == [1000, 1000]


def test_what_is_committed_already_leaves_less_room_and_is_named() -> None:
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


def test_what_is_being_offered_keeps_its_room_before_what_is_not_asked_for() -> None:
    terms = replace(PLAIN, supplier_limit=Decimal(1000))
    mine = untaxed(1, "1000", payable_date=days(10), state="ifactor_proposed")
    found = assess(mine, untaxed(2, "1000", payable_date=days(20)), terms=terms, under_decision=frozenset({1}))
    assert (found[1].base, found[1].decision, found[2].decision) == (1000, "eligible", "ineligible")


def test_the_share_of_one_buyer_is_measured_before_its_own_cut_and_the_excess_is_out() -> None:
    small = [untaxed(pk, "1000", buyer_key=pk) for pk in range(2, 6)]
    found = assess(untaxed(1, "4000"), *small, terms=WIDE)
    assert bases(found) == [2000, 1000, 1000, 1000, 1000]  # a quarter of 8,000
    assert found[1].deductions == ((Rule.CONCENTRATION, 2000),)


def test_the_share_counts_what_is_committed_and_is_rounded_down() -> None:
    small = [untaxed(pk, "1000.01", buyer_key=pk) for pk in range(2, 6)]
    held = {("buyer:1", "USD"): Utilization(Decimal(500), ("INV-9",))}
    around = {"used_by_pair": held, "used_by_supplier": {"USD": Utilization(Decimal(500), ("INV-9",))}}
    found = assess(untaxed(1, "4000"), *small, terms=WIDE, **around)
    assert found[1].base == Decimal("1625.01")  # a quarter of 8,500.04 less 500


def test_an_only_buyer_is_judged_by_its_limit_instead() -> None:
    found = assess(untaxed(1, "4000"), untaxed(2, "4000"), terms=WIDE)
    assert bases(found) == [4000, 4000]
    held = {("buyer:2", "USD"): Utilization(Decimal(500), ("INV-9",))}
    around = {"used_by_pair": held, "used_by_supplier": {"USD": Utilization(Decimal(500), ("INV-9",))}}
    assert sum(bases(assess(untaxed(1, "4000"), terms=WIDE, **around))) == 1125


def test_what_is_too_small_after_the_limits_makes_no_share_larger() -> None:
    limits = {("buyer:2", "USD"): Decimal(50)}
    around: dict[str, Any] = {"buyer_limits": limits}
    found = assess(untaxed(1, "4000"), untaxed(2, "4000", buyer_key=2), terms=WIDE, **around)
    assert (found[2].decision, found[2].deciding_rule, found[1].base) == ("ineligible", "buyer_limit", 4000)


def test_yen_are_cut_and_advanced_whole() -> None:
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
