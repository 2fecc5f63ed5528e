"""Import runs over sample books, in pages of five."""

from datetime import UTC, datetime, timedelta
from typing import Any

from infactor.invoices.models import Invoice
from quickbooks_app.models import Connection, Document, ImportRun
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.assertions.invariants import assert_sound
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Intuit
from tests.support.payloads import customer, invoice, stamps

START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
PAGE = 5


def add_books(intuit: Intuit, number: int = 12, **changes: Any) -> None:
    intuit.books["Customer"] = [customer("24"), customer("25", DisplayName="Other")]
    intuit.books["Invoice"] = [
        invoice(str(one), MetaData=stamps(START + timedelta(seconds=one)), **changes) for one in range(1, number + 1)
    ]


def work(run: ImportRun, *, clock: Clock | None = None, owner: str = "me") -> SliceOutcome:
    return run_worker.process_run(run_id=run.pk, owner=owner, now=clock or Clock())


def work_out(run: ImportRun, *, clock: Clock | None = None) -> ImportRun:
    """Work on the run as beat schedules it, until it has ended."""
    clock = clock or Clock()
    for _ in range(40):
        ended = work(run, clock=clock)
        if ended is SliceOutcome.DONE:
            return now_of(run)
        clock.advance(hours=1)
    raise AssertionError("the run does not end")


def now_of(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_related("connection__company_file").get(pk=run.pk)


def imported() -> set[int]:
    return {int(one) for one in Invoice.objects.values_list("qbk_invoice_id", flat=True)}


def assert_whole(run: ImportRun, *, number: int = 12) -> None:
    """Assert that everything is stored once and that the counts are right."""
    row = now_of(run)
    assert (row.state, row.stage, row.error, row.cursor) == ("succeeded", "done", "", {})
    assert imported() == set(range(1, number + 1))
    assert (row.customers_seen, row.invoices_seen, row.invoices_new) == (2, number, number)
    assert row.invoices_new + row.invoices_changed + row.invoices_unchanged == row.invoices_seen
    assert Document.objects.filter(entity="Invoice").count() == number
    assert row.connection.status == Connection.Status.CONNECTED
    assert row.finished_at is not None
    assert_sound(row.connection, at=row.finished_at)


def queries(intuit: Intuit) -> list[str]:
    return [one.form["query"] for one in intuit.of("api") if "query" in one.form]
