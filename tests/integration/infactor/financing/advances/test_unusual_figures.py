"""Advances with unusual figures give the hand-calculated payouts, fees and reserves, to the cent."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from infactor.financing.accounting import balances
from infactor.financing.advances import write_offs
from infactor.financing.advances.funding import FundingError
from infactor.financing.collections import payments, recoveries
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Collection, Offer, Payout
from infactor.financing.value_dates import InvalidValueDate
from infactor.invoices.models import CreditMemo
from infactor.ledger.integrity import verify
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def fresh(advance: Advance) -> Advance:
    return Advance.objects.get(pk=advance.pk)


def match(scenario: Scenario, collection: Collection, advance: Advance, amount: str) -> None:
    targets = [AllocationTarget(Decimal(amount), advance=fresh(advance))]
    payments.allocate(collection=collection, targets=targets, by=scenario.operations, at=scenario.now)


def bounce(scenario: Scenario, collection: Collection) -> None:
    payments.record_return(
        collection=collection, value_date=scenario.today, reason="Not covered", by=scenario.operations, at=scenario.now
    )


def books(scenario: Scenario) -> dict[str, Decimal]:
    """The balance of each account that is not zero, after checking that the ledger reconciles."""
    assert verify(at=scenario.now).ok
    return money_out.available_books()


def test_the_house_offers_by_itself_no_more_than_it_may_however_little_an_invoice_was_worth_among_others(
    scenario: Scenario,
) -> None:
    scenario.terms(auto_offer_limit=Decimal(500), pair_limit=Decimal(1500))
    buyer = scenario.buyer("Cedar")
    scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=50))
    # Beside the other invoice it brings 425. Requested alone it uses the headroom of both, and brings 850.
    request = scenario.request(scenario.invoice(buyer))
    assert request.lines.get().base == Decimal(500)
    assert not Offer.objects.exists()


def test_what_is_asked_for_bears_the_credits_of_its_buyer_as_before(scenario: Scenario) -> None:
    buyer = scenario.buyer("Cedar")
    older, newer = (scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=days)) for days in (40, 50))
    CreditMemo.objects.create(
        supplier=scenario.supplier,
        company_file=scenario.books,
        buyer=buyer,
        reference="CM-1",
        amount=Decimal(500),
        remaining=Decimal(300),
        currency="USD",
        issued_on=date(2026, 1, 1),
    )
    assert [scenario.offer(one).lines.get().advance for one in (older, newer)] == [Decimal(595), Decimal(850)]


@pytest.mark.parametrize(
    ("zone", "today"), [("Pacific/Kiritimati", date(2028, 2, 29)), ("Pacific/Pago_Pago", date(2028, 2, 27))]
)
def test_days_of_money_are_infactors_own_wherever_the_supplier_is_also_over_a_leap_day(zone: str, today: date) -> None:
    scenario = build_scenario(now=datetime(2028, 2, 28, 10, 30, tzinfo=UTC))
    scenario.terms()
    scenario.supplier.time_zone = zone
    scenario.supplier.save()
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    assert (scenario.today, fresh(advance).funded_on) == (today, date(2028, 2, 28))
    with pytest.raises(InvalidValueDate):
        scenario.arrive("1", targets=[], value_date=date(2028, 2, 29))
    scenario.later(31)
    scenario.pay(advance, "10000")
    assert scenario.settle(fresh(advance)).fee == Decimal(200)


@pytest.mark.parametrize("parts", [("3000", "7000"), ("5000", "5000")])
def test_a_payment_that_was_matched_to_an_advance_in_two_steps_is_returned_as_one(
    scenario: Scenario, parts: tuple[str, str]
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    collection = scenario.arrive("10000", targets=[])
    for part in parts:
        match(scenario, collection, advance, part)
    assert fresh(advance).status == Advance.Status.COLLECTED
    bounce(scenario, collection)
    assert (fresh(advance).status, balances.outstanding(advance=advance)) == (Advance.Status.FUNDED, (10_000, 1500))


@pytest.mark.parametrize("parts", [("3000", "7000"), ("5000", "5000")])
def test_and_so_it_is_where_the_advance_was_settled_by_it(scenario: Scenario, parts: tuple[str, str]) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    collection = scenario.arrive("10000", targets=[])
    for part in parts:
        match(scenario, collection, advance, part)
    scenario.settle(fresh(advance))
    money_out.send(scenario, Payout.objects.get(purpose="rebate"))
    bounce(scenario, collection)
    assert books(scenario) == {"cash": -9850, "receivable": 10_000, "reserve": 1500, "due_from_supplier": 1350}


def test_what_was_given_up_comes_in_is_returned_and_comes_in_again(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    part = scenario.pay(advance, "4000")
    scenario.later(100)
    money_out.leave(scenario, fresh(advance))
    write_offs.write_off(
        advance=fresh(advance), value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Insolvent"
    )
    lost = [recoveries.recoverable(advance=fresh(advance)).principal]  # 6,000 open less 1,500 held back
    recovered = scenario.pay(fresh(advance), "2000")
    lost.append(recoveries.recoverable(advance=fresh(advance)).principal)
    for collection in (recovered, part):
        bounce(scenario, collection)
        lost.append(recoveries.recoverable(advance=fresh(advance)).principal)
    assert lost == [4500, 2500, 4500, 8500]
    # The buyer pays all in the end: the loss and the fee of 100 days are recovered, the supplier gets the rest.
    scenario.pay(fresh(advance), "10000")
    fee, rest = {"fee_income": 500}, {"payable_to_supplier": 1000}
    assert books(scenario) == {"cash": 1500, "bad_debt": 8500, "bad_debt_recovered": 8500, **fee, **rest}


def test_an_overpaid_invoice_whose_first_payment_is_returned_is_open_by_that_one_alone(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    first = scenario.pay(advance, "9000")
    scenario.later(3)
    scenario.pay(fresh(advance), "1500")
    bounce(scenario, first)
    assert (fresh(advance).status, fresh(advance).collected_on) == (Advance.Status.FUNDED, None)
    assert books(scenario) == {"cash": -7000, "receivable": 9000, "reserve": 1500, "payable_to_supplier": 500}
    scenario.later(30)
    scenario.pay(fresh(advance), "9000")
    assert scenario.settle(fresh(advance)).fee_days == 33


def test_nothing_is_paid_out_on_a_day_on_which_it_would_have_to_be_bought_back(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    scenario.later(84)
    assert scenario.today == advance.recourse_on - timedelta(days=1)
    scenario.later(1)
    with pytest.raises(FundingError, match="has come: Jan 26, 2027"):
        scenario.fund(advance)
    scenario.later(-1)
    assert scenario.fund(advance).funded_on == scenario.today


def test_money_that_was_here_before_the_advance_was_paid_out_costs_the_first_period(scenario: Scenario) -> None:
    collection = scenario.arrive("10000", targets=[])
    scenario.later(3)
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    match(scenario, collection, advance, "10000")
    settled = scenario.settle(fresh(advance))
    assert (settled.fee_days, settled.fee, settled.rebate) == (0, 150, 1350)
