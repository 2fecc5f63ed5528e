"""What somebody tries who wants more money than is due, sooner, or without the person who should have looked."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.financing import payouts
from infactor.financing import scheduled_transitions as following
from infactor.financing.accounting.payoff import NotEnded
from infactor.financing.advances import cases, funding, write_offs
from infactor.financing.collections import payments as collections
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.dual_control import SecondPersonNeeded
from infactor.financing.models import Advance, Case, Payout
from infactor.financing.origination import acceptance as accepting
from infactor.financing.origination import requests
from infactor.financing.payouts import PayoutRefused
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.suppliers import applications
from infactor.suppliers.models import Application
from infactor.users.roles import NotAllowed
from infactor.verification import answers
from infactor.verification.answers import Answer, Given
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


def change(invoice: Invoice, **fields: Any) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(**fields)


def says(house: House, invoice: Invoice, answer: str, reason: str = "") -> None:
    given = Given(answer, "Ann Payable", reason=reason)
    answers.record_by_phone(invoice=Invoice.objects.get(pk=invoice.pk), by=house.operations, given=given, at=house.now)


def put_on_hold(house: House) -> None:
    application = Application.objects.get(supplier=house.supplier)
    applications.hold(application=application, by=house.underwriter, reason="Something is odd.", at=house.now)


def test_an_invoice_that_its_buyer_has_paid_to_us_already_is_not_paid_out(house: House) -> None:
    advance = house.accepted(house.invoice(house.buyer()))
    paid = house.pay(advance, "1000")
    with pytest.raises(funding.NotFundable, match="paid"):
        house.fund(advance)
    house.later(1)
    collections.record_return(
        collection=paid, value_date=house.today, reason="No cover", by=house.operations, at=house.now
    )
    assert house.fund(advance).status == Advance.Status.FUNDED


@pytest.mark.parametrize(
    "fields",
    [{"payable_date": date(2027, 6, 1)}, {"invoice_no": "INV-9"}, {"invoice_amount": Decimal(900)}],
    ids=str,
)
def test_what_the_buyer_confirmed_is_paid_out_and_nothing_else(house: House, fields: dict[str, Any]) -> None:
    invoice = house.invoice(house.buyer())
    says(house, invoice, Answer.ALL)
    advance = house.accepted(Invoice.objects.get(pk=invoice.pk))
    change(invoice, **fields)
    with pytest.raises(funding.NotFundable, match="changed since its buyer confirmed it"):
        house.fund(advance)


def test_an_invoice_that_names_another_customer_by_now_is_not_paid_out(house: House) -> None:
    invoice = house.invoice(house.buyer("Good"))
    advance = house.accepted(invoice)
    change(invoice, buyer=house.buyer("Bad"))
    with pytest.raises(funding.NotFundable, match="another customer"):
        house.fund(advance)


def test_a_reserve_is_held_from_the_moment_at_which_the_buyer_disputes(house: House) -> None:
    invoice = house.invoice(house.buyer())
    advance = house.funded(invoice)
    says(house, invoice, Answer.DISPUTE, "We never got the boxes.")
    house.pay(advance, "1000")
    with pytest.raises(NotEnded, match="dispute"):
        house.settle(advance)
    following.follow(at=house.now)
    cases.close(
        case=Case.objects.get(),
        outcome=Case.Outcome.REJECTED,
        conclusion="They found the boxes.",
        by=house.underwriter,
        at=house.now,
    )
    assert house.settle(advance).status == Advance.Status.SETTLED


def held_for(house: House, amount: str) -> None:
    house.arrive(amount, targets=[AllocationTarget(Decimal(amount), supplier=house.supplier)])


def pass_on(house: House, amount: str, **given: Any) -> Payout:
    return payouts.pass_on(
        supplier=house.supplier,
        currency="USD",
        amount=Decimal(amount),
        value_date=house.today,
        by=house.operations,
        at=house.now,
        **given,
    )


def test_money_is_not_passed_on_in_parts_to_do_without_a_second_person(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1000))
    held_for(house, "1500")
    with pytest.raises(SecondPersonNeeded):
        pass_on(house, "900")
    assert pass_on(house, "900", second=house.second).amount == 900


def test_nor_is_it_matched_in_parts_for_that(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1000))
    held_for(house, "600")
    assert pass_on(house, "600").amount == 600
    held_for(house, "500")
    with pytest.raises(SecondPersonNeeded):
        pass_on(house, "500")
    house.later(2)
    assert pass_on(house, "500").amount == 500


def test_payouts_are_not_kept_just_below_the_amount_to_do_without_a_second_person(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1500))
    first, second, third, fourth = (house.accepted(house.invoice(house.buyer())) for _ in range(4))
    payout = house.fund(first).payouts.get()
    with pytest.raises(SecondPersonNeeded, match=r"850\.00 USD went to Larkspur .* within a day"):
        house.fund(second)
    # Nor does it help to write that the first came back.
    payouts.fail(payout=payout, value_date=house.today, reason="So I say", by=house.operations, at=house.now)
    with pytest.raises(SecondPersonNeeded):
        house.fund(second)
    funded = funding.fund(
        advance=second, value_date=house.today, by=house.operations, at=house.now, second=house.second
    )
    assert funded.payouts.get().approved_by == house.second
    house.later(2)
    # What two people have looked at counts no more, what is paid for another reason does.
    assert house.fund(third).payouts.get().approved_by is None
    held_for(house, "700")
    with pytest.raises(SecondPersonNeeded):
        pass_on(house, "700")
    with pytest.raises(SecondPersonNeeded):
        payouts.send_again(payout=payout, value_date=house.today, by=house.operations, at=house.now)
    house.later(2)
    assert pass_on(house, "700").amount == 700
    with pytest.raises(SecondPersonNeeded):
        house.fund(fourth)


def test_a_set_amount_that_was_lowered_holds_for_what_was_offered_before(house: House) -> None:
    waiting, collected = house.accepted(house.invoice(house.buyer())), house.funded(house.invoice(house.buyer()))
    house.pay(collected, "1000")
    owed = house.funded(house.invoice(house.buyer()))
    house.later(2)
    house.terms(dual_control_threshold=Decimal(100))
    given: Any = {"value_date": house.today, "by": house.operations, "at": house.now}
    for act in (
        lambda: house.fund(waiting),
        lambda: house.settle(collected),
        lambda: write_offs.write_off(advance=owed, reason="Nobody pays", **given),
    ):
        with pytest.raises(SecondPersonNeeded, match=r"From 100\.00 USD"):
            act()


def test_nor_does_it_help_that_a_colleague_pays_the_other_half(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(1500))
    house.funded(house.invoice(house.buyer()))
    other = house.accepted(house.invoice(house.buyer()))
    with pytest.raises(SecondPersonNeeded):
        funding.fund(advance=other, value_date=house.today, by=house.second, at=house.now)


def test_nobody_pays_or_approves_a_payout_to_a_company_that_they_act_for(house: House) -> None:
    house.terms(dual_control_threshold=Decimal(500))
    advance = house.accepted(house.invoice(house.buyer()))
    given: Any = {"advance": advance, "value_date": house.today, "at": house.now}
    for theirs in (house.operations, house.second):
        membership = MembershipFactory(supplier=house.supplier, user=theirs)
        with pytest.raises(NotAllowed, match="acts for a company"):
            funding.fund(by=house.operations, second=house.second, **given)
        membership.delete()
    assert funding.fund(by=house.operations, second=house.second, **given).status == Advance.Status.FUNDED


def test_the_database_takes_no_payout_that_one_person_approved_for_themselves(house: House) -> None:
    payout = house.funded(house.invoice(house.buyer())).payouts.get()
    with pytest.raises(IntegrityError, match="payout_by_two_people"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(approved_by=payout.sent_by)


def test_a_request_is_not_split_to_do_without_the_underwriter(house: House) -> None:
    house.terms(auto_offer_limit=Decimal(1500))
    first, second, third = (house.request(house.invoice(house.buyer())) for _ in range(3))
    assert [request.offers.count() for request in (first, second, third)] == [1, 0, 0]
    house.later(2)
    assert house.request(house.invoice(house.buyer())).offers.count() == 1


def test_an_advance_that_came_back_is_not_sent_to_a_supplier_on_hold(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    payout = advance.payouts.get()
    payouts.fail(payout=payout, value_date=house.today, reason="Account closed", by=house.operations, at=house.now)
    put_on_hold(house)
    with pytest.raises(PayoutRefused, match="on hold"):
        payouts.send_again(payout=payout, value_date=house.today, by=house.operations, at=house.now)
    assert Payout.objects.get().status == Payout.Status.FAILED


def test_a_rebate_is_the_suppliers_whatever_it_is_suspected_of(house: House) -> None:
    advance = house.funded(house.invoice(house.buyer()))
    house.pay(advance, "1000")
    put_on_hold(house)
    assert house.settle(advance).status == Advance.Status.SETTLED


def test_limits_are_filled_by_whose_invoice_was_bought_whatever_the_books_say_later(house: House) -> None:
    buyer = house.buyer("Full")
    house.terms(pair_limit=Decimal(1000), buyer_limit=Decimal(1000))
    invoice = house.invoice(buyer)
    house.funded(invoice)
    change(invoice, buyer=house.buyer("Elsewhere"))
    with pytest.raises(requests.RequestRefused):
        house.request(house.invoice(buyer))
    change(invoice, buyer=None)
    with pytest.raises(requests.RequestRefused):
        house.request(house.invoice(buyer))


@pytest.mark.parametrize("gone", [BooksStatus.DELETED, BooksStatus.VOIDED, BooksStatus.OPEN])
def test_a_financed_invoice_that_is_written_once_more_is_not_financed_again(house: House, gone: str) -> None:
    buyer = house.buyer()
    invoice = house.invoice(buyer, invoice_no="INV-77")
    house.funded(invoice)
    change(invoice, books_status=gone)
    with pytest.raises(requests.RequestRefused, match="look by our staff"):
        house.request(house.invoice(buyer, invoice_no="Inv. 77"))


def test_nor_is_one_of_two_alike_that_were_asked_for_together(house: House) -> None:
    buyer = house.buyer()
    offers = [house.offer(house.invoice(buyer, invoice_no="INV-77")) for _ in range(2)]
    house.accept(offers[0])
    with pytest.raises(accepting.NotAccepted, match="look by our staff"):
        house.accept(offers[1])


def test_an_invoice_of_a_day_to_come_waits_for_that_day(house: House) -> None:
    later: dict[str, Any] = {
        "txn_date": house.today + timedelta(days=30),
        "payable_date": house.today + timedelta(days=60),
    }
    with pytest.raises(requests.RequestRefused, match="dated"):
        house.request(house.invoice(house.buyer(), **later))


def test_more_than_the_amount_of_an_invoice_is_never_bought(house: House) -> None:
    with pytest.raises(requests.RequestRefused, match="More of it is open"):
        house.request(house.invoice(house.buyer(), face="1000", balance=Decimal(100_000)))
