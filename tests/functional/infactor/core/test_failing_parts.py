"""A page says that the database is full or unreachable, says when to retry, and reveals nothing else."""

from typing import NoReturn

import pytest
from django.db import OperationalError
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


def test_a_fault_of_ours_is_not_taken_for_the_databases(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**question: object) -> NoReturn:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(selectors, "currency_summaries", broken)
    member.raise_request_exception = False
    answer = member.get(reverse("dashboard:home"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "a secret of the code" not in answer.content.decode()
