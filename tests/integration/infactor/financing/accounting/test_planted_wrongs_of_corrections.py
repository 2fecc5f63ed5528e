"""`verify_ledger` names each wrong that is planted in fees, and in what was withdrawn, taken back or prepared again."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from infactor.banking import movements
from infactor.banking.models import Movement
from infactor.financing import payouts
from infactor.financing.advances import repurchases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import fundings
from infactor.financing.models import Advance, Netting, Payout
from infactor.financing.money_out import endings
from infactor.ledger import posting
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import credit, debit
from tests.support.database.module_rows import module_rows
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db
World = tuple[Scenario, dict[str, Any]]


def build() -> World:
    """An advance with a wire fee and a late fee, a funding taken back, a surplus put back, a payout prepared again."""
    scenario = build_scenario()
    scenario.terms(wire_fee=Decimal(25), late_fee_rate=Decimal("0.05"), late_fee_grace_days=0, nets_from_advances=False)
    buyer = scenario.buyer()
    late = scenario.funded(scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=10)))
    scenario.later(30)
    scenario.pay(late, "1000")
    scenario.settle(Advance.objects.select_related("terms", "invoice").get(pk=late.pk))
    today: Any = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    why: Any = {"by": scenario.operations, "at": scenario.now, "reason": "Wrong"}

    undone = scenario.funded(scenario.invoice(buyer))
    fundings.take_back(advance=undone, **why)
    surplus = scenario.arrive("300", targets=[AllocationTarget(Decimal(300), supplier=scenario.supplier)])
    remitted = payouts.remit(supplier=scenario.supplier, currency="USD", amount=Decimal(120), **today)
    assert remitted is not None
    endings.stop(payout=remitted, **why)
    payouts.put_back(payout=Payout.objects.get(pk=remitted.pk), **why)
    again = scenario.funded(scenario.invoice(buyer))
    bought = scenario.funded(scenario.invoice(buyer, face="500"))
    repurchases.repurchase(advance=money_out.leave(scenario, bought), **today, reason="Recourse")
    first = Payout.objects.get(advance=again)
    endings.stop(payout=first, **why)
    resent = payouts.resend(payout=Payout.objects.get(pk=first.pk), with_netting=True, **today)
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    charge: Any = {"account": account, "kind": Movement.Kind.CHARGE, "amount": Decimal(-7), "note": "", **today}
    withdrawn = movements.withdraw(movement=movements.record(**charge), **why)
    paid = movements.record(**charge)
    keys = {
        "supplier": scenario.supplier.pk,
        "late": late.pk,
        "late_fee": Advance.objects.get(pk=late.pk).late_fee,
        "undone": undone.pk,
        "undone_payout": Payout.objects.get(advance=undone).pk,
        "surplus": surplus.pk,
        "put_back": remitted.pk,
        "again": again.pk,
        "first": first.pk,
        "resent": resent.pk,
        "netting": Netting.objects.get(advance=again).pk,
        "withdrawn": withdrawn.pk,
        "paid": paid.pk,
    }
    return scenario, keys


@pytest.fixture(scope="module")
def module_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with module_rows(build, django_db_blocker) as made:
        yield made


ROWS = {
    "a late fee of another amount": (
        "UPDATE financing_advance SET late_fee = late_fee - 1 WHERE id = {late}",
        "its late fee is",
    ),
    "a late fee that is called a fee for days": (
        "UPDATE financing_advance SET late_fee = 0 WHERE id = {late}",
        "Advance {late}: its late fee is 0.00, the ledger says {late_fee} USD.",
    ),
    "a funding that was taken back and is called funded": (
        "UPDATE financing_advance SET status = 'funded' WHERE id = {undone}",
        "Advance {undone}: its wire fee is 25.00, the ledger says 0.00 USD.",
    ),
    "a payout of an advance whose funding was taken back": (
        "UPDATE financing_payout SET status = 'prepared', failed_on = NULL, failure_reason = '' "
        "WHERE id = {undone_payout}",
        "Payout {undone_payout} is prepared: 825.00 is in transit, the ledger says 0.00 USD.",
    ),
    "a surplus that was put back and is called on its way": (
        "UPDATE financing_payout SET status = 'stopped' WHERE id = {put_back}",
        "Payout {put_back} is stopped: 120.00 is in transit, the ledger says 0.00 USD.",
    ),
    "a netting of a payout prepared again without its row": (
        "DELETE FROM financing_netting WHERE id = {netting}",
        "Advance {again}: the amount is 825.00, its payouts come to",
    ),
    "a netting of a payout prepared again that is called undone": (
        "UPDATE financing_netting SET undone_at = now() WHERE id = {netting}",
        "What supplier {supplier} owes: netting of it come to",
    ),
    "a payout prepared again with its whole amount": (
        "UPDATE financing_payout SET amount = 825 WHERE id = {resent}",
        "Payout {resent} is prepared: 825.00 is in transit, the ledger says",
    ),
    "a payout that was prepared again by nobody": (
        "UPDATE financing_payout SET replaces_id = NULL WHERE id = {resent}",
        "Payout {first} is replaced: its replacement is missing, or should not exist.",
    ),
    "a movement that is called withdrawn and is in the books": (
        "UPDATE banking_movement SET withdrawn_at = now(), withdrawal_reason = 'Wrong', "
        "withdrawn_by_id = recorded_by_id WHERE id = {paid}",
        "Cash: payments in, what statements say that left, and movements come to",
    ),
    "a movement that was withdrawn and is called recorded": (
        "UPDATE banking_movement SET withdrawn_at = NULL, withdrawal_reason = '', withdrawn_by_id = NULL "
        "WHERE id = {withdrawn}",
        "Cash: payments in, what statements say that left, and movements come to",
    ),
}


@pytest.mark.parametrize("wrong", ROWS)
def test_a_wrong_in_the_rows_is_named(module_world: World, db: None, wrong: str) -> None:
    statement, sentence = ROWS[wrong]
    assert_found(module_world, lambda: execute(statement.format(**module_world[1])), sentence)


POSTED = {
    "a wire fee that was charged twice": (
        Purpose.WIRE_FEE_INCOME,
        "advance:{again}:funded:2",
        "Advance {again}: its wire fee is 25.00, the ledger says 30.00 USD.",
    ),
    "a late fee that was charged twice": (
        Purpose.LATE_FEE_INCOME,
        "advance:{late}:settled:2",
        "Advance {late}: its fee is",
    ),
}


@pytest.mark.parametrize("wrong", POSTED)
def test_a_fee_that_was_charged_twice_is_named(module_world: World, db: None, wrong: str) -> None:
    purpose, reference, sentence = POSTED[wrong]
    scenario, keys = module_world

    def plant() -> None:
        owner = f"supplier:{scenario.supplier.pk}"
        posting.post(
            reference=reference.format(**keys),
            currency="USD",
            lines=[debit(Purpose.DUE_FROM_SUPPLIER, Decimal(5), owner=owner), credit(purpose, Decimal(5))],
            value_date=scenario.today,
            at=scenario.now,
            description="Planted",
            by=None,
            supplier_id=scenario.supplier.pk,
        )

    assert_found(module_world, plant, sentence)


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        ("movement:{paid}", "Cash: payments in, what statements say that left, and movements come to"),
        ("netting:{netting}:", "What supplier {supplier} owes: netting of it come to"),
        ("payout:{put_back}:", "Supplier {supplier}: the surplus to remit is"),
    ],
)
def test_a_posting_that_is_reversed_past_every_service_is_named(
    module_world: World, db: None, reference: str, sentence: str
) -> None:
    scenario, keys = module_world

    def plant() -> None:
        begins = reference.format(**keys)
        posted = Transaction.objects.filter(
            reference__startswith=begins, reverses=None, reversed_by=None, total__gt=0
        ).latest("pk")
        posting.reverse(transaction=posted, value_date=scenario.today, at=scenario.now, by=None, description="Planted")

    assert_found(module_world, plant, sentence)


def assert_found(world: World, plant: Any, sentence: str) -> None:
    scenario, keys = world
    assert verify(at=scenario.now).findings == []
    plant()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = verify(at=scenario.now).findings
    assert any(sentence.format(**keys) in one for one in found), found


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
