"""What a supplier owes can be kept back when an advance is settled, where staff say so; books and words agree."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from infactor.core.models import OutgoingMail
from infactor.financing.accounting import journal, statement
from infactor.financing.advances import funding, short_payments
from infactor.financing.models import Advance, Approval, Payout
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.pages.decisions import decide
from tests.support.pages.preview import words
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
DAY = "2026-11-02"


@pytest.fixture
def house() -> Iterator[House]:
    house = build_house()
    house.terms()
    with time_machine.travel(house.now, tick=False):
        yield house


def due(house: House) -> Decimal:
    return journal.of_supplier(purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=house.supplier.pk, currency="USD")


def owe(house: House, amount: int) -> None:
    """The supplier owes so much of an invoice of which its buyer paid less than was advanced, and the fee of 15."""
    short = house.funded(house.invoice(house.buyer()))
    house.pay(short, str(1000 - 150 - (amount - 15)))
    short_payments.accept_short_payment(
        advance=short,
        amount=Decimal(150 + amount - 15),
        value_date=house.today,
        by=house.operations,
        at=house.now,
        reason="A credit memo",
    )
    house.settle(Advance.objects.get(pk=short.pk))
    assert due(house) == amount


def collected(house: House, face: str = "1000") -> Advance:
    advance = house.funded(house.invoice(house.buyer(), face=face))
    house.pay(advance, face)
    return Advance.objects.get(pk=advance.pk)


def settle_page(advance: Advance) -> str:
    return reverse("admin:financing_advance_settle", args=[advance.pk])


def operations(house: House) -> Client:
    client = Client()
    client.force_login(house.operations)
    return client


@pytest.mark.parametrize(("owed", "kept", "paid"), [(40, "40.00", "95.00"), (200, "135.00", "0.00")])
def test_what_is_owed_is_kept_back_as_far_as_the_rest_goes(house: House, owed: int, kept: str, paid: str) -> None:
    owe(house, owed)
    advance, client = collected(house), operations(house)
    page = words(client.get(settle_page(advance)))  # type: ignore[arg-type]
    assert f"The supplier owes infactor ${owed}.00" in page
    assert f"Of it can be kept back now ${kept}" in page
    assert decide(client, settle_page(advance), value_date=DAY, sets_off="on").status_code == 302
    assert due(house) == owed - Decimal(kept)
    assert Advance.objects.get(pk=advance.pk).rebate == Decimal(paid)
    rebates = Payout.objects.filter(purpose=Payout.Purpose.REBATE)
    assert [f"{one.amount}" for one in rebates] == ([paid] if Decimal(paid) else [])
    told = OutgoingMail.objects.filter(key__startswith=f"financing.settled:{advance.owner}:").get().body
    assert f"because you owed it to us: ${kept}" in told
    (found,) = statement.statements(supplier=house.supplier)
    assert found.movements[-1].formulas[-1] == f"150.00 − 15.00 − {kept} that you owed = {paid} paid to you"
    closing = found.closing
    assert closing.owed == due(house)
    assert closing.receivable + closing.owed - closing.held == closing.paid + closing.fee - closing.from_buyer
    assert verify(at=house.now).ok


def test_nothing_is_kept_back_unless_staff_say_so(house: House) -> None:
    owe(house, 40)
    advance = collected(house)
    assert decide(operations(house), settle_page(advance), value_date=DAY).status_code == 302
    assert (due(house), Advance.objects.get(pk=advance.pk).rebate) == (40, 135)


def test_who_owes_nothing_is_asked_for_nothing(house: House) -> None:
    page = operations(house).get(settle_page(collected(house))).content.decode()
    assert "sets_off" not in page
    assert "owes infactor" not in page


def test_the_second_person_approves_what_is_kept_back_with_the_rest(house: House) -> None:
    owe(house, 40)
    house.terms(dual_control_threshold=Decimal(1000))
    accepted = house.accepted(house.invoice(house.buyer(), face="10000"))
    funding.fund(advance=accepted, value_date=house.today, by=house.operations, second=house.second, at=house.now)
    house.pay(accepted, "10000")
    advance = Advance.objects.get(pk=accepted.pk)
    assert decide(operations(house), settle_page(advance), value_date=DAY, sets_off="on").status_code == 302
    asked = Approval.objects.get()
    assert asked.amount == 1310
    second = Client()
    second.force_login(house.second)
    address = reverse("admin:financing_approval_approve", args=[asked.pk])
    assert "Set off against what it owes $40.00" in words(second.get(address))  # type: ignore[arg-type]
    assert decide(second, address).status_code == 302
    assert due(house) == 0
    assert verify(at=house.now).ok
