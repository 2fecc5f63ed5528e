"""Invoices that were deleted in QuickBooks are marked here, and nothing else ever is."""

import json
from datetime import timedelta
from typing import Any

import pytest

from infactor.invoices.models import CompanyFile, Invoice, InvoiceChange
from quickbooks_app import deletions, importing, runs
from quickbooks_app.importing import Ended
from quickbooks_app.models import Connection, ImportRun
from tests.books import Clock
from tests.factories import InvoiceFactory
from tests.importing import START, imported, now_of, work, work_out
from tests.intuit import Intuit, Reply
from tests.payloads import NOON, fault, gateway_fault, invoice, stamps

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(run: ImportRun) -> ImportRun:
    """A run that has read everything."""
    work(run)
    return now_of(run)


def delete(intuit: Intuit, *qbk_ids: str) -> None:
    """Delete invoices in the books: no query shows them, change data capture does."""
    books = intuit.books["Invoice"]
    intuit.books["Invoice"] = [raw for raw in books if json.loads(raw)["Id"] not in qbk_ids]
    intuit.deleted += qbk_ids


def again(*, kind: str = "") -> ImportRun:
    connection = Connection.objects.select_related("company_file").get()
    return work_out(runs.request(connection=connection, by=None, at=NOON, kind=kind), clock=Clock(NOON))


def marked() -> set[str]:
    return set(Invoice.objects.filter(books_status="deleted").values_list("qbk_invoice_id", flat=True))


def changes_calls(intuit: Intuit) -> list[dict[str, str]]:
    return [one.form for one in intuit.of("api") if one.path.endswith("/cdc")]


def test_a_deleted_invoice_stays_marked_and_its_history_says_so(intuit: Intuit, read: ImportRun) -> None:
    delete(intuit, "3", "7")
    run = again()
    assert (run.state, run.invoices_changed, marked()) == ("succeeded", 2, {"3", "7"})
    assert imported() == set(range(1, 13))
    change = InvoiceChange.objects.get(invoice__qbk_invoice_id="3")
    assert change.changes == [{"field": "books_status", "from": "partly_paid", "to": "deleted"}]


@pytest.mark.parametrize("state", ["invoice_created", "ifactor_prepaid"])
def test_the_state_that_was_reached_stays(intuit: Intuit, read: ImportRun, state: str) -> None:
    Invoice.objects.update(state=state)
    delete(intuit, "3")
    again()
    assert Invoice.objects.get(qbk_invoice_id="3").state == state


def test_a_deletion_is_told_once(intuit: Intuit, read: ImportRun) -> None:
    delete(intuit, "3")
    assert (again().invoices_changed, again().invoices_changed) == (1, 0)
    assert InvoiceChange.objects.count() == 1


def test_a_tombstone_of_an_invoice_that_lives_is_not_believed(intuit: Intuit, read: ImportRun) -> None:
    intuit.deleted = ["3"]
    assert again().state == "succeeded"
    assert marked() == set()


def test_an_invoice_that_comes_again_byte_for_byte_lives_again(intuit: Intuit, read: ImportRun) -> None:
    kept = list(intuit.books["Invoice"])
    delete(intuit, "3")
    again()
    intuit.books["Invoice"], intuit.deleted = kept, []
    again(kind=ImportRun.Kind.FULL)
    assert marked() == set()
    assert Invoice.objects.get(qbk_invoice_id="3").books_status == "partly_paid"


def test_a_first_reading_asks_for_no_deletions(intuit: Intuit, read: ImportRun) -> None:
    assert changes_calls(intuit) == []


def test_deletions_are_asked_for_from_where_the_changes_are(intuit: Intuit, read: ImportRun) -> None:
    again()
    since = NOON - runs.OVERLAP
    assert changes_calls(intuit) == [{"entities": "Invoice", "changedSince": since.isoformat(), "minorversion": "75"}]


def test_deletions_are_never_asked_for_beyond_what_quickbooks_remembers(intuit: Intuit, read: ImportRun) -> None:
    CompanyFile.objects.update(as_of=NOON - timedelta(days=90))
    again()
    assert changes_calls(intuit)[0]["changedSince"] == (NOON - deletions.LOOK_BACK).isoformat()


def test_an_invoice_that_is_merely_not_seen_is_never_marked(intuit: Intuit, read: ImportRun) -> None:
    intuit.books["Invoice"] = []
    again()
    again(kind=ImportRun.Kind.FULL)
    assert marked() == set()


def test_deletions_nobody_knows_of_change_nothing(intuit: Intuit, read: ImportRun) -> None:
    delete(intuit, "99", "1' OR Id > '0", "", "x" * 100)
    assert again().state == "succeeded"
    assert marked() == set()


def test_many_deletions_are_confirmed_in_parts(
    intuit: Intuit, read: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deletions, "AT_ONCE", 5)
    delete(intuit, *(str(number) for number in range(1, 13)))
    again()
    assert marked() == {str(number) for number in range(1, 13)}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=503),
        Reply(status=429, body=gateway_fault("3001")),
        Reply(body=b"<html></html>", headers={"Content-Type": "text/html"}),
        Reply(body=b'{"CDCResponse":{}}'),
        Reply(body=b'{"QueryResponse":{}}'),
        Reply(body=None),
    ],
    ids=range(6),
)
def test_passing_trouble_with_deletions_costs_time_and_nothing_else(
    intuit: Intuit, read: ImportRun, reply: Reply
) -> None:
    delete(intuit, "3")
    honest, met = intuit._api, []

    def api(asked: Any) -> Reply:
        if asked.path.endswith("/cdc") and not met:
            met.append(asked)
            return reply
        return honest(asked)

    intuit._api = api  # type: ignore[method-assign]
    connection = Connection.objects.select_related("company_file").get()
    run = runs.request(connection=connection, by=None, at=NOON)
    assert work(run) is Ended.LATER
    assert marked() == set()
    assert work_out(run, clock=Clock(NOON + timedelta(hours=1))).state == "succeeded"
    assert marked() == {"3"}


def test_a_company_whose_changes_are_not_told_is_read_all_the_same(intuit: Intuit, read: ImportRun) -> None:
    intuit.books["Invoice"][0] = invoice("1", Balance=0, MetaData=stamps(START, NOON), SyncToken="4")
    honest = intuit._api
    intuit._api = lambda asked: (  # type: ignore[method-assign]
        Reply(status=400, body=fault("500")) if asked.path.endswith("/cdc") else honest(asked)
    )
    assert again().state == "succeeded"
    assert Invoice.objects.get(qbk_invoice_id="1").books_status == "paid"


def test_a_crash_behind_the_deletions_repeats_them(
    intuit: Intuit, read: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete(intuit, "3")
    connection = Connection.objects.select_related("company_file").get()
    run = runs.request(connection=connection, by=None, at=NOON)
    with monkeypatch.context() as patch:
        patch.setattr(importing.deletions, "apply", lambda **given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work(run)
    assert marked() == set()
    assert work(run, clock=Clock(NOON + runs.LEASE * 2)) is Ended.DONE
    assert marked() == {"3"}


def test_deletions_of_one_company_touch_no_other(intuit: Intuit, read: ImportRun) -> None:
    theirs = InvoiceFactory(qbk_invoice_id="3")
    delete(intuit, "3")
    again()
    theirs.refresh_from_db()
    assert theirs.books_status == "open"
