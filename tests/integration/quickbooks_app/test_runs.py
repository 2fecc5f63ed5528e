"""The lifecycle of an import run: one run at a time, one worker at a time, and always an end."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from kombu.exceptions import OperationalError

from infactor.invoices.models import CompanyFile
from quickbooks_app import runs, tasks
from quickbooks_app.models import Connection, ImportRun
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.fakes.intuit_server import Intuit
from tests.support.payloads import NOON

THREADS = 20
State = ImportRun.State


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """Call `act` in twenty threads at once, and return the results."""
    start, results = threading.Barrier(THREADS), []

    def run(number: int) -> None:
        try:
            start.wait()
            results.append(act(number))
        finally:
            database.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == THREADS, "a thread ended with an error"
    return results


def claimed(run: ImportRun, *, owner: str = "me", later: timedelta = timedelta(0)) -> ImportRun | None:
    return runs.claim(run_id=run.pk, owner=owner, at=NOON + later)


def now_of(run: ImportRun) -> ImportRun:
    return ImportRun.objects.get(pk=run.pk)


@pytest.mark.django_db(transaction=True)
def test_twenty_requests_at_once_make_one_run() -> None:
    connection = ConnectionFactory()
    made = at_once(lambda number: runs.request(connection=connection, by=None, at=NOON).pk)
    assert len(set(made)) == 1
    assert ImportRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("died", [False, True])
def test_of_twenty_workers_one_gets_the_run(died: bool) -> None:
    state = {"state": State.RUNNING, "lease_owner": "dead", "lease_until": NOON - timedelta(seconds=1)} if died else {}
    run = RunFactory(**state)
    won = [one for one in at_once(lambda number: runs.claim(run_id=run.pk, owner=f"w{number}", at=NOON)) if one]
    assert len(won) == 1
    assert now_of(run).lease_owner == won[0].lease_owner


@pytest.mark.django_db
class TestRequest:
    def test_the_first_run_reads_everything(self, connection: Connection) -> None:
        run = runs.request(connection=connection, by=connection.connected_by, at=NOON)
        assert (run.kind, run.since, run.state, run.requested_by) == ("full", None, "queued", connection.connected_by)

    def test_a_later_run_reads_what_changed_since_with_an_overlap(self, connection: Connection) -> None:
        connection.company_file.as_of = NOON - timedelta(hours=1)
        run = runs.request(connection=connection, by=None, at=NOON)
        assert (run.kind, run.since) == ("changes", NOON - timedelta(hours=1))

    def test_everything_is_read_again_where_it_is_asked_for(self, connection: Connection) -> None:
        connection.company_file.as_of = NOON
        run = runs.request(connection=connection, by=None, at=NOON, kind=ImportRun.Kind.FULL)
        assert (run.kind, run.since) == ("full", None)

    @pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
    def test_an_open_run_is_enough(self, state: str) -> None:
        run = RunFactory(state=state)
        assert runs.request(connection=run.connection, by=None, at=NOON) == run

    def test_a_run_that_waits_does_not_wait_for_a_person(self) -> None:
        run = RunFactory(not_before=NOON + timedelta(minutes=15))
        runs.request(connection=run.connection, by=None, at=NOON)
        assert now_of(run).not_before == NOON + timedelta(minutes=15)
        assert runs.request(connection=run.connection, by=run.connection.connected_by, at=NOON) == run
        assert now_of(run).not_before == NOON

    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
    def test_a_run_that_has_ended_is_not_enough(self, state: str) -> None:
        run = RunFactory(state=state, finished_at=NOON)
        assert runs.request(connection=run.connection, by=None, at=NOON) != run


@pytest.mark.django_db
class TestClaim:
    def test_a_run_is_held_with_a_lease(self) -> None:
        run = claimed(RunFactory())
        assert run is not None
        row = now_of(run)
        assert (row.state, row.lease_owner, row.lease_until) == (State.RUNNING, "me", NOON + runs.LEASE_DURATION)
        assert (row.started_at, row.attempt) == (NOON, 0)

    def test_a_run_that_another_holds_is_not_taken(self) -> None:
        run = RunFactory()
        claimed(run, owner="other")
        assert claimed(run, later=runs.LEASE_DURATION) is None
        assert now_of(run).lease_owner == "other"

    def test_a_run_whose_worker_died_is_taken_and_counts_as_a_failure(self) -> None:
        run = RunFactory()
        claimed(run, owner="dead")
        taken = claimed(run, later=runs.LEASE_DURATION + timedelta(seconds=1))
        assert taken is not None
        assert (taken.lease_owner, taken.attempt, taken.started_at) == ("me", 1, NOON)

    def test_a_run_that_waits_is_not_taken_before_its_time(self) -> None:
        run = RunFactory(not_before=NOON + timedelta(seconds=10))
        assert claimed(run, later=timedelta(seconds=9)) is None
        assert claimed(run, later=timedelta(seconds=10)) is not None

    @pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
    def test_a_run_that_has_ended_is_never_taken(self, state: str) -> None:
        run = RunFactory(state=state, finished_at=NOON)
        assert claimed(run) is None
        assert now_of(run).state == state

    def test_a_run_that_does_not_exist_is_nobodys(self) -> None:
        assert runs.claim(run_id=2**40, owner="me", at=NOON) is None


@pytest.mark.django_db
class TestProgress:
    def test_the_lease_grows_with_every_page_and_failures_are_forgotten(self) -> None:
        run = claimed(RunFactory(attempt=3, error="QuickBooks did not answer."))
        assert run is not None
        run.invoices_seen = 1000
        runs.save_progress(run=run, owner="me", at=NOON + timedelta(seconds=100))
        row = now_of(run)
        assert (row.invoices_seen, row.attempt, row.error) == (1000, 0, "")
        assert row.lease_until == NOON + timedelta(seconds=100) + runs.LEASE_DURATION

    @pytest.mark.parametrize("taken_by", ["another worker", "a disconnect"])
    def test_who_lost_the_lease_writes_nothing(self, taken_by: str) -> None:
        run = claimed(RunFactory())
        assert run is not None
        if taken_by == "another worker":
            claimed(run, owner="other", later=runs.LEASE_DURATION * 2)
        else:
            runs.cancel_open(connection=run.connection, at=NOON, error="QuickBooks was disconnected.")
        run.invoices_seen = 1000
        with pytest.raises(runs.LeaseLost):
            runs.save_progress(run=run, owner="me", at=NOON)
        assert now_of(run).invoices_seen == 0

    def test_who_lost_the_lease_can_neither_give_back_nor_end(self) -> None:
        run = claimed(RunFactory())
        assert run is not None
        claimed(run, owner="other", later=runs.LEASE_DURATION * 2)
        runs.requeue(run=run, owner="me", at=NOON, error="late")
        assert not runs.finish(run=run, owner="me", at=NOON)
        row = now_of(run)
        assert (row.state, row.lease_owner, row.error) == (State.RUNNING, "other", "")
        assert Connection.objects.get(pk=run.connection_id).next_sync_at is None

    def test_a_run_given_back_waits_and_can_be_taken_by_anybody(self) -> None:
        run = claimed(RunFactory())
        assert run is not None
        runs.requeue(run=run, owner="me", at=NOON, delay=timedelta(seconds=30), error="No answer.", is_failure=True)
        row = now_of(run)
        assert (row.state, row.lease_owner, row.attempt, row.not_before) == (
            State.QUEUED,
            "",
            1,
            NOON + timedelta(seconds=30),
        )

    def test_a_slice_that_is_over_counts_as_no_failure(self) -> None:
        run = claimed(RunFactory())
        assert run is not None
        runs.requeue(run=run, owner="me", at=NOON)
        assert (now_of(run).attempt, now_of(run).not_before) == (0, NOON)

    @pytest.mark.parametrize("error", ["", "QuickBooks refused the request (code 4000)."])
    def test_the_end_says_how_and_when_the_books_are_read_next(self, error: str, settings: Any) -> None:
        run = claimed(RunFactory())
        assert run is not None
        assert runs.finish(run=run, owner="me", at=NOON, error=error, error_code="4000" if error else "")
        row = now_of(run)
        assert (row.state, row.finished_at, row.error) == (State.FAILED if error else State.SUCCEEDED, NOON, error)
        wait = runs.FIRST_IMPORT_RETRY if error else settings.QUICKBOOKS_SYNC_INTERVALS[True]
        assert row.connection.next_sync_at == NOON + wait, "a first import that failed is tried again soon"


@pytest.mark.parametrize("attempt", range(12))
def test_the_wait_grows_with_the_failures_and_never_beyond_its_cap(attempt: int) -> None:
    waits = [runs.backoff(attempt).total_seconds() for _ in range(200)]
    assert min(waits) >= 1
    assert max(waits) <= min(runs.BACKOFF_CAP, runs.BACKOFF_BASE * 2**attempt)
    assert len(set(waits)) > 100


@pytest.mark.django_db
class TestDue:
    def test_runs_that_wait_for_nobody_are_due(self) -> None:
        queued = RunFactory(not_before=NOON)
        dead = RunFactory(state=State.RUNNING, lease_owner="dead", lease_until=NOON - timedelta(seconds=1))
        RunFactory(not_before=NOON + timedelta(seconds=1))
        RunFactory(state=State.RUNNING, lease_owner="alive", lease_until=NOON)
        RunFactory(state=State.FAILED, finished_at=NOON)
        assert set(runs.due_run_ids(at=NOON)) == {queued.pk, dead.pk}

    def test_a_run_is_asked_for_only_where_it_is_time(self) -> None:
        due = ConnectionFactory(next_sync_at=NOON)
        ConnectionFactory(next_sync_at=NOON + timedelta(seconds=1))
        ConnectionFactory(next_sync_at=None)
        ConnectionFactory(next_sync_at=NOON, status=Connection.Status.NEEDS_ATTENTION)
        ConnectionFactory(next_sync_at=NOON, status=Connection.Status.DISCONNECTED, access_token="", refresh_token="")
        RunFactory(connection__next_sync_at=NOON, not_before=NOON)
        assert runs.request_due(at=NOON) == 1
        assert [run.connection for run in ImportRun.objects.filter(connection=due)] == [due]
        assert ImportRun.objects.count() == 2

    def test_ringing_twice_asks_once(self) -> None:
        ConnectionFactory(next_sync_at=NOON)
        assert (runs.request_due(at=NOON), runs.request_due(at=NOON)) == (1, 0)
        assert ImportRun.objects.count() == 1

    def test_the_beat_rings_for_every_run_that_waits_and_only_for_those(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[int] = []
        monkeypatch.setattr(tasks.process_import_run, "delay", rung.append)
        waiting = RunFactory()
        asked_for = ConnectionFactory(next_sync_at=timezone.now() - timedelta(minutes=1))
        ConnectionFactory(next_sync_at=timezone.now() + timedelta(hours=1))
        tasks.dispatch_due_runs()
        assert set(rung) == {waiting.pk, ImportRun.objects.get(connection=asked_for).pk}

    def test_a_message_that_comes_twice_does_the_work_once(self, intuit: Intuit, connection: Connection) -> None:
        run = runs.request(connection=connection, by=None, at=timezone.now())
        Connection.objects.update(access_token_expires_at=timezone.now() + timedelta(hours=1))
        tasks.process_import_run(run.pk)
        calls = len(intuit.asked)
        tasks.process_import_run(run.pk)
        assert len(intuit.asked) == calls > 0
        assert now_of(run).state == State.SUCCEEDED
        assert CompanyFile.objects.get().as_of is not None

    def test_a_broker_that_is_away_is_no_error_to_whoever_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(arguments: tuple[int], **options: object) -> None:
            raise OperationalError("redis://:secret@broker is away")

        monkeypatch.setattr(tasks.process_import_run, "apply_async", away)
        run = RunFactory(not_before=NOON)
        tasks.enqueue_import(run.pk)
        assert runs.due_run_ids(at=NOON) == [run.pk], "the beat rings again"
