"""The outbox sends each email once, retries for a day, and does not let one email block another."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection as database
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from infactor.core.email import outbox
from infactor.core.models import OutgoingMail
from tests.support.factories.quickbooks import NOON, Clock
from tests.support.factories.suppliers import EveryPermissionFactory

pytestmark = pytest.mark.django_db


class Fussy(EmailBackend):
    """Keeps emails in memory, refuses `refused` addresses, and can be unreachable or become so."""

    refused: set[str] = set()
    away = False
    leaves = False
    opened = 0

    def open(self) -> None:
        if Fussy.away:
            raise ConnectionRefusedError
        Fussy.opened += 1

    def send_messages(self, messages: Any) -> int:
        if Fussy.leaves:
            raise SMTPServerDisconnected("gone")
        for message in messages:
            if set(message.to) & self.refused:
                raise SMTPRecipientsRefused({message.to[0]: (550, b"no such person: canary@example.com")})
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def server(settings: Settings) -> Iterator[type[Fussy]]:
    settings.EMAIL_BACKEND = f"{__name__}.Fussy"
    Fussy.refused, Fussy.away, Fussy.leaves, Fussy.opened = set(), False, False, 0
    return Fussy


def write(key: str = "a", to: str = "ann@example.com", subject: str = "Hello") -> bool:
    return outbox.enqueue(key=key, to=to, subject=subject, body="Body", supplier_id=None)


def test_a_mail_is_written_once_for_each_key_and_sent_once() -> None:
    assert [write(), write(to="other@example.com")] == [True, False]
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult(sent=1)
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ann@example.com"], "Hello", "Body")
    row = OutgoingMail.objects.get()
    assert (row.sent_at, row.error) == (NOON, "")


def test_a_mail_of_a_transaction_that_is_undone_never_was() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult()
    assert mail.outbox == []


def test_a_subject_is_one_line_whatever_it_was_made_of() -> None:
    write(subject="About\r\nBcc: everyone@example.com " + "x" * 300)
    outbox.send_due(now=Clock())
    (sent,) = mail.outbox
    assert sent.subject.startswith("About Bcc: everyone@example.com x")
    assert len(sent.subject) == 200
    assert sent.bcc == []


def test_a_refused_address_stands_in_no_other_mails_way_and_its_refusal_holds_no_address(server: type[Fussy]) -> None:
    server.refused = {"bad@example.com"}
    write("a", to="bad@example.com")
    write("b", to="a\nb@example.com")
    write("c")
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult(sent=1, failed=2)
    assert [one.to for one in mail.outbox] == [["ann@example.com"]]
    refused = OutgoingMail.objects.get(key="a")
    assert (refused.error, refused.attempts, refused.not_before) == (
        "SMTPRecipientsRefused",
        1,
        NOON + timedelta(minutes=1),
    )


def test_a_refused_mail_waits_longer_each_time_and_ends_after_eight_attempts(server: type[Fussy]) -> None:
    server.refused = {"ann@example.com"}
    write()
    clock, moments = Clock(), []
    for _ in range(60 * 24 * 2):
        if outbox.send_due(now=clock).failed:
            moments.append(clock.at)
        clock.advance(minutes=1)
    assert len(moments) == outbox.MAX_ATTEMPTS
    gaps = [later - sooner for sooner, later in pairwise(moments)]
    assert gaps[:4] == [timedelta(minutes=minutes) for minutes in (1, 4, 16, 64)]
    assert gaps == sorted(gaps)
    assert max(gaps) == outbox.MAX_BACKOFF


def test_a_mail_goes_as_soon_as_it_is_taken_again(server: type[Fussy]) -> None:
    server.refused = {"ann@example.com"}
    write()
    outbox.send_due(now=Clock())
    server.refused = set()
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult()
    assert outbox.send_due(now=Clock(NOON + timedelta(minutes=1))) == outbox.DeliveryResult(sent=1)


@pytest.mark.parametrize("trouble", ["away", "leaves"])
def test_a_server_that_is_away_costs_no_mail_an_attempt(server: type[Fussy], trouble: str) -> None:
    write("a")
    write("b")
    setattr(server, trouble, True)
    for minute in range(20):
        assert outbox.send_due(now=Clock(NOON + timedelta(minutes=minute))) == outbox.DeliveryResult()
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {0}
    setattr(server, trouble, False)
    assert outbox.send_due(now=Clock(NOON + timedelta(hours=1))) == outbox.DeliveryResult(sent=2)


def test_nothing_to_send_opens_no_connection(server: type[Fussy]) -> None:
    outbox.send_due(now=Clock())
    assert server.opened == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_a_mail_once() -> None:
    for number in range(20):
        write(str(number))
    start, sent = threading.Barrier(4), []

    def work() -> None:
        try:
            start.wait()
            sent.append(outbox.send_due(now=Clock()).sent)
        finally:
            database.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 20
    assert len(mail.outbox) == 20


def test_staff_see_which_mails_wait_but_not_what_they_say(client: Client) -> None:
    outbox.enqueue(key="k", to="ann@example.com", subject="S", body="https://infactor.example/secret-link")
    client.force_login(EveryPermissionFactory())
    listed = client.get(reverse("admin:core_outgoingmail_changelist")).content.decode()
    assert "ann@example.com" in listed
    assert "Waiting" in listed
    page = client.get(reverse("admin:core_outgoingmail_change", args=[OutgoingMail.objects.get().pk])).content.decode()
    assert "secret-link" not in listed + page
    assert 'name="_save"' not in page


def test_a_mail_that_no_key_decrypts_keeps_no_other_from_being_sent(client: Client) -> None:
    write("a")
    with database.cursor() as cursor:
        cursor.execute("UPDATE core_outgoingmail SET body = 'encrypted with a key that is lost'")
    write("b")
    assert outbox.send_due(now=Clock()) == outbox.DeliveryResult(sent=1, failed=1)
    client.force_login(EveryPermissionFactory())
    assert "UnknownKey" in client.get(reverse("admin:core_outgoingmail_changelist")).content.decode()


def test_replies_go_to_the_address_of_the_message() -> None:
    outbox.enqueue(key="one", to="ap@buyer.example", subject="A", body="B", reply_to="owner@supplier.example")
    outbox.enqueue(key="two", to="ap@buyer.example", subject="A", body="B")
    outbox.send_due(now=lambda: NOON)
    assert [message.reply_to for message in mail.outbox] == [["owner@supplier.example"], ["support@infactor.example"]]


def test_no_message_holds_a_character_that_nobody_sees() -> None:
    outbox.enqueue(key="one", to="ap@buyer.example", subject="10\u202e01", body="Line\u2066 one\nLine\u200b two")
    row = OutgoingMail.objects.get()
    assert (row.subject, row.body) == ("1001", "Line one\nLine two")
