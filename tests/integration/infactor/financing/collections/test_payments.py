"""Payments that are full, partial, too large, unapplied or returned by the bank."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import balances
from infactor.financing.advances import repurchases, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, AlreadyRecorded, CollectionError
from infactor.financing.models import Advance, Collection, Payout
from infactor.financing.value_dates import InvalidValueDate
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.balances import balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def payable(scenario: Scenario) -> Decimal:
    return balances.supplier_balance(
        purpose=Purpose.PAYABLE_TO_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )


def due(scenario: Scenario) -> Decimal:
    return balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )


def unapplied(collection: Collection) -> Decimal:
    return balance(purpose=Purpose.UNAPPLIED_CASH, owner=collection.ledger_owner, currency="USD")


def test_a_part_leaves_the_rest_open_and_the_last_part_ends_it(scenario: Scenario, advance: Advance) -> None:
    scenario.later(10)
    scenario.pay(advance, "4000")
    assert balances.outstanding(advance=advance).receivable == Decimal(6000)
    assert fresh(advance).status == Advance.Status.FUNDED

    scenario.later(10)
    scenario.pay(advance, "6000")
    paid = fresh(advance)
    assert (paid.status, paid.invoice.state) == (Advance.Status.COLLECTED, State.PAID)
    assert paid.collected_on == scenario.today


def test_full_collection_is_dated_by_the_latest_payment_whichever_was_recorded_last(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(20)
    late = scenario.today
    scenario.pay(advance, "6000")
    scenario.pay(advance, "4000", value_date=late - timedelta(days=10))
    assert fresh(advance).collected_on == late


def test_what_is_paid_too_much_belongs_to_the_supplier_and_is_passed_on(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10250.50")
    assert fresh(advance).status == Advance.Status.COLLECTED
    assert payable(scenario) == Decimal("250.50")

    payouts.remit(
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal("250.50"),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
    )
    assert payable(scenario) == 0
    with pytest.raises(payouts.PayoutError):
        payouts.remit(
            supplier=scenario.supplier,
            currency="USD",
            amount=Decimal("0.01"),
            value_date=scenario.today,
            by=scenario.operations,
            at=scenario.now,
        )


def test_money_for_nobody_knows_what_waits_until_it_is_matched(scenario: Scenario, advance: Advance) -> None:
    collection = scenario.pay(None, "12000")
    assert unapplied(collection) == Decimal(12000)

    payments.allocate(
        collection=collection,
        targets=[
            AllocationTarget(Decimal(10000), advance=advance),
            AllocationTarget(Decimal(500), supplier=scenario.supplier),
        ],
        by=scenario.operations,
        at=scenario.now,
    )
    assert fresh(advance).status == Advance.Status.COLLECTED
    assert (unapplied(collection), payable(scenario)) == (Decimal(1500), Decimal(500))
    with pytest.raises(CollectionError, match=r"1,500\.00 USD"):
        payments.allocate(
            collection=collection,
            targets=[AllocationTarget(Decimal("1500.01"), supplier=scenario.supplier)],
            by=scenario.operations,
            at=scenario.now,
        )


def test_the_same_payment_is_recorded_once(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "4000", bank_reference="A1")
    with pytest.raises(AlreadyRecorded):
        scenario.pay(advance, "4000", bank_reference="A1")
    assert balances.outstanding(advance=advance).receivable == Decimal(6000)


def test_a_payment_of_another_currency_is_not_taken_for_an_advance(scenario: Scenario, advance: Advance) -> None:
    with pytest.raises(CollectionError, match="in USD, the payment in EUR"):
        scenario.pay(advance, "100", currency="EUR")
    assert not Collection.objects.exists()


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "Infinity", "1e16"])
def test_what_is_no_amount_of_money_is_refused(scenario: Scenario, advance: Advance, amount: str) -> None:
    with pytest.raises(CollectionError):
        scenario.pay(advance, amount)
    assert not Collection.objects.exists()


def test_a_payment_of_half_a_yen_is_refused(scenario: Scenario) -> None:
    with pytest.raises(CollectionError, match="JPY has none"):
        scenario.arrive("12345.50", targets=[], currency="JPY")
    assert scenario.arrive("12345", targets=[], currency="JPY").amount == 12345


def test_a_payment_of_a_day_to_come_is_refused(scenario: Scenario, advance: Advance) -> None:
    with pytest.raises(InvalidValueDate):
        scenario.pay(advance, "100", value_date=scenario.today + timedelta(days=2))


def test_only_operations_record_payments(scenario: Scenario, advance: Advance) -> None:
    scenario.operations = scenario.underwriter
    with pytest.raises(NotAllowed):
        scenario.pay(advance, "100")


def test_a_returned_payment_opens_the_invoice_again(scenario: Scenario, advance: Advance) -> None:
    scenario.later(10)
    collection = scenario.pay(advance, "10000")
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="No funds", by=scenario.operations, at=scenario.now
    )
    again = fresh(advance)
    assert (again.status, again.collected_on, again.invoice.state) == (Advance.Status.FUNDED, None, State.PREPAID)
    assert balances.outstanding(advance=again).receivable == Decimal(10000)
    assert money_out.available() == Decimal(-8500)

    scenario.later(5)
    scenario.pay(again, "10000")
    scenario.settle(fresh(advance))
    assert OutgoingMail.objects.filter(key__startswith="financing.buyer_paid").count() == 2
    assert verify(at=scenario.now).ok


def test_a_payment_returned_after_settlement_opens_the_advance_as_if_it_had_not_come(
    scenario: Scenario, advance: Advance
) -> None:
    collection = scenario.pay(advance, "10000")
    scenario.settle(fresh(advance))
    money_out.confirm(scenario, Payout.objects.get(purpose="rebate"))
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="Fraud", by=scenario.operations, at=scenario.now
    )
    opened = fresh(advance)
    assert (opened.status, opened.fee, opened.ended_on) == (Advance.Status.FUNDED, None, None)
    assert Invoice.objects.get(pk=advance.invoice_id).state == State.PREPAID
    assert balances.outstanding(advance=advance) == (10_000, 1500)
    assert due(scenario) == Decimal(1350)  # the rebate, which was paid
    assert verify(at=scenario.now).ok

    # Presented again, it pays that advance; what was paid at the first settlement is netted with the second.
    scenario.later(1)
    scenario.pay(opened, "10000")
    settled = scenario.settle(fresh(advance))
    assert (settled.status, settled.rebate, due(scenario), payable(scenario)) == (Advance.Status.SETTLED, 0, 0, 0)
    assert verify(at=scenario.now).ok


def test_what_was_passed_on_and_is_then_returned_is_owed_by_the_supplier(scenario: Scenario, advance: Advance) -> None:
    collection = scenario.pay(advance, "10100")
    payouts.remit(
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(100),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
    )
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="No funds", by=scenario.operations, at=scenario.now
    )
    assert (payable(scenario), due(scenario)) == (0, Decimal(100))


def test_a_payment_is_taken_back_once_and_then_matches_nothing(scenario: Scenario, advance: Advance) -> None:
    collection = scenario.pay(advance, "4000")
    scenario.now += timedelta(hours=1)
    back = {"value_date": scenario.today, "reason": "No funds", "by": scenario.operations, "at": scenario.now}
    payments.record_return(collection=collection, **back)
    written = Transaction.objects.count()
    with pytest.raises(CollectionError):
        payments.record_return(collection=collection, **back)
    with pytest.raises(CollectionError):
        payments.allocate(
            collection=collection,
            targets=[AllocationTarget(Decimal(1), advance=advance)],
            by=scenario.operations,
            at=scenario.now,
        )
    assert Transaction.objects.count() == written


def test_a_written_off_invoice_that_is_paid_after_all_is_recovered(scenario: Scenario, advance: Advance) -> None:
    scenario.later(100)
    money_out.leave(scenario, advance)
    write_offs.write_off(
        advance=advance,
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="The buyer is bankrupt.",
    )
    assert balance(purpose=Purpose.BAD_DEBT, currency="USD") == Decimal(8500)

    scenario.pay(fresh(advance), "9000")
    assert balance(purpose=Purpose.BAD_DEBT_RECOVERED, currency="USD") == Decimal(8500)
    assert payable(scenario) == 0
    assert balance(purpose=Purpose.FEE_INCOME, currency="USD") == Decimal(500)  # of 100 days


def test_a_buyer_who_pays_for_what_was_bought_back_pays_the_supplier(scenario: Scenario, advance: Advance) -> None:
    scenario.later(95)
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Recourse"
    )
    scenario.pay(fresh(advance), "10000")
    assert payable(scenario) == Decimal(10000)
