"""Each of twenty wrongs that are planted in rows or books is named by `verify_ledger`, in a sentence of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from infactor.financing import payouts
from infactor.financing.advances import collection_costs, repurchases, short_payments, write_offs
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, payment_corrections
from infactor.financing.models import Advance, CollectionAllocation, Payout
from infactor.ledger import posting
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import credit, debit
from tests.support.database.module_rows import module_rows
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """A supplier with everything that can go wrong: the scenario, and keys of rows by name."""

    scenario: Scenario
    keys: dict[str, Any]


def build() -> World:
    scenario = build_scenario()
    scenario.terms()
    buyer = scenario.buyer()
    today: Any = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    why = {"by": scenario.operations, "at": scenario.now, "reason": "Wrong"}
    names = ("settled", "bought", "lost", "reopened", "short")
    of = {name: scenario.funded(scenario.invoice(buyer)) for name in names}
    received = scenario.pay(of["settled"], "1000")
    surplus = scenario.arrive("300", targets=[AllocationTarget(Decimal(300), supplier=scenario.supplier)])
    remitted = payouts.remit(supplier=scenario.supplier, currency="USD", amount=Decimal(120), **today)
    scenario.settle(fresh(of["settled"]))
    scenario.pay(of["reopened"], "1000")
    scenario.settle(fresh(of["reopened"]))
    reclaimed = Payout.objects.get(advance=of["reopened"], purpose="rebate")
    money_out.confirm(scenario, reclaimed)
    batch = money_out.send(scenario, Payout.objects.get(advance=of["short"]))
    advance_corrections.take_back_closing(advance=of["reopened"], **why)
    short_payments.accept_short_payment(advance=of["short"], amount=Decimal(40), reason="Less", **today)
    scenario.pay(of["short"], "960")
    money_out.leave(scenario, of["bought"])
    repurchases.repurchase(advance=of["bought"], reason="Recourse", **today)
    due = scenario.arrive("50", targets=[AllocationTarget(Decimal(50), supplier=scenario.supplier, is_due=True)])
    netted = scenario.funded(scenario.invoice(buyer))
    money_out.leave(scenario, of["lost"])
    write_offs.write_off(advance=of["lost"], reason="Insolvent", **today)
    lawyer = money_out.payee(by=scenario.operations, at=scenario.now)
    collection_costs.record(advance=of["lost"], amount=Decimal(30), payee=lawyer, reason="Court", **today)
    scenario.pay(fresh(of["lost"]), "880")
    waiting = scenario.arrive("200", targets=[])
    money_out.refund(waiting, 80, value_date=scenario.today, **why)
    unmatched = scenario.pay(netted, "10")
    part = CollectionAllocation.objects.get(collection=unmatched)
    payment_corrections.unmatch(collection=unmatched, allocation_ids=[part.pk], **why)
    other = build_scenario(name="Somebody else")
    assert remitted is not None
    keys = {
        **{name: one.pk for name, one in of.items()},
        "supplier": scenario.supplier.pk,
        "other": other.supplier.pk,
        "other_account": other.supplier.bank_accounts.get().pk,
        "received": received.pk,
        "surplus": surplus.pk,
        "remitted": remitted.pk,
        "rebate": Payout.objects.get(advance=of["settled"], purpose="rebate").pk,
        "reclaimed": reclaimed.pk,
        "sent": Payout.objects.get(advance=of["short"]).pk,
        "batch": batch.pk,
        "due": due.pk,
        "netted": netted.pk,
        "waiting": waiting.pk,
        "unmatched": unmatched.pk,
    }
    return World(scenario, keys)


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice", "terms").get(pk=advance.pk)


@pytest.fixture(scope="module")
def module_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with module_rows(build, django_db_blocker) as made:
        yield made


# What is done to rows behind the back of every service, and the sentence that names it.
ROWS = {
    "a payout that was never sent": (
        "DELETE FROM financing_payout WHERE id = {rebate}",
        "Advance {settled}: its rebate is 135.00, posted 135.00, paid out 0 USD.",
    ),
    "a payout to another supplier's account": (
        "UPDATE financing_payout SET bank_account_id = {other_account} WHERE id = {rebate}",
        "Payout {rebate} is of supplier {supplier} and went to an account of supplier {other}.",
    ),
    "a payout of another amount than posted": (
        "UPDATE financing_payout SET amount = 12 WHERE id = {remitted}",
        "Supplier {supplier}: the surplus to remit is",
    ),
    "a payout that is owed no more, which nobody posted": (
        "UPDATE financing_payout SET status = 'cancelled', failed_on = value_date WHERE id = {remitted}",
        "Payout {remitted} is cancelled: 0.00 is in transit, the ledger says 120.00 USD.",
    ),
    "a payout that is called unconfirmed after the bank took it": (
        "UPDATE financing_payout SET status = 'sent', debited_on = NULL, debit_line_id = NULL WHERE id = {reclaimed}",
        "Payout {reclaimed} is sent: 135.00 is in transit, the ledger says 0.00 USD.",
    ),
    "a payout confirmed by a line of something else": (
        "DELETE FROM banking_linematch WHERE line_id = "
        "(SELECT debit_line_id FROM financing_payout WHERE id = {reclaimed})",
        "is said to have debited it, and does not confirm its posting.",
    ),
    "a payout that was taken out of a file": (
        "UPDATE financing_payout SET batch_id = NULL, status = 'approved' WHERE id = {sent}",
        "Batch {batch}: its file comes to 850.00, its payouts to 0 USD.",
    ),
    "a payout that never reached the bank": (
        "UPDATE financing_payoutbatch SET execution_day = execution_day - 10 WHERE id = {batch}; "
        "UPDATE banking_statement SET to_date = '2026-11-02'",
        "up to 2026-11-02 has it: it never reached the bank.",
    ),
    "a cost that left, and no statement says so": (
        "UPDATE financing_collectioncost SET amount = 29 WHERE advance_id = {lost}",
        "29.00 is in transit, the ledger says 30.00.",
    ),
    "a reclaimed rebate that is forgotten": (
        "UPDATE financing_payout SET reclaimed_on = NULL WHERE reclaimed_on IS NOT NULL",
        "What supplier {supplier} owes: rebates reclaimed come to",
    ),
    "a receipt that the ledger does not know": (
        "UPDATE financing_collection SET amount = 1001 WHERE id = {received}",
        "Payment {received}: its amount is 1001.00, the ledger says 1000.00 USD.",
    ),
    "a value date that was changed by hand": (
        "UPDATE financing_collection SET value_date = value_date - 9 WHERE id = {received}",
        "Payment {received}: its value date is 2026-10-24, the ledger says 2026-11-02.",
    ),
    "a payment of another supplier's invoice": (
        "UPDATE financing_collectionallocation SET supplier_id = {other} WHERE collection_id = {received}",
        "Payment {received} pays advance {settled}, which is of supplier {supplier} and not of {other}.",
    ),
    "a debt that nobody paid": (
        "DELETE FROM financing_collectionallocation WHERE collection_id = {due}",
        "What supplier {supplier} owes: payments of it come to 0, the ledger says 50.00 USD.",
    ),
    "a netting without its row": (
        "DELETE FROM financing_netting WHERE advance_id = {netted}",
        "What supplier {supplier} owes: netting of it come to",
    ),
    "a refund without its row": (
        "DELETE FROM financing_refund WHERE collection_id = {waiting}",
        "Payment {waiting}: 200.00 is unallocated, the ledger says 120.00 USD.",
    ),
    "a collection cost of another amount": (
        "UPDATE financing_collectioncost SET amount = 31 WHERE advance_id = {lost}",
        "31.00 is recorded, the ledger says 30.00.",
    ),
    "a recovery that went to the wrong place": (
        "UPDATE financing_collectionallocation SET kind = 'recovery' WHERE advance_id = {lost} AND kind = 'fee'",
        "Recovered after write-offs as fee: payments come to 0, the ledger says 15.00 USD.",
    ),
    "an advance that is called paid and was closed short": (
        "UPDATE financing_advance SET status = 'collected' WHERE id = {short}",
        "Advance {short} is collected, and 40.00 USD of it was accepted as short.",
    ),
    "a settlement that was undone and still counts": (
        "UPDATE financing_advance SET status = 'settled', ended_on = funded_on, fee = 15, rebate = 135 "
        "WHERE id = {reopened}",
        "Advance {reopened} is settled, and the ledger still has 0.00 outstanding and 150.00 in reserve USD.",
    ),
    "a reversal that no correction explains": (
        "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE financing_correction DISABLE TRIGGER ALL; "
        "DELETE FROM financing_correction WHERE advance_id = {reopened}",
        "advance:{reopened}:settled was reversed, and no correction or return says why.",
    ),
}


@pytest.mark.parametrize("wrong", ROWS)
def test_a_wrong_in_the_rows_is_named(module_world: World, db: None, wrong: str) -> None:
    statement, sentence = ROWS[wrong]
    assert_found(module_world, lambda: execute(statement.format(**module_world.keys)), sentence)


def test_a_doubled_receipt_is_named(module_world: World, db: None) -> None:
    def plant() -> None:
        payment = module_world.scenario.arrive("1000", targets=[], bank_reference="OTHER")
        execute(f"UPDATE financing_collection SET bank_reference = 'bank 1' WHERE id = {payment.pk}")

    sentence = "looks like payment {received}: 1000.00 USD with the same reference. Nobody has said"
    assert_found(module_world, plant, sentence)


def test_a_surplus_that_left_while_a_debt_was_open_is_named(module_world: World, db: None) -> None:
    scenario = module_world.scenario

    def plant() -> None:
        payouts.remit(
            supplier=scenario.supplier,
            currency="USD",
            amount=Decimal(5),
            value_date=scenario.today,
            by=scenario.operations,
            at=scenario.now,
            with_netting=False,
        )
        execute("UPDATE financing_payout SET without_netting = false")

    assert_found(module_world, plant, "(surplus) of 5.00 USD left while supplier {supplier} owed")


POSTED = {
    "a debt out of nothing": (
        (Purpose.DUE_FROM_SUPPLIER, Purpose.FEE_INCOME, "advance:{settled}:adjusted"),
        "Supplier {supplier}: advance:{settled}:adjusted made it owe 5.00 USD, which is no step of financing.",
    ),
    "cash that no payment brought": (
        (Purpose.CASH, Purpose.FEE_INCOME, "bank:1"),
        "Cash: payments in, what statements say that left, and movements come to",
    ),
    "a fee that was charged twice": (
        (Purpose.DUE_FROM_SUPPLIER, Purpose.FEE_INCOME, "advance:{settled}:settled:2"),
        "Advance {settled}: its fee is 15.00, the ledger says 20.00 USD.",
    ),
}


@pytest.mark.parametrize("wrong", POSTED)
def test_a_wrong_in_the_books_is_named(module_world: World, db: None, wrong: str) -> None:
    (debited, credited, reference), sentence = POSTED[wrong]
    scenario = module_world.scenario
    owner = f"supplier:{scenario.supplier.pk}" if debited is Purpose.DUE_FROM_SUPPLIER else ""

    def plant() -> None:
        posting.post(
            reference=reference.format(**module_world.keys),
            currency="USD",
            lines=[debit(debited, Decimal(5), owner=owner), credit(credited, Decimal(5))],
            value_date=scenario.today,
            at=scenario.now,
            description="Planted",
            by=None,
            supplier_id=scenario.supplier.pk,
        )

    assert_found(module_world, plant, sentence)


def test_a_posting_that_was_reversed_by_nobodys_decision_is_named(module_world: World, db: None) -> None:
    scenario, keys = module_world.scenario, module_world.keys

    def plant() -> None:
        posted = Transaction.objects.get(reference=f"collection:{keys['surplus']}:recorded")
        posting.reverse(transaction=posted, value_date=scenario.today, at=scenario.now, by=None, description="Planted")

    assert_found(module_world, plant, "collection:{surplus}:recorded was reversed, and no correction or return")


def assert_found(world: World, plant: Any, sentence: str) -> None:
    assert verify(at=world.scenario.now).findings == []
    plant()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    found = verify(at=world.scenario.now).findings
    assert any(sentence.format(**world.keys) in one for one in found), found


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
