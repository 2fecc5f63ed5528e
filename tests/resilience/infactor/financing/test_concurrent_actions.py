"""Of twenty concurrent attempts at one financing action, exactly one succeeds."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Event
from typing import Any

import pytest

from infactor.financing import approvals, payouts, scheduled_transitions
from infactor.financing.accounting import balances
from infactor.financing.advances import funding, repurchases
from infactor.financing.approvals import ApprovalRequest
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget, IncomingPayment
from infactor.financing.models import (
    Advance,
    Approval,
    Collection,
    CollectionAllocation,
    Offer,
    Payout,
    RequestLine,
)
from infactor.financing.origination import acceptance, offers
from infactor.financing.origination.acceptance import AcceptanceError
from infactor.financing.policy import limits
from infactor.invoices.debtors import grouping
from infactor.invoices.ingest import upserts
from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.ledger.integrity import verify
from infactor.ledger.models import Purpose, Transaction
from tests.support.processes.threads import WELL, committed_scenario, run_concurrently, run_twenty_times
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scenario() -> Scenario:
    return committed_scenario()


def staff(scenario: Scenario) -> Any:
    return {"value_date": scenario.today, "by": scenario.operations, "at": scenario.now}


def assert_proved(scenario: Scenario) -> None:
    assert verify(at=scenario.now).findings == []


def record_of(invoice: Invoice, **changes: object) -> InvoiceRecord:
    """The next version of `invoice` as QuickBooks would send it."""
    names = set(InvoiceRecord._fields) - {"items", "tax_details", "linked_txn", "books_updated_at"}
    values = {name: getattr(invoice, name) for name in names}
    return InvoiceRecord(**{**values, "sync_token": "1", **changes})


def test_of_twenty_requests_for_an_invoice_one_is_made(scenario: Scenario) -> None:
    invoice = scenario.invoice(scenario.buyer())
    assert run_twenty_times(lambda: scenario.request(invoice)) == {WELL: 1, "RequestError": 19}
    assert RequestLine.objects.count() == 1
    assert_proved(scenario)


def test_of_twenty_offers_for_a_request_one_is_made(scenario: Scenario) -> None:
    request = scenario.request(scenario.invoice(scenario.buyer()))
    made = run_twenty_times(lambda: offers.create(request=request, by=scenario.underwriter, at=scenario.now))
    assert made == {WELL: 1, "OfferError": 19}
    assert Offer.objects.count() == 1
    assert_proved(scenario)


def test_an_offer_is_accepted_once_or_declined_or_withdrawn(scenario: Scenario) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer()))
    shown = scenario.shown(offer)
    accept = partial(acceptance.accept, offer=offer, by=scenario.owner, at=scenario.now, disclosure_digest=shown)
    decline = partial(offers.decline, offer=offer, by=scenario.owner, at=scenario.now)
    withdraw = partial(offers.withdraw, offer=offer, by=scenario.underwriter, at=scenario.now, reason="No")
    ended = Counter(run_concurrently([accept] * 10 + [decline] * 5 + [withdraw] * 5))
    assert ended == {WELL: 1, "TransitionNotAllowed": 19}
    assert Advance.objects.count() == (Offer.objects.get().status == Offer.Status.ACCEPTED)
    assert_proved(scenario)


def test_an_advance_is_funded_once_or_cancelled(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    for number in range(3):
        advance = scenario.accepted(scenario.invoice(buyer))
        fund = partial(scenario.fund, advance)
        cancel = partial(funding.cancel, advance=advance, by=scenario.owner, at=scenario.now, reason="No")
        ended = Counter(run_concurrently([fund] * 20 if number == 0 else [fund, cancel] * 10))
        assert ended == {WELL: 1, "TransitionNotAllowed": 19}
        was_funded = Advance.objects.get(pk=advance.pk).status == Advance.Status.FUNDED
        assert Payout.objects.filter(advance=advance).count() == was_funded
    assert_proved(scenario)


def test_an_advance_is_settled_once(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    scenario.pay(advance, "1000")
    assert run_twenty_times(lambda: scenario.settle(advance)) == {WELL: 1, "PayoffError": 19}
    assert Payout.objects.filter(purpose="rebate").count() == 1
    assert_proved(scenario)


def test_a_payment_of_the_bank_is_recorded_once(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    arrival = IncomingPayment("USD", Decimal(1000), scenario.today, "WIRE-1")
    target = AllocationTarget(Decimal(1000), advance=advance)
    given: Any = {"by": scenario.operations, "at": scenario.now}
    ended = run_twenty_times(lambda: payments.record(payment=arrival, targets=[target], **given))
    assert ended == {WELL: 1, "AlreadyRecorded": 19}
    assert Collection.objects.count() == CollectionAllocation.objects.count() == 1
    assert_proved(scenario)


def test_money_that_waits_is_matched_once(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    advances = [scenario.funded(scenario.invoice(buyer)) for _ in range(2)]
    waiting = scenario.pay(None, "1000")
    given: Any = {"by": scenario.operations, "at": scenario.now}
    targets = [AllocationTarget(Decimal(1000), advance=advance) for advance in advances]
    works = [partial(payments.allocate, collection=waiting, targets=[target], **given) for target in targets]
    assert Counter(run_concurrently(works * 10)) == {WELL: 1, "CollectionError": 19}
    assert sorted(Advance.objects.values_list("status", flat=True)) == ["collected", "funded"]
    assert_proved(scenario)


def test_an_approval_is_asked_for_once_and_done_once(scenario: Scenario) -> None:
    scenario.terms(dual_control_threshold=Decimal(100))
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    plan = ApprovalRequest(
        kind=Approval.Kind.FUND,
        subject=advance.ledger_owner,
        permission=funding.FUND_ADVANCES,
        supplier=scenario.supplier,
        currency="USD",
        amount=advance.amount,
        summary="Pay it out",
        arguments={"advance": advance.pk, "value_date": scenario.today.isoformat()},
    )
    asked = run_twenty_times(
        lambda: approvals.execute_or_request_approval(request=plan, by=scenario.operations, at=scenario.now)
    )
    assert asked == {WELL: 1, "ApprovalError": 19}
    approval = Approval.objects.get()
    done = run_twenty_times(lambda: approvals.approve(approval=approval, by=scenario.approver, at=scenario.now))
    assert done == {WELL: 1, "ApprovalError": 19}
    assert Payout.objects.count() == 1
    assert_proved(scenario)


def test_the_limit_of_a_buyer_holds_over_two_suppliers_who_ask_and_accept_at_once(scenario: Scenario) -> None:
    other = committed_scenario(name="Mistral Tea")
    scenario.terms(auto_offer_limit=Decimal(10**6))
    buyers = [one.buyer("Acme Stores") for one in (scenario, other)]
    acme = grouping.join(buyers=buyers, debtor=None, name="Acme", by=scenario.underwriter, at=scenario.now)
    limits.set_limit(
        debtor=acme, amount=Decimal(1500), currency="USD", reason="Small", by=scenario.underwriter, at=scenario.now
    )
    sold = [(one, one.invoice(buyer)) for one, buyer in zip((scenario, other), buyers, strict=True)]
    assert run_concurrently([partial(one.request, invoice) for one, invoice in sold]) == [WELL, WELL]
    offered = list(Offer.objects.select_related("supplier"))
    assert sorted(offer.lines.get().base for offer in offered) == [Decimal(500), Decimal(1000)]
    owners = {one.supplier.pk: one for one in (scenario, other)}
    works = [partial(owners[offer.supplier_id].accept, offer) for offer in offered]
    assert Counter(run_concurrently(works * 10)) == {WELL: 2, "TransitionNotAllowed": 18}
    assert sum(Advance.objects.values_list("base", flat=True)) == 1500
    assert_proved(scenario)


def test_of_two_offers_of_which_a_lowered_limit_holds_one_the_first_accepted_is_bought(scenario: Scenario) -> None:
    other = committed_scenario(name="Mistral Tea")
    buyers = [one.buyer("Acme Stores") for one in (scenario, other)]
    acme = grouping.join(buyers=buyers, debtor=None, name="Acme", by=scenario.underwriter, at=scenario.now)
    both = (scenario, other)
    offered = [one.offer(one.invoice(buyer)) for one, buyer in zip(both, buyers, strict=True)]
    limits.set_limit(
        debtor=acme, amount=Decimal(1500), currency="USD", reason="Lower", by=scenario.underwriter, at=scenario.now
    )
    works = [partial(one.accept, offer) for one, offer in zip(both, offered, strict=True)]
    assert Counter(run_concurrently(works * 10)) == {WELL: 1, "AcceptanceError": 10, "TransitionNotAllowed": 9}
    assert Advance.objects.get().base == 1000
    left = Offer.objects.get(status=Offer.Status.PROPOSED)
    loser = next(one for one in both if one.supplier == left.supplier)
    with pytest.raises(AcceptanceError, match=r"than was offered\. A part of it is over what we finance") as refused:
        loser.accept(left)
    assert "1,000.00" not in str(refused.value), "what another supplier was paid is nobody else's business"
    assert_proved(scenario)


def test_a_buyer_who_pays_while_the_supplier_buys_back_pays_one_of_them(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer()))
    arrival = IncomingPayment("USD", Decimal(1000), scenario.today, "WIRE-1")
    target = AllocationTarget(Decimal(1000), advance=advance)
    pay = partial(payments.record, payment=arrival, targets=[target], by=scenario.operations, at=scenario.now)
    buy_back = partial(repurchases.repurchase, advance=advance, reason="Late", **staff(scenario))
    run_concurrently([pay, buy_back] * 10)
    kind, status = CollectionAllocation.objects.get().kind, Advance.objects.get().status
    assert (kind, status) in [("advance", "collected"), ("payable", "repurchased")]
    assert_proved(scenario)


def test_a_payment_that_is_taken_back_while_it_is_passed_on_is_owed_by_the_supplier(scenario: Scenario) -> None:
    payment = scenario.pay(None, "500")
    target = AllocationTarget(Decimal(500), supplier=scenario.supplier)
    given: Any = {"by": scenario.operations, "at": scenario.now}
    match = partial(payments.allocate, collection=payment, targets=[target], **given)
    take_back = partial(payments.record_return, collection=payment, reason="No funds", **staff(scenario))
    remit = partial(payouts.remit, supplier=scenario.supplier, currency="USD", amount=Decimal(500), **staff(scenario))
    run_concurrently([match, take_back, remit] * 6)
    passed = sum(Payout.objects.values_list("amount", flat=True))
    due, held = (
        balances.supplier_balance(purpose=purpose, supplier_id=scenario.supplier.pk, currency="USD")
        for purpose in (Purpose.DUE_FROM_SUPPLIER, Purpose.PAYABLE_TO_SUPPLIER)
    )
    returned = Collection.objects.get().returned_on is not None
    assert due == (passed if returned else 0)
    assert held in (0, 500 - passed)
    assert_proved(scenario)


def test_what_the_clock_does_is_done_once_whoever_follows_it(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    scenario.offer(scenario.invoice(buyer))
    gone = scenario.accepted(scenario.invoice(buyer))
    Invoice.objects.filter(pk=gone.invoice_id).update(books_status=BooksStatus.VOIDED)
    later = scenario.now + timedelta(days=30)
    assert set(run_twenty_times(lambda: scheduled_transitions.apply_due(at=later))) == {WELL}
    assert Offer.objects.filter(status="expired").count() == 1
    assert Advance.objects.get().status == Advance.Status.CANCELLED
    assert_proved(scenario)


def test_the_books_are_imported_while_their_invoices_are_accepted_and_funded(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    sold = [scenario.invoice(buyer, buyer_email="", company_email="") for _ in range(6)]
    Invoice.objects.filter(pk__in=[one.pk for one in sold]).update(buyer_email=buyer.email)
    offered = [scenario.offer(one) for one in sold[:3]]
    accepted = [scenario.accepted(one) for one in sold[3:]]
    voids = [record_of(one, books_status="voided", balance=Decimal(0)) for one in sold[::2]]
    works: list[Any] = [partial(scenario.accept, offer) for offer in offered]
    works += [partial(scenario.fund, advance) for advance in accepted]
    works += [partial(upserts.upsert_invoices, company_file=scenario.books, records=voids, at=scenario.now)] * 2
    ended = run_concurrently(works)
    assert set(ended) <= {WELL, "AcceptanceError", "FundingError"}
    scheduled_transitions.apply_due(at=scenario.now)
    for one in Invoice.objects.filter(pk__in=[one.pk for one in sold[::2]]):
        assert one.books_status == BooksStatus.VOIDED
        assert one.state in (State.CREATED, State.PROPOSAL_REJECTED, State.PREPAID)
    assert_proved(scenario)


def test_a_buyer_is_renamed_in_the_books_while_its_invoice_is_accepted(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = scenario.offer(scenario.invoice(scenario.buyer("Acme Stores")))
    buyer = Buyer.objects.get()
    invoices_held, buyers_held = Event(), Event()
    write, rename = acceptance._create_advance, upserts.apply_renames

    def write_late(*args: Any, **given: Any) -> Advance:
        invoices_held.set()
        buyers_held.wait(5)
        return write(*args, **given)

    def rename_after(**given: Any) -> None:
        buyers_held.set()
        rename(**given)

    def import_it() -> None:
        invoices_held.wait(5)
        record = BuyerRecord(reference=buyer.reference, name="Acme Stores Ltd", company_name="Acme Ltd")
        upserts.upsert_buyers(company_file=scenario.books, records=[record], at=scenario.now)

    monkeypatch.setattr(acceptance, "_create_advance", write_late)
    monkeypatch.setattr(upserts, "apply_renames", rename_after)
    assert run_concurrently([lambda: scenario.accept(offer), import_it]) == [WELL, WELL]
    assert Invoice.objects.get(state=State.PROPOSAL_ACCEPTED).company_name == "Acme Stores Ltd"
    assert Transaction.objects.count() == 0
    assert_proved(scenario)
