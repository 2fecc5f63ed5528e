"""A page says that a part is full or unreachable, says when to retry, and reveals nothing else."""

import errno
from smtplib import SMTPServerDisconnected
from typing import NoReturn

import kombu
import pytest
import redis
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse
from psycopg import errors

from infactor.invoices import selectors

pytestmark = pytest.mark.django_db


def full(**question: object) -> NoReturn:
    raise OperationalError("could not extend file: No space left on device") from errors.DiskFull()


def test_a_full_disk_says_when_to_come_again(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "currency_summaries", full)
    member.raise_request_exception = False
    answer = member.get(reverse("dashboard:home"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    page = answer.content.decode()
    assert "Our database is not responding. Your data is safe" in page
    assert "No space left" not in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("failure", "part"),
    [
        (InterfaceError("the connection is closed"), "Our database"),
        (OSError(errno.ENOSPC, "No space left on device", "/var/lib/infactor/a"), "Our storage"),
        (redis.ConnectionError("Error 111 connecting to redis:6379"), "A part of infactor"),
        (kombu.exceptions.OperationalError("redis://:secret@redis"), "A part of infactor"),
        (SMTPServerDisconnected("mail.infactor.example"), "A part of infactor"),
        (TimeoutError("timed out"), "A part of infactor"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_part_is_away_the_page_says_when_to_come_again(
    member: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception, part: str
) -> None:
    def away(**question: object) -> NoReturn:
        raise failure

    monkeypatch.setattr(selectors, "currency_summaries", away)
    member.raise_request_exception = False
    answer = member.get(reverse("dashboard:home"))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    page = answer.content.decode()
    assert f"{part} is not responding." in page
    assert str(failure) not in page


def test_a_database_that_takes_no_changes_says_when_to_come_again(client: Client) -> None:
    client.raise_request_exception = False
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        answer = client.post(reverse("account_reset_password"), {"email": "robin@larkspur.example"})
        transaction.set_rollback(True)  # the savepoint began before, so the transaction may write again
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


def test_a_fault_of_ours_is_not_taken_for_the_databases(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**question: object) -> NoReturn:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(selectors, "currency_summaries", broken)
    member.raise_request_exception = False
    answer = member.get(reverse("dashboard:home"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "a secret of the code" not in answer.content.decode()
