"""Each invoice rule at, below and above its threshold, and the day on which its result changes."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule
from infactor.financing.eligibility.portfolio import ConfirmationFacts
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.eligibility.rules.invoice import in_random_sample
from tests.support.factories.portfolios import BUYER, FILE, PLAIN, assess, buyer, days, failing, invoice, one, result_of


def test_a_fine_invoice_is_ready_and_answers_every_rule_in_their_order() -> None:
    found = one()
    assert found.decision == "eligible"
    assert [said.rule for said in found.results] == list(RULES)
    assert (found.face, found.base, found.advance) == (Decimal("1080.00"), Decimal("1000.00"), Decimal("850.00"))
    assert found.deductions == (("tax", Decimal("80.00")),)
    assert found.deciding_rule == ""


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"books_status": "paid", "balance": Decimal(0)}, "paid"),
        ({"books_status": "voided", "balance": Decimal(0)}, "voided"),
        ({"books_status": "deleted"}, "deleted"),
        ({"balance": None, "amount": Decimal(5)}, "unreadable"),
        ({"tax": None}, "unreadable"),
        ({"amount": None, "balance": Decimal(5)}, "unreadable"),
        ({"amount": Decimal(5), "balance": Decimal("5.01")}, "balance_above_amount"),
        ({"state": "draft"}, "draft"),
    ],
)
def test_what_is_closed_is_asked_nothing_more(values: dict[str, Any], why: str) -> None:
    found = one(**values)
    assert found.results == (RuleResult(Rule.OPEN_BALANCE, Outcome.FAIL, why),)
    assert (found.decision, found.face, found.base, found.next_change_on) == ("ineligible", 0, 0, None)


def test_an_invoice_that_is_partly_paid_is_not_bought_but_asked_everything_else() -> None:
    found = one(amount=Decimal(1080), balance=Decimal(580), books_status="partly_paid")
    assert (found.decision, failing(found), found.face, found.base) == ("ineligible", {Rule.OPEN_BALANCE}, 580, 0)
    assert result_of(found, Rule.OPEN_BALANCE).reason == "partly_paid"
    assert [said.rule for said in found.results] == list(RULES)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"buyer_name": ""}, Rule.BUYER_NAMED),
        ({"buyer_key": 0}, Rule.BUYER_NAMED),
        ({"email": ""}, Rule.BUYER_EMAIL),
        ({"email": "none"}, Rule.BUYER_EMAIL),
        ({"email": "ap@@buyer.example; cfo@buyer.example"}, Rule.BUYER_EMAIL),
        ({"buyer_problem": "inactive"}, Rule.BUYER_NAMED),
        ({"buyer_problem": "parent_unknown"}, Rule.BUYER_NAMED),
        ({"payable_date": None}, Rule.DUE_DATE),
        ({"state": "invoice_rejected"}, Rule.DISPUTED),
        ({"state": "ifactor_request"}, Rule.IN_FINANCING),
        ({"state": "ifactor_proposed"}, Rule.IN_FINANCING),
        ({"state": "ifactor_proposal_accepted"}, Rule.IN_FINANCING),
        ({"state": "ifactor_prepaid"}, Rule.IN_FINANCING),
        ({"state": "invoice_paid"}, Rule.IN_FINANCING),
        ({"state": "completed"}, Rule.IN_FINANCING),
        ({"balance": Decimal("99.99"), "tax": Decimal(0)}, Rule.MINIMUM_AMOUNT),
        ({"currency": "EUR"}, Rule.CURRENCY),
        ({"company_file_id": 2}, Rule.FRESHNESS),
    ],
)
def test_what_is_required_keeps_an_invoice_out_where_it_is_missing(values: dict[str, Any], rule: Rule) -> None:
    found = one(**values)
    assert (found.decision, failing(found), found.deciding_rule) == ("ineligible", {rule}, rule.value)
    assert (found.base, found.advance) == (0, 0)
    assert sum(amount for _, amount in found.deductions) == found.face


@pytest.mark.parametrize(
    "state", ["invoice_created", "invoice_accepted", "ifactor_rejected", "ifactor_proposal_rejected"]
)
def test_what_may_be_asked_for_is_in_no_financing(state: str) -> None:
    assert one(state=state).decision == "eligible"


def test_an_invoice_of_just_the_minimum_is_bought() -> None:
    assert one(balance=Decimal("100.00"), tax=Decimal(0)).decision == "eligible"


def test_what_is_too_little_after_tax_says_so() -> None:
    found = one(balance=Decimal(150), tax=Decimal("50.01"))
    assert result_of(found, Rule.MINIMUM_AMOUNT)[1:5] == (Outcome.FAIL, "after_tax", Decimal("99.99"), Decimal(100))


@pytest.mark.parametrize(("age", "fails"), [(60, set()), (61, {Rule.AGE_AT_PURCHASE}), (90, {Rule.AGE_AT_PURCHASE})])
def test_an_invoice_is_bought_until_its_age_is_above_sixty(age: int, fails: set[Rule]) -> None:
    terms = replace(PLAIN, max_payment_terms_days=365)
    assert failing(one(terms, txn_date=days(-age))) == fails


def test_an_invoice_above_ninety_days_counts_nowhere_whoever_approves() -> None:
    terms = replace(PLAIN, max_payment_terms_days=365, cross_aging_pct=Decimal(101))
    around = {"invoice_overrides": {(rule, 1): None for rule in Rule}}
    assert failing(one(terms, txn_date=days(-91), around=around)) == {Rule.AGE}
    assert failing(one(terms, txn_date=days(-90), around=around)) == set()


def test_an_invoice_is_bought_from_its_own_date_on() -> None:
    assert failing(one(txn_date=days(0))) == set()
    found = one(txn_date=days(1))
    assert failing(found) == {Rule.AGE_AT_PURCHASE, Rule.AGE}
    assert result_of(found, Rule.AGE_AT_PURCHASE)[1:6] == (Outcome.FAIL, "future_date", 1, None, days(1))


def test_an_invoice_without_a_date_has_no_age() -> None:
    assert failing(one(txn_date=None)) == {Rule.AGE, Rule.AGE_AT_PURCHASE}


@pytest.mark.parametrize(("length", "fails"), [(60, set()), (61, {Rule.PAYMENT_TERMS}), (20, set())])
def test_payment_terms_are_sixty_days_at_most(length: int, fails: set[Rule]) -> None:
    issued = days(20 - length)
    assert failing(one(txn_date=issued)) == fails


def test_an_invoice_that_is_due_before_its_date_is_not_bought() -> None:
    found = result_of(one(txn_date=days(20), payable_date=days(19)), Rule.PAYMENT_TERMS)
    assert (found.outcome, found.reason, found.actual) == (Outcome.FAIL, "due_before_issue", -1)


@pytest.mark.parametrize(
    ("left", "answer", "why", "number"),
    [
        (7, Outcome.PASS, "", 7),
        (6, Outcome.FAIL, "", 6),
        (0, Outcome.FAIL, "today", 0),
        (-1, Outcome.FAIL, "overdue", 1),
    ],
)
def test_an_invoice_is_due_in_seven_days_or_more(left: int, answer: Outcome, why: str, number: int) -> None:
    found = result_of(one(payable_date=days(left)), Rule.DAYS_TO_DUE)
    assert (found.outcome, found.reason, found.actual) == (answer, why, number)


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"txn_date": days(-10), "payable_date": days(20)}, days(14)),
        ({"txn_date": days(-55), "payable_date": days(5 + 14)}, days(6)),
    ],
)
def test_the_day_on_which_time_alone_ends_it_is_the_first_on_which_it_is_not_bought(
    values: dict[str, date], day: date
) -> None:
    terms = replace(PLAIN, max_payment_terms_days=365)
    assert one(terms, **values).next_change_on == day
    assert one(terms, as_of=day - timedelta(days=1), **values).decision == "eligible"
    assert one(terms, as_of=day, **values).decision == "ineligible"


def test_what_fails_does_not_pass_by_waiting() -> None:
    assert one(payable_date=days(3)).next_change_on is None


def test_what_time_alone_cures_says_on_which_day() -> None:
    ahead = {"txn_date": days(5), "payable_date": days(30)}
    found = one(**ahead)
    assert (found.decision, found.next_change_on) == ("ineligible", days(5))
    assert one(as_of=days(4), **ahead).decision == "ineligible"
    assert one(as_of=days(5), **ahead).decision == "eligible"
    # By that day the invoice is due too soon, or another rule stops it anyway.
    assert one(txn_date=days(5), payable_date=days(11)).next_change_on is None
    assert one(email="", **ahead).next_change_on is None


def test_a_buyer_that_is_no_business_is_not_bought_from_until_staff_say_so() -> None:
    around: dict[str, Any] = {"buyers": [buyer(is_business=False)]}
    assert failing(one(around=around)) == {Rule.BUSINESS_BUYER}
    found = result_of(one(around={**around, "buyer_overrides": {("business_buyer", 1): None}}), Rule.BUSINESS_BUYER)
    assert (found.outcome, found.reason) == (Outcome.PASS, "overridden")


@pytest.mark.parametrize(("paid", "fails"), [(1, {Rule.PAYMENT_HISTORY}), (2, set())])
def test_a_buyer_has_paid_twice(paid: int, fails: set[Rule]) -> None:
    assert failing(one(around={"buyers": [buyer(paid_invoices=paid)]})) == fails


def test_what_is_elsewhere_too_waits_for_staff() -> None:
    around = {"duplicates": {1: ("Other Ltd, Books: INV-1 (ifactor_prepaid)",)}}
    assert failing(one(around=around)) == {Rule.DUPLICATE}
    assert one(around={**around, "invoice_overrides": {("duplicate", 1): None}}).decision == "eligible"


def test_what_is_owed_to_the_buyer_passes_while_nobody_has_read_it() -> None:
    found = one(around={"payables_unknown": frozenset({BUYER})})
    assert (found.decision, result_of(found, Rule.CONTRA).outcome) == ("eligible", Outcome.UNKNOWN)
    assert result_of(one(), Rule.CONTRA).outcome is Outcome.PASS


def test_an_approval_ends_with_its_last_day() -> None:
    until = {"invoice_overrides": {("days_to_due", 1): days(2)}}
    found = one(payable_date=days(3), around=until)
    assert (found.decision, found.next_change_on) == ("eligible", days(3))


def test_an_approval_puts_off_what_would_fail_before_its_end() -> None:
    until = {"invoice_overrides": {("days_to_due", 1): days(17)}}
    assert one(around=until).next_change_on == days(18)
    assert one(around={"invoice_overrides": {("days_to_due", 1): None}}).next_change_on == days(51)


@pytest.mark.parametrize("rule", ["open_balance", "in_financing", "disputed", "currency", "buyer_named", "buyer_email"])
def test_staff_cannot_let_pass_what_nobody_finances(rule: str) -> None:
    broken: dict[str, dict[str, Any]] = {
        "open_balance": {"books_status": "voided"},
        "in_financing": {"state": "ifactor_prepaid"},
        "disputed": {"state": "invoice_rejected"},
        "currency": {"currency": "EUR"},
        "buyer_named": {"buyer_name": ""},
        "buyer_email": {"email": ""},
    }
    assert one(around={"invoice_overrides": {(rule, 1): None}}, **broken[rule]).decision == "ineligible"


ASKING = replace(PLAIN, verify_first_invoice=True, verify_threshold=Decimal(5000))
KNOWN = {"known_buyers": frozenset({1})}


@pytest.mark.parametrize(
    ("around", "values", "outcome", "reason"),
    [
        ({}, {}, Outcome.NEEDS_ACTION, "first_invoice"),
        (KNOWN, {}, Outcome.PASS, "not_required"),
        (KNOWN, {"balance": Decimal("4999.99")}, Outcome.PASS, "not_required"),
        (KNOWN, {"balance": Decimal("5000.00")}, Outcome.NEEDS_ACTION, "large"),
        ({"confirmations": {1: ConfirmationFacts(is_pending=True)}}, {}, Outcome.NEEDS_ACTION, "waiting"),
        ({"confirmations": {1: ConfirmationFacts(confirmed_amount=Decimal(1080))}}, {}, Outcome.PASS, "confirmed"),
        (
            {"confirmations": {1: ConfirmationFacts(confirmed_amount=Decimal(1080), has_changed=True)}},
            {},
            Outcome.NEEDS_ACTION,
            "changed",
        ),
        ({"confirmations": {1: ConfirmationFacts(is_disputed=True)}}, {}, Outcome.NEEDS_ACTION, "disputed"),
        ({}, {"state": "invoice_accepted"}, Outcome.PASS, "confirmed"),
        ({"buyer_overrides": {("verification", 1): None}}, {}, Outcome.PASS, "overridden"),
    ],
)
def test_a_buyer_is_asked_first_where_the_terms_say_so(
    around: dict[str, Any], values: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    found = one(ASKING, around=around, **values)
    assert result_of(found, Rule.VERIFICATION)[1:3] == (outcome, reason)
    assert found.decision == ("needs_action" if outcome is Outcome.NEEDS_ACTION else "eligible")


def test_a_dispute_holds_an_invoice_that_moved_on_until_the_buyers_next_word() -> None:
    around = {"confirmations": {1: ConfirmationFacts(is_disputed=True, has_changed=True)}}
    assert Rule.DISPUTED in failing(one(around=around, state="invoice_accepted"))


def test_the_share_that_is_asked_at_random_is_drawn_once_and_is_about_that_large() -> None:
    ids = [uuid4() for _ in range(4000)]
    drawn = [in_random_sample(public_id=one, sample_pct=Decimal(20)) for one in ids]
    assert drawn == [in_random_sample(public_id=one, sample_pct=Decimal(20)) for one in ids]
    assert 600 < sum(drawn) < 1000
    assert not any(in_random_sample(public_id=one, sample_pct=Decimal(0)) for one in ids)
    assert all(in_random_sample(public_id=one, sample_pct=Decimal(100)) for one in ids)
    assert all(
        in_random_sample(public_id=one, sample_pct=Decimal(30)) for one, was in zip(ids, drawn, strict=True) if was
    )


def test_books_that_were_never_read_completely_keep_everything_out() -> None:
    found = assess(
        invoice(), freshness={FILE: RuleResult(Rule.FRESHNESS, Outcome.WARN, "stale", details=("2026-11-18",))}
    )[1]
    assert found.decision == "eligible"
    assert one(company_file_id=99).deciding_rule == "freshness"
