"""How an advance ends, and what is held, owed and lost on the way."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import journal
from infactor.financing.accounting.payoff import NotEnded
from infactor.financing.advances import cases, repurchases, short_payments, write_offs
from infactor.financing.dual_control import SecondPersonNeeded
from infactor.financing.models import Advance, Case, Payout
from infactor.financing.value_dates import ValueDateRefused
from infactor.invoices.states import State
from infactor.ledger.balances import balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from infactor.users.roles import NotAllowed
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


@pytest.fixture
def advance(house: House) -> Advance:
    return house.funded(house.invoice(house.buyer("Cedar"), face="10000"))


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def of_house(purpose: Purpose) -> Decimal:
    return balance(purpose=purpose, currency="USD")


def due(house: House) -> Decimal:
    return journal.of_supplier(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=house.supplier.pk, currency="USD")


def short(house: House, advance: Advance, amount: str) -> Advance:
    return short_payments.accept_short_payment(
        advance=advance,
        amount=Decimal(amount),
        value_date=house.today,
        by=house.operations,
        at=house.now,
        reason="Damaged goods",
    )


def repurchase(house: House, advance: Advance) -> Advance:
    return repurchases.repurchase(
        advance=advance, value_date=house.today, by=house.operations, at=house.now, reason="Recourse"
    )


def test_nothing_is_settled_before_the_buyer_has_paid_all(house: House, advance: Advance) -> None:
    house.pay(advance, "9999.99")
    with pytest.raises(NotEnded):
        house.settle(fresh(advance))
    assert fresh(advance).status == Advance.Status.FUNDED


def test_a_short_payment_comes_out_of_the_reserve(house: House, advance: Advance) -> None:
    house.later(20)
    house.pay(advance, "9600")
    short(house, advance, "400")
    collected = fresh(advance)
    assert collected.status == Advance.Status.COLLECTED
    assert journal.outstanding(advance=collected).reserve == Decimal(1100)

    settled = house.settle(collected)
    assert (settled.fee, settled.rebate) == (Decimal(150), Decimal(950))
    assert verify(at=house.now).ok


def test_what_is_short_past_the_reserve_is_owed_by_the_supplier(house: House, advance: Advance) -> None:
    house.pay(advance, "8000")
    short(house, advance, "2000")
    assert due(house) == Decimal(500)
    settled = house.settle(fresh(advance))
    # Nothing is held back any more: the fee is owed, too.
    assert (settled.rebate, due(house)) == (Decimal(0), Decimal(650))
    assert [payout.purpose for payout in Payout.objects.all()] == [Payout.Purpose.ADVANCE]


def test_the_fee_runs_until_the_day_on_which_the_last_of_it_was_allowed_to_be_short(
    house: House, advance: Advance
) -> None:
    house.later(5)
    house.pay(advance, "100")
    house.later(75)
    short(house, advance, "9900")
    settled = house.settle(fresh(advance))
    # 80 days: 1.5 % and five further periods. All of it was out until then, but for 100.
    assert (settled.fee_days, settled.fee, due(house)) == (80, Decimal(400), Decimal(8800))


def test_a_short_payment_that_was_allowed_before_the_rest_came_makes_it_no_shorter(
    house: House, advance: Advance
) -> None:
    house.later(20)
    short(house, advance, "400")
    house.later(11)
    house.pay(advance, "9600")
    settled = house.settle(fresh(advance))
    assert (settled.fee_days, settled.fee, settled.rebate) == (31, Decimal(200), Decimal(900))


def test_nothing_ends_on_a_day_that_has_not_come_where_the_supplier_is(house: House, advance: Advance) -> None:
    tomorrow = house.today + timedelta(days=1)  # it is tomorrow already in New Zealand
    given: dict[str, Any] = {
        "advance": advance,
        "value_date": tomorrow,
        "by": house.operations,
        "at": house.now,
        "reason": "Recourse",
    }
    with pytest.raises(ValueDateRefused):
        repurchases.repurchase(**given)
    with pytest.raises(ValueDateRefused):
        write_offs.write_off(**given)
    with pytest.raises(ValueDateRefused):
        short_payments.accept_short_payment(amount=Decimal(1), **given)


def test_nothing_is_bought_back_or_given_up_as_of_a_day_before_the_buyer_paid_a_part(
    house: House, advance: Advance
) -> None:
    house.later(40)
    house.pay(advance, "4000")
    given: dict[str, Any] = {"advance": advance, "by": house.operations, "at": house.now, "reason": "Recourse"}
    for end in (repurchases.repurchase, write_offs.write_off):
        with pytest.raises(ValueDateRefused, match="before Dec 12, 2026"):
            end(value_date=house.today - timedelta(days=1), **given)
    assert repurchases.repurchase(value_date=house.today, **given).fee == Decimal(200)


def test_two_short_payments_are_two_postings(house: House, advance: Advance) -> None:
    short(house, advance, "100")
    short(house, advance, "200")
    assert journal.outstanding(advance=advance) == (Decimal(9700), Decimal(1200))


def test_the_same_short_payment_twice_in_a_day_is_told_twice(house: House, advance: Advance) -> None:
    short(house, advance, "100")
    short(house, advance, "100")
    assert OutgoingMail.objects.filter(key__startswith="financing.short_allowed:").count() == 2


def test_more_than_is_open_cannot_be_allowed_to_be_short(house: House, advance: Advance) -> None:
    with pytest.raises(NotEnded, match=r"10,000\.00 USD are open"):
        short(house, advance, "10000.01")


def test_buying_back_costs_what_is_open_and_the_fee_less_what_is_held(house: House, advance: Advance) -> None:
    """The worked example: 8,800 comes in after 51 to 60 days."""
    house.later(55)
    before = of_house(Purpose.CASH)
    bought = repurchase(house, advance)
    assert of_house(Purpose.CASH) - before == Decimal(8800)
    assert of_house(Purpose.FEE_INCOME) == Decimal(300)
    assert journal.outstanding(advance=bought) == (0, 0)
    assert (bought.status, fresh(advance).invoice.state) == (Advance.Status.REPURCHASED, State.COMPLETED)


def test_what_the_buyer_has_paid_of_it_makes_buying_back_cheaper(house: House, advance: Advance) -> None:
    house.pay(advance, "4000")
    house.later(55)
    before = of_house(Purpose.CASH)
    repurchase(house, advance)
    assert of_house(Purpose.CASH) - before == Decimal(4800)


def test_what_the_reserve_covers_is_not_bought_back(house: House, advance: Advance) -> None:
    house.pay(advance, "9000")
    with pytest.raises(NotEnded, match="reserve covers"):
        repurchase(house, advance)
    with pytest.raises(NotEnded, match="reserve covers"):
        write_offs.write_off(advance=advance, value_date=house.today, by=house.operations, at=house.now, reason="Small")


def test_a_write_off_takes_the_reserve_first(house: House, advance: Advance) -> None:
    """The worked example: 1,500 and 8,500."""
    write_offs.write_off(
        advance=advance, value_date=house.today, by=house.operations, at=house.now, reason="The buyer is bankrupt."
    )
    assert of_house(Purpose.BAD_DEBT) == Decimal(8500)
    assert journal.outstanding(advance=advance) == (0, 0)
    assert verify(at=house.now).ok


def test_a_dispute_holds_the_reserve_until_it_is_decided(house: House, advance: Advance) -> None:
    case = cases.open_dispute(advance=advance, by=house.operations, at=house.now, reason="Two boxes are missing.")
    house.pay(advance, "10000")
    with pytest.raises(NotEnded, match="dispute"):
        house.settle(fresh(advance))

    cases.close(
        case=case,
        outcome=Case.Outcome.REJECTED,
        conclusion="The boxes were found.",
        by=house.underwriter,
        at=house.now,
    )
    assert house.settle(fresh(advance)).status == Advance.Status.SETTLED
    with pytest.raises(cases.CaseRefused):
        cases.close(case=case, outcome=Case.Outcome.UPHELD, conclusion="No.", by=house.underwriter, at=house.now)


def test_a_dispute_is_opened_once_and_ends_with_the_advance(house: House, advance: Advance) -> None:
    first = cases.open_dispute(advance=advance, by=house.operations, at=house.now, reason="Missing")
    assert cases.open_dispute(advance=advance, by=house.operations, at=house.now, reason="Broken") == first
    repurchase(house, advance)
    first.refresh_from_db()
    assert first.outcome == Case.Outcome.ENDED


def test_nobody_settles_twice(house: House, advance: Advance) -> None:
    house.pay(advance, "10000")
    house.settle(fresh(advance))
    written = Transaction.objects.count()
    for act in (house.settle, lambda one: repurchase(house, one), lambda one: short(house, one, "1")):
        with pytest.raises(NotEnded):
            act(fresh(advance))
    assert Transaction.objects.count() == written


def test_a_rebate_from_the_set_amount_up_needs_a_second_person(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1000), offer_days=8)
    house.second.user_permissions.set([])
    advance = house.accepted(house.invoice(house.buyer("Owl"), face="10000"))
    with pytest.raises(SecondPersonNeeded):
        house.fund(advance)
    assert fresh(advance).status == Advance.Status.ACCEPTED


def test_an_underwriter_moves_no_money(house: House, advance: Advance) -> None:
    house.pay(advance, "10000")
    house.operations = house.underwriter
    with pytest.raises(NotAllowed):
        house.settle(fresh(advance))


def test_a_payout_that_failed_is_in_transit_until_it_is_sent_again(house: House, advance: Advance) -> None:
    payout = Payout.objects.get()
    payouts.fail(payout=payout, value_date=house.today, reason="Account closed", by=house.operations, at=house.now)
    in_transit = balance(purpose=Purpose.PAYOUT_IN_TRANSIT, owner=payout.owner, currency="USD")
    assert (of_house(Purpose.CASH), in_transit) == (Decimal(0), Decimal(8500))

    house.now += timedelta(days=1)
    payout.refresh_from_db()
    again = payouts.send_again(payout=payout, value_date=house.today, by=house.operations, at=house.now)
    assert of_house(Purpose.CASH) == Decimal(-8500)
    assert balance(purpose=Purpose.PAYOUT_IN_TRANSIT, owner=payout.owner, currency="USD") == 0
    assert again.replaces == Payout.objects.get(pk=payout.pk)
    assert verify(at=house.now).ok
