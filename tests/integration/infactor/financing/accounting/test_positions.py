"""Where an advance stands: what it costs so far, when that grows, and what is to come if the buyer pays when due."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.financing.accounting import positions as position
from infactor.financing.accounting.positions import Position
from infactor.financing.collections.payments import AllocationTarget
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    made = build_house()
    made.terms()
    return made


def standing(house: House) -> Position:
    (found,) = position.positions(supplier=house.supplier, today=house.today)
    return found


def test_an_advance_that_is_not_funded_costs_nothing_and_is_in_no_sum(house: House) -> None:
    house.accepted(house.invoice(house.buyer(), face="10000"))
    found = standing(house)
    assert (found.so_far, found.rebate, found.receivable) == (None, 0, 0)
    assert position.outlooks(positions=[found]) == []


@pytest.mark.parametrize(
    ("days", "fee", "rises_in"),
    [(0, 150, 31), (30, 150, 1), (31, 200, 10), (40, 200, 1), (41, 250, 10)],
)
def test_the_fee_so_far_and_the_day_on_which_it_grows(house: House, days: int, fee: int, rises_in: int) -> None:
    house.funded(house.invoice(house.buyer(), face="10000"))
    house.later(days)
    found = standing(house)
    assert found.so_far is not None
    assert found.so_far.amount == fee
    assert found.rises_on == house.today + timedelta(days=rises_in)
    assert found.rise == 50


def test_what_comes_back_is_reckoned_to_the_due_date_and_then_to_today(house: House) -> None:
    house.funded(house.invoice(house.buyer(), face="10000"))
    found = standing(house)
    assert (found.expected_on, found.rebate) == (house.today + timedelta(days=40), Decimal(1300))
    (sums,) = position.outlooks(positions=[found])
    assert (sums.advanced, sums.receivable, sums.reserve) == (Decimal(8500), Decimal(10000), Decimal(1500))
    assert (sums.fee, sums.rebate) == (Decimal(150), Decimal(1300))
    house.later(60)
    late = standing(house)
    assert (late.expected_on, late.rebate) == (house.today, Decimal(1200))


def test_once_the_buyer_has_paid_the_fee_stands_still(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    house.later(10)
    house.pay(advance, "4000")
    assert standing(house).collected == Decimal(4000)
    house.pay(advance, "6000")
    house.later(40)
    found = standing(house)
    assert found.so_far is not None
    assert (found.so_far.amount, found.rebate, found.rises_on) == (Decimal(150), Decimal(1350), None)
    house.settle(advance)
    assert position.positions(supplier=house.supplier, today=house.today) == []


def test_what_waits_to_be_passed_on_is_told_by_currency(house: House) -> None:
    assert position.accounts(supplier=house.supplier) == []
    house.arrive("100", targets=[AllocationTarget(Decimal(100), supplier=house.supplier)])
    (found,) = position.accounts(supplier=house.supplier)
    assert (found.currency, found.owed, found.payable) == ("USD", 0, Decimal(100))
