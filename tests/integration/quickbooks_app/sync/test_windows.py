"""The invoices of large books are read in windows beside each other, each invoice once, whatever happens meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sync import run_worker, windows
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Asked, Intuit, Reply
from tests.support.payloads import NOON, fault, invoice, stamps
from tests.support.scenarios.imports import PAGE, START, add_books, assert_whole, imported, now_of, queries, work

NUMBER = 48
LATER = Clock(NOON + runs.LEASE_DURATION + timedelta(seconds=1))
pytestmark = pytest.mark.django_db


@pytest.fixture
def large(intuit: Intuit, connection: Connection, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """A run over 48 invoices in pages of five."""
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", PAGE)
    add_books(intuit, NUMBER)
    return runs.request(connection=connection, by=None, at=NOON)


def whole_pages(intuit: Intuit) -> list[str]:
    return [text for text in queries(intuit) if text.startswith("SELECT * FROM Invoice")]


def ends(intuit: Intuit) -> set[str]:
    """The ends of the windows that were asked for."""
    return {text.split("< '")[1].split("'")[0] for text in whole_pages(intuit) if "< '" in text}


def test_each_invoice_comes_once_and_the_windows_share_no_page(intuit: Intuit, large: ImportRun) -> None:
    assert work(large) is SliceOutcome.DONE
    assert_whole(large, number=NUMBER)
    assert len(ends(intuit)) > 3
    assert len(set(queries(intuit))) == len(queries(intuit)), "nothing was asked for twice"
    assert now_of(large).api_calls == len(intuit.of("api"))


def test_books_of_few_pages_are_read_in_one(intuit: Intuit, large: ImportRun) -> None:
    add_books(intuit, PAGE * 3)
    work(large)
    assert_whole(large, number=PAGE * 3)
    assert ends(intuit) == set()


def test_invoices_of_one_second_stay_in_one_window(intuit: Intuit, large: ImportRun) -> None:
    intuit.books["Invoice"] = [
        invoice(str(one), MetaData=stamps(START + timedelta(seconds=one // 13))) for one in range(1, NUMBER + 1)
    ]
    work(large)
    assert_whole(large, number=NUMBER)
    assert len(ends(intuit)) == 3


def test_books_of_a_single_second_are_read_in_one_window(intuit: Intuit, large: ImportRun) -> None:
    intuit.books["Invoice"] = [invoice(str(one), MetaData=stamps(START)) for one in range(1, NUMBER + 1)]
    work(large)
    assert_whole(large, number=NUMBER)
    assert ends(intuit) == set()


@pytest.mark.parametrize("number", range(2, 14))
def test_a_crash_half_way_keeps_what_was_saved_and_reads_only_the_rest(
    intuit: Intuit, large: ImportRun, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    honest, pages = run_worker.apply_page, iter(range(100))

    def crash(**given: Any) -> Any:
        applied = honest(**given)
        if next(pages) == number:
            raise OperationalError("the server closed the connection unexpectedly")
        return applied

    monkeypatch.setattr(run_worker, "apply_page", crash)
    with pytest.raises(OperationalError):
        work(large, owner="dead")
    kept = imported()
    assert now_of(large).invoices_seen == len(kept)
    assert work(large) is SliceOutcome.NOT_CLAIMED, "the lease still runs"
    assert work(large, clock=LATER) is SliceOutcome.DONE
    assert_whole(large, number=NUMBER)


def test_a_slice_that_ends_between_windows_goes_on_with_all_of_them(
    intuit: Intuit, large: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_worker, "TIME_BUDGET", timedelta(seconds=-1))
    slices, most = 0, 0
    while work(large) is SliceOutcome.MORE:
        slices, most = slices + 1, max(most, len(now_of(large).cursor.get("windows", ())))
    assert (slices > 8, most > 3) == (True, True)
    assert_whole(large, number=NUMBER)


def test_who_lost_the_lease_saves_nothing_of_any_window(
    intuit: Intuit, large: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, pages = run_worker.apply_page, iter(range(100))

    def lose(**given: Any) -> Any:
        if next(pages) == 4:
            ImportRun.objects.update(lease_owner="other")
        return honest(**given)

    monkeypatch.setattr(run_worker, "apply_page", lose)
    assert work(large) is SliceOutcome.NOT_CLAIMED
    assert now_of(large).invoices_seen == len(imported()) < NUMBER
    assert len(now_of(large).cursor["windows"]) > 1


def test_where_the_windows_begin_cannot_be_asked_pages_come_one_after_another(intuit: Intuit, large: ImportRun) -> None:
    honest = intuit._api

    def fail(asked: Asked) -> Reply:
        if asked.form.get("query", "").startswith("SELECT Id, MetaData.CreateTime"):
            return Reply(status=500, body=fault("10000"))
        return honest(asked)

    intuit._api = fail  # type: ignore[method-assign]
    assert work(large) is SliceOutcome.LATER
    assert work(large, clock=LATER) is SliceOutcome.DONE
    assert_whole(large, number=NUMBER)
    assert ends(intuit) == set()


def test_windows_that_fail_are_read_one_after_another_the_next_time(
    intuit: Intuit, large: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, pages = run_worker._save_page, iter(range(100))

    def outage(*args: Any, **given: Any) -> None:
        honest(*args, **given)
        if next(pages) == 4:
            ImportRun.objects.update(attempt=1, state="queued", lease_owner="")

    monkeypatch.setattr(run_worker, "_save_page", outage)
    assert work(large) is SliceOutcome.NOT_CLAIMED
    asked: list[int] = []
    monkeypatch.setattr(windows, "read_pages", _counting(asked))
    assert work(large) is SliceOutcome.DONE
    assert asked[0] == 1
    assert_whole(large, number=NUMBER)


def _counting(asked: list[int]) -> Any:
    honest = windows.read_pages

    def read_pages(session: Any, **given: Any) -> Any:
        asked.append(len(given["lanes"]))
        return honest(session, **given)

    return read_pages


def test_a_token_that_expires_in_flight_is_renewed_once_for_all_pages(
    intuit: Intuit, large: ImportRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, pages = run_worker._save_page, iter(range(100))

    def expire(*args: Any, **given: Any) -> None:
        honest(*args, **given)
        if next(pages) == 2:
            intuit.good_tokens = {"none"}

    monkeypatch.setattr(run_worker, "_save_page", expire)
    renewed = len(intuit.of("token"))
    assert work(large) is SliceOutcome.DONE
    assert len(intuit.of("token")) == renewed + 1
    assert_whole(large, number=NUMBER)


def test_a_window_does_not_begin_at_an_object_that_quickbooks_refuses(intuit: Intuit, large: ImportRun) -> None:
    honest, refused = intuit._api, list[str]()

    def refuse(asked: Asked) -> Reply:
        text = asked.form.get("query", "")
        if text.startswith("SELECT Id, MetaData.CreateTime") and not refused:
            refused.append(text)
            return Reply(status=400, body=fault("4002"))
        return honest(asked)

    intuit._api = refuse  # type: ignore[method-assign]
    assert work(large) is SliceOutcome.DONE
    assert_whole(large, number=NUMBER)
    begins = [text for text in queries(intuit) if text.startswith("SELECT Id, MetaData.CreateTime")]
    assert len(ends(intuit)) == len(begins) - 1


def test_an_invoice_deleted_meanwhile_leaves_a_beginning_without_an_object(intuit: Intuit, large: ImportRun) -> None:
    honest = intuit._api

    def shrink(asked: Asked) -> Reply:
        if asked.form.get("query", "").startswith("SELECT Id, MetaData.CreateTime"):
            del intuit.books["Invoice"][20:]
        return honest(asked)

    intuit._api = shrink  # type: ignore[method-assign]
    assert work(large) is SliceOutcome.DONE
    assert imported() == set(range(1, 21))
    assert now_of(large).invoices_seen == 20
