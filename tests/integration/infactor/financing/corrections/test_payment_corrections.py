"""Payments are unmatched, moved to another day, given another amount and refunded; the books explain each of it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import balances, statement
from infactor.financing.advances import repurchases
from infactor.financing.collections import payments
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import payment_corrections
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Collection, CollectionAllocation, Correction, Payout
from infactor.financing.value_dates import InvalidValueDate
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.balances import balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def why(scenario: Scenario, reason: str = "Matched to the wrong invoice") -> Any:
    return {"by": scenario.operations, "at": scenario.now, "reason": reason}


def unmatch(scenario: Scenario, collection: Collection, **given: Any) -> Correction:
    parts = CollectionAllocation.objects.filter(collection=collection, reversed_at=None).values_list("pk", flat=True)
    return payment_corrections.unmatch(collection=collection, allocation_ids=list(parts), **{**why(scenario), **given})


def owed(scenario: Scenario, purpose: Purpose = Purpose.DUE_FROM_SUPPLIER) -> Decimal:
    return balances.supplier_balance(purpose=purpose, supplier_id=scenario.supplier.pk, currency="USD")


def test_a_payment_matched_to_the_wrong_advance_is_matched_to_the_right_one(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    wrong, right = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    payment = scenario.pay(wrong, "1000")
    made = unmatch(scenario, payment)
    assert (fresh(wrong).status, fresh(wrong).invoice.state) == (Advance.Status.FUNDED, State.PREPAID)
    assert payments.unallocated(collection=payment) == 1000
    assert Collection.objects.get(pk=payment.pk).returned_on is None  # nobody said that the bank returned it
    payments.allocate(
        collection=payment,
        targets=[AllocationTarget(Decimal(1000), advance=right)],
        by=scenario.operations,
        at=scenario.now,
    )
    assert fresh(right).status == Advance.Status.COLLECTED
    assert verify(at=scenario.now).ok
    event = AuditEvent.objects.get(event="correction.unmatch")
    assert (event.reason, event.actor) == ("Matched to the wrong invoice", scenario.operations)
    mail = OutgoingMail.objects.get(key__startswith=f"financing.corrected:correction:{made.pk}:")
    assert "Reason: Matched to the wrong invoice" in mail.body
    labels = [one.label for one in statement.movements_of_advance(advance=wrong)]
    assert labels == ["Invoice purchased", "Your buyer paid", "Undone: Your buyer paid"]
    undone = statement.movements_of_advance(advance=wrong)[-1]
    assert undone.formulas[-1] == "Reason: Matched to the wrong invoice"


def test_one_part_of_a_payment_is_unmatched_and_the_others_stay(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    one, other = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    payment = scenario.arrive(
        "1400", targets=[AllocationTarget(Decimal(1000), advance=one), AllocationTarget(Decimal(400), advance=other)]
    )
    part = CollectionAllocation.objects.get(collection=payment, advance=other)
    payment_corrections.unmatch(collection=payment, allocation_ids=[part.pk], **why(scenario))
    assert (fresh(one).status, balances.outstanding(advance=other).receivable) == (Advance.Status.COLLECTED, 1000)
    with pytest.raises(CorrectionError, match="matched now"):
        payment_corrections.unmatch(collection=payment, allocation_ids=[part.pk], **why(scenario))
    assert verify(at=scenario.now).ok


def test_what_was_remitted_of_an_unmatched_surplus_is_owed_by_the_supplier(scenario: Scenario) -> None:
    payment = scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier)])
    payouts.remit(
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(500),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
    )
    unmatch(scenario, payment)
    assert (owed(scenario), owed(scenario, Purpose.PAYABLE_TO_SUPPLIER)) == (500, 0)
    assert verify(at=scenario.now).ok


def test_a_debt_that_was_paid_by_mistake_is_owed_again(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Recourse"
    )
    debt = owed(scenario)
    payment = scenario.arrive(f"{debt}", targets=[AllocationTarget(debt, supplier=scenario.supplier, is_due=True)])
    assert owed(scenario) == 0
    unmatch(scenario, payment)
    assert owed(scenario) == debt
    assert verify(at=scenario.now).ok


def test_another_value_date_charges_the_fee_to_that_day_also_after_the_settlement(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    scenario.later(35)
    payment = scenario.pay(advance, "10000")
    settled = scenario.settle(fresh(advance))
    assert (settled.fee, settled.rebate) == (200, 1300)
    money_out.confirm(scenario, Payout.objects.get(purpose=Payout.Purpose.REBATE))
    right = scenario.today - timedelta(days=6)
    made = payment_corrections.change_value_date(
        collection=payment, value_date=right, **why(scenario, "The statement says so")
    )
    assert made.change.startswith("value date Dec 1, 2026 instead of Dec 7, 2026")
    opened = fresh(advance)
    assert (opened.status, opened.collected_on, opened.fee) == (Advance.Status.COLLECTED, right, None)
    assert owed(scenario) == 1300  # the rebate that was paid
    again = scenario.settle(opened)
    assert (again.fee, again.fee_days, again.rebate, owed(scenario)) == (150, 29, 50, 0)
    assert verify(at=scenario.now).ok
    told = OutgoingMail.objects.filter(key__startswith="financing.settled:")
    assert told.count() == 2
    with pytest.raises(InvalidValueDate):
        payment_corrections.change_value_date(
            collection=payment, value_date=scenario.today + timedelta(days=2), **why(scenario)
        )


def test_an_amount_typed_wrong_is_put_right_up_and_down(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    payment = scenario.pay(advance, "1000")  # a zero was missing
    payment_corrections.change_amount(collection=payment, amount=Decimal(10_000), **why(scenario, "Typed wrong"))
    assert fresh(advance).status == Advance.Status.COLLECTED
    payment.refresh_from_db()
    assert (payment.amount, balance(purpose=Purpose.CASH, currency="USD")) == (10_000, 10_000)
    assert money_out.available() == 1500  # less the advance, which is on its way
    payment_corrections.change_amount(collection=payment, amount=Decimal(4000), **why(scenario, "Typed wrong again"))
    assert balances.outstanding(advance=advance).receivable == 6000
    assert verify(at=scenario.now).ok
    with pytest.raises(CollectionError, match="above zero"):
        payment_corrections.change_amount(collection=payment, amount=Decimal(0), **why(scenario))
    scenario.arrive("77", targets=[], bank_reference=payment.bank_reference)
    with pytest.raises(CollectionError, match="Another payment"):
        payment_corrections.change_amount(collection=payment, amount=Decimal(77), **why(scenario))


def test_what_is_for_nobody_goes_back_to_its_payer(scenario: Scenario) -> None:
    payment = scenario.arrive("900", targets=[], payer="Somebody else Inc")
    given: Any = {"value_date": scenario.today}
    with pytest.raises(CorrectionError, match=r"Only 900\.00 USD"):
        money_out.refund(payment, 901, **given, **why(scenario))
    sent = money_out.refund(payment, 900, **given, **why(scenario, "Not for us"))
    assert payments.unallocated(collection=payment) == 0
    assert money_out.available() == 0
    with pytest.raises(CollectionError, match="refunded"):
        payments.record_return(
            collection=payment, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
        )
    assert verify(at=scenario.now).ok
    money_out.confirm(scenario, sent.payout)
    money_out.give_back(scenario, sent.payout, code="R02")
    assert Payout.objects.get().status == Payout.Status.CANCELLED
    assert payments.unallocated(collection=payment) == 900
    assert verify(at=scenario.now).ok


def test_a_payment_that_a_repurchase_counted_on_is_corrected_after_that_is_taken_back(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "400")
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Recourse"
    )
    with pytest.raises(CorrectionError, match="take that back first"):
        unmatch(scenario, payment)


def test_from_the_set_amount_up_a_second_person_approves_a_correction(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    scenario.terms(dual_control_threshold=Decimal(1000))
    waiting = scenario.arrive("1000", targets=[], bank_reference="OTHER")
    with pytest.raises(ApproverRequired):
        unmatch(scenario, payment)
    with pytest.raises(ApproverRequired):
        payment_corrections.change_value_date(
            collection=payment, value_date=scenario.today - timedelta(days=1), **why(scenario)
        )
    with pytest.raises(ApproverRequired):
        money_out.refund(waiting, 1000, value_date=scenario.today, **why(scenario))
    assert fresh(advance).status == Advance.Status.COLLECTED
    assert unmatch(scenario, payment, approver=scenario.approver).approved_by == scenario.approver


def test_only_operations_correct_and_only_with_a_reason(scenario: Scenario) -> None:
    payment = scenario.pay(scenario.funded(scenario.invoice(scenario.buyer())), "1000")
    for person in (scenario.underwriter, scenario.reader, scenario.owner):
        with pytest.raises(NotAllowed):
            unmatch(scenario, payment, by=person)
    with pytest.raises(CorrectionError, match="why"):
        unmatch(scenario, payment, reason="  ")


def test_a_correction_is_never_changed(scenario: Scenario) -> None:
    made = unmatch(scenario, scenario.pay(scenario.funded(scenario.invoice(scenario.buyer())), "1000"))
    for change in ({"reason": "Another"}, {"amount": Decimal(1)}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Correction.objects.filter(pk=made.pk).update(**change)


def test_an_unmatched_payment_may_still_be_returned(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    unmatch(scenario, payment)
    payments.allocate(
        collection=payment,
        targets=[AllocationTarget(Decimal(1000), advance=fresh(advance))],
        by=scenario.operations,
        at=scenario.now,
    )
    payments.record_return(
        collection=payment, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
    )
    assert balances.outstanding(advance=advance) == (1000, 150)
    assert Invoice.objects.get(pk=advance.invoice_id).state == State.PREPAID
    assert (balance(purpose=Purpose.CASH, currency="USD"), money_out.available()) == (0, -850)
    assert verify(at=scenario.now).ok


def test_of_a_payment_for_two_suppliers_neither_reads_what_the_other_got(scenario: Scenario) -> None:
    other = build_scenario(name="Somebody else")
    other.terms()
    mine, theirs = scenario.funded(scenario.invoice(scenario.buyer())), other.funded(other.invoice(other.buyer()))
    payment = scenario.arrive(
        "1777", targets=[AllocationTarget(Decimal(1000), advance=mine), AllocationTarget(Decimal(777), advance=theirs)]
    )
    payment_corrections.change_amount(collection=payment, amount=Decimal(1778), **why(scenario, "Typed wrong"))
    unmatch(scenario, payment)
    mails = OutgoingMail.objects.filter(key__startswith="financing.corrected:")
    assert {one.supplier_id for one in mails} == {scenario.supplier.pk, other.supplier.pk}
    for body in mails.values_list("body", flat=True):
        assert not {"777", "778", "1,000"} & set(body.replace("$", " ").split()), body
    for supplier in (scenario.supplier, other.supplier):
        (found,) = statement.statements(supplier=supplier)
        said = " ".join(line for movement in found.movements for line in movement.formulas)
        assert "Reason: Typed wrong" in said
        assert "1,77" not in said
    assert verify(at=scenario.now).ok
