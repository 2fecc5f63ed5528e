"""The statement lists every movement, and its sums equal the ledger's balances to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from infactor.banking import accounts
from infactor.financing import payouts
from infactor.financing.accounting import statement
from infactor.financing.accounting.statement import Movement, Statement
from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Payout
from infactor.ledger.balances import entries_of_supplier, on_normal_side
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db


def in_the_books(scenario: Scenario) -> dict[str, Decimal]:
    """The balances of the supplier's accounts in the ledger."""
    sums = dict.fromkeys(Purpose, Decimal(0))
    for entry in entries_of_supplier(supplier_id=scenario.supplier.pk):
        purpose = Purpose(entry.account.purpose)
        sums[purpose] += on_normal_side(purpose=purpose, debits=entry.debit, credits=entry.credit)
    return {
        "receivable": sums[Purpose.RECEIVABLE],
        "owed": sums[Purpose.DUE_FROM_SUPPLIER],
        "held": sums[Purpose.RESERVE] + sums[Purpose.PAYABLE_TO_SUPPLIER],
        "to_pay": sums[Purpose.PAYOUT_IN_TRANSIT],
    }


def the_statement(scenario: Scenario) -> Statement:
    """The supplier's only statement, after checking it against the ledger."""
    (found,) = statement.statements(supplier=scenario.supplier)
    closing = found.closing
    books = in_the_books(scenario)
    assert {name: getattr(closing, name) for name in books} == books
    assert closing.receivable + closing.owed - closing.held - closing.to_pay == (
        closing.paid + closing.fee - closing.from_buyer - closing.lost
    )
    assert found.movements[-1].running_total == closing
    return found


def words(found: Statement) -> list[str]:
    return [one.label for one in found.movements]


def last(found: Statement) -> Movement:
    return found.movements[-1]


def test_a_supplier_without_movements_has_no_statement(scenario: Scenario) -> None:
    assert statement.statements(supplier=scenario.supplier) == []


def test_what_was_paid_out_is_the_same_whichever_house_account_it_left(scenario: Scenario) -> None:
    house_account(scenario.operations, scenario.now)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    accounts.make_default(account=other, by=scenario.operations, at=scenario.now)
    scenario.funded(scenario.invoice(scenario.buyer()))
    assert (the_statement(scenario).closing.paid, the_statement(scenario).closing.to_pay) == (0, 850)
    money_out.confirm_all(scenario)
    assert (the_statement(scenario).closing.paid, the_statement(scenario).closing.to_pay) == (850, 0)


def test_a_settled_advance_reads_as_three_movements_with_their_formulas(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    scenario.later(55)
    scenario.pay(advance, "10000")
    scenario.settle(advance)
    found = the_statement(scenario)
    assert words(found) == ["Invoice purchased", "Your buyer paid", "Settled"]
    assert found.movements[0].formulas == (
        "10,000.00 × 85% = 8,500.00 to be paid to you",
        "10,000.00 − 8,500.00 = 1,500.00 reserve",
    )
    assert last(found).formulas == (
        "Fee: 10,000.00 × (1.5% + 3 × 0.5%) = 300.00 for 55 days",
        "1,500.00 − 300.00 = 1,200.00 to be paid to you",
    )
    assert (found.closing.to_pay, found.closing.fee, found.closing.held) == (Decimal(9700), Decimal(300), Decimal(0))


def test_short_over_returned_and_failed_payments_keep_it_equal_to_the_books(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    first, second = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer, face="2000"))
    scenario.later(20)
    partly = scenario.pay(first, "400")
    both = scenario.arrive(
        "2650", targets=[AllocationTarget(Decimal(700), advance=first), AllocationTarget(Decimal(1950), advance=second)]
    )
    assert "Received on your behalf" in words(the_statement(scenario))
    payouts.remit(
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(100),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
    )
    short_payments.accept_short_payment(
        advance=second,
        amount=Decimal(50),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Credit memo",
    )
    assert last(the_statement(scenario)).formulas == ("50.00 taken from the reserve",)
    scenario.settle(first)
    money_out.confirm_all(scenario)
    scenario.later(2)
    for payment in (partly, both):
        payments.record_return(
            collection=payment, value_date=scenario.today, reason="No funds", by=scenario.operations, at=scenario.now
        )
        the_statement(scenario)
    payout = Payout.objects.filter(advance=second).get()
    money_out.give_back(scenario, payout)
    payout.refresh_from_db()
    payouts.resend(
        payout=payout, value_date=scenario.today, by=scenario.operations, at=scenario.now, with_netting=False
    )
    found = the_statement(scenario)
    assert {"Your buyer's payment was returned by the bank", "Taken back after it was sent to you"} <= {*words(found)}
    assert words(found)[-2:] == ["Payout returned by your bank", "Payout prepared again"]
    assert {one.advance for one in found.movements[-2:]} == {second}
    assert words(found)[-2:] == [one.label for one in statement.movements_of_advance(advance=second)][-2:]
    assert found.closing.owed > 0

    scenario.arrive("60", targets=[AllocationTarget(Decimal(60), supplier=scenario.supplier, is_due=True)])
    paid = last(the_statement(scenario))
    assert (paid.label, paid.change.paid, paid.change.owed) == ("You paid what you owed", Decimal(-60), Decimal(-60))


def test_what_is_deducted_when_a_payout_is_prepared_again_belongs_to_its_advance(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    first, second = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer, face="2000"))
    payment = scenario.pay(first, "1000")
    scenario.settle(first)
    money_out.confirm_all(scenario)
    scenario.later(2)
    payments.record_return(
        collection=payment, value_date=scenario.today, reason="No funds", by=scenario.operations, at=scenario.now
    )
    payout = Payout.objects.get(advance=second)
    money_out.give_back(scenario, payout)
    payout.refresh_from_db()
    payouts.resend(payout=payout, value_date=scenario.today, by=scenario.operations, at=scenario.now)
    found = the_statement(scenario)
    assert words(found)[-3:] == [
        "Payout returned by your bank",
        "Deducted from what you owed",  # what the payment that was returned had paid
        "Payout prepared again",
    ]
    assert {one.advance for one in found.movements[-3:]} == {second}
    assert words(found)[-3:] == [one.label for one in statement.movements_of_advance(advance=second)][-3:]


def test_what_is_bought_back_or_written_off_reads_so(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    back, lost = scenario.funded(scenario.invoice(buyer, face="10000")), scenario.funded(scenario.invoice(buyer))
    scenario.later(55)
    money_out.leave(scenario, back)
    repurchases.repurchase(
        advance=back, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Recourse date reached"
    )
    bought = last(the_statement(scenario))
    assert bought.formulas[-1] == "10,000.00 + 300.00 − 1,500.00 = 8,800.00 that you owe"
    assert (bought.change.paid, bought.change.owed) == (0, Decimal(8800))
    money_out.leave(scenario, lost)
    write_offs.write_off(
        advance=lost, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Insolvent"
    )
    assert last(the_statement(scenario)).label == "Written off"
    assert the_statement(scenario).closing.lost == Decimal(850)


def test_days_narrow_it_and_what_was_before_opens_it(scenario: Scenario) -> None:
    first = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.later(10)
    scenario.pay(first, "400")
    scenario.later(10)
    scenario.pay(first, "600")
    day = scenario.today - timedelta(days=10)
    (found,) = statement.statements(supplier=scenario.supplier, start=day, end=day)
    assert [(one.label, one.change.from_buyer) for one in found.movements] == [("Your buyer paid", Decimal(400))]
    assert (found.opening.receivable, found.closing.receivable) == (Decimal(1000), Decimal(600))


def test_one_advance_has_its_own_movements_and_no_others(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    one, other = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    scenario.later(3)
    scenario.arrive(
        "1500", targets=[AllocationTarget(Decimal(1000), advance=one), AllocationTarget(Decimal(500), advance=other)]
    )
    found = statement.movements_of_advance(advance=one)
    assert [(movement.label, movement.change.from_buyer) for movement in found] == [
        ("Invoice purchased", 0),
        ("Your buyer paid", 1000),
    ]
    assert {movement.advance for movement in found} == {one}


def test_nothing_of_another_supplier_stands_in_it_and_queries_stay_few(
    scenario: Scenario, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = build_scenario(name="Other")
    other.terms()
    theirs = other.funded(other.invoice(other.buyer(), face="777"))
    mine = [scenario.funded(scenario.invoice(scenario.buyer())) for _ in range(3)]
    scenario.arrive(
        "100", targets=[AllocationTarget(Decimal(50), advance=mine[0]), AllocationTarget(Decimal(50), advance=theirs)]
    )
    with django_assert_num_queries(5):  # entries twice, payouts, advances, payments
        (found,) = statement.statements(supplier=scenario.supplier)
    assert len(found.movements) == 4
    assert found.closing.receivable == Decimal(2950)
