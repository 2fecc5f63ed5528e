"""The position of an advance: its fee to date, when the fee next grows, and the expected rebate."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.financing.accounting import positions as position
from infactor.financing.accounting.positions import Position
from infactor.financing.collections.payments import AllocationTarget
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def standing(scenario: Scenario) -> Position:
    (found,) = position.open_positions(supplier=scenario.supplier, today=scenario.today)
    return found


def test_an_advance_that_is_not_funded_costs_nothing_and_is_in_no_sum(scenario: Scenario) -> None:
    scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    found = standing(scenario)
    assert (found.accrued_fee, found.expected_rebate, found.receivable) == (None, 0, 0)
    assert position.cash_forecasts(positions=[found]) == []


@pytest.mark.parametrize(
    ("days", "fee", "rises_in"),
    [(0, 150, 31), (30, 150, 1), (31, 200, 10), (40, 200, 1), (41, 250, 10)],
)
def test_the_fee_so_far_and_the_day_on_which_it_grows(scenario: Scenario, days: int, fee: int, rises_in: int) -> None:
    scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    scenario.later(days)
    found = standing(scenario)
    assert found.accrued_fee is not None
    assert found.accrued_fee.amount == fee
    assert found.fee_increases_on == scenario.today + timedelta(days=rises_in)
    assert found.fee_increase == 50


def test_what_comes_back_is_reckoned_to_the_due_date_and_then_to_today(scenario: Scenario) -> None:
    scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    found = standing(scenario)
    assert (found.expected_on, found.expected_rebate) == (scenario.today + timedelta(days=40), Decimal(1300))
    (sums,) = position.cash_forecasts(positions=[found])
    assert (sums.advanced, sums.receivable, sums.reserve) == (Decimal(8500), Decimal(10000), Decimal(1500))
    assert (sums.accrued_fee, sums.expected_rebate) == (Decimal(150), Decimal(1300))
    scenario.later(60)
    late = standing(scenario)
    assert (late.expected_on, late.expected_rebate) == (scenario.today, Decimal(1200))


def test_once_the_buyer_has_paid_the_fee_stands_still(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    scenario.later(10)
    scenario.pay(advance, "4000")
    assert standing(scenario).collected == Decimal(4000)
    scenario.pay(advance, "6000")
    scenario.later(40)
    found = standing(scenario)
    assert found.accrued_fee is not None
    assert (found.accrued_fee.amount, found.expected_rebate, found.fee_increases_on) == (
        Decimal(150),
        Decimal(1350),
        None,
    )
    scenario.settle(advance)
    assert position.open_positions(supplier=scenario.supplier, today=scenario.today) == []


def test_what_waits_to_be_passed_on_is_told_by_currency(scenario: Scenario) -> None:
    assert position.supplier_balances(supplier=scenario.supplier) == []
    scenario.arrive("100", targets=[AllocationTarget(Decimal(100), supplier=scenario.supplier)])
    (found,) = position.supplier_balances(supplier=scenario.supplier)
    assert (found.currency, found.due_from_supplier, found.payable_to_supplier) == ("USD", 0, Decimal(100))
