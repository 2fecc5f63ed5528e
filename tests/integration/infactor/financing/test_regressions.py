"""What any sequence of actions once led to, and what must not be: each found, put right, and kept here."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from infactor.core.transitions import TransitionNotAllowed
from infactor.financing import payouts
from infactor.financing import scheduled_transitions as following
from infactor.financing.accounting import journal
from infactor.financing.advances import cases, funding, repurchases, short_payments
from infactor.financing.advances.funding import NotFundable
from infactor.financing.collections.payments import AllocationTarget, CollectionError
from infactor.financing.models import Advance, Payout
from infactor.invoices.debtors import grouping as debtors
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


def test_a_collected_advance_is_not_paid_out_a_second_time(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    payout = Payout.objects.get()
    house.pay(advance, "1000")
    collected = Advance.objects.get(pk=advance.pk)
    with pytest.raises(TransitionNotAllowed):
        house.fund(collected)
    given = {"value_date": house.today, "by": house.operations, "at": house.now}
    payouts.fail(payout=payout, reason="Account closed", **given)
    with pytest.raises(TransitionNotAllowed):
        house.fund(collected)
    assert Payout.objects.count() == 1
    assert Invoice.objects.get(pk=advance.invoice_id).state == State.PAID
    assert verify(at=house.now).ok


def test_a_payout_that_failed_is_replaced_and_none_is_written_beside_it(house: House) -> None:
    house.funded(house.invoice(house.buyer()))
    payout = Payout.objects.get()
    given = {"value_date": house.today, "by": house.operations, "at": house.now}
    failed = payouts.fail(payout=payout, reason="Account closed", **given)
    beside = Payout.objects.get(pk=payout.pk)
    beside.pk, beside.public_id = None, "00000000-0000-4000-8000-000000000000"
    with pytest.raises(IntegrityError, match="paid_out_once_for_a_purpose"), atomic():
        beside.save(force_insert=True)
    again = payouts.send_again(payout=failed, **given)
    assert [again.status, again.replaces_id] == [Payout.Status.SENT, payout.pk]


def test_suppliers_who_share_a_debtor_are_judged_by_what_it_owes_the_other_one(house: House) -> None:
    other = build_house(name="Mistral Tea")
    mine, theirs = house.buyer("Acme"), other.buyer("Acme")
    debtors.join(buyers=[mine, theirs], debtor=None, name="Acme", by=house.underwriter, at=house.now)
    other.invoice(theirs, face="1000", txn_date=date(2026, 6, 1), payable_date=date(2026, 7, 1))
    with pytest.raises(Exception, match="INV-") as refused:
        house.request(house.invoice(mine))
    assert type(refused.value).__name__ == "RequestRefused"
    assert house.request(house.invoice(house.buyer("Another")))


def test_what_a_supplier_owes_is_not_paid_twice_by_one_payment(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    given = {"value_date": house.today, "by": house.operations, "at": house.now}
    short_payments.accept_short_payment(advance=advance, amount=Decimal(250), reason="Damaged", **given)
    due = AllocationTarget(Decimal(100), supplier=house.supplier, is_due=True)
    with pytest.raises(CollectionError, match="once"):
        house.arrive("200", targets=[due, due])
    house.arrive("150", targets=[AllocationTarget(Decimal(150), supplier=house.supplier, is_due=True)])
    owed, held = (
        journal.of_supplier(purpose=purpose, supplier_id=house.supplier.pk, currency="USD")
        for purpose in (Purpose.DUE_FROM_SUPPLIER, Purpose.PAYABLE_TO_SUPPLIER)
    )
    assert (owed, held) == (Decimal(0), Decimal(50))
    assert verify(at=house.now).ok


def test_an_invoice_whose_balance_became_unreadable_is_not_paid_out(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    Invoice.objects.filter(pk=advance.invoice_id).update(balance=None)
    with pytest.raises(NotFundable, match="cannot be read"):
        house.fund(advance)


def test_an_advance_that_ended_meanwhile_keeps_nobody_from_what_else_is_due(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer = house.buyer()
    late, waiting = house.funded(house.invoice(buyer)), house.accepted(house.invoice(buyer))
    house.later(100)
    Invoice.objects.filter(pk=waiting.invoice_id).update(books_status="voided")
    reached = cases.recourse_reached

    def ended_meanwhile(**given: object) -> object:
        repurchases.repurchase(
            advance=late, value_date=house.today, by=house.operations, at=house.now, reason="Paid by the supplier"
        )
        return reached(**given)

    monkeypatch.setattr(cases, "recourse_reached", ended_meanwhile)
    assert following.follow(at=house.now) == 1
    assert Advance.objects.get(pk=waiting.pk).status == Advance.Status.CANCELLED
    assert not late.cases.exists()


def test_a_cancelled_advance_is_not_funded_from_a_page_that_was_opened_before(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    funding.cancel(advance=Advance.objects.get(pk=advance.pk), by=house.owner, at=house.now, reason="Not needed")
    with pytest.raises(TransitionNotAllowed):
        house.fund(advance)
    assert not Payout.objects.exists()
