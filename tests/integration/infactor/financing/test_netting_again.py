"""What a supplier owes is deducted when a payout is prepared again, as with the first; a surplus can be put back."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import payouts
from infactor.financing.accounting import balances
from infactor.financing.advances import repurchases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, fundings
from infactor.financing.models import Advance, Netting, Payout
from infactor.financing.money_out import endings
from infactor.financing.payouts import PayoutError
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def who(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def balance_of(scenario: Scenario, purpose: Purpose) -> Decimal:
    return balances.supplier_balance(purpose=purpose, supplier_id=scenario.supplier.pk, currency="USD")


def owed(scenario: Scenario) -> Decimal:
    return balance_of(scenario, Purpose.DUE_FROM_SUPPLIER)


def stop(scenario: Scenario, payout: Payout) -> Payout:
    return endings.stop(payout=Payout.objects.get(pk=payout.pk), reason="A call", **who(scenario))


def resend(scenario: Scenario, payout: Payout, **given: Any) -> Payout:
    return payouts.resend(payout=payout, value_date=scenario.money_day, **given, **who(scenario))


def make_owe(scenario: Scenario, face: str = "500") -> None:
    """The supplier must buy an invoice back, and owes its price."""
    lost = scenario.funded(scenario.invoice(scenario.buyer(), face=face))
    money_out.confirm(scenario, lost.payouts.get())
    given: Any = {"value_date": scenario.money_day, **who(scenario)}
    money_out.leave(scenario, lost)
    repurchases.repurchase(advance=lost, reason="Recourse", **given)


def in_order(scenario: Scenario) -> None:
    assert verify(at=scenario.now).findings == []


def test_a_debt_is_deducted_from_what_is_prepared_again_where_the_terms_allow_it(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    stopped = stop(scenario, advance.payouts.get())
    make_owe(scenario)
    debt = owed(scenario)
    again = resend(scenario, stopped)
    assert (again.amount, owed(scenario)) == (850 - debt, 0)
    assert Netting.objects.get().payout == stopped
    mail = OutgoingMail.objects.filter(key__startswith="financing.payout_resent").get()
    assert f"Before that we deducted ${debt:,.2f} that you owed us." in mail.body
    in_order(scenario)
    money_out.confirm(scenario, again)
    in_order(scenario)


def test_staff_may_choose_otherwise(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    stopped = stop(scenario, advance.payouts.get())
    make_owe(scenario)
    debt = owed(scenario)
    again = resend(scenario, stopped, with_netting=False)
    assert (again.amount, again.without_netting, owed(scenario)) == (850, True, debt)
    in_order(scenario)


def test_a_debt_that_takes_all_of_it_leaves_nothing_to_send(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    stopped = stop(scenario, advance.payouts.get())
    make_owe(scenario, face="2000")
    debt = owed(scenario)
    left = resend(scenario, stopped)
    assert (left.pk, left.status, owed(scenario)) == (stopped.pk, Payout.Status.CANCELLED, debt - 850)
    assert "paid what you owed us" in OutgoingMail.objects.get(key__startswith="financing.payout_resent").subject
    in_order(scenario)
    scenario.pay(advance, "1000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    in_order(scenario)


@pytest.mark.parametrize("ends", ["stopped", "sent", "whole"])
def test_a_rebate_that_was_netted_on_its_second_way_is_undone_with_its_settlement(
    scenario: Scenario, ends: str
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    money_out.confirm_all(scenario)
    scenario.pay(advance, "10000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    stopped = stop(scenario, Payout.objects.get(purpose="rebate"))
    make_owe(scenario, face="5000" if ends == "whole" else "500")
    before = owed(scenario)
    again = resend(scenario, stopped)
    if ends == "sent":
        money_out.send(scenario, again)
    elif ends == "stopped":
        stop(scenario, again)
    in_order(scenario)
    opened = Advance.objects.get(pk=advance.pk)
    advance_corrections.take_back_closing(advance=opened, reason="Too early", **who(scenario))
    reclaimed = again.amount if ends == "sent" else 0
    assert owed(scenario) == before + reclaimed
    in_order(scenario)
    scenario.settle(Advance.objects.get(pk=advance.pk))
    in_order(scenario)


def test_a_funding_that_was_netted_on_its_second_way_is_taken_back_whole(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    stopped = stop(scenario, advance.payouts.get())
    make_owe(scenario)
    before = money_out.available_books()
    again = stop(scenario, resend(scenario, stopped))
    again = stop(scenario, resend(scenario, again))
    fundings.take_back(advance=advance, reason="Voided", **who(scenario))
    undone = {"cash": before["cash"] + 850, "due_from_supplier": before["due_from_supplier"]}
    assert {name: money_out.available_books()[name] for name in undone} == undone
    assert "receivable" not in money_out.available_books()
    in_order(scenario)


def test_a_surplus_that_did_not_arrive_is_put_back_and_paid_anew(scenario: Scenario) -> None:
    scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier)])
    day: Any = {"value_date": scenario.money_day, **who(scenario)}
    given: Any = {"supplier": scenario.supplier, "currency": "USD"}
    first = payouts.remit(amount=Decimal(500), **given, **day)
    assert first is not None
    with pytest.raises(TransitionNotAllowed):
        payouts.put_back(payout=first, reason="Not yet", **who(scenario))
    payouts.put_back(payout=stop(scenario, first), reason="In parts", **who(scenario))
    assert balance_of(scenario, Purpose.PAYABLE_TO_SUPPLIER) == 500
    in_order(scenario)
    part = payouts.remit(amount=Decimal(200), **given, **day)
    assert part is not None
    failed = money_out.fail(scenario, part)
    make_owe(scenario)
    debt = owed(scenario)
    resend(scenario, failed)
    assert owed(scenario) == debt - 200
    in_order(scenario)


def test_only_a_surplus_is_put_back(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    with pytest.raises(PayoutError, match="Only a surplus"):
        payouts.put_back(payout=stop(scenario, advance.payouts.get()), reason="No", **who(scenario))
