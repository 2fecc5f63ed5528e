"""Terms, limits, overrides and dual control."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from infactor.core.models import AuditEvent
from infactor.financing import approvals, terms_in_force
from infactor.financing.approvals import ApprovalError, ApprovalRequest
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Approval, FundingTerms, Limit, Override
from infactor.financing.origination.requests import RequestError
from infactor.financing.policy import limits, overrides
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.policy.terms import set_terms
from infactor.invoices.debtors import grouping
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def scenario_builder() -> Callable[[], Scenario]:
    return build_scenario


def test_the_terms_of_a_day_are_the_latest_that_had_begun(scenario: Scenario) -> None:
    first = scenario.terms(advance_rate=Decimal(80))
    later = FundingTerms(currency="USD", valid_from=date(2026, 12, 1), reason="December", advance_rate=Decimal(70))
    set_terms(terms=later, by=scenario.underwriter, approver=scenario.approver, at=scenario.now)

    def on(day: date) -> FundingTerms:
        return terms_in_force.terms_for(supplier=scenario.supplier, currency="USD", on=day)

    assert (on(date(2026, 11, 30)), on(date(2026, 12, 1))) == (first, later)


def test_a_suppliers_own_terms_go_before_those_for_everybody(scenario: Scenario) -> None:
    scenario.terms()
    own = FundingTerms(
        currency="USD", supplier=scenario.supplier, valid_from=date(2026, 1, 1), reason="Negotiated", advance_rate=90
    )
    set_terms(terms=own, by=scenario.underwriter, approver=scenario.approver, at=scenario.now)
    assert terms_in_force.terms_for(supplier=scenario.supplier, currency="USD", on=scenario.today) == own
    other = build_scenario(name="Other").supplier
    assert terms_in_force.terms_for(supplier=other, currency="USD", on=scenario.today) != own


def test_a_change_of_terms_is_told_with_who_when_from_and_to(scenario: Scenario) -> None:
    scenario.terms()
    scenario.terms(advance_rate=Decimal(70))
    told = AuditEvent.objects.filter(event="terms.set").latest("pk")
    assert (told.actor, told.at) == (scenario.underwriter, scenario.now)
    assert told.details["changes"] == {"advance_rate": ["85.000", "70"]}


def test_terms_are_written_once(scenario: Scenario) -> None:
    terms = scenario.terms()
    with pytest.raises(PolicyError):
        set_terms(terms=terms, by=scenario.underwriter, at=scenario.now)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE financing_fundingterms SET advance_rate = 99")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM financing_fundingterms")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("advance_rate", "0"),
        ("advance_rate", "100.001"),
        ("first_fee_rate", "-1"),
        ("first_fee_rate", "15.001"),
        ("first_fee_days", 0),
        ("additional_fee_days", 0),
        ("offer_days", 0),
        ("max_age_at_purchase_days", 91),
        ("dilution_warning_pct", "10.001"),
        ("cross_aging_pct", "0"),
        ("minimum_amount", "-0.01"),
        ("currency", "usd"),
        ("reason", ""),
        ("recourse_days", 0),
        ("recourse_days", 60),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused_in_words(field: str, value: object) -> None:
    terms = FundingTerms(**{"currency": "USD", "valid_from": date(2026, 1, 1), "reason": "Test", field: value})
    with pytest.raises(ValidationError) as refused:
        terms.full_clean(exclude=["set_at", "set_by"])
    assert field in refused.value.message_dict


def test_every_number_of_the_terms_says_what_it_is_for() -> None:
    silent = {field.name for field in FundingTerms._meta.get_fields() if getattr(field, "editable", False)} - {
        field.name for field in FundingTerms._meta.get_fields() if getattr(field, "help_text", "")
    }
    assert silent <= {"id"}


def test_the_last_limit_holds_and_tells_what_it_was_before(scenario: Scenario) -> None:
    scenario.terms()
    debtor = grouping.get_or_create_debtor(buyer=scenario.buyer("Cedar"), by=scenario.underwriter, at=scenario.now)

    def limit(amount: int) -> Limit:
        return limits.set_limit(
            debtor=debtor,
            amount=Decimal(amount),
            currency="USD",
            reason="Their accounts",
            by=scenario.underwriter,
            at=scenario.now,
        )

    limit(1000)
    second = limit(2000)
    assert limits.current_limit(debtor=debtor, supplier=None, currency="USD") == second
    told = AuditEvent.objects.filter(event="limit.set").latest("pk").details
    assert (told["from"], told["to"]) == ("1000.00", "2000")


def test_a_limit_for_nobody_or_below_zero_or_in_a_currency_without_terms_is_refused(scenario: Scenario) -> None:
    scenario.terms()
    known = {"reason": "Test", "by": scenario.underwriter, "at": scenario.now}
    with pytest.raises(PolicyError):
        limits.set_limit(amount=Decimal(1), currency="USD", **known)
    with pytest.raises(PolicyError):
        limits.set_limit(amount=Decimal(-1), currency="USD", supplier=scenario.supplier, **known)
    with pytest.raises(PolicyError, match="no terms for EUR"):
        limits.set_limit(amount=Decimal(1), currency="EUR", supplier=scenario.supplier, **known)


def test_raising_a_limit_far_needs_two_and_lowering_it_one(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(10_000))
    known = {"currency": "USD", "supplier": scenario.supplier, "reason": "Test", "at": scenario.now}
    with pytest.raises(ApproverRequired):
        limits.set_limit(amount=Decimal(50_000), by=scenario.underwriter, **known)
    limits.set_limit(amount=Decimal(50_000), by=scenario.underwriter, approver=scenario.approver, **known)
    limits.set_limit(amount=Decimal(20_000), by=scenario.underwriter, **known)


def test_staff_let_an_invoice_pass_a_rule_until_a_day(scenario: Scenario) -> None:
    scenario.terms()
    new = scenario.invoice(scenario.buyer("New", paid=0))
    with pytest.raises(RequestError):
        scenario.request(new)
    made = overrides.override(
        rule="payment_history",
        invoice=new,
        until=scenario.today,
        reason="We know them.",
        by=scenario.underwriter,
        at=scenario.now,
    )
    overrides.end_override(override=made, by=scenario.underwriter, at=scenario.now)
    with pytest.raises(RequestError):
        scenario.request(new)
    overrides.override(
        rule="payment_history", buyer=new.buyer, reason="We know them.", by=scenario.underwriter, at=scenario.now
    )
    assert scenario.request(new).lines.get().face == Decimal(1000)


def test_exceptions_are_not_made_one_by_one_to_do_without_a_second_person(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1500))
    buyer = scenario.buyer("New", paid=0)
    first, second, third = (scenario.invoice(buyer) for _ in range(3))
    known: Any = {"reason": "We know them.", "by": scenario.underwriter}
    overrides.override(rule="payment_history", invoice=first, at=scenario.now, **known)
    overrides.override(rule="dilution", invoice=first, at=scenario.now, **known)
    with pytest.raises(ApproverRequired):
        overrides.override(rule="payment_history", invoice=second, at=scenario.now, **known)
    made = overrides.override(
        rule="payment_history", invoice=second, at=scenario.now, approver=scenario.approver, **known
    )
    assert made.approved_by == scenario.approver
    scenario.later(2)
    assert overrides.override(rule="payment_history", invoice=third, at=scenario.now, **known).approved_by is None


def test_an_exception_for_a_buyer_counts_what_it_may_let_pass_later(scenario: Scenario) -> None:
    """The buyer owes nothing yet, so the override counts with its limit."""
    buyer = scenario.buyer("New", paid=0)
    known: Any = {"rule": "payment_history", "buyer": buyer, "reason": "We know them.", "by": scenario.underwriter}
    scenario.terms(dual_control_threshold=Decimal(1500), pair_limit=Decimal(1500))
    with pytest.raises(ApproverRequired):
        overrides.override(at=scenario.now, **known)
    scenario.terms(dual_control_threshold=Decimal(1500), pair_limit=Decimal(1400))
    overrides.override(at=scenario.now, **known)
    debtor = grouping.get_or_create_debtor(buyer=buyer, by=scenario.underwriter, at=scenario.now)
    buyer.refresh_from_db()
    limit: Any = {"debtor": debtor, "supplier": scenario.supplier, "currency": "USD", "reason": "By its size"}
    limits.set_limit(
        amount=Decimal(2000), by=scenario.underwriter, approver=scenario.approver, at=scenario.now, **limit
    )
    with pytest.raises(ApproverRequired):
        overrides.override(at=scenario.now, **known)


@pytest.mark.parametrize("rule", ["open_balance", "in_financing", "currency", "age", "disputed", "no such rule"])
def test_nobody_lets_these_rules_pass(scenario: Scenario, rule: str) -> None:
    scenario.terms()
    invoice = scenario.invoice(scenario.buyer("Cedar"))
    with pytest.raises(PolicyError):
        overrides.override(rule=rule, invoice=invoice, reason="Please", by=scenario.underwriter, at=scenario.now)
    assert not Override.objects.exists()


def plan(scenario: Scenario, advance: Advance) -> ApprovalRequest:
    return ApprovalRequest(
        kind=Approval.Kind.FUND,
        subject=advance.ledger_owner,
        permission="financing.fund_advances",
        supplier=scenario.supplier,
        currency=advance.currency,
        amount=advance.amount,
        summary=f"Pay out {advance.amount}",
        arguments={"advance": advance.pk, "value_date": scenario.today.isoformat()},
    )


def test_a_second_person_approves_and_by_that_it_is_done(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(8500))
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Cedar"), face="10000"))
    asked = approvals.execute_or_request_approval(
        request=plan(scenario, advance), by=scenario.operations, at=scenario.now
    )
    assert asked is not None
    assert Advance.objects.get().status == Advance.Status.ACCEPTED
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=scenario.operations, at=scenario.now)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=scenario.reader, at=scenario.now)

    scenario.now += timedelta(days=1)
    approvals.approve(approval=asked, by=scenario.approver, at=scenario.now)
    funded = Advance.objects.get()
    assert (funded.status, funded.funded_on) == (Advance.Status.FUNDED, scenario.today)
    with pytest.raises(ApprovalError):
        approvals.approve(approval=asked, by=scenario.underwriter, at=scenario.now)


def test_below_the_set_amount_one_person_does_it(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal("8500.01"))
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Cedar"), face="10000"))
    assert (
        approvals.execute_or_request_approval(request=plan(scenario, advance), by=scenario.operations, at=scenario.now)
        is None
    )
    assert Advance.objects.get().status == Advance.Status.FUNDED


def test_the_same_is_asked_for_once_and_who_asked_can_take_it_back(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1))
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Cedar")))
    asked = approvals.execute_or_request_approval(
        request=plan(scenario, advance), by=scenario.operations, at=scenario.now
    )
    assert asked is not None
    with pytest.raises(ApprovalError):
        approvals.execute_or_request_approval(request=plan(scenario, advance), by=scenario.approver, at=scenario.now)
    approvals.refuse(approval=asked, by=scenario.operations, at=scenario.now, reason="Wrong day")
    assert approvals.execute_or_request_approval(request=plan(scenario, advance), by=scenario.approver, at=scenario.now)


def test_an_approval_of_what_is_not_possible_any_more_changes_nothing(scenario: Scenario) -> None:
    from infactor.core.transitions import TransitionNotAllowed
    from infactor.financing.advances import funding

    scenario.terms(dual_control_threshold=Decimal(1))
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Cedar")))
    asked = approvals.execute_or_request_approval(
        request=plan(scenario, advance), by=scenario.operations, at=scenario.now
    )
    assert asked is not None
    funding.cancel(advance=advance, by=scenario.owner, at=scenario.now, reason="No need")
    with pytest.raises(TransitionNotAllowed):
        approvals.approve(approval=asked, by=scenario.approver, at=scenario.now)
    asked.refresh_from_db()
    assert asked.decided_at is None


def test_the_database_itself_wants_two_people(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1))
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Cedar")))
    asked = approvals.execute_or_request_approval(
        request=plan(scenario, advance), by=scenario.operations, at=scenario.now
    )
    assert asked is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.update(decision="approved", decided_by=scenario.operations, decided_at=scenario.now)
