"""Unusual figures, each worked by hand: what a careful person of the trade would pay, charge and hold, to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from infactor.financing.accounting import journal
from infactor.financing.advances import write_offs
from infactor.financing.advances.funding import NotFundable
from infactor.financing.collections import payments as collections
from infactor.financing.collections import returned_payments as returns
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Collection, Offer
from infactor.financing.value_dates import ValueDateRefused
from infactor.invoices.models import CreditMemo
from infactor.ledger.balances import trial_balance
from infactor.ledger.integrity import verify
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


def fresh(advance: Advance) -> Advance:
    return Advance.objects.get(pk=advance.pk)


def match(house: House, collection: Collection, advance: Advance, amount: str) -> None:
    targets = [AllocationTarget(Decimal(amount), advance=fresh(advance))]
    collections.allocate(collection=collection, targets=targets, by=house.operations, at=house.now)


def bounce(house: House, collection: Collection) -> None:
    collections.record_return(
        collection=collection, value_date=house.today, reason="Not covered", by=house.operations, at=house.now
    )


def books(house: House) -> dict[str, Decimal]:
    """What is on the accounts of each purpose where there is anything. The books are in order."""
    assert verify(at=house.now).ok
    return {line.purpose.value: line.balance for line in trial_balance() if line.balance}


def test_the_house_offers_by_itself_no_more_than_it_may_however_little_an_invoice_was_worth_among_others(
    house: House,
) -> None:
    house.terms(auto_offer_limit=Decimal(500), pair_limit=Decimal(1500))
    buyer = house.buyer("Cedar")
    house.invoice(buyer, payable_date=house.today + timedelta(days=50))
    # Among the two it brings 425, as it is due first; asked for by itself it keeps the room of both, and brings 850.
    request = house.request(house.invoice(buyer))
    assert request.lines.get().base == Decimal(500)
    assert not Offer.objects.exists()


def test_what_is_asked_for_bears_the_credits_of_its_buyer_as_before(house: House) -> None:
    buyer = house.buyer("Cedar")
    older, newer = (house.invoice(buyer, payable_date=house.today + timedelta(days=days)) for days in (40, 50))
    CreditMemo.objects.create(
        supplier=house.supplier,
        company_file=house.books,
        buyer=buyer,
        reference="CM-1",
        amount=Decimal(500),
        remaining=Decimal(300),
        currency="USD",
        issued_on=date(2026, 1, 1),
    )
    assert [house.offer(one).lines.get().advance for one in (older, newer)] == [Decimal(595), Decimal(850)]


@pytest.mark.parametrize(
    ("zone", "funded_on"), [("Pacific/Kiritimati", date(2028, 2, 29)), ("Pacific/Pago_Pago", date(2028, 2, 27))]
)
def test_days_are_the_suppliers_own_wherever_it_is_also_over_a_leap_day(zone: str, funded_on: date) -> None:
    house = build_house(now=datetime(2028, 2, 28, 10, 30, tzinfo=UTC))
    house.terms()
    house.supplier.time_zone = zone
    house.supplier.save()
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    assert (house.today, fresh(advance).funded_on) == (funded_on, funded_on)
    with pytest.raises(ValueDateRefused):
        house.arrive("1", targets=[], value_date=date(2028, 3, 1))
    house.later(31)
    house.pay(advance, "10000")
    assert house.settle(fresh(advance)).fee == Decimal(200)


@pytest.mark.parametrize("parts", [("3000", "7000"), ("5000", "5000")])
def test_a_payment_that_was_matched_to_an_advance_in_two_steps_is_returned_as_one(
    house: House, parts: tuple[str, str]
) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    collection = house.arrive("10000", targets=[])
    for part in parts:
        match(house, collection, advance, part)
    assert fresh(advance).status == Advance.Status.COLLECTED
    bounce(house, collection)
    assert (fresh(advance).status, journal.outstanding(advance=advance)) == (Advance.Status.FUNDED, (10_000, 1500))


@pytest.mark.parametrize("parts", [("3000", "7000"), ("5000", "5000")])
def test_and_so_it_is_where_the_advance_was_settled_by_it(house: House, parts: tuple[str, str]) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    collection = house.arrive("10000", targets=[])
    for part in parts:
        match(house, collection, advance, part)
    house.settle(fresh(advance))
    bounce(house, collection)
    assert books(house) == {"cash": -9850, "fee_income": 150, "due_from_supplier": 10_000}


def test_what_was_given_up_comes_in_is_returned_and_comes_in_again(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    part = house.pay(advance, "4000")
    house.later(100)
    write_offs.write_off(
        advance=fresh(advance), value_date=house.today, by=house.operations, at=house.now, reason="Insolvent"
    )
    lost = [returns.outstanding_loss(advance=fresh(advance))]  # 6,000 open less 1,500 held back
    recovered = house.pay(fresh(advance), "2000")
    lost.append(returns.outstanding_loss(advance=fresh(advance)))
    for collection in (recovered, part):
        bounce(house, collection)
        lost.append(returns.outstanding_loss(advance=fresh(advance)))
    assert lost == [4500, 2500, 4500, 8500]
    # All of it after all: what was lost is recovered, the reserve is the supplier's again.
    house.pay(fresh(advance), "10000")
    assert books(house) == {"cash": 1500, "bad_debt": 8500, "bad_debt_recovered": 8500, "payable_to_supplier": 1500}


def test_an_overpaid_invoice_whose_first_payment_is_returned_is_open_by_that_one_alone(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    first = house.pay(advance, "9000")
    house.later(3)
    house.pay(fresh(advance), "1500")
    bounce(house, first)
    assert (fresh(advance).status, fresh(advance).collected_on) == (Advance.Status.FUNDED, None)
    assert books(house) == {"cash": -7000, "receivable": 9000, "reserve": 1500, "payable_to_supplier": 500}
    house.later(30)
    house.pay(fresh(advance), "9000")
    assert house.settle(fresh(advance)).fee_days == 33


def test_nothing_is_paid_out_on_a_day_on_which_it_would_have_to_be_bought_back(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    house.later(84)
    assert house.today == advance.recourse_on - timedelta(days=1)
    house.later(1)
    with pytest.raises(NotFundable, match="Unpaid on Jan 26, 2027"):
        house.fund(advance)
    house.later(-1)
    assert house.fund(advance).funded_on == house.today


def test_money_that_was_here_before_the_advance_was_paid_out_costs_the_first_period(house: House) -> None:
    collection = house.arrive("10000", targets=[])
    house.later(3)
    advance = house.funded(house.invoice(house.buyer(), face="10000"))
    match(house, collection, advance, "10000")
    settled = house.settle(fresh(advance))
    assert (settled.fee_days, settled.fee, settled.rebate) == (0, 150, 1350)
