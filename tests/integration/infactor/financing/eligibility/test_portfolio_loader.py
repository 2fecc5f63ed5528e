"""What is out, limited, answered and approved reaches the rules, of a debtor over the whole house."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility import explanations as wording
from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.eligibility import serialization as rulings
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio_loader import months_before
from infactor.financing.eligibility.rules.catalogue import Outcome, Rule, RuleResult
from infactor.financing.models import Eligibility, EligibilityRecalculation
from infactor.financing.policy import limits, overrides
from infactor.invoices.debtors import grouping as debtors
from infactor.invoices.models import Buyer, CompanyFile, CreditMemo, Debtor, Invoice
from infactor.verification import answers
from infactor.verification.answers import Given
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    found = build_house()
    found.terms()
    return found


def judged(house: House, invoice: Invoice, **asked: Any) -> Assessment:
    return reckoning.fresh_assessments(supplier=house.supplier, invoice_ids=[invoice.pk], at=house.now, **asked)[
        invoice.pk
    ]


def of(assessment: Assessment, rule: Rule) -> RuleResult:
    return next(one for one in assessment.results if one.rule is rule)


def in_use(house: House, invoice: Invoice, rule: Rule = Rule.SUPPLIER_LIMIT) -> object:
    return of(judged(house, invoice), rule).actual


def joined(*buyers: Buyer, house: House) -> Debtor:
    debtor = Debtor.objects.create(name="Acme", created_by=house.underwriter)
    for buyer in buyers:
        Buyer.objects.filter(pk=buyer.pk).update(debtor=debtor)
    return debtor


def neighbour(house: House) -> House:
    """Another supplier of the same house, under the same terms."""
    return build_house(now=house.now, name="Neighbour")


def test_a_request_an_offer_an_acceptance_and_what_is_still_owed_take_up_room(house: House) -> None:
    buyer = house.buyer("Acme")
    other = house.invoice(buyer, face="300")
    assert in_use(house, other) == 0
    house.request(house.invoice(buyer, face="1000"))
    assert in_use(house, other) == 1000
    house.offer(house.invoice(buyer, face="200"))
    assert in_use(house, other) == 1200
    house.accepted(house.invoice(buyer, face="400"))
    assert in_use(house, other) == 1600
    advance = house.funded(house.invoice(buyer, face="800"))
    assert in_use(house, other) == 2400
    house.pay(advance, "500")
    assert in_use(house, other) == 1900
    assert in_use(house, other, Rule.PAIR_LIMIT) == 1900
    assert in_use(house, house.invoice(house.buyer("Zenith")), Rule.PAIR_LIMIT) == 0


def test_what_is_offered_is_judged_as_if_its_own_offer_were_not_there(house: House) -> None:
    house.terms(supplier_limit=Decimal(1500))
    buyer = house.buyer("Acme")
    mine = house.invoice(buyer, face="1000")
    later = house.invoice(buyer, face="1000", payable_date=house.today + timedelta(days=50))
    offer = house.offer(mine)
    assert judged(house, mine).deciding_rule == Rule.IN_FINANCING
    assert judged(house, later).base == 500
    assert judged(house, mine, theirs=True).base == 1000
    assert judged(house, mine, without_offer=offer).base == 1000


def test_the_limit_of_a_debtor_counts_over_all_suppliers_and_their_jobs(house: House) -> None:
    there = neighbour(house)
    buyer, twin = house.buyer("Acme"), there.buyer("Acme Ltd")
    job = there.buyer("Plant", paid=0, parent=twin, is_job=True)
    debtor = joined(buyer, twin, house=house)
    limits.set_limit(
        amount=Decimal(2000), currency="USD", reason="known", by=house.underwriter, at=house.now, debtor=debtor
    )
    there.request(there.invoice(job, face="700"))
    there.funded(there.invoice(twin, face="900"))
    found = judged(house, house.invoice(buyer, face="1000"))
    limit = of(found, Rule.BUYER_LIMIT)
    assert (limit.actual, limit.limit, found.base) == (1600, 2000, 400)
    assert limit.details == ()
    assert of(found, Rule.PAIR_LIMIT).actual == 0
    assert "1,600" not in wording.sentence(limit, currency="USD")


def test_an_invoice_judged_for_somebody_who_waits_is_judged_as_among_all(house: House) -> None:
    buyer = house.buyer("Acme")
    house.terms(supplier_limit=Decimal(1700), concentration_limit_pct=Decimal(60))
    mine = [house.invoice(buyer, payable_date=house.today + timedelta(days=day)) for day in (20, 30)]
    house.invoice(house.buyer("Zenith"), face="900")
    reckoning.recalculate(supplier_id=house.supplier.pk, at=house.now)
    for invoice in mine:
        kept, now = Eligibility.objects.get(invoice=invoice), judged(house, invoice)
        assert (kept.base, rulings.loads(kept.breakdown)) == (now.base, (now.results, now.deductions))


def test_the_last_limit_that_was_set_holds(house: House) -> None:
    invoice = house.invoice(house.buyer("Acme"), face="1000")
    for amount in ("700", "400"):
        limits.set_limit(
            amount=Decimal(amount),
            currency="USD",
            reason="seen",
            by=house.underwriter,
            at=house.now,
            supplier=house.supplier,
        )
    assert judged(house, invoice).base == 400


def test_a_debtor_that_is_late_elsewhere_is_late_here(house: House) -> None:
    there = neighbour(house)
    buyer, twin = house.buyer("Acme"), there.buyer("Acme Ltd")
    joined(buyer, twin, house=house)
    mine = house.invoice(buyer, face="1000")
    old = {"txn_date": house.today - timedelta(days=91), "payable_date": house.today - timedelta(days=61)}
    there.invoice(twin, face="333", **old)
    assert judged(house, mine).decision == "ready"
    there.invoice(twin, face="1", **old)
    found = of(judged(house, mine), Rule.CROSS_AGING)
    assert (found.outcome, found.reason) == (Outcome.FAIL, "elsewhere")
    assert "%" not in wording.sentence(found, currency="USD")


def test_the_buyers_answer_reaches_the_rules_and_makes_it_a_known_one(house: House) -> None:
    house.terms(verify_first_invoice=True)
    buyer = house.buyer("Acme")
    first, second = house.invoice(buyer), house.invoice(buyer)
    assert judged(house, second).decision == "todo"
    part = Given(answers.Answer.PART, "Kim", amount=Decimal(600), reason="two boxes were broken")
    answers.record_by_phone(invoice=first, by=house.operations, given=part, at=house.now)
    found = judged(house, first)
    assert (found.decision, found.base, found.deductions) == ("ready", 600, (("not_confirmed", 400),))
    assert judged(house, second).decision == "ready"
    Invoice.objects.filter(pk=first.pk).update(invoice_no="OTHER")
    assert of(judged(house, first), Rule.VERIFICATION)[1:3] == (Outcome.NEEDS_ACTION, "changed")


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


def test_credits_that_an_offer_left_uncounted_are_not_taken_off_the_next_invoice_again(house: House) -> None:
    buyer = house.buyer("Acme")
    first = house.invoice(buyer, face="1000")
    credit(buyer, "300")
    house.request(first)
    found = judged(house, house.invoice(buyer, face="1000"))
    assert (found.base, of(found, Rule.CREDITS).actual) == (1000, 0)


def test_staffs_word_on_a_buyer_holds_until_its_last_day(house: House) -> None:
    buyer = house.buyer("New", paid=0)
    invoice = house.invoice(buyer)
    assert judged(house, invoice).deciding_rule == Rule.PAYMENT_HISTORY
    overrides.override(
        rule="history", reason="known", by=house.underwriter, at=house.now, buyer=buyer, until=house.today
    )
    found = judged(house, invoice)
    assert (found.decision, found.next_change_on) == ("ready", house.today + timedelta(days=1))
    house.later(1)
    assert judged(house, invoice).deciding_rule == Rule.PAYMENT_HISTORY


def test_books_that_were_not_read_for_a_day_are_marked_and_those_never_read_keep_all_out(house: House) -> None:
    invoice = house.invoice(house.buyer("Acme"))
    CompanyFile.objects.update(as_of=house.now - timedelta(hours=24))
    assert of(judged(house, invoice), Rule.FRESHNESS).outcome is Outcome.PASS
    CompanyFile.objects.update(as_of=house.now - timedelta(hours=24, seconds=1))
    found = judged(house, invoice)
    assert (found.decision, of(found, Rule.FRESHNESS).outcome) == ("ready", Outcome.WARN)
    assert "Nov 1, 2026, 16:59 UTC" in wording.sentence(of(found, Rule.FRESHNESS), currency="USD")
    CompanyFile.objects.update(as_of=None)
    assert judged(house, invoice).deciding_rule == Rule.FRESHNESS


def test_the_same_invoice_elsewhere_is_named_to_staff_and_to_nobody_else(house: House) -> None:
    there = neighbour(house)
    mine = house.invoice(house.buyer("Acme"), invoice_no="INV-77")
    there.invoice(there.buyer("Acme", company_name="Acme Inc"), invoice_no="77")
    found = of(judged(house, mine), Rule.DUPLICATE)
    assert found.outcome is Outcome.FAIL
    assert "Neighbour" in wording.calculation_row(found, currency="USD")[-1]
    assert "Neighbour" not in wording.sentence(found, currency="USD") + wording.remedy(found, currency="USD")


def test_what_one_supplier_takes_of_a_debtors_limit_has_the_others_judged_anew(house: House) -> None:
    there = neighbour(house)
    acme = house.buyer("Acme")
    debtors.join(buyers=[acme, there.buyer("Acme")], debtor=None, name="Acme", by=house.underwriter, at=house.now)
    stranger = neighbour(house)
    asked = dict(EligibilityRecalculation.objects.values_list("supplier_id", "asked"))
    house.accepted(house.invoice(acme))
    moved = {
        pk
        for pk, count in EligibilityRecalculation.objects.values_list("supplier_id", "asked")
        if count > asked.get(pk, 0)
    }
    assert moved == {house.supplier.pk, there.supplier.pk}
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
