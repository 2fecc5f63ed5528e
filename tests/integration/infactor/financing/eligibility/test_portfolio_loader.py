"""The portfolio holds a debtor's advances, limits, confirmations and overrides over all its suppliers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility import explanations, reassessment, recalculation, serialization
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio_loader import months_before
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.models import Eligibility, EligibilityRecalculation
from infactor.financing.policy import limits, overrides
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Buyer, CompanyFile, CreditMemo, Debtor, Invoice
from infactor.verification import answers
from infactor.verification.answers import SubmittedAnswer
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def assessed(scenario: Scenario, invoice: Invoice, **options: Any) -> Assessment:
    return reassessment.reassess(supplier=scenario.supplier, invoices=[invoice], at=scenario.now, **options)[invoice.pk]


def of(assessment: Assessment, rule: Rule) -> RuleResult:
    return next(one for one in assessment.results if one.rule is rule)


def in_use(scenario: Scenario, invoice: Invoice, rule: Rule = Rule.SUPPLIER_LIMIT) -> object:
    return of(assessed(scenario, invoice), rule).actual


def joined(*buyers: Buyer, scenario: Scenario) -> Debtor:
    debtor = Debtor.objects.create(name="Acme", created_by=scenario.underwriter)
    for buyer in buyers:
        Buyer.objects.filter(pk=buyer.pk).update(debtor=debtor)
    return debtor


def neighbour(scenario: Scenario) -> Scenario:
    """Another supplier of infactor, under the same terms."""
    return build_scenario(now=scenario.now, name="Neighbour")


def test_a_request_an_offer_an_acceptance_and_what_is_still_owed_take_up_room(scenario: Scenario) -> None:
    buyer = scenario.buyer("Acme")
    other = scenario.invoice(buyer, face="300")
    assert in_use(scenario, other) == 0
    scenario.request(scenario.invoice(buyer, face="1000"))
    assert in_use(scenario, other) == 1000
    scenario.offer(scenario.invoice(buyer, face="200"))
    assert in_use(scenario, other) == 1200
    scenario.accepted(scenario.invoice(buyer, face="400"))
    assert in_use(scenario, other) == 1600
    advance = scenario.funded(scenario.invoice(buyer, face="800"))
    assert in_use(scenario, other) == 2400
    scenario.pay(advance, "500")
    assert in_use(scenario, other) == 1900
    assert in_use(scenario, other, Rule.PAIR_LIMIT) == 1900
    assert in_use(scenario, scenario.invoice(scenario.buyer("Zenith")), Rule.PAIR_LIMIT) == 0


def test_what_is_offered_is_assessed_as_if_its_own_offer_were_not_there(scenario: Scenario) -> None:
    scenario.terms(supplier_limit=Decimal(1500))
    buyer = scenario.buyer("Acme")
    mine = scenario.invoice(buyer, face="1000")
    later = scenario.invoice(buyer, face="1000", payable_date=scenario.today + timedelta(days=50))
    scenario.offer(mine)
    assert assessed(scenario, mine).deciding_rule == Rule.IN_FINANCING
    assert assessed(scenario, later).base == 500
    assert assessed(scenario, mine, ignore_own_request=True).base == 1000


def test_the_limit_of_a_debtor_counts_over_all_suppliers_and_their_jobs(scenario: Scenario) -> None:
    there = neighbour(scenario)
    buyer, twin = scenario.buyer("Acme"), there.buyer("Acme Ltd")
    job = there.buyer("Plant", paid=0, parent=twin, is_job=True)
    debtor = joined(buyer, twin, scenario=scenario)
    limits.set_limit(
        amount=Decimal(2000), currency="USD", reason="known", by=scenario.underwriter, at=scenario.now, debtor=debtor
    )
    there.request(there.invoice(job, face="700"))
    there.funded(there.invoice(twin, face="900"))
    found = assessed(scenario, scenario.invoice(buyer, face="1000"))
    limit = of(found, Rule.BUYER_LIMIT)
    assert (limit.actual, limit.limit, found.base) == (1600, 2000, 400)
    assert limit.details == ()
    assert of(found, Rule.PAIR_LIMIT).actual == 0
    assert "1,600" not in explanations.sentence(limit, currency="USD")


def test_an_invoice_assessed_alone_comes_out_as_among_all(scenario: Scenario) -> None:
    buyer = scenario.buyer("Acme")
    scenario.terms(supplier_limit=Decimal(1700), concentration_limit_pct=Decimal(60))
    mine = [scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=day)) for day in (20, 30)]
    scenario.invoice(scenario.buyer("Zenith"), face="900")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    for invoice in mine:
        kept, now = Eligibility.objects.get(invoice=invoice), assessed(scenario, invoice)
        assert (kept.base, serialization.loads(kept.breakdown)) == (now.base, (now.results, now.deductions))


def test_the_last_limit_that_was_set_holds(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Acme"), face="1000")
    for amount in ("700", "400"):
        limits.set_limit(
            amount=Decimal(amount),
            currency="USD",
            reason="seen",
            by=scenario.underwriter,
            at=scenario.now,
            supplier=scenario.supplier,
        )
    assert assessed(scenario, invoice).base == 400


def test_a_debtor_that_is_late_elsewhere_is_late_here(scenario: Scenario) -> None:
    there = neighbour(scenario)
    buyer, twin = scenario.buyer("Acme"), there.buyer("Acme Ltd")
    joined(buyer, twin, scenario=scenario)
    mine = scenario.invoice(buyer, face="1000")
    old = {"txn_date": scenario.today - timedelta(days=91), "payable_date": scenario.today - timedelta(days=61)}
    there.invoice(twin, face="333", **old)
    assert assessed(scenario, mine).decision == "eligible"
    there.invoice(twin, face="1", **old)
    found = of(assessed(scenario, mine), Rule.CROSS_AGING)
    assert (found.outcome, found.reason) == (Outcome.FAIL, "elsewhere")
    assert "%" not in explanations.sentence(found, currency="USD")


def test_the_buyers_answer_reaches_the_rules_and_makes_it_a_known_one(scenario: Scenario) -> None:
    scenario.terms(verify_first_invoice=True)
    buyer = scenario.buyer("Acme")
    first, second = scenario.invoice(buyer), scenario.invoice(buyer)
    assert assessed(scenario, second).decision == "needs_action"
    part = SubmittedAnswer(answers.Answer.PART, "Kim", amount=Decimal(600), reason="two boxes were broken")
    answers.record_phone_answer(invoice=first, by=scenario.operations, submitted=part, at=scenario.now)
    found = assessed(scenario, first)
    assert (found.decision, found.base, found.deductions) == ("eligible", 600, (("not_confirmed", 400),))
    assert assessed(scenario, second).decision == "eligible"
    Invoice.objects.filter(pk=first.pk).update(invoice_no="OTHER")
    assert of(assessed(scenario, first), Rule.VERIFICATION)[1:3] == (Outcome.NEEDS_ACTION, "changed")


def credit(buyer: Buyer, amount: str) -> None:
    CreditMemo.objects.create(
        supplier=buyer.supplier,
        company_file=buyer.company_file,
        buyer=buyer,
        reference="c1",
        amount=Decimal(amount),
        remaining=Decimal(amount),
        currency="USD",
        issued_on=date(2026, 1, 1),
    )


def test_credits_that_an_offer_left_uncounted_are_not_taken_off_the_next_invoice_again(scenario: Scenario) -> None:
    buyer = scenario.buyer("Acme")
    first = scenario.invoice(buyer, face="1000")
    credit(buyer, "300")
    scenario.request(first)
    found = assessed(scenario, scenario.invoice(buyer, face="1000"))
    assert (found.base, of(found, Rule.CREDITS).actual) == (1000, 0)


def test_an_override_for_a_buyer_holds_until_its_last_day(scenario: Scenario) -> None:
    buyer = scenario.buyer("New", paid=0)
    invoice = scenario.invoice(buyer)
    assert assessed(scenario, invoice).deciding_rule == Rule.PAYMENT_HISTORY
    overrides.override(
        rule="payment_history",
        reason="known",
        by=scenario.underwriter,
        at=scenario.now,
        buyer=buyer,
        until=scenario.today,
    )
    found = assessed(scenario, invoice)
    assert (found.decision, found.next_change_on) == ("eligible", scenario.today + timedelta(days=1))
    scenario.later(1)
    assert assessed(scenario, invoice).deciding_rule == Rule.PAYMENT_HISTORY


def test_books_that_were_not_read_for_a_day_are_marked_and_those_never_read_keep_all_out(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Acme"))
    CompanyFile.objects.update(as_of=scenario.now - timedelta(hours=24))
    assert of(assessed(scenario, invoice), Rule.FRESHNESS).outcome is Outcome.PASS
    CompanyFile.objects.update(as_of=scenario.now - timedelta(hours=24, seconds=1))
    found = assessed(scenario, invoice)
    assert (found.decision, of(found, Rule.FRESHNESS).outcome) == ("eligible", Outcome.WARN)
    assert "Nov 1, 2026, 16:59 UTC" in explanations.sentence(of(found, Rule.FRESHNESS), currency="USD")
    CompanyFile.objects.update(as_of=None)
    assert assessed(scenario, invoice).deciding_rule == Rule.FRESHNESS


def test_the_same_invoice_elsewhere_is_named_to_staff_and_to_nobody_else(scenario: Scenario) -> None:
    there = neighbour(scenario)
    mine = scenario.invoice(scenario.buyer("Acme"), invoice_no="INV-77")
    there.invoice(there.buyer("Acme", company_name="Acme Inc"), invoice_no="77")
    found = of(assessed(scenario, mine), Rule.DUPLICATE)
    assert found.outcome is Outcome.FAIL
    assert "Neighbour" in explanations.calculation_row(found, currency="USD")[-1]
    assert "Neighbour" not in explanations.sentence(found, currency="USD") + explanations.remedy(found, currency="USD")


def test_what_one_supplier_uses_of_a_debtors_limit_requests_a_recalculation_of_the_others(scenario: Scenario) -> None:
    there = neighbour(scenario)
    acme = scenario.buyer("Acme")
    grouping.join(
        buyers=[acme, there.buyer("Acme")], debtor=None, name="Acme", by=scenario.underwriter, at=scenario.now
    )
    stranger = neighbour(scenario)
    asked = dict(EligibilityRecalculation.objects.values_list("supplier_id", "requested_version"))
    scenario.accepted(scenario.invoice(acme))
    moved = {
        pk
        for pk, count in EligibilityRecalculation.objects.values_list("supplier_id", "requested_version")
        if count > asked.get(pk, 0)
    }
    assert moved == {scenario.supplier.pk, there.supplier.pk}
    assert stranger.supplier.pk not in moved


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 20), 3, date(2026, 8, 20)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 3, 31), 24, date(2024, 3, 31)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_before_a_day_end_on_the_same_day_or_the_last_of_the_month(day: date, months: int, before: date) -> None:
    assert months_before(day=day, months=months) == before
