"""What a supplier owes is deducted from money on its way to it, by default where its terms allow that."""

from decimal import Decimal
from typing import Any

import pytest

from infactor.core.models import OutgoingMail
from infactor.financing import payouts
from infactor.financing.accounting import balances, statement
from infactor.financing.advances import funding, repurchases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Netting, Payout
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice", "terms").get(pk=advance.pk)


def today(scenario: Scenario) -> Any:
    return {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}


def owed(scenario: Scenario) -> Decimal:
    return balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )


@pytest.fixture
def debtor(scenario: Scenario) -> Scenario:
    """The supplier owes 865 for an invoice that it had to buy back; no money has moved for that."""
    bought = scenario.funded(scenario.invoice(scenario.buyer()))
    cash = money_out.available()
    money_out.leave(scenario, bought)
    repurchases.repurchase(advance=bought, reason="Recourse", **today(scenario))
    assert (owed(scenario), money_out.available()) == (865, cash)
    return scenario


def surplus(scenario: Scenario, amount: str) -> None:
    scenario.arrive(amount, targets=[AllocationTarget(Decimal(amount), supplier=scenario.supplier)])


def remit(scenario: Scenario, amount: str, **given: Any) -> Payout | None:
    return payouts.remit(supplier=scenario.supplier, currency="USD", amount=Decimal(amount), **given, **today(scenario))


def mails(event: str) -> list[str]:
    return [one.body for one in OutgoingMail.objects.filter(key__startswith=f"financing.{event}:").order_by("pk")]


def test_a_demand_is_paid_once_by_the_payment_that_is_matched_to_it(debtor: Scenario) -> None:
    """A repurchase had been cash by itself, and its wire came with the bank file as well."""
    cash = money_out.available()
    debtor.arrive("865", targets=[AllocationTarget(Decimal(865), supplier=debtor.supplier, is_due=True)])
    assert (owed(debtor), money_out.available()) == (0, cash + 865)
    assert "You owe us $865.00" in mails("repurchased")[0]
    assert verify(at=debtor.now).ok


def test_a_new_advance_pays_the_debt_and_the_rest_is_paid_out(debtor: Scenario) -> None:
    advance = debtor.funded(debtor.invoice(debtor.buyer(), face="10000"))
    payout = Payout.objects.get(advance=advance)
    assert (payout.amount, owed(debtor)) == (7635, 0)
    netting = Netting.objects.get()
    assert (netting.source, netting.amount, netting.advance) == ("advance", 865, advance)
    body = mails("funded")[-1]
    assert "$7,635.00 goes to your account" in body
    assert "Deducted for what you owed us: $865.00" in body
    (movement,) = [one for one in statement.movements_of_advance(advance=advance) if one.label == "Invoice purchased"]
    assert movement.formulas[0] == "10,000.00 × 85% = 8,500.00 − 865.00 that you owed = 7,635.00 to be paid to you"
    assert verify(at=debtor.now).ok


def test_a_small_advance_goes_to_the_debt_as_a_whole(debtor: Scenario) -> None:
    advance = debtor.funded(debtor.invoice(debtor.buyer(), face="500"))
    assert (Payout.objects.filter(advance=advance).count(), owed(debtor)) == (0, 440)
    assert "Nothing is paid out" in mails("funded")[-1]
    debtor.pay(advance, "500")
    assert debtor.settle(fresh(advance)).rebate == 0
    assert verify(at=debtor.now).ok


def test_a_surplus_pays_the_debt_first(debtor: Scenario) -> None:
    surplus(debtor, "1000")
    payout = remit(debtor, "1000")
    assert payout is not None
    assert (payout.amount, owed(debtor)) == (135, 0)
    assert "we deducted $865.00 that you owed us" in mails("surplus_remitted")[0]
    assert verify(at=debtor.now).ok


def test_a_surplus_that_the_debt_takes_is_not_paid_out(debtor: Scenario) -> None:
    surplus(debtor, "100")
    assert remit(debtor, "100") is None
    assert (Payout.objects.filter(purpose="surplus").count(), owed(debtor)) == (0, 765)
    assert "nothing is paid out" in mails("surplus_netted")[0]
    (found,) = statement.statements(supplier=debtor.supplier)
    assert found.movements[-1].label == "Deducted from what you owed"
    closing = found.closing
    assert (
        closing.receivable + closing.owed - closing.held - closing.to_pay
        == closing.paid + closing.fee - closing.from_buyer
    )
    assert verify(at=debtor.now).ok


def test_terms_that_allow_no_netting_leave_the_debt_and_a_person_may_choose_it(scenario: Scenario) -> None:
    scenario.terms(nets_from_advances=False, nets_from_rebates=False, nets_from_surplus=False)
    buyer = scenario.buyer()
    bought = scenario.funded(scenario.invoice(buyer))
    money_out.leave(scenario, bought)
    repurchases.repurchase(advance=bought, reason="Recourse", **today(scenario))
    advance = scenario.funded(scenario.invoice(buyer))
    scenario.pay(advance, "1000")
    assert scenario.settle(fresh(advance)).rebate == 135
    surplus(scenario, "10")
    assert remit(scenario, "10") is not None
    assert owed(scenario) == 865
    assert verify(at=scenario.now).ok
    accepted = scenario.accepted(scenario.invoice(buyer))
    funding.fund(advance=accepted, with_netting=True, **today(scenario))
    assert owed(scenario) == 15
    assert verify(at=scenario.now).ok


def test_terms_are_versions_and_an_advance_keeps_those_of_its_offer(scenario: Scenario) -> None:
    scenario.terms(nets_from_advances=False)
    buyer = scenario.buyer()
    accepted = scenario.accepted(scenario.invoice(buyer))
    bought = scenario.funded(scenario.invoice(buyer))
    money_out.leave(scenario, bought)
    repurchases.repurchase(advance=bought, reason="Recourse", **today(scenario))
    scenario.terms(nets_from_advances=True)
    assert Payout.objects.get(advance=scenario.fund(accepted)).amount == 850
    assert owed(scenario) == 865
