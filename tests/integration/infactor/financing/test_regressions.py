"""Regression tests for faults that random sequences of actions found."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import payouts, scheduled_transitions
from infactor.financing.accounting import balances
from infactor.financing.advances import cases, funding, repurchases, short_payments
from infactor.financing.advances.funding import FundingError
from infactor.financing.collections.payments import AllocationTarget, CollectionError
from infactor.financing.models import Advance, Payout
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def test_a_collected_advance_is_not_paid_out_a_second_time(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payout = Payout.objects.get()
    scenario.pay(advance, "1000")
    collected = Advance.objects.get(pk=advance.pk)
    with pytest.raises(TransitionNotAllowed):
        scenario.fund(collected)
    money_out.fail(scenario, payout)
    with pytest.raises(TransitionNotAllowed):
        scenario.fund(collected)
    assert Payout.objects.count() == 1
    assert Invoice.objects.get(pk=advance.invoice_id).state == State.PAID
    assert verify(at=scenario.now).ok


def test_a_payout_that_failed_is_replaced_and_none_is_written_beside_it(scenario: Scenario) -> None:
    scenario.funded(scenario.invoice(scenario.buyer()))
    payout = Payout.objects.get()
    given = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    failed = money_out.fail(scenario, payout)
    beside = Payout.objects.get(pk=payout.pk)
    beside.pk, beside.public_id = None, "00000000-0000-4000-8000-000000000000"
    with pytest.raises(IntegrityError, match="one_payout_per_advance_purpose"), atomic():
        beside.save(force_insert=True)
    again = payouts.resend(payout=failed, **given)
    assert [again.status, again.replaces_id] == [Payout.Status.PREPARED, payout.pk]


def test_suppliers_who_share_a_debtor_are_judged_by_what_it_owes_the_other_one(scenario: Scenario) -> None:
    other = build_scenario(name="Mistral Tea")
    mine, theirs = scenario.buyer("Acme"), other.buyer("Acme")
    grouping.join(buyers=[mine, theirs], debtor=None, name="Acme", by=scenario.underwriter, at=scenario.now)
    other.invoice(theirs, face="1000", txn_date=date(2026, 6, 1), payable_date=date(2026, 7, 1))
    with pytest.raises(Exception, match="INV-") as refused:
        scenario.request(scenario.invoice(mine))
    assert type(refused.value).__name__ == "RequestError"
    assert scenario.request(scenario.invoice(scenario.buyer("Another")))


def test_what_a_supplier_owes_is_not_paid_twice_by_one_payment(scenario: Scenario) -> None:
    advance = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer())))
    given = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    short_payments.accept_short_payment(
        advance=advance, amount=Decimal(250), reason="Damaged", approver=scenario.underwriter, **given
    )
    due = AllocationTarget(Decimal(100), supplier=scenario.supplier, is_due=True)
    with pytest.raises(CollectionError, match="once"):
        scenario.arrive("200", targets=[due, due])
    scenario.arrive("150", targets=[AllocationTarget(Decimal(150), supplier=scenario.supplier, is_due=True)])
    owed, held = (
        balances.supplier_balance(purpose=purpose, supplier_id=scenario.supplier.pk, currency="USD")
        for purpose in (Purpose.DUE_FROM_SUPPLIER, Purpose.PAYABLE_TO_SUPPLIER)
    )
    assert (owed, held) == (Decimal(0), Decimal(50))
    assert verify(at=scenario.now).ok


def test_an_invoice_whose_balance_became_unreadable_is_not_paid_out(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    Invoice.objects.filter(pk=advance.invoice_id).update(balance=None)
    with pytest.raises(FundingError, match="cannot be read"):
        scenario.fund(advance)


def test_an_advance_that_ended_meanwhile_keeps_nobody_from_what_else_is_due(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = scenario.buyer()
    late, waiting = scenario.funded(scenario.invoice(buyer)), scenario.accepted(scenario.invoice(buyer))
    money_out.leave(scenario, late)
    scenario.later(100)
    Invoice.objects.filter(pk=waiting.invoice_id).update(books_status="voided")
    reached = cases.open_recourse

    def ended_meanwhile(**given: object) -> object:
        repurchases.repurchase(
            advance=late,
            value_date=scenario.today,
            by=scenario.operations,
            at=scenario.now,
            reason="Paid by the supplier",
        )
        return reached(**given)

    monkeypatch.setattr(cases, "open_recourse", ended_meanwhile)
    assert scheduled_transitions.apply_due(at=scenario.now) == 1
    assert Advance.objects.get(pk=waiting.pk).status == Advance.Status.CANCELLED
    assert not late.cases.exists()


def test_a_cancelled_advance_is_not_funded_from_a_page_that_was_opened_before(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    funding.cancel(advance=Advance.objects.get(pk=advance.pk), by=scenario.owner, at=scenario.now, reason="Not needed")
    with pytest.raises(TransitionNotAllowed):
        scenario.fund(advance)
    assert not Payout.objects.exists()
