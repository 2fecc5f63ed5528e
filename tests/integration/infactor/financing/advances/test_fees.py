"""Minimum fee, wire fee and late fee from the payout to the end, with the postings to the cent."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing.accounting import positions, statement
from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.financing.corrections import advance_corrections
from infactor.financing.models import Advance, CollectionAllocation, Payout
from infactor.ledger.balances import balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
FEES = {"wire_fee": Decimal(25), "minimum_fee": Decimal(200), "late_fee_rate": Decimal("0.05")}


def entries(reference: str) -> dict[str, tuple[Decimal, Decimal]]:
    """The entries of a posting: {purpose: (debit, credit)}."""
    rows = Transaction.objects.get(reference=reference).entries.select_related("account")
    return {row.account.purpose: (row.debit, row.credit) for row in rows}


def funded(scenario: Scenario, **terms: Decimal) -> Advance:
    """10,000 at 85 %, due in 40 days with 10 days of grace: the first late day is the 51st."""
    scenario.terms(**{**FEES, **terms})
    return scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))


def income(purpose: Purpose) -> Decimal:
    return balance(purpose=purpose, currency="USD")


def test_the_wire_fee_is_kept_on_funding_and_the_minimum_fee_on_settlement(scenario: Scenario) -> None:
    advance = funded(scenario)
    assert entries(f"advance:{advance.pk}:funded") == {
        "receivable": (10_000, 0),
        "payout_in_transit": (0, 8_475),
        "wire_fee_income": (0, 25),
        "reserve": (0, 1_500),
    }
    assert Payout.objects.get().amount == 8_475
    mail = OutgoingMail.objects.get(key__startswith="financing.funded").body
    assert "$8,475.00 goes to your account" in mail
    assert "Wire fee: $25.00" in mail
    scenario.later(20)
    scenario.pay(advance, "10000")
    settled = scenario.settle(advance)
    # 150 by the rates, so the minimum of 200: 1,500 - 200 = 1,300. 8,475 + 25 + 200 + 1,300 = 10,000.
    assert (settled.fee, settled.late_fee, settled.rebate) == (200, 0, 1_300)
    assert (income(Purpose.FEE_INCOME), income(Purpose.WIRE_FEE_INCOME), income(Purpose.LATE_FEE_INCOME)) == (
        200,
        25,
        0,
    )
    lines = [one for found in statement.statements(supplier=scenario.supplier) for one in found.movements]
    assert "10,000.00 × 85% = 8,500.00 − 25.00 wire fee = 8,475.00 to be paid to you" in lines[0].formulas
    assert [one.change.fee for one in lines] == [25, 0, 200]
    total = lines[-1].running_total
    held = total.held + total.to_pay
    assert total.receivable + total.owed - held == total.paid + total.fee - total.from_buyer - total.lost
    assert (total.to_pay, total.held, total.paid) == (9_775, 0, 0)  # no statement has the two payouts yet
    assert verify(at=scenario.now).ok


def test_a_late_fee_counts_what_is_open_each_day_and_comes_out_of_the_reserve(scenario: Scenario) -> None:
    advance = funded(scenario)
    scenario.later(50)
    before = positions.open_positions(supplier=scenario.supplier, today=scenario.today)[0]
    assert before.accrued_fee is not None
    assert (before.accrued_fee.amount, before.fee_increase) == (250, 55)  # period and late fee begin tomorrow
    scenario.later(10)
    scenario.pay(advance, "6000")  # day 60: the 51st to the 60th on 10,000: 10 x 5 = 50
    scenario.later(5)
    scenario.pay(advance, "4000")  # day 65: five days on 4,000: 5 x 2 = 10
    settled = scenario.settle(advance)
    # 65 days: 1.5% + 4 x 0.5 % of 10,000 = 350; late fee 60; 1,500 - 410 = 1,090.
    assert (settled.fee, settled.late_fee, settled.rebate) == (410, 60, 1_090)
    assert entries(f"advance:{advance.pk}:settled") == {
        "reserve": (1_500, 0),
        "fee_income": (0, 350),
        "late_fee_income": (0, 60),
        "payout_in_transit": (0, 1_090),
    }
    assert "late fee the open balance × 0.05% × 15 days = 60.00; together 410.00" in (
        OutgoingMail.objects.get(key__startswith="financing.settled").body
    )
    assert verify(at=scenario.now).ok
    # Taken back and settled again it costs the same.
    advance_corrections.take_back_closing(advance=settled, by=scenario.operations, at=scenario.now, reason="Wrong day.")
    advance.refresh_from_db()
    assert (advance.fee, advance.late_fee) == (None, None)
    again = scenario.settle(advance)
    assert (again.fee, again.late_fee) == (410, 60)
    assert verify(at=scenario.now).ok


def test_a_repurchase_charges_the_late_fee_until_its_day(scenario: Scenario) -> None:
    advance = funded(scenario)
    scenario.later(90)
    money_out.leave(scenario, advance)
    bought_back = repurchases.repurchase(
        advance=advance,
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Unpaid on the recourse date.",
    )
    # 90 days: 1.5% + 6 x 0.5% = 450; the 51st to the 90th day: 40 x 5 = 200. 10,000 + 650 - 1,500 = 9,150.
    assert (bought_back.fee, bought_back.late_fee) == (650, 200)
    assert entries(f"advance:{advance.pk}:repurchased")["due_from_supplier"] == (9_150, 0)
    assert verify(at=scenario.now).ok


def test_fees_beyond_the_reserve_are_owed_by_the_supplier(scenario: Scenario) -> None:
    advance = funded(scenario, advance_rate=Decimal(97), late_fee_cap_pct=Decimal(1))
    scenario.later(80)
    short_payments.accept_short_payment(
        advance=advance, amount=Decimal(100), value_date=scenario.today, by=scenario.operations, at=scenario.now,
        reason="A deduction.",
    )  # fmt: skip
    scenario.pay(advance, "9900")
    settled = scenario.settle(advance)
    # 80 days: 1.5% + 5 x 0.5% = 400; 30 late days of 5 = 150, at most 1% = 100. 300 - 100 - 500 = -300.
    assert (settled.fee, settled.late_fee, settled.rebate) == (500, 100, 0)
    assert income(Purpose.DUE_FROM_SUPPLIER) == 0  # infactor's own
    assert entries(f"advance:{advance.pk}:settled")["due_from_supplier"] == (300, 0)
    # 9,675 cash + 25 + 500 fees - 300 owed = 10,000 - 100 dilution.
    assert 9_675 + 25 + 500 - 300 == 10_000 - 100
    assert verify(at=scenario.now).ok


def test_a_recovery_repays_principal_then_fee_then_late_fee_before_the_supplier(scenario: Scenario) -> None:
    advance = funded(scenario)
    scenario.later(60)
    money_out.leave(scenario, advance)
    write_offs.write_off(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Insolvent."
    )
    scenario.later(30)
    scenario.pay(advance, "9000")
    # 8,500 lost; 300 for 60 days; 10 late days of 5; the remaining 150 belong to the supplier.
    rows = CollectionAllocation.objects.order_by("position").values_list("kind", "amount")
    assert list(rows) == [("recovery", 8_500), ("fee", 300), ("late_fee", 50), ("payable", 150)]
    assert (income(Purpose.FEE_INCOME), income(Purpose.LATE_FEE_INCOME)) == (300, 50)
    assert verify(at=scenario.now).ok


def test_netting_takes_what_the_wire_fee_leaves(scenario: Scenario) -> None:
    first = funded(scenario)
    scenario.later(90)
    money_out.leave(scenario, first)
    repurchases.repurchase(
        advance=first, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Unpaid."
    )
    second = scenario.funded(scenario.invoice(scenario.buyer("Next"), face="10000"))
    # It owes 9,150, so all 8,475 that the wire fee leaves of 8,500 are netted and nothing is paid out.
    assert entries(f"advance:{second.pk}:funded")["due_from_supplier"] == (0, 8_475)
    assert not Payout.objects.filter(advance=second).exists()
    assert verify(at=scenario.now).ok


def test_an_advance_without_a_late_fee_has_no_day_of_one(scenario: Scenario) -> None:
    advance = funded(scenario, late_fee_rate=Decimal(0))
    assert advance.late_from is None
    assert (advance.due_on or scenario.today) == scenario.today + timedelta(days=40)
