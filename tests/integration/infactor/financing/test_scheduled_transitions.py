"""What the clock, the books and the buyers' answers do to what is under way; and what suppliers are told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions as following
from infactor.financing.advances import cases
from infactor.financing.eligibility import recalculation as reckoning
from infactor.financing.models import Advance, Case, Offer, EligibilityRecalculation, RequestLine
from infactor.financing.origination import requests as financing_requests
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.ledger.models import Transaction
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, Given
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import verification as verifying
from tests.support.scenarios.financing import House, build_house

pytestmark = pytest.mark.django_db
GONE: list[dict[str, Any]] = [
    {"books_status": BooksStatus.VOIDED, "balance": Decimal(0)},
    {"books_status": BooksStatus.DELETED},
    {"books_status": BooksStatus.PAID, "balance": Decimal(0)},
]


@pytest.fixture
def house() -> House:
    house = build_house()
    house.terms()
    return house


@pytest.fixture
def invoice(house: House) -> Invoice:
    return house.invoice(house.buyer("Cedar"))


def change(invoice: Invoice, **fields: Any) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(**fields)


def state(invoice: Invoice) -> str:
    return Invoice.objects.values_list("state", flat=True).get(pk=invoice.pk)


def disputes(house: House, invoice: Invoice) -> None:
    given = Given(Answer.DISPUTE, "Ann Payable", reason="We never got the boxes.")
    answers.record_by_phone(invoice=Invoice.objects.get(pk=invoice.pk), by=house.operations, given=given, at=house.now)


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_from_the_books_leaves_its_request(
    house: House, invoice: Invoice, gone: dict[str, Any]
) -> None:
    line = house.request(invoice).lines.get()
    change(invoice, **gone)
    assert following.follow(at=house.now) == 1
    line.refresh_from_db()
    assert (line.status, state(invoice)) == (RequestLine.Status.WITHDRAWN, State.CREATED)
    assert line.reason in OutgoingMail.objects.get(key__startswith="financing.request_dropped").body
    assert following.follow(at=house.now) == 0


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_takes_its_offer_with_it(house: House, invoice: Invoice, gone: dict[str, Any]) -> None:
    offer = house.offer(invoice)
    change(invoice, **gone)
    following.follow(at=house.now)
    offer.refresh_from_db()
    assert (offer.status, state(invoice)) == (Offer.Status.WITHDRAWN, State.PROPOSAL_REJECTED)


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_before_funding_cancels_its_advance(
    house: House, invoice: Invoice, gone: dict[str, Any]
) -> None:
    advance = house.accepted(invoice)
    change(invoice, **gone)
    following.follow(at=house.now)
    advance.refresh_from_db()
    assert (advance.status, state(invoice)) == (Advance.Status.CANCELLED, State.CREATED)
    assert not Transaction.objects.exists()


def test_a_funded_invoice_is_left_to_staff_whatever_the_books_say(house: House, invoice: Invoice) -> None:
    advance = house.funded(invoice)
    change(invoice, **GONE[0])
    following.follow(at=house.now)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_an_offer_that_nobody_answers_expires_and_its_owners_are_told_once(house: House, invoice: Invoice) -> None:
    MembershipFactory(supplier=house.supplier)
    offer = house.offer(invoice)
    following.follow(at=offer.expires_at - timedelta(seconds=1))
    assert Offer.objects.get().status == Offer.Status.PROPOSED
    for _ in range(2):
        following.follow(at=offer.expires_at)
    assert Offer.objects.get().status == Offer.Status.EXPIRED
    assert OutgoingMail.objects.filter(key__startswith="financing.offer_expired").count() == 2


@pytest.mark.parametrize(
    ("stage", "after"),
    [("request", State.REJECTED), ("offer", State.PROPOSAL_REJECTED), ("accepted", State.REJECTED)],
)
def test_a_dispute_before_funding_ends_what_is_under_way(
    house: House, invoice: Invoice, stage: str, after: State
) -> None:
    getattr(house, stage)(invoice)
    disputes(house, invoice)
    assert following.follow(at=house.now) == 1
    assert state(invoice) == after
    assert following.follow(at=house.now) == 0
    found = reckoning.fresh_assessments(supplier=house.supplier, invoice_ids=[invoice.pk], at=house.now)[invoice.pk]
    assert (found.decision, found.deciding_rule) == ("no", "disputed")


def test_an_invoice_that_is_taken_back_stands_where_its_buyer_put_it_meanwhile(house: House, invoice: Invoice) -> None:
    request = house.request(invoice)
    given = Given(Answer.ALL, "Ann Payable")
    answers.record_by_phone(invoice=Invoice.objects.get(pk=invoice.pk), by=house.operations, given=given, at=house.now)
    financing_requests.withdraw(line=request.lines.get(), by=house.owner, at=house.now)
    assert state(invoice) == State.ACCEPTED


def test_a_dispute_of_a_funded_invoice_opens_a_case_once(house: House, invoice: Invoice) -> None:
    advance = house.funded(invoice)
    disputes(house, invoice)
    for _ in range(2):
        following.follow(at=house.now)
    case = Case.objects.get()
    assert (case.kind, case.advance, case.reason) == (Case.Kind.DISPUTE, advance, "We never got the boxes.")
    cases.close(case=case, outcome=Case.Outcome.REJECTED, conclusion="They did.", by=house.operations, at=house.now)
    following.follow(at=house.now)
    assert Case.objects.count() == 1


def test_on_the_recourse_date_of_the_suppliers_own_day_staff_are_asked_to_act(house: House, invoice: Invoice) -> None:
    advance = house.funded(invoice)
    midnight = house.now.replace(hour=0) + (advance.recourse_on - house.now.date())
    following.follow(at=midnight)  # the day before, in Los Angeles
    assert not Case.objects.exists()
    for _ in range(2):
        following.follow(at=midnight + timedelta(hours=9))
    assert Case.objects.get().kind == Case.Kind.RECOURSE
    assert OutgoingMail.objects.filter(key__startswith="financing.recourse_opened").count() == 1


def test_an_invoice_that_is_paid_in_time_is_not_asked_back(house: House, invoice: Invoice) -> None:
    house.pay(house.funded(invoice), "1000")
    house.later(120)
    following.follow(at=house.now)
    assert not Case.objects.exists()


def test_a_buyers_answer_has_the_rules_asked_again(house: House, invoice: Invoice) -> None:
    before = (
        EligibilityRecalculation.objects.filter(supplier=house.supplier).values_list("asked", flat=True).first() or 0
    )
    disputes(house, invoice)
    assert EligibilityRecalculation.objects.get(supplier=house.supplier).requested_version > before


def test_asking_a_buyer_and_taking_that_back_has_the_rules_asked_again(house: House, invoice: Invoice) -> None:
    sent = verifying.ask(invoice, at=house.now)
    before = EligibilityRecalculation.objects.get(supplier=house.supplier).requested_version
    requests.withdraw(verification=sent, by=house.owner, at=house.now)
    assert EligibilityRecalculation.objects.get(supplier=house.supplier).requested_version == before + 1


def test_every_step_is_told_once_to_every_owner_without_anything_secret(house: House, invoice: Invoice) -> None:
    advance = house.funded(invoice)
    house.later(40)
    house.pay(advance, "1000")
    house.settle(Advance.objects.get(pk=advance.pk))
    told = OutgoingMail.objects.filter(key__startswith="financing.", to=house.owner.email).order_by("pk")
    assert [mail.key.split(":")[0] for mail in told] == [
        "financing.offer_made",
        "financing.offer_accepted",
        "financing.funded",
        "financing.buyer_paid",
        "financing.settled",
    ]
    settled = told.last()
    assert settled is not None
    assert "1,000.00 × (1.5 % + 1 × 0.5 %) = 20.00 for 40 days" in settled.body
    assert "$130.00" in settled.body
    words = "".join(mail.subject + mail.body for mail in told)
    assert "000123456789" not in words
    assert "••••6789" in words
    assert "&#" not in words
    assert "{{" not in words


def forbid(condition: str, table: str) -> None:
    """From here on the database refuses such a row: a fault that nobody thought of."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT unthought_of CHECK ({condition}) NOT VALID")


def test_a_row_that_cannot_be_followed_keeps_nobody_else_from_it(house: House) -> None:
    offers = [house.offer(house.invoice(house.buyer())) for _ in range(3)]
    forbid(f"id <> {offers[0].pk} OR status <> 'expired'", "financing_offer")
    house.later(8)
    with capture_logs() as logs:
        assert following.follow(at=house.now) == 2
    assert [(line["event"], line["offer"]) for line in logs] == [("not_followed", offers[0].pk)]
    assert [offer.status for offer in Offer.objects.order_by("pk")] == ["proposed", "expired", "expired"]


def test_a_dispute_that_was_cleared_up_before_the_invoice_was_bought_is_none_of_the_advance(
    house: House, invoice: Invoice
) -> None:
    disputes(house, invoice)
    requests.resubmit(invoice=Invoice.objects.get(pk=invoice.pk), by=house.owner, at=house.now)
    house.later(1)
    given = Given(Answer.ALL, "Ann Payable")
    answers.record_by_phone(invoice=Invoice.objects.get(pk=invoice.pk), by=house.operations, given=given, at=house.now)
    house.funded(Invoice.objects.get(pk=invoice.pk))
    assert following.follow(at=house.now) == 0
    assert not Case.objects.exists()
