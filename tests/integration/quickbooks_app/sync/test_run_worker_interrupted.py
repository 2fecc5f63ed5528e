"""An interrupted import run keeps what was committed, and reads the rest again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from quickbooks_app import runs, tasks
from quickbooks_app.connections import authorization_flow
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock, owner_of
from tests.support.fakes.intuit_server import Intuit, Reply
from tests.support.payloads import NOON
from tests.support.scenarios.imports import PAGE, assert_whole, imported, now_of, work, work_out

pytestmark = pytest.mark.django_db


class TestInterrupted:
    @pytest.mark.parametrize(("number", "kept"), [(0, 0), (1, 0), (2, 5), (3, 9)])
    def test_a_crash_while_a_page_is_written_repeats_that_page_only(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch, number: int, kept: int
    ) -> None:
        honest, pages = run_worker.apply_page, iter(range(100))

        def crash(**given: Any) -> Any:
            applied = honest(**given)
            if next(pages) == number:
                raise OperationalError("the server closed the connection unexpectedly")
            return applied

        monkeypatch.setattr(run_worker, "apply_page", crash)
        with pytest.raises(OperationalError):
            work(run, owner="dead")
        assert len(imported()) == kept
        assert work(run) is SliceOutcome.NOT_CLAIMED, "the lease still runs"
        later = Clock(NOON + runs.LEASE_DURATION + timedelta(seconds=1))
        assert work(run, clock=later) is SliceOutcome.DONE
        assert_whole(run)
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_run_whose_worker_always_dies_ends(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(**given: Any) -> Any:
            raise MemoryError

        monkeypatch.setattr(run_worker, "apply_page", crash)
        clock = Clock()
        for _ in range(runs.MAX_ATTEMPTS + 1):
            with pytest.raises(MemoryError):
                work(run, clock=clock)
            clock.advance(seconds=runs.LEASE_DURATION.total_seconds() + 1)
        assert work(run, clock=clock) is SliceOutcome.DONE
        assert (now_of(run).state, now_of(run).error_code) == ("failed", "attempts")

    def test_who_lost_the_lease_leaves_no_half_page(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest, pages = run_worker.apply_page, iter(range(100))

        def lose(**given: Any) -> Any:
            if next(pages) == 2:
                ImportRun.objects.update(lease_owner="other")
            return honest(**given)

        monkeypatch.setattr(run_worker, "apply_page", lose)
        assert work(run) is SliceOutcome.NOT_CLAIMED
        row = now_of(run)
        assert (row.invoices_seen, row.state) == (PAGE, "running")
        assert len(imported()) == PAGE

    def test_disconnecting_in_mid_run_stops_it_at_the_page(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest, pages = run_worker._save_page, iter(range(100))

        def disconnect(*args: Any, **given: Any) -> None:
            if next(pages) == 2:
                authorization_flow.disconnect(connection=run.connection, by=owner_of(run.connection), at=NOON)
            honest(*args, **given)

        monkeypatch.setattr(run_worker, "_save_page", disconnect)
        assert work(run) is SliceOutcome.NOT_CLAIMED
        row = now_of(run)
        assert (row.state, row.error) == ("failed", "QuickBooks was disconnected.")
        assert (row.connection.status, len(imported())) == (Connection.Status.DISCONNECTED, PAGE)
        assert work(run, clock=Clock(NOON + timedelta(days=1))) is SliceOutcome.NOT_CLAIMED

    def test_a_slice_ends_after_a_minute_and_the_next_goes_on(self, intuit: Intuit, run: ImportRun) -> None:
        clock = Clock(step=timedelta(seconds=14))
        ends = []
        while not ends or ends[-1] is SliceOutcome.MORE:
            ends.append(work(run, clock=clock))
            row = now_of(run)
            assert row.attempt == 0
        assert ends.count(SliceOutcome.MORE) >= 1
        assert ends[-1] is SliceOutcome.DONE
        assert_whole(run)
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_slice_that_is_over_rings_for_the_next(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[int] = []
        monkeypatch.setattr(tasks.process_import_run, "delay", rung.append)
        monkeypatch.setattr(run_worker, "TIME_BUDGET", timedelta(seconds=-1))
        ImportRun.objects.update(not_before=None)
        tasks.process_import_run(run.pk)
        assert rung == [run.pk]

    def test_the_books_count_as_read_only_when_everything_was(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", *[Reply(status=503)] * 50)
        row = work_out(run)
        assert row.connection.company_file.as_of is None

    def test_the_books_count_as_read_up_to_the_beginning_of_the_run(self, intuit: Intuit, run: ImportRun) -> None:
        began = intuit.clock = NOON - timedelta(hours=2)
        honest = intuit._api

        def api(asked: Any) -> Reply:
            reply = honest(asked)
            intuit.clock += timedelta(minutes=10)
            return reply

        intuit._api = api  # type: ignore[method-assign]
        work(run)
        assert now_of(run).connection.company_file.as_of == began
