"""Attempts to get more money, to get it sooner, or to get it without approval are refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.financing import payouts, scheduled_transitions
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import cases, funding, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.dual_control import ApproverRequired
from infactor.financing.models import Advance, Case, Payout
from infactor.financing.money_out import endings
from infactor.financing.origination import acceptance, requests
from infactor.financing.payouts import PayoutError
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.suppliers import applications
from infactor.suppliers.models import Application
from infactor.users.roles import NotAllowed
from infactor.verification import answers
from infactor.verification.answers import Answer, SubmittedAnswer
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


def change(invoice: Invoice, **fields: Any) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(**fields)


def says(scenario: Scenario, invoice: Invoice, answer: str, reason: str = "") -> None:
    given = SubmittedAnswer(answer, "Ann Payable", reason=reason)
    answers.record_phone_answer(
        invoice=Invoice.objects.get(pk=invoice.pk), by=scenario.operations, submitted=given, at=scenario.now
    )


def put_on_hold(scenario: Scenario) -> None:
    application = Application.objects.get(supplier=scenario.supplier)
    applications.hold(application=application, by=scenario.underwriter, reason="Something is odd.", at=scenario.now)


def test_an_invoice_that_its_buyer_has_paid_to_us_already_is_not_paid_out(scenario: Scenario) -> None:
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    paid = scenario.pay(advance, "1000")
    with pytest.raises(funding.FundingError, match="already recorded"):
        scenario.fund(advance)
    scenario.later(1)
    payments.record_return(
        collection=paid, value_date=scenario.today, reason="No cover", by=scenario.operations, at=scenario.now
    )
    assert scenario.fund(advance).status == Advance.Status.FUNDED


@pytest.mark.parametrize(
    "fields",
    [{"payable_date": date(2027, 6, 1)}, {"invoice_no": "INV-9"}, {"invoice_amount": Decimal(900)}],
    ids=str,
)
def test_what_the_buyer_confirmed_is_paid_out_and_nothing_else(scenario: Scenario, fields: dict[str, Any]) -> None:
    invoice = scenario.invoice(scenario.buyer())
    says(scenario, invoice, Answer.ALL)
    advance = scenario.accepted(Invoice.objects.get(pk=invoice.pk))
    change(invoice, **fields)
    with pytest.raises(funding.FundingError, match="changed since its buyer confirmed it"):
        scenario.fund(advance)


def test_an_invoice_that_names_another_customer_by_now_is_not_paid_out(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer("Good"))
    advance = scenario.accepted(invoice)
    change(invoice, buyer=scenario.buyer("Bad"))
    with pytest.raises(funding.FundingError, match="a customer other than"):
        scenario.fund(advance)


def test_a_reserve_is_held_from_the_moment_at_which_the_buyer_disputes(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer())
    advance = scenario.funded(invoice)
    says(scenario, invoice, Answer.DISPUTE, "We never got the boxes.")
    scenario.pay(advance, "1000")
    with pytest.raises(PayoffError, match="dispute"):
        scenario.settle(advance)
    scheduled_transitions.apply_due(at=scenario.now)
    cases.close(
        case=Case.objects.get(),
        outcome=Case.Outcome.REJECTED,
        conclusion="They found the boxes.",
        by=scenario.underwriter,
        at=scenario.now,
    )
    assert scenario.settle(advance).status == Advance.Status.SETTLED


def held_for(scenario: Scenario, amount: str) -> None:
    scenario.arrive(amount, targets=[AllocationTarget(Decimal(amount), supplier=scenario.supplier)])


def remit(scenario: Scenario, amount: str, **given: Any) -> Payout:
    return payouts.remit(
        supplier=scenario.supplier,
        currency="USD",
        amount=Decimal(amount),
        value_date=scenario.today,
        by=scenario.operations,
        at=scenario.now,
        **given,
    )


def test_money_is_not_passed_on_in_parts_to_do_without_a_second_person(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1000))
    held_for(scenario, "1500")
    with pytest.raises(ApproverRequired):
        remit(scenario, "900")
    assert remit(scenario, "900", approver=scenario.approver).amount == 900


def test_nor_is_it_matched_in_parts_for_that(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1000))
    held_for(scenario, "600")
    assert remit(scenario, "600").amount == 600
    held_for(scenario, "500")
    with pytest.raises(ApproverRequired):
        remit(scenario, "500")
    scenario.later(2)
    assert remit(scenario, "500").amount == 500


def test_payouts_are_not_kept_just_below_the_amount_to_do_without_a_second_person(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1500))
    first, second, third, fourth = (scenario.accepted(scenario.invoice(scenario.buyer())) for _ in range(4))
    payout = scenario.fund(first).payouts.get()
    with pytest.raises(ApproverRequired, match=r"850\.00 USD was paid to Larkspur .* within a day"):
        scenario.fund(second)
    # Stopping the first payout does not help either.
    endings.stop(payout=payout, reason="So I say", by=scenario.operations, at=scenario.now)
    with pytest.raises(ApproverRequired):
        scenario.fund(second)
    funded = funding.fund(
        advance=second, value_date=scenario.today, by=scenario.operations, at=scenario.now, approver=scenario.approver
    )
    assert funded.payouts.get().approved_by == scenario.approver
    scenario.later(2)
    # An approved payout no longer counts towards the threshold; payouts for other purposes do.
    assert scenario.fund(third).payouts.get().approved_by is None
    held_for(scenario, "700")
    with pytest.raises(ApproverRequired):
        remit(scenario, "700")
    with pytest.raises(ApproverRequired):
        payouts.resend(payout=payout, value_date=scenario.today, by=scenario.operations, at=scenario.now)
    scenario.later(2)
    assert remit(scenario, "700").amount == 700
    with pytest.raises(ApproverRequired):
        scenario.fund(fourth)


def test_a_set_amount_that_was_lowered_holds_for_what_was_offered_before(scenario: Scenario) -> None:
    waiting, collected = (
        scenario.accepted(scenario.invoice(scenario.buyer())),
        scenario.funded(scenario.invoice(scenario.buyer())),
    )
    scenario.pay(collected, "1000")
    owed = money_out.leave(scenario, scenario.funded(scenario.invoice(scenario.buyer())))
    scenario.later(2)
    scenario.terms(dual_control_threshold=Decimal(100))
    given: Any = {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    for act in (
        lambda: scenario.fund(waiting),
        lambda: scenario.settle(collected),
        lambda: write_offs.write_off(advance=owed, reason="Nobody pays", **given),
    ):
        with pytest.raises(ApproverRequired, match=r"From 100\.00 USD"):
            act()


def test_nor_does_it_help_that_a_colleague_pays_the_other_half(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(1500))
    scenario.funded(scenario.invoice(scenario.buyer()))
    other = scenario.accepted(scenario.invoice(scenario.buyer()))
    with pytest.raises(ApproverRequired):
        funding.fund(advance=other, value_date=scenario.today, by=scenario.approver, at=scenario.now)


def test_nobody_pays_or_approves_a_payout_to_a_company_that_they_act_for(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(500))
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    given: Any = {"advance": advance, "value_date": scenario.today, "at": scenario.now}
    for theirs in (scenario.operations, scenario.approver):
        membership = MembershipFactory(supplier=scenario.supplier, user=theirs)
        with pytest.raises(NotAllowed, match="acts for a company"):
            funding.fund(by=scenario.operations, approver=scenario.approver, **given)
        membership.delete()
    assert funding.fund(by=scenario.operations, approver=scenario.approver, **given).status == Advance.Status.FUNDED


def test_the_database_takes_no_payout_that_one_person_approved_for_themselves(scenario: Scenario) -> None:
    payout = scenario.funded(scenario.invoice(scenario.buyer())).payouts.get()
    with pytest.raises(IntegrityError, match="payout_by_two_people"), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(approved_by=payout.prepared_by, approved_at=scenario.now)


def test_a_request_is_not_split_to_do_without_the_underwriter(scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(1500))
    first, second, third = (scenario.request(scenario.invoice(scenario.buyer())) for _ in range(3))
    assert [request.offers.count() for request in (first, second, third)] == [1, 0, 0]
    scenario.later(2)
    assert scenario.request(scenario.invoice(scenario.buyer())).offers.count() == 1


def test_an_advance_that_came_back_is_not_sent_to_a_supplier_on_hold(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    payout = advance.payouts.get()
    money_out.fail(scenario, payout)
    put_on_hold(scenario)
    with pytest.raises(PayoutError, match="on hold"):
        payouts.resend(payout=payout, value_date=scenario.today, by=scenario.operations, at=scenario.now)
    assert Payout.objects.get().status == Payout.Status.RETURNED


def test_a_rebate_is_the_suppliers_whatever_it_is_suspected_of(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "1000")
    put_on_hold(scenario)
    assert scenario.settle(advance).status == Advance.Status.SETTLED


def test_limits_are_filled_by_whose_invoice_was_bought_whatever_the_books_say_later(scenario: Scenario) -> None:
    buyer = scenario.buyer("Full")
    scenario.terms(pair_limit=Decimal(1000), buyer_limit=Decimal(1000))
    invoice = scenario.invoice(buyer)
    scenario.funded(invoice)
    change(invoice, buyer=scenario.buyer("Elsewhere"))
    with pytest.raises(requests.RequestError):
        scenario.request(scenario.invoice(buyer))
    change(invoice, buyer=None)
    with pytest.raises(requests.RequestError):
        scenario.request(scenario.invoice(buyer))


@pytest.mark.parametrize("gone", [BooksStatus.DELETED, BooksStatus.VOIDED, BooksStatus.OPEN])
def test_a_financed_invoice_that_is_written_once_more_is_not_financed_again(scenario: Scenario, gone: str) -> None:
    buyer = scenario.buyer()
    invoice = scenario.invoice(buyer, invoice_no="INV-77")
    scenario.funded(invoice)
    change(invoice, books_status=gone)
    with pytest.raises(requests.RequestError, match="Our staff review it"):
        scenario.request(scenario.invoice(buyer, invoice_no="Inv. 77"))


def test_nor_is_one_of_two_alike_that_were_asked_for_together(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    offers = [scenario.offer(scenario.invoice(buyer, invoice_no="INV-77")) for _ in range(2)]
    scenario.accept(offers[0])
    with pytest.raises(acceptance.AcceptanceError, match="Our staff review it"):
        scenario.accept(offers[1])


def test_an_invoice_of_a_day_to_come_waits_for_that_day(scenario: Scenario) -> None:
    later: dict[str, Any] = {
        "txn_date": scenario.today + timedelta(days=30),
        "payable_date": scenario.today + timedelta(days=60),
    }
    with pytest.raises(requests.RequestError, match="dated"):
        scenario.request(scenario.invoice(scenario.buyer(), **later))


def test_more_than_the_amount_of_an_invoice_is_never_bought(scenario: Scenario) -> None:
    with pytest.raises(requests.RequestError, match="open balance is more"):
        scenario.request(scenario.invoice(scenario.buyer(), face="1000", balance=Decimal(100_000)))
