"""Settlement, repurchase and write-off of an advance, with what is held, owed and lost."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import balances
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import cases, repurchases, short_payments, write_offs
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Case, Payout
from infactor.financing.value_dates import InvalidValueDate
from infactor.invoices.states import State
from infactor.ledger.balances import balance
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def advance(scenario: Scenario, advance: Advance) -> Advance:
    """Its money has left: before that nothing is bought back or given up."""
    return money_out.leave(scenario, advance)


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def infactor_balance(purpose: Purpose) -> Decimal:
    return balance(purpose=purpose, currency="USD")


def due(scenario: Scenario) -> Decimal:
    return balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )


def short(scenario: Scenario, advance: Advance, amount: str) -> Advance:
    return short_payments.accept_short_payment(
        advance=advance,
        amount=Decimal(amount),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="Damaged goods",
        approver=scenario.underwriter,
    )


def repurchase(scenario: Scenario, advance: Advance) -> Advance:
    return repurchases.repurchase(
        advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Recourse"
    )


def test_nothing_is_settled_before_the_buyer_has_paid_all(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "9999.99")
    with pytest.raises(PayoffError):
        scenario.settle(fresh(advance))
    assert fresh(advance).status == Advance.Status.FUNDED


def test_a_short_payment_comes_out_of_the_reserve(scenario: Scenario, advance: Advance) -> None:
    scenario.later(20)
    scenario.pay(advance, "9600")
    short(scenario, advance, "400")
    collected = fresh(advance)
    assert collected.status == Advance.Status.CLOSED_SHORT
    assert balances.outstanding(advance=collected).reserve == Decimal(1100)

    settled = scenario.settle(collected)
    assert (settled.fee, settled.rebate) == (Decimal(150), Decimal(950))
    assert verify(at=scenario.now).ok


def test_what_is_short_past_the_reserve_is_owed_by_the_supplier(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "8000")
    short(scenario, advance, "2000")
    assert due(scenario) == Decimal(500)
    settled = scenario.settle(fresh(advance))
    # The reserve is used up, so the supplier owes the fee as well.
    assert (settled.rebate, due(scenario)) == (Decimal(0), Decimal(650))
    assert [payout.purpose for payout in Payout.objects.all()] == [Payout.Purpose.ADVANCE]


def test_the_fee_runs_until_the_day_on_which_the_last_of_it_was_allowed_to_be_short(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(5)
    scenario.pay(advance, "100")
    scenario.later(75)
    short(scenario, advance, "9900")
    settled = scenario.settle(fresh(advance))
    # 80 days: 1.5 % and five further periods, since all but 100 was outstanding until then.
    assert (settled.fee_days, settled.fee, due(scenario)) == (80, Decimal(400), Decimal(8800))


def test_a_short_payment_that_was_allowed_before_the_rest_came_makes_it_no_shorter(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(20)
    short(scenario, advance, "400")
    scenario.later(11)
    scenario.pay(advance, "9600")
    settled = scenario.settle(fresh(advance))
    assert (settled.fee_days, settled.fee, settled.rebate) == (31, Decimal(200), Decimal(900))


def test_nothing_ends_on_a_day_that_has_not_come_where_the_supplier_is(scenario: Scenario, advance: Advance) -> None:
    tomorrow = scenario.today + timedelta(days=1)  # it is tomorrow already in New Zealand
    given: dict[str, Any] = {
        "advance": advance,
        "value_date": tomorrow,
        "by": scenario.operations,
        "at": scenario.now,
        "reason": "Recourse",
    }
    with pytest.raises(InvalidValueDate):
        repurchases.repurchase(**given)
    with pytest.raises(InvalidValueDate):
        write_offs.write_off(**given)
    with pytest.raises(InvalidValueDate):
        short_payments.accept_short_payment(amount=Decimal(1), **given)


def test_nothing_is_bought_back_or_given_up_as_of_a_day_before_the_buyer_paid_a_part(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.later(40)
    scenario.pay(advance, "4000")
    given: dict[str, Any] = {"advance": advance, "by": scenario.operations, "at": scenario.now, "reason": "Recourse"}
    for end in (repurchases.repurchase, write_offs.write_off):
        with pytest.raises(InvalidValueDate, match="before Dec 12, 2026"):
            end(value_date=scenario.today - timedelta(days=1), **given)
    assert repurchases.repurchase(value_date=scenario.today, **given).fee == Decimal(200)


def test_two_short_payments_are_two_postings(scenario: Scenario, advance: Advance) -> None:
    short(scenario, advance, "100")
    short(scenario, advance, "200")
    assert balances.outstanding(advance=advance) == (Decimal(9700), Decimal(1200))


def test_the_same_short_payment_twice_in_a_day_is_told_twice(scenario: Scenario, advance: Advance) -> None:
    short(scenario, advance, "100")
    short(scenario, advance, "100")
    assert OutgoingMail.objects.filter(key__startswith="financing.short_payment_accepted:").count() == 2


def test_more_than_is_open_cannot_be_allowed_to_be_short(scenario: Scenario, advance: Advance) -> None:
    with pytest.raises(PayoffError, match=r"10,000\.00 USD is outstanding"):
        short(scenario, advance, "10000.01")


def test_buying_back_costs_what_is_open_and_the_fee_less_what_is_held(scenario: Scenario, advance: Advance) -> None:
    """The worked example: a repurchase after 51 to 60 days costs 8,800."""
    scenario.later(55)
    before = infactor_balance(Purpose.CASH)
    bought = repurchase(scenario, advance)
    assert (infactor_balance(Purpose.CASH) - before, due(scenario)) == (0, Decimal(8800))
    assert infactor_balance(Purpose.FEE_INCOME) == Decimal(300)
    assert balances.outstanding(advance=bought) == (0, 0)
    assert (bought.status, fresh(advance).invoice.state) == (Advance.Status.REPURCHASED, State.COMPLETED)


def test_what_the_buyer_has_paid_of_it_makes_buying_back_cheaper(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "4000")
    scenario.later(55)
    repurchase(scenario, advance)
    assert due(scenario) == Decimal(4800)


def test_what_the_reserve_covers_is_not_bought_back(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "9000")
    with pytest.raises(PayoffError, match="reserve covers"):
        repurchase(scenario, advance)
    with pytest.raises(PayoffError, match="reserve covers"):
        write_offs.write_off(
            advance=advance, value_date=scenario.today, by=scenario.operations, at=scenario.now, reason="Small"
        )


def test_a_write_off_takes_the_reserve_first(scenario: Scenario, advance: Advance) -> None:
    """The worked example: 1,500 of the loss comes from the reserve, 8,500 is bad debt."""
    write_offs.write_off(
        advance=advance,
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="The buyer is bankrupt.",
    )
    assert infactor_balance(Purpose.BAD_DEBT) == Decimal(8500)
    assert balances.outstanding(advance=advance) == (0, 0)
    assert verify(at=scenario.now).ok


def test_a_dispute_holds_the_reserve_until_it_is_decided(scenario: Scenario, advance: Advance) -> None:
    case = cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Two boxes are missing.")
    scenario.pay(advance, "10000")
    with pytest.raises(PayoffError, match="dispute"):
        scenario.settle(fresh(advance))

    cases.close(
        case=case,
        outcome=Case.Outcome.REJECTED,
        conclusion="The boxes were found.",
        by=scenario.underwriter,
        at=scenario.now,
    )
    assert scenario.settle(fresh(advance)).status == Advance.Status.SETTLED
    with pytest.raises(cases.CaseError):
        cases.close(case=case, outcome=Case.Outcome.UPHELD, conclusion="No.", by=scenario.underwriter, at=scenario.now)


def test_a_dispute_is_opened_once_and_ends_with_the_advance(scenario: Scenario, advance: Advance) -> None:
    first = cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Missing")
    assert cases.open_dispute(advance=advance, by=scenario.operations, at=scenario.now, reason="Broken") == first
    repurchase(scenario, advance)
    first.refresh_from_db()
    assert first.outcome == Case.Outcome.ENDED


def test_nobody_settles_twice(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10000")
    scenario.settle(fresh(advance))
    written = Transaction.objects.count()
    for act in (scenario.settle, lambda one: repurchase(scenario, one), lambda one: short(scenario, one, "1")):
        with pytest.raises(PayoffError):
            act(fresh(advance))
    assert Transaction.objects.count() == written


def test_a_rebate_from_the_set_amount_up_needs_a_second_person(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1000), offer_days=8)
    scenario.approver.user_permissions.set([])
    advance = scenario.accepted(scenario.invoice(scenario.buyer("Owl"), face="10000"))
    with pytest.raises(ApproverRequired):
        scenario.fund(advance)
    assert fresh(advance).status == Advance.Status.ACCEPTED


def test_an_underwriter_moves_no_money(scenario: Scenario, advance: Advance) -> None:
    scenario.pay(advance, "10000")
    scenario.operations = scenario.underwriter
    with pytest.raises(NotAllowed):
        scenario.settle(fresh(advance))


def test_a_payout_that_failed_is_in_transit_until_it_is_sent_again(scenario: Scenario, advance: Advance) -> None:
    payout = Payout.objects.get()
    money_out.confirm(scenario, payout)
    money_out.give_back(scenario, payout)
    in_transit = balance(purpose=Purpose.PAYOUT_IN_TRANSIT, owner=payout.ledger_owner, currency="USD")
    assert (infactor_balance(Purpose.CASH), in_transit) == (Decimal(0), Decimal(8500))

    scenario.now += timedelta(days=1)
    payout.refresh_from_db()
    again = payouts.resend(payout=payout, value_date=scenario.today, by=scenario.operations, at=scenario.now)
    assert infactor_balance(Purpose.CASH) == 0
    assert balance(purpose=Purpose.PAYOUT_IN_TRANSIT, owner=again.ledger_owner, currency="USD") == Decimal(8500)
    assert balance(purpose=Purpose.PAYOUT_IN_TRANSIT, owner=payout.ledger_owner, currency="USD") == 0
    assert again.replaces == Payout.objects.get(pk=payout.pk)
    assert verify(at=scenario.now).ok
