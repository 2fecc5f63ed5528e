"""Terms, limits, overrides and the second person."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from infactor.core.models import AuditEvent
from infactor.financing import approvals
from infactor.financing import terms_in_force as versions
from infactor.financing.approvals import ApprovalRefused, Plan
from infactor.financing.dual_control import SecondPersonNeeded
from infactor.financing.models import Advance, Approval, FundingTerms, Limit, Override
from infactor.financing.origination.requests import RequestRefused
from infactor.financing.policy import limits, overrides
from infactor.financing.policy.authorization import SettingRefused
from infactor.financing.policy.terms import set_terms
from infactor.invoices.debtors import grouping as debtors
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return build_house()


def test_the_terms_of_a_day_are_the_latest_that_had_begun(house: House) -> None:
    first = house.terms(advance_rate=Decimal(80))
    later = FundingTerms(currency="USD", valid_from=date(2026, 12, 1), reason="December", advance_rate=Decimal(70))
    set_terms(terms=later, by=house.underwriter, second=house.second, at=house.now)

    def on(day: date) -> FundingTerms:
        return versions.terms_for(supplier=house.supplier, currency="USD", on=day)

    assert (on(date(2026, 11, 30)), on(date(2026, 12, 1))) == (first, later)


def test_a_suppliers_own_terms_go_before_those_for_everybody(house: House) -> None:
    house.terms()
    own = FundingTerms(
        currency="USD", supplier=house.supplier, valid_from=date(2026, 1, 1), reason="Negotiated", advance_rate=90
    )
    set_terms(terms=own, by=house.underwriter, second=house.second, at=house.now)
    assert versions.terms_for(supplier=house.supplier, currency="USD", on=house.today) == own
    other = build_house(name="Other").supplier
    assert versions.terms_for(supplier=other, currency="USD", on=house.today) != own


def test_a_change_of_terms_is_told_with_who_when_from_and_to(house: House) -> None:
    house.terms()
    house.terms(advance_rate=Decimal(70))
    told = AuditEvent.objects.filter(event="terms.set").latest("pk")
    assert (told.actor, told.at) == (house.underwriter, house.now)
    assert told.details["changes"] == {"advance_rate": ["85.000", "70"]}


def test_terms_are_written_once(house: House) -> None:
    terms = house.terms()
    with pytest.raises(SettingRefused):
        set_terms(terms=terms, by=house.underwriter, at=house.now)
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


def test_the_last_limit_holds_and_tells_what_it_was_before(house: House) -> None:
    house.terms()
    debtor = debtors.get_or_create_debtor(buyer=house.buyer("Cedar"), by=house.underwriter, at=house.now)

    def limit(amount: int) -> Limit:
        return limits.set_limit(
            debtor=debtor,
            amount=Decimal(amount),
            currency="USD",
            reason="Their accounts",
            by=house.underwriter,
            at=house.now,
        )

    limit(1000)
    second = limit(2000)
    assert limits.current_limit(debtor=debtor, supplier=None, currency="USD") == second
    told = AuditEvent.objects.filter(event="limit.set").latest("pk").details
    assert (told["from"], told["to"]) == ("1000.00", "2000")


def test_a_limit_for_nobody_or_below_zero_or_in_a_currency_without_terms_is_refused(house: House) -> None:
    house.terms()
    known = {"reason": "Test", "by": house.underwriter, "at": house.now}
    with pytest.raises(SettingRefused):
        limits.set_limit(amount=Decimal(1), currency="USD", **known)
    with pytest.raises(SettingRefused):
        limits.set_limit(amount=Decimal(-1), currency="USD", supplier=house.supplier, **known)
    with pytest.raises(SettingRefused, match="no terms for EUR"):
        limits.set_limit(amount=Decimal(1), currency="EUR", supplier=house.supplier, **known)


def test_raising_a_limit_far_needs_two_and_lowering_it_one(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(10_000))
    known = {"currency": "USD", "supplier": house.supplier, "reason": "Test", "at": house.now}
    with pytest.raises(SecondPersonNeeded):
        limits.set_limit(amount=Decimal(50_000), by=house.underwriter, **known)
    limits.set_limit(amount=Decimal(50_000), by=house.underwriter, second=house.second, **known)
    limits.set_limit(amount=Decimal(20_000), by=house.underwriter, **known)


def test_staff_let_an_invoice_pass_a_rule_until_a_day(house: House) -> None:
    house.terms()
    new = house.invoice(house.buyer("New", paid=0))
    with pytest.raises(RequestRefused):
        house.request(new)
    made = overrides.override(
        rule="history",
        invoice=new,
        until=house.today,
        reason="We know them.",
        by=house.underwriter,
        at=house.now,
    )
    overrides.end_override(override=made, by=house.underwriter, at=house.now)
    with pytest.raises(RequestRefused):
        house.request(new)
    overrides.override(rule="history", buyer=new.buyer, reason="We know them.", by=house.underwriter, at=house.now)
    assert house.request(new).lines.get().face == Decimal(1000)


def test_exceptions_are_not_made_one_by_one_to_do_without_a_second_person(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1500))
    buyer = house.buyer("New", paid=0)
    first, second, third = (house.invoice(buyer) for _ in range(3))
    known: Any = {"reason": "We know them.", "by": house.underwriter}
    overrides.override(rule="history", invoice=first, at=house.now, **known)
    overrides.override(rule="dilution", invoice=first, at=house.now, **known)
    with pytest.raises(SecondPersonNeeded):
        overrides.override(rule="history", invoice=second, at=house.now, **known)
    made = overrides.override(rule="history", invoice=second, at=house.now, second=house.second, **known)
    assert made.approved_by == house.second
    house.later(2)
    assert overrides.override(rule="history", invoice=third, at=house.now, **known).approved_by is None


def test_an_exception_for_a_buyer_counts_what_it_may_let_pass_later(house: House) -> None:
    """It owes nothing now."""
    buyer = house.buyer("New", paid=0)
    known: Any = {"rule": "history", "buyer": buyer, "reason": "We know them.", "by": house.underwriter}
    house.terms(dual_control_threshold=Decimal(1500), pair_limit=Decimal(1500))
    with pytest.raises(SecondPersonNeeded):
        overrides.override(at=house.now, **known)
    house.terms(dual_control_threshold=Decimal(1500), pair_limit=Decimal(1400))
    overrides.override(at=house.now, **known)
    debtor = debtors.get_or_create_debtor(buyer=buyer, by=house.underwriter, at=house.now)
    buyer.refresh_from_db()
    limit: Any = {"debtor": debtor, "supplier": house.supplier, "currency": "USD", "reason": "By its size"}
    limits.set_limit(amount=Decimal(2000), by=house.underwriter, second=house.second, at=house.now, **limit)
    with pytest.raises(SecondPersonNeeded):
        overrides.override(at=house.now, **known)


@pytest.mark.parametrize("rule", ["open_balance", "in_financing", "currency", "age", "disputed", "no such rule"])
def test_nobody_lets_these_rules_pass(house: House, rule: str) -> None:
    house.terms()
    invoice = house.invoice(house.buyer("Cedar"))
    with pytest.raises(SettingRefused):
        overrides.override(rule=rule, invoice=invoice, reason="Please", by=house.underwriter, at=house.now)
    assert not Override.objects.exists()


def plan(house: House, advance: Advance) -> Plan:
    return Plan(
        kind=Approval.Kind.FUND,
        subject=advance.owner,
        permission="financing.fund_advances",
        supplier=house.supplier,
        currency=advance.currency,
        amount=advance.amount,
        summary=f"Pay out {advance.amount}",
        arguments={"advance": advance.pk, "value_date": house.today.isoformat()},
    )


def test_a_second_person_approves_and_by_that_it_is_done(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(8500))
    advance = house.accepted(house.invoice(house.buyer("Cedar"), face="10000"))
    asked = approvals.do_or_ask(plan=plan(house, advance), by=house.operations, at=house.now)
    assert asked is not None
    assert Advance.objects.get().status == Advance.Status.ACCEPTED
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=house.operations, at=house.now)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=house.reader, at=house.now)

    house.now += timedelta(days=1)
    approvals.approve(approval=asked, by=house.second, at=house.now)
    funded = Advance.objects.get()
    assert (funded.status, funded.funded_on) == (Advance.Status.FUNDED, house.today)
    with pytest.raises(ApprovalRefused):
        approvals.approve(approval=asked, by=house.underwriter, at=house.now)


def test_below_the_set_amount_one_person_does_it(house: House) -> None:
    house.terms(dual_control_threshold=Decimal("8500.01"))
    advance = house.accepted(house.invoice(house.buyer("Cedar"), face="10000"))
    assert approvals.do_or_ask(plan=plan(house, advance), by=house.operations, at=house.now) is None
    assert Advance.objects.get().status == Advance.Status.FUNDED


def test_the_same_is_asked_for_once_and_who_asked_can_take_it_back(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1))
    advance = house.accepted(house.invoice(house.buyer("Cedar")))
    asked = approvals.do_or_ask(plan=plan(house, advance), by=house.operations, at=house.now)
    assert asked is not None
    with pytest.raises(ApprovalRefused):
        approvals.do_or_ask(plan=plan(house, advance), by=house.second, at=house.now)
    approvals.refuse(approval=asked, by=house.operations, at=house.now, reason="Wrong day")
    assert approvals.do_or_ask(plan=plan(house, advance), by=house.second, at=house.now)


def test_an_approval_of_what_is_not_possible_any_more_changes_nothing(house: House) -> None:
    from infactor.core.transitions import TransitionNotAllowed
    from infactor.financing.advances import funding

    house.terms(dual_control_threshold=Decimal(1))
    advance = house.accepted(house.invoice(house.buyer("Cedar")))
    asked = approvals.do_or_ask(plan=plan(house, advance), by=house.operations, at=house.now)
    assert asked is not None
    funding.cancel(advance=advance, by=house.owner, at=house.now, reason="No need")
    with pytest.raises(TransitionNotAllowed):
        approvals.approve(approval=asked, by=house.second, at=house.now)
    asked.refresh_from_db()
    assert asked.decided_at is None


def test_the_database_itself_wants_two_people(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1))
    advance = house.accepted(house.invoice(house.buyer("Cedar")))
    asked = approvals.do_or_ask(plan=plan(house, advance), by=house.operations, at=house.now)
    assert asked is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.update(decision="approved", decided_by=house.operations, decided_at=house.now)
