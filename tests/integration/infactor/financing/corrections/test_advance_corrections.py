"""What ended an advance is taken back, and the advance goes on as if it had not been; recoveries go in their order."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.accounting import balances
from infactor.financing.advances import collection_costs, repurchases, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, CollectionAllocation, Correction, Notice, Payout
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice", "terms").get(pk=advance.pk)


def books() -> dict[str, Decimal]:
    return money_out.available_books()


def today(scenario: Scenario, **given: Any) -> Any:
    return {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now, "reason": "Wrong", **given}


def take_back(scenario: Scenario, advance: Advance, **given: Any) -> Correction:
    why = {"by": scenario.operations, "at": scenario.now, "reason": "Wrong", **given}
    return advance_corrections.take_back_closing(advance=advance, **why)


def test_a_settlement_is_taken_back_and_made_again(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10000")
    before = books()
    scenario.settle(fresh(advance))
    money_out.send(scenario, Payout.objects.get(purpose="rebate"))
    once = books()
    take_back(scenario, advance)
    opened = fresh(advance)
    assert (opened.status, opened.invoice.state) == (Advance.Status.COLLECTED, State.PAID)
    assert books() == {**before, "cash": before["cash"] - 1350, "due_from_supplier": 1350}
    notice = Notice.objects.get(advance=advance)
    assert notice.is_valid
    assert verify(at=scenario.now).ok
    settled = scenario.settle(opened)
    assert (settled.rebate, books()) == (0, once)
    assert verify(at=scenario.now).ok


def test_a_rebate_that_never_arrived_is_not_owed_when_its_settlement_is_taken_back(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.pay(advance, "10000")
    before = books()
    scenario.settle(fresh(advance))
    rebate = Payout.objects.get(purpose="rebate")
    money_out.fail(scenario, rebate)
    take_back(scenario, advance)
    assert books() == before
    rebate.refresh_from_db()
    assert rebate.status == Payout.Status.CANCELLED
    assert verify(at=scenario.now).ok


def test_a_reclaimed_rebate_that_comes_back_is_owed_no_longer(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10000")
    before = books()
    scenario.settle(fresh(advance))
    rebate = Payout.objects.get(purpose="rebate")
    money_out.confirm(scenario, rebate)
    take_back(scenario, advance)
    money_out.give_back(scenario, rebate)
    assert books() == before
    assert verify(at=scenario.now).ok
    assert scenario.settle(fresh(advance)).rebate == 1350


def test_a_wrong_write_off_is_taken_back_and_what_was_recovered_pays_the_advance(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(20)
    money_out.leave(scenario, advance)
    write_offs.write_off(advance=advance, **today(scenario))
    scenario.pay(fresh(advance), "9000")
    take_back(scenario, advance)
    assert fresh(advance).status == Advance.Status.FUNDED
    assert balances.outstanding(advance=advance) == (1000, 1500)
    assert books() == {"cash": 500, "receivable": 1000, "reserve": 1500}
    assert verify(at=scenario.now).ok
    scenario.pay(fresh(advance), "1000")
    assert scenario.settle(fresh(advance)).rebate == 1350


def test_a_write_off_that_was_recovered_in_full_ends_as_paid_when_it_is_taken_back(
    scenario: Scenario, advance: Advance
) -> None:
    money_out.leave(scenario, advance)
    write_offs.write_off(advance=advance, **today(scenario))
    scenario.pay(fresh(advance), "10000")
    take_back(scenario, advance)
    assert (fresh(advance).status, fresh(advance).invoice.state) == (Advance.Status.COLLECTED, State.PAID)
    assert verify(at=scenario.now).ok


def test_a_repurchase_is_taken_back_and_what_the_supplier_paid_for_it_is_its_own(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(55)
    money_out.leave(scenario, advance)
    repurchases.repurchase(advance=advance, **today(scenario))
    scenario.arrive("8800", targets=[AllocationTarget(Decimal(8800), supplier=scenario.supplier, is_due=True)])
    take_back(scenario, advance)
    assert books() == {"cash": 300, "receivable": 10_000, "reserve": 1500, "payable_to_supplier": 8800}
    assert list(Notice.objects.filter(advance=advance).values_list("status", flat=True)) == ["sent", "released"]
    assert Invoice.objects.get(pk=advance.invoice_id).state == State.PREPAID
    assert verify(at=scenario.now).ok


def test_a_short_payment_that_was_accepted_by_mistake_is_owed_again(scenario: Scenario, advance: Advance) -> None:
    """One person had made 12,400 a supplier's debt, and it was for ever."""
    scenario.pay(advance, "2000")
    before = books()
    money_out.leave(scenario, advance)
    short_payments.accept_short_payment(
        advance=advance, amount=Decimal(8000), approver=scenario.underwriter, **today(scenario)
    )
    assert fresh(advance).status == Advance.Status.CLOSED_SHORT
    (short,) = advance_corrections.accepted_short_payments(advance=advance)
    why: Any = {"by": scenario.operations, "at": scenario.now, "reason": "The buyer pays it after all"}
    advance_corrections.take_back_short_payment(advance=advance, reference=short.reference, **why)
    assert (fresh(advance).status, books()) == (Advance.Status.FUNDED, before)
    with pytest.raises(CorrectionError, match="counts now"):
        advance_corrections.take_back_short_payment(advance=advance, reference=short.reference, **why)
    assert verify(at=scenario.now).ok


def test_a_second_person_takes_back_what_is_large(scenario: Scenario, advance: Advance) -> None:
    money_out.leave(scenario, advance)
    write_offs.write_off(advance=advance, **today(scenario))
    scenario.terms(dual_control_threshold=Decimal(5000))
    with pytest.raises(ApproverRequired):
        take_back(scenario, advance)
    assert fresh(advance).status == Advance.Status.WRITTEN_OFF
    assert take_back(scenario, advance, approver=scenario.approver).approved_by == scenario.approver


def test_what_is_not_ended_has_nothing_to_take_back(scenario: Scenario, advance: Advance) -> None:
    with pytest.raises(CorrectionError, match="nothing to take back"):
        take_back(scenario, advance)


def test_a_recovery_repays_principal_then_fee_then_cost_and_the_rest_is_the_suppliers(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(55)
    money_out.leave(scenario, advance)
    write_offs.write_off(advance=advance, **today(scenario))
    lawyer = money_out.payee(by=scenario.operations, at=scenario.now)
    collection_costs.record(advance=advance, amount=Decimal(450), payee=lawyer, **today(scenario))
    for amount, parts in (
        ("8000", {"recovery": 8000}),
        ("600", {"recovery": 500, "fee": 100}),
        ("400", {"fee": 200, "cost": 200}),
        ("1000", {"cost": 250, "payable": 750}),
    ):
        payment = scenario.pay(fresh(advance), amount)
        found = CollectionAllocation.objects.filter(collection=payment).values_list("kind", "amount")
        assert dict(found) == parts
    assert books() == {
        "cash": 1050,
        "bad_debt": 8500,
        "bad_debt_recovered": 8500,
        "fee_income": 300,
        "payable_to_supplier": 750,
    }
    assert verify(at=scenario.now).ok


def test_a_settled_advance_whose_payment_is_returned_is_paid_by_it_when_it_is_presented_again(
    scenario: Scenario,
) -> None:
    """The money had stood under "to pass on" to a supplier that owed more than twice as much."""
    buyer = scenario.buyer()
    other, advance = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer, face="10000"))
    paid = scenario.pay(advance, "10000")
    scenario.settle(fresh(advance))
    money_out.confirm(scenario, Payout.objects.get(purpose=Payout.Purpose.REBATE))
    money_out.leave(scenario, other)
    repurchases.repurchase(advance=other, **today(scenario))
    payments.record_return(collection=paid, **today(scenario))
    scenario.later(3)
    scenario.pay(fresh(advance), "10000")
    assert (
        balances.supplier_balance(purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD")
        == 0
    )
    settled = scenario.settle(fresh(advance))
    # Of the rest of 1,350 everything is netted: the rebate was paid before, and 865 is owed for the repurchase.
    assert (settled.status, settled.rebate) == (Advance.Status.SETTLED, 0)
    assert books()["due_from_supplier"] == 865
    assert verify(at=scenario.now).ok
