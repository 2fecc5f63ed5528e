"""Of two concurrent actions on one verification request, or one and the scheduled job, exactly one takes effect."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.invoices.states import State
from infactor.verification import answers, bulk_requests, reminders, requests, tasks
from infactor.verification.answers import Answer, NotAnswerable, SubmittedAnswer
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from tests.support.factories.suppliers import InvoiceFactory, approve_directly
from tests.support.scenarios.verification import NOON, ask, draft, member_of, token_of

Status = Verification.Status


def at_once(*works: Callable[[], object]) -> list[str]:
    """Run all `works` concurrently, and return the names of those that succeeded."""
    start, done = threading.Barrier(len(works)), []

    def run(number: int, work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
            done.append(str(number))
        except (NotAnswerable, NotVerifiable, TransitionNotAllowed):
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(4))
def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(turn: int) -> None:
    invoice = InvoiceFactory()
    asked, by = ask(invoice), member_of(invoice)
    token, given = token_of(asked), SubmittedAnswer(answer=Answer.ALL, name="Ann")
    done = at_once(
        lambda: answers.submit_answer(token=token, submitted=given, ip=None, at=NOON),
        lambda: requests.withdraw(verification=asked, by=by, at=NOON),
    )
    invoice.refresh_from_db()
    asked.refresh_from_db()
    assert (done, asked.status, invoice.state) in (
        (["0"], Status.CONFIRMED, State.ACCEPTED),
        (["1"], Status.WITHDRAWN, State.CREATED),
    )


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_on_approve_send_one_mail() -> None:
    invoice = InvoiceFactory()
    drafted, by = draft(invoice), member_of(invoice)

    def approve() -> None:
        requests.approve_and_send(
            verification=drafted, by=by, subject=drafted.subject, body=drafted.body, to=drafted.to, at=NOON
        )

    assert len(at_once(*[approve] * 10)) == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_buyer_that_is_asked_about_many_invoices_twice_at_once_gets_one_mail_and_one_reminder() -> None:
    first = InvoiceFactory()
    approve_directly(first.supplier)
    rows = [first, InvoiceFactory(buyer=first.buyer, supplier=first.supplier)]
    by = member_of(first)
    at_once(*[lambda: bulk_requests.send(supplier=first.supplier, invoices=rows, by=by, at=NOON)] * 4)
    assert OutgoingMail.objects.count() == 1
    asked = Verification.objects.select_related("supplier").order_by("pk")[0]
    later = NOON + timedelta(days=2)
    assert len(at_once(*[lambda: reminders.remind(verification=asked, by=by, at=later)] * 4)) == 1
    assert OutgoingMail.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_remind_and_expire_once() -> None:
    asked = ask(InvoiceFactory())
    at_once(*[lambda: reminders.remind_due(at=NOON + timedelta(days=5))] * 4)
    assert OutgoingMail.objects.filter(key__startswith="verification.reminder:").count() == 1
    at_once(*[lambda: requests.expire_due(at=NOON + requests.LINK_LIFETIME)] * 4)
    asked.refresh_from_db()
    assert asked.status == Status.EXPIRED
    assert OutgoingMail.objects.filter(key__startswith="verification.expired:").count() == 1


@pytest.mark.django_db
def test_the_clocks_task_ends_before_it_reminds() -> None:
    now = timezone.now()
    over = ask(InvoiceFactory(), at=now - timedelta(days=20))
    late = ask(InvoiceFactory(), at=now - timedelta(days=5))
    tasks.process_due()
    over.refresh_from_db()
    late.refresh_from_db()
    assert (over.status, late.status, late.reminded_at is None) == (Status.EXPIRED, Status.SENT, False)
    assert over.reminded_at is None
