"""Reconciliation of the ledger with the advances names every difference, and is silent where they agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback

from infactor.financing import payouts
from infactor.financing.accounting import reconciliation
from infactor.financing.advances import repurchases, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance
from infactor.financing.origination import offers, requests
from infactor.ledger import posting
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from infactor.ledger.posting import credit, debit
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.financing_sample_data import create_sample_data

pytestmark = pytest.mark.django_db


@contextmanager
def undone() -> Iterator[None]:
    """Run the block in a transaction and roll it back."""
    with atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        set_rollback(True)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


BROKEN = [
    (
        "UPDATE financing_advance SET status = 'accepted', funded_on = NULL WHERE id = {funded}",
        "Advance {funded} is accepted and has postings.",
    ),
    (
        "UPDATE financing_advance SET status = 'cancelled', funded_on = NULL WHERE id = {collected}",
        "Advance {collected} is cancelled and has postings.",
    ),
    (
        "UPDATE financing_payout SET advance_id = {accepted} WHERE id = {failed_payout}",
        "Advance {accepted} is accepted and has payouts.",
    ),
    (
        "UPDATE financing_payout SET advance_id = {accepted} WHERE id = {failed_payout}",
        "Advance {funded}: the amount is 850.00, its payouts come to 0 USD.",
    ),
    (
        "UPDATE financing_collectionallocation SET advance_id = {cancelled} WHERE advance_id = {funded}",
        "Advance {cancelled} is cancelled and 400.00 is allocated to it.",
    ),
    (
        "UPDATE financing_advance SET face = 1100, reserve = 250 WHERE id = {funded}",
        "Advance {funded}: face 1100.00, reserve 250.00 and advance 850.00 are posted as 1000.00, 150.00 and 850.00",
    ),
    (
        "UPDATE financing_collectionallocation SET amount = 399 WHERE advance_id = {funded}",
        "Advance {funded}: allocations come to 399.00, the ledger says 400.00 USD.",
    ),
    (
        "UPDATE financing_advance SET status = 'collected', collected_on = '2026-12-01' WHERE id = {funded}",
        "Advance {funded} is collected, and 600.00 USD is outstanding in the ledger.",
    ),
    (
        "UPDATE financing_advance SET status = 'funded' WHERE id = {collected}",
        "Advance {collected} is funded, and nothing is outstanding in the ledger.",
    ),
    (
        "UPDATE financing_advance SET status = 'settled', ended_on = '2026-12-02', fee = 0 WHERE id = {funded}",
        "Advance {funded} is settled, and the ledger still has 600.00 outstanding and 150.00 in reserve USD.",
    ),
    (
        "UPDATE financing_advance SET fee = 16 WHERE id = {settled}",
        "Advance {settled}: its fee is 16.00, the ledger says 15.00 USD.",
    ),
    (
        "UPDATE financing_advance SET rebate = 116 WHERE id = {settled}",
        "Advance {settled}: its rebate is 116.00, posted 115.00, paid out 115.00 USD.",
    ),
    (
        "UPDATE financing_payout SET amount = 114 WHERE advance_id = {settled} AND purpose = 'rebate'",
        "Advance {settled}: its rebate is 115.00, posted 115.00, paid out 114.00 USD.",
    ),
    (
        "UPDATE financing_collection SET amount = 78 WHERE id = {waiting}",
        "Cash: payments in, what statements say that left, and movements come to",
    ),
    (
        "UPDATE financing_payout SET amount = 121 WHERE purpose = 'surplus'",
        "Supplier {supplier}: the surplus to remit is 179.00, the ledger says 180.00 USD.",
    ),
    (
        "UPDATE financing_collection SET amount = 78 WHERE id = {waiting}",
        "Payment {waiting}: 78.00 is unallocated, the ledger says 77.00 USD.",
    ),
    (
        "UPDATE financing_collection SET returned_on = value_date, returned_by_id = recorded_by_id WHERE amount = 1300",
        "was returned or withdrawn, and 1300.00 USD is still allocated.",
    ),
    (
        "UPDATE financing_payout SET status = 'cancelled' WHERE id = {failed_payout}",
        "Payout {failed_payout} is cancelled: 0.00 is in transit, the ledger says 850.00 USD.",
    ),
    (
        "UPDATE financing_payout SET status = 'replaced' WHERE id = {failed_payout}",
        "Payout {failed_payout} is replaced: its replacement is missing, or should not exist.",
    ),
    (
        "UPDATE invoices_invoice SET state = 'ifactor_prepaid' WHERE id = {accepted_invoice}",
        "Invoice {accepted_invoice} is ifactor_prepaid, and by its advance {accepted} it is ifactor_proposal_accepted.",
    ),
    (
        "UPDATE invoices_invoice SET state = 'completed' WHERE id = {cancelled_invoice}",
        "Invoice {cancelled_invoice} is completed, and it was not requested, offered or purchased.",
    ),
    (
        "UPDATE financing_offerline SET invoice_id = {funded_invoice} WHERE offer_id = {offer}",
        "Invoice {funded_invoice} is claimed more than once: advance {funded}, offer {offer}.",
    ),
    (
        "UPDATE financing_offerline SET invoice_id = {funded_invoice} WHERE offer_id = {offer}",
        "Offer {offer} has 1 lines that do not match its request.",
    ),
    (
        "UPDATE financing_offerline SET status = 'declined' WHERE offer_id = {offer}",
        "Offer {offer} is proposed, and 1 of its 1 lines are not.",
    ),
    (
        "UPDATE financing_offer SET status = 'accepted', decided_at = now() WHERE id = {offer}; "
        "UPDATE financing_offerline SET status = 'declined' WHERE offer_id = {offer}",
        "Offer {offer} is accepted, with 0 lines accepted and no copy of the disclosure.",
    ),
    (
        "UPDATE financing_advance SET base = 999 WHERE id = {accepted}",
        "Offer {accepted_offer}: 1 lines accepted, 1 purchased, 1 of them not as offered.",
    ),
    (
        "UPDATE financing_requestline SET status = 'offered', decided_at = now() WHERE request_id = {request}",
        "of request {request} is offered, and nothing was offered for it.",
    ),
    (
        "DROP INDEX one_advance_per_invoice; "
        "UPDATE financing_advance SET invoice_id = {funded_invoice} WHERE id = {accepted}",
        "Invoice {funded_invoice} is claimed more than once: advance {accepted}, advance {funded}.",
    ),
]


def test_whatever_the_books_and_the_rows_do_not_both_say_is_named() -> None:
    furnished = create_sample_data()
    ids = furnished.ids()
    assert reconciliation.find_discrepancies() == []
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement, sentence in BROKEN:
        with undone():
            execute(statement.format(**ids))
            said = reconciliation.find_discrepancies()
            assert any(sentence.format(**ids) in one for one in said), (statement, sentence.format(**ids), said)
    assert reconciliation.find_discrepancies() == []


def test_money_that_only_the_books_know_of_is_named() -> None:
    furnished = create_sample_data()
    scenario, funded = furnished.scenario, furnished.of["funded"]
    supplier = f"supplier:{scenario.supplier.pk}"
    strays = [
        (Purpose.RECEIVABLE, "advance:999999", "on the account receivable of advance:999999, which does not exist."),
        (
            Purpose.RECEIVABLE,
            funded.ledger_owner,
            f"Advance {funded.pk}: the face 1000.00 less 400.00 paid and 0 short is outstanding",
        ),
        (
            Purpose.RESERVE,
            funded.ledger_owner,
            f"Advance {funded.pk}: the reserve is 150.00 less 0, the ledger says 145.00 USD.",
        ),
        (Purpose.PAYABLE_TO_SUPPLIER, supplier, "the surplus to remit is 180.00, the ledger says 175.00 USD."),
        (Purpose.CASH, "", "Cash: payments in, what statements say that left, and movements come to"),
        (Purpose.PAYOUT_IN_TRANSIT, furnished.failed.ledger_owner, "is in transit, the ledger says 845.00 USD."),
    ]
    for purpose, owner, sentence in strays:
        with undone():
            post(scenario, debit(purpose, Decimal(5), owner=owner), credit(Purpose.FEE_INCOME, Decimal(5)))
            assert any(sentence in one for one in reconciliation.find_discrepancies()), (
                sentence,
                reconciliation.find_discrepancies(),
            )
    with undone():
        post(
            scenario,
            credit(Purpose.DUE_FROM_SUPPLIER, Decimal(870), owner=supplier),
            debit(Purpose.BAD_DEBT, Decimal(870)),
        )
        assert f"Supplier {scenario.supplier.pk} has a negative debt: -5.00 USD." in reconciliation.find_discrepancies()
    with undone():
        post(
            scenario,
            debit(Purpose.PAYABLE_TO_SUPPLIER, Decimal(500), owner=supplier),
            credit(Purpose.CASH, Decimal(500)),
        )
        wrong = f"Supplier {scenario.supplier.pk} was remitted more than its surplus: -320.00 USD."
        assert wrong in reconciliation.find_discrepancies()


def post(scenario: Scenario, *lines: posting.Line) -> None:
    posting.post(
        reference="stray:1",
        currency="USD",
        lines=lines,
        value_date=scenario.today,
        at=scenario.now,
        description="",
        by=None,
        supplier_id=scenario.supplier.pk,
    )


def test_the_proof_of_the_ledger_asks_about_the_advances_too() -> None:
    scenario = build_scenario()
    scenario.terms()
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    assert verify(at=scenario.now).ok
    execute(f"UPDATE financing_advance SET status = 'collected', collected_on = '2026-11-02' WHERE id = {advance.pk}")
    assert "is collected, and 1000.00 USD is outstanding" in verify(at=scenario.now).findings[0]


def test_many_differences_of_a_kind_are_cut_and_counted() -> None:
    scenario = build_scenario()
    scenario.terms()
    buyer = scenario.buyer()
    request = requests.submit(
        supplier=scenario.supplier,
        invoices=[scenario.invoice(buyer) for _ in range(23)],
        by=scenario.owner,
        at=scenario.now,
    )
    offers.create(request=request, by=scenario.underwriter, at=scenario.now)
    execute("UPDATE invoices_invoice SET state = 'completed' WHERE state = 'ifactor_proposed'")
    said = reconciliation.find_discrepancies()
    assert len(said) == 21
    assert said[-1] == "And 3 more of this kind."


def test_what_a_returned_payment_leaves_is_in_order_whatever_had_followed_from_it() -> None:
    scenario = build_scenario()
    scenario.terms()
    buyer = scenario.buyer()
    ended = {name: scenario.funded(scenario.invoice(buyer)) for name in ("collected", "settled", "repurchased", "lost")}
    scenario.later(20)
    staff = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    paid = {
        "collected": scenario.pay(ended["collected"], "1000"),
        "settled": scenario.pay(ended["settled"], "1200"),
        "repurchased": scenario.pay(ended["repurchased"], "300"),
        "lost": scenario.pay(ended["lost"], "300"),
        "passed": scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier)]),
    }
    scenario.settle(Advance.objects.get(pk=ended["settled"].pk))
    money_out.leave(scenario, ended["repurchased"])
    repurchases.repurchase(advance=ended["repurchased"], reason="Disputed", **staff)
    money_out.leave(scenario, ended["lost"])
    write_offs.write_off(advance=ended["lost"], reason="Insolvent", **staff)
    paid["recovered"] = scenario.pay(ended["lost"], "50")
    payouts.remit(supplier=scenario.supplier, currency="USD", amount=Decimal(700), **staff)
    paid["due"] = scenario.arrive(
        "20", targets=[AllocationTarget(Decimal(20), supplier=scenario.supplier, is_due=True)]
    )
    for name, payment in paid.items():
        payments.record_return(
            collection=payment,
            value_date=scenario.today,
            reason="No funds",
            by=scenario.operations,
            at=scenario.now + timedelta(hours=1),
        )
        assert reconciliation.find_discrepancies() == [], name
    assert verify(at=scenario.now).ok
