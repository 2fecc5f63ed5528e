"""An import run completes once, with correct counts, although its workers are killed."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection as database
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.invoices.models import Invoice
from quickbooks_app import runs
from quickbooks_app.models import Connection, ImportRun
from tests.support.assertions.invariants import assert_invariants
from tests.support.factories.suppliers import MembershipFactory
from tests.support.processes.programs import need
from tests.support.processes.workers import Fleet, until

pytestmark = [pytest.mark.django_db(transaction=True)]

INVOICES = 3000
CHANGES = 900  # of one answer, which holds a thousand at most


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path)
    yield fleet
    fleet.close()


class Disturbed:
    """An import run that is under way and gets disturbed."""

    def __init__(self, fleet: Fleet, *, seed: int) -> None:
        self.fleet, self.chance = fleet, random.Random(seed)
        self.connection = fleet.open(invoices=INVOICES)

    def begin(self) -> None:
        self.run = runs.request(connection=self.connection, by=None, at=timezone.now())
        self.worker, self.beat = self.fleet.worker(), self.fleet.beat()

    def disturb(self, how: Callable[[], object]) -> None:
        """Call `how` a random moment after a new worker has started on the run."""
        before = self.row().lease_owner
        until(
            lambda: (self.row().state == "running" and self.row().lease_owner != before) or self.is_over(),
            what="a worker at work",
        )
        time.sleep(self.chance.uniform(0, 0.6))
        if self.is_over():
            self.run = self._again()
        how()

    def kill_worker(self) -> None:
        self.fleet.kill(self.worker)
        self.worker = self.fleet.worker()

    def lose_redis(self) -> None:
        redis = self.fleet.redis
        assert redis is not None
        self.fleet.kill(redis)
        self.fleet.start_redis()

    def end_database_sessions(self) -> None:
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def deploy(self) -> None:
        """Send SIGTERM and wait, as a supervisor does; then start the new version."""
        self.worker.send_signal(signal.SIGTERM)
        assert self._exit_code(self.worker) == 0
        self.worker = self.fleet.worker()

    def edit(self, count: int) -> None:
        """Change that many invoices in QuickBooks, and let the schedule find it is time for a run."""
        self.fleet.edit_invoices(count)
        Connection.objects.update(next_sync_at=timezone.now())
        last = self.run.pk
        self.run = until(lambda: ImportRun.objects.filter(pk__gt=last).first(), what="the next run")

    def assert_changed(self, count: int) -> None:
        row = until(lambda: self.is_over() and self.row(), what=f"the end of the run after {self.fleet.said()}")
        assert (row.state, row.kind, row.invoices_changed) == ("succeeded", ImportRun.Kind.CHANGES, count)
        assert_invariants(Connection.objects.get(pk=self.connection.pk), self.fleet.books(), at=timezone.now())

    def assert_whole(self) -> None:
        row = until(lambda: self.is_over() and self.row(), what=f"the end of the run after {self.fleet.said()}")
        assert (row.state, row.error) == ("succeeded", "")
        books = self.fleet.books()
        first = ImportRun.objects.filter(connection=self.connection).earliest("pk")
        assert len(books["Invoice"]) >= INVOICES
        assert first.invoices_seen == first.invoices_new == len(books["Invoice"])
        assert first.customers_seen == len(books["Customer"])
        assert_invariants(Connection.objects.get(pk=self.connection.pk), books, at=timezone.now())

    def _again(self) -> ImportRun:
        kind = ImportRun.Kind.FULL
        again = runs.request(
            connection=Connection.objects.get(pk=self.connection.pk), by=None, at=timezone.now(), kind=kind
        )
        until(lambda: ImportRun.objects.get(pk=again.pk).state == "running", what="a worker at the next run")
        return again

    def row(self) -> ImportRun:
        return ImportRun.objects.get(pk=self.run.pk)

    def is_over(self) -> bool:
        return not self.row().is_open

    @staticmethod
    def _exit_code(process: subprocess.Popen[bytes]) -> int:
        return process.wait(timeout=300)


def test_a_run_and_one_of_many_changes_survive_killed_workers_and_two_beats(fleet: Fleet) -> None:
    run = Disturbed(fleet, seed=1)
    run.begin()
    fleet.beat()
    for _ in range(3):
        run.disturb(run.kill_worker)
    run.assert_whole()
    runs_before = ImportRun.objects.count()
    run.edit(CHANGES)
    run.disturb(run.kill_worker)
    run.assert_changed(CHANGES)
    assert ImportRun.objects.count() == runs_before + 1, "two beats request one run"


def test_a_grant_that_ends_in_mid_run_is_told_once_and_the_next_grant_completes_the_books(fleet: Fleet) -> None:
    run = Disturbed(fleet, seed=3)
    MembershipFactory(supplier=run.connection.supplier, user=run.connection.connected_by)
    run.begin()
    until(lambda: run.row().invoices_seen > 0, what="the first invoices")
    fleet.revoke_grants()
    row = until(lambda: run.is_over() and run.row(), what=f"the end of the run after {fleet.said()}")
    until(lambda: Connection.objects.get().status != Connection.Status.CONNECTED, what="the end of the connection")
    connection = Connection.objects.get()
    assert (row.state, connection.status) == ("failed", Connection.Status.NEEDS_ATTENTION)
    assert 0 < Invoice.objects.count() < INVOICES, "what came before stays"
    assert OutgoingMail.objects.filter(key__startswith="quickbooks.").count() == 1
    fleet.reconnect(connection)
    run.run = runs.request(connection=Connection.objects.get(), by=None, at=timezone.now())
    row = until(lambda: run.is_over() and run.row(), what=f"the end of the run after {fleet.said()}")
    assert (row.state, row.error) == ("succeeded", "")
    assert_invariants(Connection.objects.get(), fleet.books(), at=timezone.now())


def test_a_run_survives_a_killed_worker_a_redis_that_forgets_ended_database_sessions_and_a_deploy(
    fleet: Fleet,
) -> None:
    need("redis-server", package="redis-server")
    run = Disturbed(fleet, seed=2)
    fleet.with_redis()
    run.begin()
    for how in (run.kill_worker, run.lose_redis, run.end_database_sessions, run.deploy):
        run.disturb(how)
    run.assert_whole()
