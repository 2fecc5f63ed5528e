"""A worker fetches the PDFs of what buyers were asked about: one run at a time, and each paper once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connections
from structlog.testing import capture_logs

from infactor.documents.models import Document
from infactor.invoices import source_pdf
from infactor.invoices.models import Invoice
from infactor.verification import requests, tasks
from tests.support.factories.suppliers import InvoiceFactory
from tests.support.scenarios.verification import NOON, ask, member_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def invoices() -> list[Invoice]:
    return [InvoiceFactory(invoice_no=f"P-{number}") for number in range(3)]


class Source:
    """An accounting system that prints each invoice, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails: set[str] = set()

    def __call__(self, *, invoice: Invoice, now: object) -> bytes:
        self.asked.append(invoice.invoice_no)
        if invoice.invoice_no in self.fails:
            raise RuntimeError("nobody thought of this")
        return b"%PDF-1.7\n" + invoice.invoice_no.encode() + b"\n%%EOF\n"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    made = Source()
    monkeypatch.setattr(source_pdf, "_registered", [made])
    return made


@pytest.fixture
def other_session() -> Iterator[object]:
    other = connections.create_connection("default")
    yield other
    other.close()


def test_a_second_run_at_once_fetches_nothing(invoices: list[Invoice], source: Source, other_session: object) -> None:
    ask(invoices[0])
    with other_session.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [tasks.LOCK])
        tasks.keep_pdfs()
        assert source.asked == []
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [tasks.LOCK])
    tasks.keep_pdfs()
    assert source.asked == ["P-0"]
    with other_session.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [tasks.LOCK])
        assert cursor.fetchone() == (True,), "a run that ended still holds its place"
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [tasks.LOCK])


def test_one_that_fails_in_an_unknown_way_keeps_no_other_from_its_pdf(invoices: list[Invoice], source: Source) -> None:
    for one in invoices:
        ask(one)
    source.fails = {"P-0"}
    with capture_logs() as logs:
        tasks.keep_pdfs()
    assert Document.objects.count() == 2
    assert [(line["event"], line["error"]) for line in logs if line["log_level"] == "error"] == [
        ("pdf_failed", "RuntimeError")
    ]
    source.fails = set()
    tasks.keep_pdfs()
    assert source.asked == ["P-0", "P-1", "P-2", "P-0"]


def test_what_was_withdrawn_during_the_run_is_fetched_no_more(
    invoices: list[Invoice], source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(invoices[0])
    second, keep = ask(invoices[1]), source_pdf.keep

    def after_a_withdrawal(**given: object) -> object:
        requests.withdraw(verification=second, by=member_of(invoices[1]), at=NOON)
        return keep(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(source_pdf, "keep", after_a_withdrawal)
    tasks.keep_pdfs()
    assert source.asked == ["P-0"]


def test_a_run_that_took_long_leaves_the_rest_to_the_next(
    invoices: list[Invoice], source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(invoices[0])
    monkeypatch.setattr(tasks, "LONGEST_RUN", timedelta(0))
    tasks.keep_pdfs()
    assert source.asked == []


def test_the_same_paper_for_a_second_question_is_fetched_once_more_and_then_known(
    invoices: list[Invoice], source: Source, time_machine: time_machine.TimeMachineFixture
) -> None:
    first = ask(invoices[0])
    tasks.keep_pdfs()
    later = NOON + timedelta(hours=1)
    time_machine.move_to(later, tick=False)
    requests.withdraw(verification=first, by=member_of(invoices[0]), at=later)
    ask(invoices[0], at=later)
    for _ in range(3):
        tasks.keep_pdfs()
    assert source.asked == ["P-0", "P-0"]
    assert Document.objects.count() == 1
