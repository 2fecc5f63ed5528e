"""A buyer's answer updates the invoice, counts only while it is valid, and is given once."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.users.models import User
from infactor.users.roles import NotAllowed
from infactor.verification import (
    answers,
    links,
    requests,
    subscribers,
)
from infactor.verification.answers import Answer, AnswerIncomplete, NotAnswerable, SubmittedAnswer
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from tests.support.factories.suppliers import EveryPermissionFactory, InvoiceFactory, MembershipFactory, UserFactory
from tests.support.scenarios.verification import NOON, ask, draft, member_of, token_of

pytestmark = pytest.mark.django_db
Status = Verification.Status
ALL = SubmittedAnswer(answer=Answer.ALL, name="Ann Payable")
DISPUTE = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann Payable", reason="Never delivered", lines=(0,))


@pytest.fixture
def invoice() -> Invoice:
    return InvoiceFactory()


@pytest.fixture
def staff() -> User:
    return EveryPermissionFactory()


def reply(invoice: Invoice, given: SubmittedAnswer) -> Verification:
    return answers.submit_answer(token=token_of(ask(invoice)), submitted=given, ip="203.0.113.9", at=NOON)


def part(amount: str) -> SubmittedAnswer:
    return SubmittedAnswer(answer=Answer.PART, name="Ann Payable", amount=Decimal(amount), reason="One box is missing")


def test_a_confirmation_of_all_approves_the_invoice_and_is_told_to_its_owners(invoice: Invoice) -> None:
    member = member_of(invoice)
    answered = reply(invoice, ALL)
    invoice.refresh_from_db()
    assert (answered.status, answered.confirmed_amount) == (Status.CONFIRMED, Decimal("1080.00"))
    assert (answered.channel, answered.answered_from, answered.answered_name) == ("link", "203.0.113.9", "Ann Payable")
    assert invoice.state == State.ACCEPTED
    assert OutgoingMail.objects.filter(key__startswith="verification.answered:").get().to == member.email
    events = AuditEvent.objects.filter(event="verification.status").order_by("pk")
    assert [event.details["to"] for event in events] == ["sent", "confirmed"]
    assert "Ann" not in str([event.details for event in events])


@pytest.mark.parametrize("amount", ["0.01", "540.55", "1079.99"])
def test_a_part_is_confirmed_to_the_cent(invoice: Invoice, amount: str) -> None:
    answered = reply(invoice, part(amount))
    invoice.refresh_from_db()
    assert (answered.status, answered.confirmed_amount) == (Status.PARTLY_CONFIRMED, Decimal(amount))
    assert invoice.state == State.ACCEPTED


@pytest.mark.parametrize("amount", ["0", "-1", "1080.00", "1080.01", "1.001", "NaN", "1E+30"])
def test_no_other_amount_is_a_part(invoice: Invoice, amount: str) -> None:
    with pytest.raises(AnswerIncomplete) as refused:
        reply(invoice, part(amount))
    assert refused.value.field == "amount"
    invoice.refresh_from_db()
    assert invoice.state == State.CREATED


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (SubmittedAnswer(answer=Answer.ALL, name=" 1 "), "name"),
        (SubmittedAnswer(answer="perhaps", name="Ann"), "answer"),
        (SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason=" \x00"), "reason"),
        (SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="No", lines=(2,)), "lines"),
        (SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="No", lines=(-1,)), "lines"),
        (SubmittedAnswer(answer=Answer.PART, name="Ann", reason="No"), "amount"),
    ],
)
def test_what_is_missing_is_named(invoice: Invoice, given: SubmittedAnswer, field: str) -> None:
    with pytest.raises(AnswerIncomplete) as refused:
        reply(invoice, given)
    assert refused.value.field == field


def test_a_dispute_rejects_the_invoice_until_its_supplier_submits_it_again(invoice: Invoice) -> None:
    answered = reply(invoice, DISPUTE)
    invoice.refresh_from_db()
    assert (answered.status, answered.confirmed_amount, answered.disputed_lines) == (Status.DISPUTED, None, [0])
    assert invoice.state == State.REJECTED
    with pytest.raises(NotVerifiable):
        ask(invoice)
    with pytest.raises(NotAllowed):
        requests.resubmit(invoice=invoice, by=MembershipFactory().user, at=NOON)
    requests.resubmit(invoice=invoice, by=member_of(invoice), at=NOON)
    invoice.refresh_from_db()
    assert invoice.state == State.CREATED
    assert answers.confirmations_by_invoice(invoices=[invoice.pk])[invoice.pk].is_disputed
    reply(invoice, ALL)
    assert answers.confirmations_by_invoice(invoices=[invoice.pk])[invoice.pk].is_valid


def test_only_a_rejected_invoice_is_submitted_again(invoice: Invoice) -> None:
    with pytest.raises(TransitionNotAllowed):
        requests.resubmit(invoice=invoice, by=member_of(invoice), at=NOON)


@pytest.mark.parametrize("given", [ALL, DISPUTE])
def test_in_the_hands_of_financing_an_answer_moves_no_invoice(given: SubmittedAnswer) -> None:
    invoice = InvoiceFactory(state=State.REQUESTED)
    reply(invoice, given)
    invoice.refresh_from_db()
    assert invoice.state == State.REQUESTED


def test_an_answer_is_given_once(invoice: Invoice) -> None:
    token = token_of(ask(invoice))
    answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON)
    with pytest.raises(NotAnswerable):
        answers.submit_answer(token=token, submitted=DISPUTE, ip=None, at=NOON)


def test_nothing_is_answered_when_time_is_over_or_the_question_was_taken_back(invoice: Invoice) -> None:
    sent = ask(invoice)
    token = token_of(sent)
    with pytest.raises(NotAnswerable):
        answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON + requests.LINK_LIFETIME)
    requests.withdraw(verification=sent, by=member_of(invoice), at=NOON)
    with pytest.raises(NotAnswerable):
        answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON)
    with pytest.raises(links.UnknownLink):
        answers.submit_answer(token=token[:-1], submitted=ALL, ip=None, at=NOON)


def test_nobody_answers_about_an_invoice_that_was_changed_meanwhile(invoice: Invoice) -> None:
    token = token_of(ask(invoice))
    Invoice.objects.filter(pk=invoice.pk).update(invoice_amount="2000.00", balance="2000.00")
    with pytest.raises(NotAnswerable, match="changed"):
        answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_answers_at_once_exactly_one_is_taken(invoice: Invoice) -> None:
    token = token_of(ask(invoice))
    taken: list[str] = []
    start = threading.Barrier(20)

    def reply_now(given: SubmittedAnswer) -> None:
        start.wait()
        try:
            taken.append(answers.submit_answer(token=token, submitted=given, ip=None, at=NOON).status)
        except NotAnswerable:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=reply_now, args=(ALL if n % 2 else DISPUTE,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    invoice.refresh_from_db()
    assert set(taken) == {Verification.objects.get().status}  # saying the same again is no error
    assert AuditEvent.objects.filter(event="verification.status", details__to=taken[0]).count() == 1
    assert invoice.state == {Status.CONFIRMED: State.ACCEPTED, Status.DISPUTED: State.REJECTED}[Status(taken[0])]


def test_staff_record_a_phone_call_and_the_link_ends(invoice: Invoice, staff: User) -> None:
    token = token_of(ask(invoice))
    Invoice.objects.filter(pk=invoice.pk).update(balance="700.00")
    recorded = answers.record_phone_answer(invoice=invoice, by=staff, submitted=ALL, at=NOON)
    assert (recorded.channel, recorded.recorded_by, recorded.confirmed_amount) == ("phone", staff, Decimal("700.00"))
    with pytest.raises(NotAnswerable):
        answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON)


@pytest.mark.parametrize("is_drafted", [True, False])
def test_a_phone_call_needs_no_mail_before_it(invoice: Invoice, staff: User, is_drafted: bool) -> None:
    if is_drafted:
        draft(invoice)
    recorded = answers.record_phone_answer(invoice=invoice, by=staff, submitted=part("10.00"), at=NOON)
    assert (Verification.objects.count(), recorded.sent_at) == (1, None)
    assert answers.confirmations_by_invoice(invoices=[invoice.pk])[invoice.pk].confirmed_amount == Decimal("10.00")


def test_nobody_else_records_a_phone_call(invoice: Invoice) -> None:
    for by in (member_of(invoice), UserFactory(is_staff=True)):
        with pytest.raises(NotAllowed):
            answers.record_phone_answer(invoice=invoice, by=by, submitted=ALL, at=NOON)
    assert not Verification.objects.exists()


@pytest.mark.parametrize(
    ("columns", "is_valid"),
    [
        ({"balance": "1.00", "books_status": BooksStatus.PARTLY_PAID}, True),
        ({"private_note": "other"}, True),
        ({"invoice_amount": "1080.01"}, False),
        ({"invoice_no": "INV-OTHER"}, False),
        ({"payable_date": None}, False),
        ({"customer_reference": "another"}, False),
        ({"books_status": BooksStatus.VOIDED}, False),
        ({"books_status": BooksStatus.DELETED}, False),
    ],
)
def test_a_confirmation_is_worth_nothing_for_another_invoice(
    invoice: Invoice, columns: dict[str, object], is_valid: bool
) -> None:
    reply(invoice, ALL)
    Invoice.objects.filter(pk=invoice.pk).update(**columns)
    assert answers.confirmations_by_invoice(invoices=[invoice.pk])[invoice.pk].is_valid is is_valid


def test_the_latest_answer_counts_and_many_are_read_in_one_query(invoice: Invoice) -> None:
    reply(invoice, part("5.00"))
    latest = answers.submit_answer(
        token=token_of(ask(invoice, at=NOON + timedelta(hours=1))), submitted=ALL, ip=None, at=NOON + timedelta(hours=2)
    )
    others = InvoiceFactory.create_batch(3, buyer=invoice.buyer)
    reply(others[0], DISPUTE)
    with CaptureQueriesContext(connection) as queries:
        found = answers.confirmations_by_invoice(invoices=Invoice.objects.for_supplier(invoice.supplier))
    assert len(queries) == 1
    assert found.keys() == {invoice.pk, others[0].pk}
    assert found[invoice.pk].verification_id == latest.pk


def test_whoever_registered_is_told_in_the_same_transaction(invoice: Invoice, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(ask(invoice))
    monkeypatch.setattr(subscribers, "_registered", [])
    told: list[tuple[object, object]] = []

    def listen(*, verification: Verification, at: object, by: User | None) -> None:
        told.append((verification.status, by))
        raise RuntimeError("cannot be")

    subscribers.register(listen)
    subscribers.register(listen)
    with pytest.raises(RuntimeError):
        answers.submit_answer(token=token, submitted=ALL, ip=None, at=NOON + timedelta(hours=1))
    assert told == [(Status.CONFIRMED, None)]
    assert Verification.objects.get().status == Status.SENT


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "perhaps"},
        {"status": Status.CONFIRMED},
        {"confirmed_amount": "5.00"},
        {"balance_asked": "0"},
        {"sent_at": None},
        {"links": []},
        {"channel": "phone"},
        {"disputed_lines": [1]},
    ],
)
def test_the_database_takes_no_half_an_answer(invoice: Invoice, columns: dict[str, object]) -> None:
    sent = ask(invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.filter(pk=sent.pk).update(**columns)


def test_the_database_changes_and_deletes_no_answer(invoice: Invoice) -> None:
    answered = reply(invoice, ALL)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.filter(pk=answered.pk).update(answered_name="Somebody else")
    with pytest.raises(IntegrityError), transaction.atomic():
        answered.delete()
