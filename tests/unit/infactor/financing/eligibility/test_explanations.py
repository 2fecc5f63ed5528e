"""Explanations for suppliers are complete sentences with figures and a remedy, and mention no other supplier."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from infactor.core.dates import format_day
from infactor.financing.eligibility import explanations, serialization
from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule, RuleRecord
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import ConfirmationFacts, Utilization
from infactor.financing.eligibility.results import RuleResult
from tests.support.factories.portfolios import PLAIN, TODAY, assess, buyer, days, invoice, one, result_of


def said(assessment: Assessment, rule: Rule) -> str:
    return explanations.sentence(result_of(assessment, rule), currency="USD")


def cured(assessment: Assessment, rule: Rule) -> str:
    return explanations.remedy(result_of(assessment, rule), currency="USD")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"payable_date": days(3)}, "Due in 3 days. We buy invoices due in 7 days or more."),
        ({"payable_date": days(1)}, "Due in 1 day. We buy invoices due in 7 days or more."),
        ({"payable_date": days(0)}, "Due today. We buy invoices due in 7 days or more."),
        ({"payable_date": days(-2)}, "Overdue for 2 days. We buy invoices due in 7 days or more."),
        ({"balance": Decimal(50), "tax": Decimal(0)}, "$50.00 is open. We finance $100.00 or more."),
        ({"state": "ifactor_prepaid"}, "It is funded already."),
        ({"books_status": "voided"}, "It is voided in your books."),
        ({"currency": "EUR"}, "We do not finance invoices in EUR yet."),
        ({"currency": ""}, "It has no currency."),
        (
            {"around": {"buyers": [buyer(paid_invoices=1)]}},
            "1 paid invoice of this buyer. We need 2 paid invoices or more.",
        ),
        ({"state": "invoice_accepted"}, explanations.ELIGIBLE_TEXT),
    ],
)
def test_the_sentence_that_decides_is_plain_and_has_its_numbers(values: dict[str, Any], sentence: str) -> None:
    assert explanations.explanation(one(**values)) == sentence


@pytest.mark.parametrize("record", RULES.values(), ids=str)
def test_every_text_of_a_rule_formats_to_a_whole_sentence(record: RuleRecord) -> None:
    for outcome, sentences in record.sentences.items():
        for reason in {*sentences, *record.remedies}:
            full = RuleResult(record.rule, outcome, reason, Decimal(1), Decimal(2), TODAY, ("2026-11-18T10:00+00:00",))
            for given in (full, full._replace(actual=3, limit=4), full._replace(actual=None, limit=None, details=())):
                sentence = explanations.sentence(given, currency="USD")
                remedy = explanations.remedy(given, currency="USD")
                assert "{" not in sentence + remedy
                assert sentence.endswith(".") or not sentences.get(reason, sentences.get(""))
                assert remedy.endswith(".") or not remedy


def test_what_would_cure_it_names_the_invoices_and_counts_what_is_missing() -> None:
    held = {("buyer:1", "USD"): Utilization(Decimal(50_000), ("INV-1009", ""))}
    found = one(around={"used_across_suppliers": held, "used_by_pair": held})
    assert (
        cured(found, Rule.BUYER_LIMIT)
        == "More becomes available when INV-1009 and an invoice without a number are paid."
    )
    late = invoice(9, balance=Decimal(9000), tax=Decimal(0), txn_date=days(-100), payable_date=days(-70))
    assert cured(assess(invoice(), late)[1], Rule.CROSS_AGING) == "Eligible when INV-9 is paid."
    found = one(around={"buyers": [buyer(paid_invoices=0)]})
    assert cured(found, Rule.PAYMENT_HISTORY).startswith("It takes 2 paid invoices more of this buyer")
    assert cured(one(), Rule.PAYMENT_HISTORY) == ""
    assert cured(one(txn_date=days(1)), Rule.AGE_AT_PURCHASE) == "Nothing to do: its own date comes in 1 day."


def test_a_limit_that_nobody_of_ours_holds_names_nobody() -> None:
    around = {"buyer_limits": {("buyer:1", "USD"): Decimal(0)}}
    assert cured(one(around=around), Rule.BUYER_LIMIT) == "Write to us for a higher limit."


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (6, f"You can finance it until {format_day(days(5))}."),
        (1, "Today is the last day on which you can finance it."),
        (0, "You can no longer finance it."),
    ],
)
def test_the_outlook_counts_the_days(left: int, text: str) -> None:
    assert explanations.outlook(decision="eligible", next_change_on=days(left), today=TODAY) == text


def test_what_staff_read_of_a_rule_is_translated() -> None:
    titled = [rule for rule, record in RULES.items() if record.staff_title]
    english = {rule: explanations.staff_title(rule.value) for rule in titled}
    with translation.override("es"):
        assert [rule for rule in titled if explanations.staff_title(rule.value) == english[rule]] == []


def test_what_does_not_change_has_no_outlook() -> None:
    assert explanations.outlook(decision="ineligible", next_change_on=None, today=TODAY) == ""
    assert explanations.outlook(decision="eligible", next_change_on=None, today=TODAY) == ""


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (6, f"You can finance it from {format_day(days(6))}, if nothing else changes."),
        (1, f"You can finance it from {format_day(days(1))}, if nothing else changes."),
        (0, ""),
    ],
)
def test_what_time_alone_will_cure_says_when(left: int, text: str) -> None:
    assert explanations.outlook(decision="ineligible", next_change_on=days(left), today=TODAY) == text


def test_a_duplicate_is_told_to_staff_with_its_place_and_to_the_supplier_without() -> None:
    around = {"duplicates": {1: ("Other Ltd, Books: INV-1 (invoice_created)",)}}
    found = one(around=around)
    assert said(found, Rule.DUPLICATE) == "Our staff review it before it can be financed."
    row = explanations.calculation_row(result_of(found, Rule.DUPLICATE), currency="USD")
    assert row[-1].startswith("Other Ltd, Books")


def test_staffs_word_is_said_as_such() -> None:
    found = one(payable_date=days(3), around={"invoice_overrides": {("days_to_due", 1): None}})
    assert said(found, Rule.DAYS_TO_DUE) == "Approved by our staff."


@pytest.mark.parametrize(
    "assessment",
    [
        one(),
        one(books_status="voided"),
        one(payable_date=days(0)),
        one(currency="EUR"),
        one(around={"confirmations": {1: ConfirmationFacts(confirmed_amount=Decimal("600.01"), is_partial=True)}}),
        one(around={"duplicates": {1: ('Ünïcode "Ltd"\n',)}}),
        one(replace(PLAIN, buyer_limit=Decimal("500.50"))),
        one(as_of=TODAY + timedelta(days=60)),
    ],
)
def test_what_is_kept_reads_back_unchanged(assessment: Assessment) -> None:
    text = serialization.dumps(assessment=assessment)
    assert serialization.loads(json.loads(text)) == (assessment.results, assessment.deductions)


def test_a_rule_of_yesterday_is_passed_over() -> None:
    assert serialization.loads({"results": [["gone", "pass"], ["contra", "unknown"]], "deductions": []}) == (
        (RuleResult(Rule.CONTRA, Outcome.UNKNOWN),),
        (),
    )
    assert serialization.loads({}) == ((), ())


def test_a_share_that_was_not_worked_out_is_said_to_be_so_instead_of_an_amount_left_blank() -> None:
    found = one(amount=Decimal(40), balance=Decimal(40), tax=Decimal(0))
    said = {result.rule: explanations.sentence(result, currency="USD") for result in found.results}
    assert said[Rule.CONCENTRATION] == "Not measured: something else makes this invoice ineligible."
