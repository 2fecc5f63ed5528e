"""A return that was recorded on the wrong payment is taken back: the payment pays again what it had paid."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.banking import cash, matches
from infactor.banking.models import HouseAccount, StatementLine
from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import balances, statement
from infactor.financing.advances import repurchases
from infactor.financing.collections import line_acceptance, payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, collection_returns, payment_corrections
from infactor.financing.corrections.records import CorrectionError
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Collection, Correction
from infactor.invoices.states import State
from infactor.ledger import periods
from infactor.ledger.integrity import verify
from infactor.ledger.models import Entry, Purpose
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def give_back(scenario: Scenario, payment: Collection) -> None:
    """Three days later, the bank is said to have returned `payment`; and another three days pass."""
    scenario.later(3)
    payments.record_return(
        collection=payment, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
    )
    scenario.later(3)


def take_back(scenario: Scenario, payment: Collection, **given: Any) -> Correction:
    said: Any = {"by": scenario.operations, "at": scenario.now, "reason": "Recorded on the wrong payment", **given}
    return collection_returns.take_back(collection=payment, **said)


def load(scenario: Scenario, account: HouseAccount, amount: str) -> StatementLine:
    data = csv_statement(f"{scenario.today};{amount};W{amount};Northwind;;")
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    return StatementLine.objects.get(amount=amount, account=account)


def owed(scenario: Scenario, purpose: Purpose = Purpose.DUE_FROM_SUPPLIER) -> Decimal:
    return balances.supplier_balance(purpose=purpose, supplier_id=scenario.supplier.pk, currency="USD")


def cash_by_day(scenario: Scenario) -> dict[str, Decimal]:
    """What came to the bank's account, by value date, without days on which it comes to nothing."""
    found: dict[str, Decimal] = {}
    for one in Entry.objects.filter(account__purpose=Purpose.CASH).select_related("transaction"):
        day = str(one.transaction.value_date)
        found[day] = found.get(day, Decimal(0)) + one.debit - one.credit
    return {day: amount for day, amount in found.items() if amount}


def test_the_payment_pays_again_what_it_had_paid_on_its_own_day(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    before, collected_on = cash_by_day(scenario), fresh(advance).collected_on
    give_back(scenario, payment)
    assert fresh(advance).status == Advance.Status.FUNDED

    made = take_back(scenario, payment)

    payment.refresh_from_db()
    assert (payment.returned_on, payment.returned_by, payment.return_reason) == (None, None, "")
    now = fresh(advance)
    assert (now.status, now.collected_on, now.invoice.state) == (Advance.Status.COLLECTED, collected_on, State.PAID)
    assert cash_by_day(scenario) == before
    assert verify(at=scenario.now).findings == []
    event = AuditEvent.objects.get(event="correction.return")
    assert (event.reason, event.actor) == ("Recorded on the wrong payment", scenario.operations)
    assert OutgoingMail.objects.filter(key__startswith=f"financing.corrected:correction:{made.pk}:").exists()
    said = statement.movements_of_advance(advance=advance)[-1].formulas
    assert said[:2] == (
        "The bank did not return the payment: it counts again.",
        "Reason: Recorded on the wrong payment",
    )
    with pytest.raises(CorrectionError, match="taken back already"):
        take_back(scenario, payment)


def test_it_may_be_returned_and_taken_back_again_and_the_supplier_hears_of_each_return(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    for number in (1, 2):
        give_back(scenario, payment)
        assert OutgoingMail.objects.filter(key__startswith="financing.payment_returned:").count() == number
        take_back(scenario, payment)
        assert verify(at=scenario.now).findings == []
    assert fresh(advance).status == Advance.Status.COLLECTED
    payment_corrections.withdraw(
        collection=payment, by=scenario.operations, at=scenario.now, reason="It was no payment"
    )
    assert cash_by_day(scenario) == {}
    assert verify(at=scenario.now).findings == []


def test_what_was_matched_in_parts_and_what_waited_is_as_before(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    one, other = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    payment = scenario.arrive("1500", targets=[AllocationTarget(Decimal(1000), advance=one)])
    by: Any = {"by": scenario.operations, "at": scenario.now}
    payments.allocate(collection=payment, targets=[AllocationTarget(Decimal(400), advance=other)], **by)
    give_back(scenario, payment)
    take_back(scenario, payment)
    assert fresh(one).status == Advance.Status.COLLECTED
    assert balances.outstanding(advance=other).receivable == 600
    assert payments.unallocated(collection=Collection.objects.get(pk=payment.pk)) == 100
    assert verify(at=scenario.now).findings == []


def test_what_the_return_had_opened_is_settled_again_with_the_rebate_that_has_left(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    settled = scenario.settle(fresh(advance))
    money_out.confirm_all(scenario)
    give_back(scenario, payment)
    assert owed(scenario) == settled.rebate
    take_back(scenario, payment)
    assert verify(at=scenario.now).findings == []
    again = scenario.settle(fresh(advance))
    assert (again.fee, again.collected_on) == (settled.fee, settled.collected_on)
    assert (again.rebate, owed(scenario)) == (0, 0)  # it has left already
    assert verify(at=scenario.now).findings == []


def test_a_surplus_that_was_remitted_pays_what_the_supplier_owes_since(scenario: Scenario) -> None:
    payment = scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier)])
    sent: Any = {"currency": "USD", "amount": Decimal(500), "value_date": scenario.today}
    payouts.remit(supplier=scenario.supplier, by=scenario.operations, at=scenario.now, **sent)
    money_out.confirm_all(scenario)
    give_back(scenario, payment)
    assert (owed(scenario), owed(scenario, Purpose.PAYABLE_TO_SUPPLIER)) == (500, 0)
    take_back(scenario, payment)
    assert (owed(scenario), owed(scenario, Purpose.PAYABLE_TO_SUPPLIER)) == (500, 500)
    assert verify(at=scenario.now).findings == []


def test_what_another_payment_paid_since_is_undone_first(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    give_back(scenario, payment)
    later = scenario.pay(fresh(advance), "300", bank_reference="ANOTHER")
    with pytest.raises(CorrectionError, match=r"does not owe any more .* Undo first"):
        take_back(scenario, payment)
    assert Collection.objects.get(pk=payment.pk).returned_on is not None
    assert verify(at=scenario.now).findings == []
    payment_corrections.withdraw(collection=later, by=scenario.operations, at=scenario.now, reason="It was none")
    take_back(scenario, payment)
    assert fresh(advance).status == Advance.Status.COLLECTED
    assert verify(at=scenario.now).findings == []


def test_a_payment_that_was_recorded_again_since_is_withdrawn_first(scenario: Scenario) -> None:
    payment = scenario.arrive("500", targets=[], bank_reference="TRN 55")
    give_back(scenario, payment)
    again = scenario.arrive("500", targets=[], bank_reference="TRN-55")
    with pytest.raises(CorrectionError, match=rf"{again} looks like this payment"):
        take_back(scenario, payment)


def test_a_repurchase_since_is_taken_back_first(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.leave(scenario, advance)
    payment = scenario.pay(fresh(advance), "400")
    give_back(scenario, payment)
    given: Any = {"by": scenario.operations, "at": scenario.now, "reason": "Recourse"}
    bought = repurchases.repurchase(advance=fresh(advance), value_date=scenario.today, **given)
    with pytest.raises(CorrectionError, match="take that back first"):
        take_back(scenario, payment)
    advance_corrections.take_back_closing(advance=bought, **given)
    take_back(scenario, payment)
    assert balances.outstanding(advance=advance).receivable == 600
    assert verify(at=scenario.now).findings == []


def test_lines_of_the_statement_confirm_what_the_bank_had_and_the_line_of_the_return_is_open_again(
    scenario: Scenario, account: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    line = load(scenario, account, "1000.00")
    by: Any = {"by": scenario.operations, "at": scenario.now}
    targets = [AllocationTarget(Decimal(1000), advance=advance)]
    payment = line_acceptance.record_line(line=line, targets=targets, **by)
    before = cash.balance(account=account)
    give_back(scenario, payment)
    back = load(scenario, account, "-1000.00")
    (entry,) = matches.unconfirmed_entries(account=account).filter(moved=-1000)
    line_acceptance.confirm_booked(line=back, entries=[entry], by=scenario.operations, at=scenario.now)

    made = take_back(scenario, payment)

    back.refresh_from_db()
    line.refresh_from_db()
    assert (back.status, line.status) == (StatementLine.Status.DEBIT, StatementLine.Status.MATCHED)
    (match,) = line.matches.all()
    assert match.entry.transaction.reference == f"{payment.ledger_owner}:recorded:2"
    assert f"{back} waits to be explained again" in made.change
    assert cash.balance(account=account) == before
    assert not matches.unconfirmed_entries(account=account).filter(
        transaction__reference__startswith=payment.ledger_owner
    )
    assert verify(at=scenario.now).findings == []


def test_a_second_person_approves_it_from_the_set_amount_up_and_only_operations_correct(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payment = scenario.pay(advance, "1000")
    give_back(scenario, payment)
    scenario.terms(dual_control_threshold=Decimal(1000))
    with pytest.raises(ApproverRequired):
        take_back(scenario, payment)
    for person in (scenario.underwriter, scenario.reader, scenario.owner):
        with pytest.raises(NotAllowed):
            take_back(scenario, payment, by=person)
    with pytest.raises(CorrectionError, match="why"):
        take_back(scenario, payment, reason=" ")
    assert fresh(advance).status == Advance.Status.FUNDED
    assert take_back(scenario, payment, approver=scenario.approver).approved_by == scenario.approver


def test_a_return_of_a_closed_month_is_taken_back_in_the_open_one(scenario: Scenario) -> None:
    payment = scenario.arrive("700", targets=[AllocationTarget(Decimal(700), supplier=scenario.supplier)])
    month = periods.month_of(scenario.today)
    give_back(scenario, payment)
    scenario.later(45)
    periods.close(month=month, explanations=[], by=scenario.operations, at=scenario.now)
    take_back(scenario, payment)
    assert sum(cash_by_day(scenario).values()) == 700
    assert verify(at=scenario.now).findings == []


def test_each_of_two_suppliers_reads_only_its_own_part(scenario: Scenario) -> None:
    other = build_scenario(name="Somebody else")
    other.terms()
    mine, theirs = scenario.funded(scenario.invoice(scenario.buyer())), other.funded(other.invoice(other.buyer()))
    payment = scenario.arrive(
        "1777", targets=[AllocationTarget(Decimal(1000), advance=mine), AllocationTarget(Decimal(777), advance=theirs)]
    )
    give_back(scenario, payment)
    take_back(scenario, payment)
    mails = OutgoingMail.objects.filter(key__startswith="financing.corrected:")
    assert {one.supplier_id for one in mails} == {scenario.supplier.pk, other.supplier.pk}
    for body in mails.values_list("body", flat=True):
        assert "777" not in body
    assert balances.outstanding(advance=theirs).receivable == 223
    assert verify(at=scenario.now + timedelta(seconds=1)).findings == []
