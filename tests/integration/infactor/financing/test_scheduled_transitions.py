"""Time, imports and buyers' answers move requests, offers and advances on, and suppliers are notified."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from structlog.testing import capture_logs

from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.advances import cases
from infactor.financing.eligibility import reassessment
from infactor.financing.models import Advance, Case, EligibilityRecalculation, Offer, RequestLine
from infactor.financing.origination import requests as financing_requests
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.ledger.models import Transaction
from infactor.suppliers.models import Supplier
from infactor.verification import answers, requests
from infactor.verification.answers import Answer, SubmittedAnswer
from tests.support.factories.suppliers import MembershipFactory
from tests.support.scenarios import money_out
from tests.support.scenarios import verification as verifying
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
GONE: list[dict[str, Any]] = [
    {"books_status": BooksStatus.VOIDED, "balance": Decimal(0)},
    {"books_status": BooksStatus.DELETED},
    {"books_status": BooksStatus.PAID, "balance": Decimal(0)},
]


@pytest.fixture
def invoice(scenario: Scenario) -> Invoice:
    return scenario.invoice(scenario.buyer("Cedar"))


def change(invoice: Invoice, **fields: Any) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(**fields)


def state(invoice: Invoice) -> str:
    return Invoice.objects.values_list("state", flat=True).get(pk=invoice.pk)


def disputes(scenario: Scenario, invoice: Invoice) -> None:
    given = SubmittedAnswer(Answer.DISPUTE, "Ann Payable", reason="We never got the boxes.")
    answers.record_phone_answer(
        invoice=Invoice.objects.get(pk=invoice.pk), by=scenario.operations, submitted=given, at=scenario.now
    )


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_from_the_books_leaves_its_request(
    scenario: Scenario, invoice: Invoice, gone: dict[str, Any]
) -> None:
    line = scenario.request(invoice).lines.get()
    change(invoice, **gone)
    assert scheduled_transitions.apply_due(at=scenario.now) == 1
    line.refresh_from_db()
    assert (line.status, state(invoice)) == (RequestLine.Status.WITHDRAWN, State.CREATED)
    assert line.reason in OutgoingMail.objects.get(key__startswith="financing.request_cancelled").body
    assert scheduled_transitions.apply_due(at=scenario.now) == 0


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_takes_its_offer_with_it(
    scenario: Scenario, invoice: Invoice, gone: dict[str, Any]
) -> None:
    offer = scenario.offer(invoice)
    change(invoice, **gone)
    scheduled_transitions.apply_due(at=scenario.now)
    offer.refresh_from_db()
    assert (offer.status, state(invoice)) == (Offer.Status.WITHDRAWN, State.PROPOSAL_REJECTED)


@pytest.mark.parametrize("gone", GONE, ids=lambda gone: str(gone["books_status"]))
def test_an_invoice_that_is_gone_before_funding_cancels_its_advance(
    scenario: Scenario, invoice: Invoice, gone: dict[str, Any]
) -> None:
    advance = scenario.accepted(invoice)
    change(invoice, **gone)
    scheduled_transitions.apply_due(at=scenario.now)
    advance.refresh_from_db()
    assert (advance.status, state(invoice)) == (Advance.Status.CANCELLED, State.CREATED)
    assert not Transaction.objects.exists()


def test_a_funded_invoice_is_left_to_staff_whatever_the_books_say(scenario: Scenario, invoice: Invoice) -> None:
    advance = scenario.funded(invoice)
    change(invoice, **GONE[0])
    scheduled_transitions.apply_due(at=scenario.now)
    advance.refresh_from_db()
    assert advance.status == Advance.Status.FUNDED


def test_an_offer_that_nobody_answers_expires_and_its_owners_are_told_once(
    scenario: Scenario, invoice: Invoice
) -> None:
    MembershipFactory(supplier=scenario.supplier)
    offer = scenario.offer(invoice)
    scheduled_transitions.apply_due(at=offer.expires_at - timedelta(seconds=1))
    assert Offer.objects.get().status == Offer.Status.PROPOSED
    for _ in range(2):
        scheduled_transitions.apply_due(at=offer.expires_at)
    assert Offer.objects.get().status == Offer.Status.EXPIRED
    assert OutgoingMail.objects.filter(key__startswith="financing.offer_expired").count() == 2


@pytest.mark.parametrize(
    ("stage", "after"),
    [("request", State.REJECTED), ("offer", State.PROPOSAL_REJECTED), ("accepted", State.REJECTED)],
)
def test_a_dispute_before_funding_ends_what_is_under_way(
    scenario: Scenario, invoice: Invoice, stage: str, after: State
) -> None:
    getattr(scenario, stage)(invoice)
    disputes(scenario, invoice)
    assert scheduled_transitions.apply_due(at=scenario.now) == 1
    assert state(invoice) == after
    assert scheduled_transitions.apply_due(at=scenario.now) == 0
    found = reassessment.reassess(supplier=scenario.supplier, invoices=[invoice], at=scenario.now)[invoice.pk]
    assert (found.decision, found.deciding_rule) == ("ineligible", "disputed")


def test_an_invoice_that_is_taken_back_stands_where_its_buyer_put_it_meanwhile(
    scenario: Scenario, invoice: Invoice
) -> None:
    request = scenario.request(invoice)
    given = SubmittedAnswer(Answer.ALL, "Ann Payable")
    answers.record_phone_answer(
        invoice=Invoice.objects.get(pk=invoice.pk), by=scenario.operations, submitted=given, at=scenario.now
    )
    financing_requests.withdraw(line=request.lines.get(), by=scenario.owner, at=scenario.now)
    assert state(invoice) == State.ACCEPTED


def test_a_dispute_of_a_funded_invoice_opens_a_case_once(scenario: Scenario, invoice: Invoice) -> None:
    advance = scenario.funded(invoice)
    disputes(scenario, invoice)
    for _ in range(2):
        scheduled_transitions.apply_due(at=scenario.now)
    case = Case.objects.get()
    assert (case.kind, case.advance, case.reason) == (Case.Kind.DISPUTE, advance, "We never got the boxes.")
    cases.close(
        case=case, outcome=Case.Outcome.REJECTED, conclusion="They did.", by=scenario.operations, at=scenario.now
    )
    scheduled_transitions.apply_due(at=scenario.now)
    assert Case.objects.count() == 1


def test_on_the_recourse_date_of_the_suppliers_own_day_staff_are_asked_to_act(
    scenario: Scenario, invoice: Invoice
) -> None:
    advance = money_out.leave(scenario, scenario.funded(invoice))
    midnight = scenario.now.replace(hour=0) + (advance.recourse_on - scenario.now.date())
    scheduled_transitions.apply_due(at=midnight)  # the day before, in Los Angeles
    assert not Case.objects.exists()
    for _ in range(2):
        scheduled_transitions.apply_due(at=midnight + timedelta(hours=9))
    assert Case.objects.get().kind == Case.Kind.RECOURSE
    assert OutgoingMail.objects.filter(key__startswith="financing.recourse_opened").count() == 1


def test_a_recourse_date_begins_where_the_supplier_is_although_it_is_the_day_before_by_utc(
    scenario: Scenario, invoice: Invoice
) -> None:
    advance = money_out.leave(scenario, scenario.funded(invoice))
    Supplier.objects.filter(pk=scenario.supplier.pk).update(time_zone="Pacific/Auckland")
    evening = datetime.combine(advance.recourse_on - timedelta(days=1), time(20), tzinfo=UTC)
    scheduled_transitions.apply_due(at=evening)
    assert Case.objects.get().kind == Case.Kind.RECOURSE


def test_a_supplier_is_not_asked_to_buy_back_what_it_was_never_paid_for(scenario: Scenario, invoice: Invoice) -> None:
    advance = scenario.funded(invoice)
    due = datetime.combine(advance.recourse_on + timedelta(days=1), time(20), tzinfo=UTC)
    scheduled_transitions.apply_due(at=due)
    assert not Case.objects.exists()
    money_out.leave(scenario, advance)
    money_out.give_back(scenario, advance.payouts.get(), code="R03", reason="")
    scheduled_transitions.apply_due(at=due)
    assert not Case.objects.exists()
    assert not OutgoingMail.objects.filter(key__startswith="financing.recourse_opened").exists()


def test_an_invoice_that_is_paid_in_time_is_not_asked_back(scenario: Scenario, invoice: Invoice) -> None:
    scenario.pay(scenario.funded(invoice), "1000")
    scenario.later(120)
    scheduled_transitions.apply_due(at=scenario.now)
    assert not Case.objects.exists()


def test_a_buyers_answer_has_the_rules_asked_again(scenario: Scenario, invoice: Invoice) -> None:
    before = (
        EligibilityRecalculation.objects.filter(supplier=scenario.supplier)
        .values_list("requested_version", flat=True)
        .first()
        or 0
    )
    disputes(scenario, invoice)
    assert EligibilityRecalculation.objects.get(supplier=scenario.supplier).requested_version > before


def test_asking_a_buyer_and_taking_that_back_has_the_rules_asked_again(scenario: Scenario, invoice: Invoice) -> None:
    sent = verifying.ask(invoice, at=scenario.now)
    before = EligibilityRecalculation.objects.get(supplier=scenario.supplier).requested_version
    requests.withdraw(verification=sent, by=scenario.owner, at=scenario.now)
    assert EligibilityRecalculation.objects.get(supplier=scenario.supplier).requested_version == before + 1


def test_every_step_is_told_once_to_every_owner_without_anything_secret(scenario: Scenario, invoice: Invoice) -> None:
    advance = scenario.funded(invoice)
    scenario.later(40)
    scenario.pay(advance, "1000")
    scenario.settle(Advance.objects.get(pk=advance.pk))
    told = OutgoingMail.objects.filter(key__startswith="financing.", to=scenario.owner.email).order_by("pk")
    assert [mail.key.split(":")[0] for mail in told] == [
        "financing.offer_made",
        "financing.offer_accepted",
        "financing.funded",
        "financing.buyer_paid",
        "financing.settled",
    ]
    settled = told.last()
    assert settled is not None
    assert "1,000.00 × (1.5% + 1 × 0.5%) = 20.00 for 40 days" in settled.body
    assert "$130.00" in settled.body
    words = "".join(mail.subject + mail.body for mail in told)
    assert "000123456789" not in words
    assert "••••6789" in words
    assert "&#" not in words
    assert "{{" not in words


def forbid(condition: str, table: str) -> None:
    """Make the database refuse such a row from now on, as an unexpected error."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT unthought_of CHECK ({condition}) NOT VALID")


def test_a_row_that_cannot_be_followed_keeps_nobody_else_from_it(scenario: Scenario) -> None:
    offers = [scenario.offer(scenario.invoice(scenario.buyer())) for _ in range(3)]
    forbid(f"id <> {offers[0].pk} OR status <> 'expired'", "financing_offer")
    scenario.later(8)
    with capture_logs() as logs:
        assert scheduled_transitions.apply_due(at=scenario.now) == 2
    assert [(line["event"], line["offer"]) for line in logs] == [("transition_failed", offers[0].pk)]
    assert [offer.status for offer in Offer.objects.order_by("pk")] == ["proposed", "expired", "expired"]


def test_a_dispute_that_was_cleared_up_before_the_invoice_was_bought_is_none_of_the_advance(
    scenario: Scenario, invoice: Invoice
) -> None:
    disputes(scenario, invoice)
    requests.resubmit(invoice=Invoice.objects.get(pk=invoice.pk), by=scenario.owner, at=scenario.now)
    scenario.later(1)
    given = SubmittedAnswer(Answer.ALL, "Ann Payable")
    answers.record_phone_answer(
        invoice=Invoice.objects.get(pk=invoice.pk), by=scenario.operations, submitted=given, at=scenario.now
    )
    scenario.funded(Invoice.objects.get(pk=invoice.pk))
    assert scheduled_transitions.apply_due(at=scenario.now) == 0
    assert not Case.objects.exists()
