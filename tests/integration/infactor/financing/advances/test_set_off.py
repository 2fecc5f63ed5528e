"""Staff net what a supplier owes against the rebate of a settlement, and the ledger and the pages agree."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import OutgoingMail
from infactor.financing.accounting import balances, statement
from infactor.financing.advances import funding, short_payments
from infactor.financing.models import Advance, Approval, Payout
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
DAY = "2026-11-02"


def due(scenario: Scenario) -> Decimal:
    return balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=scenario.supplier.pk, currency="USD"
    )


def owe(scenario: Scenario, amount: int) -> None:
    """Make the supplier owe this much: its buyer paid less than was advanced, and the fee is 15."""
    scenario.terms(nets_from_advances=False)
    short = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer())))
    scenario.pay(short, str(1000 - 150 - (amount - 15)))
    short_payments.accept_short_payment(
        advance=short,
        amount=Decimal(150 + amount - 15),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        reason="A credit memo",
        approver=scenario.underwriter,
    )
    scenario.settle(Advance.objects.get(pk=short.pk))
    assert due(scenario) == amount


def collected(scenario: Scenario, face: str = "1000") -> Advance:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face=face))
    scenario.pay(advance, face)
    return Advance.objects.get(pk=advance.pk)


def settle_page(advance: Advance) -> str:
    return reverse("admin:financing_advance_settle", args=[advance.pk])


def operations(scenario: Scenario) -> Client:
    client = Client()
    client.force_login(scenario.operations)
    return client


@pytest.mark.parametrize(("owed", "kept", "paid"), [(40, "40.00", "95.00"), (200, "135.00", "0.00")])
def test_what_is_owed_is_kept_back_as_far_as_the_rest_goes(scenario: Scenario, owed: int, kept: str, paid: str) -> None:
    owe(scenario, owed)
    advance, client = collected(scenario), operations(scenario)
    page = visible_text(client.get(settle_page(advance)))  # type: ignore[arg-type]
    assert f"The supplier owes infactor ${owed}.00" in page
    assert f"Of which can be set off now ${kept}" in page
    assert confirm(client, settle_page(advance), value_date=DAY, sets_off="on").status_code == 302
    assert due(scenario) == owed - Decimal(kept)
    assert Advance.objects.get(pk=advance.pk).rebate == Decimal(paid)
    rebates = Payout.objects.filter(purpose=Payout.Purpose.REBATE)
    assert [f"{one.amount}" for one in rebates] == ([paid] if Decimal(paid) else [])
    told = OutgoingMail.objects.filter(key__startswith=f"financing.settled:{advance.ledger_owner}:").get().body
    assert f"for what you owed us: ${kept}" in told
    (found,) = statement.statements(supplier=scenario.supplier)
    assert found.movements[-1].formulas[-1] == f"150.00 − 15.00 − {kept} that you owed = {paid} to be paid to you"
    closing = found.closing
    assert closing.owed == due(scenario)
    held = closing.held + closing.to_pay
    assert closing.receivable + closing.owed - held == closing.paid + closing.fee - closing.from_buyer
    assert verify(at=scenario.now).ok


def test_it_is_kept_back_by_default_unless_staff_choose_otherwise(scenario: Scenario) -> None:
    owe(scenario, 40)
    advance = collected(scenario)
    page = operations(scenario).get(settle_page(advance)).content.decode()
    assert re.search(r'name="sets_off"[^>]* checked', page)
    assert confirm(operations(scenario), settle_page(advance), value_date=DAY).status_code == 302
    assert (due(scenario), Advance.objects.get(pk=advance.pk).rebate) == (40, 135)


def test_who_owes_nothing_is_asked_for_nothing(scenario: Scenario) -> None:
    page = operations(scenario).get(settle_page(collected(scenario))).content.decode()
    assert "sets_off" not in page
    assert "owes infactor" not in page


def test_the_second_person_approves_what_is_kept_back_with_the_rest(scenario: Scenario) -> None:
    owe(scenario, 40)
    scenario.terms(dual_control_threshold=Decimal(1000), nets_from_advances=False)
    accepted = scenario.accepted(scenario.invoice(scenario.buyer(), face="10000"))
    funding.fund(
        advance=accepted, value_date=scenario.today, by=scenario.operations, approver=scenario.approver, at=scenario.now
    )
    scenario.pay(accepted, "10000")
    advance = Advance.objects.get(pk=accepted.pk)
    assert confirm(operations(scenario), settle_page(advance), value_date=DAY, sets_off="on").status_code == 302
    asked = Approval.objects.get()
    assert asked.amount == 1310
    second = Client()
    second.force_login(scenario.approver)
    address = reverse("admin:financing_approval_approve", args=[asked.pk])
    assert "Set off against what it owes $40.00" in visible_text(second.get(address))  # type: ignore[arg-type]
    assert confirm(second, address).status_code == 302
    assert due(scenario) == 0
    assert verify(at=scenario.now).ok
