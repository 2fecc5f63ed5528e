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

from quickbooks_app import runs
from quickbooks_app.models import Connection, ImportRun
from tests.support.assertions.invariants import assert_invariants
from tests.support.processes.workers import Fleet, need, until

pytestmark = [pytest.mark.django_db(transaction=True)]

INVOICES = 3000


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
        before = self._row().lease_owner
        until(
            lambda: (self._row().state == "running" and self._row().lease_owner != before) or self._is_over(),
            what="a worker at work",
        )
        time.sleep(self.chance.uniform(0, 0.6))
        if self._is_over():
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

    def assert_whole(self) -> None:
        row = until(lambda: self._is_over() and self._row(), what=f"the end of the run after {self.fleet.said()}")
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

    def _row(self) -> ImportRun:
        return ImportRun.objects.get(pk=self.run.pk)

    def _is_over(self) -> bool:
        return not self._row().is_open

    @staticmethod
    def _exit_code(process: subprocess.Popen[bytes]) -> int:
        return process.wait(timeout=60)


def test_a_run_survives_three_killed_workers_with_the_broker_in_the_file_system(fleet: Fleet) -> None:
    run = Disturbed(fleet, seed=1)
    run.begin()
    for _ in range(3):
        run.disturb(run.kill_worker)
    run.assert_whole()


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
