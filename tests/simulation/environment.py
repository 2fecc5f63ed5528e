"""The simulation's environment: one sandbox, two workers, a clock, and a database that each seed clears."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import requests
from celery import Task
from django.core.cache import cache
from django.db import connection as database
from django.db import connections
from django.db.backends.signals import connection_created

from infactor.core import broker
from quickbooks_app import runs, tasks
from quickbooks_app.api import keyset_pagination, rate_limiter
from quickbooks_app.auth import tokens
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sandbox.app import create_app
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sync import run_worker, windows
from tests.simulation.books import REALMS, SharedStore, content
from tests.simulation.debts import Accountant
from tests.simulation.network import FakeNetwork, Interceptor
from tests.simulation.workers import Worker
from tests.simulation.writes.effects import Effects
from tests.support.database.truncation import delete_all_rows
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.scenarios.financing import Scenario, build_scenario

START = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
PAGE = 5
WORKERS = 2


# What a message of the fake broker is about, by the task that it would start.
KINDS = {
    tasks.process_import_run.name: "run",
    tasks.check_completeness.name: "check",
    tasks.process_webhooks.name: "inbox",
    tasks.perform_push.name: "push",
}


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


class OurClock:
    """infactor's clock: QuickBooks' one, and `ahead` by so much, or behind."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.ahead = clock, timedelta(0)

    def __call__(self) -> datetime:
        return self._clock() + self.ahead


class Environment:
    """Created once a process; `begin` clears it for the next seed."""

    page = PAGE

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.now = OurClock(self.clock)
        self.content = content(folder, at=START - timedelta(days=1))
        self.store = SharedStore(folder / "books.sqlite3")
        self.flask = create_app(store=self.store, app=RegisteredApp(), now=self.clock)
        # Simulation data need not survive a power failure, so no commit waits for the disk.
        connection_created.connect(_deliver_immediately)
        database.close()
        self.actors = [Worker() for _ in range(WORKERS)]
        self.people: dict[str, Accountant] = {}
        self.connections: list[Connection] = []
        self.financing: dict[int, Scenario] = {}  # by connection
        self.effects = Effects(self.store)
        self.chance = Random(0)
        self.played = ExitStack()
        self._install_fakes()

    @property
    def faults(self) -> Faults:
        found: Faults = self.flask.extensions["sandbox"].faults
        return found

    def reset(
        self,
        *,
        companies: int,
        chance: Random,
        intercept: Interceptor,
        enqueue: Callable[[str, int], None],
        finances: bool = False,
    ) -> None:
        """Empty the books and tables, and connect `companies`; `finances` makes their suppliers ones to buy from."""
        self.clean_up()
        cache.clear()
        self.clock.at, self.chance = START, chance
        self.now.ahead = timedelta(0)
        self.store.load(self.content)
        self.faults.clear()
        self.effects = Effects(self.store)
        self.network = FakeNetwork(flask=self.flask, intercept=intercept, watch=self.effects.watch, count=self._count)
        self.enqueue = enqueue
        self.people = {realm: Accountant(store=self.store, realm=realm, chance=chance) for realm in REALMS[:companies]}
        self.connections, self.financing = [], {}
        for realm in self.people:
            scenario = build_scenario(now=self.now(), name=f"Supplier of {realm}") if finances else None
            given = {"company_file": scenario.books} if scenario else {}
            connection = ConnectionFactory(realm_id=realm, access_token="", refresh_token="", **given)
            self.connect(connection)
            self.connections.append(connection)
            if scenario:
                scenario.books.as_of = None  # nothing is imported yet
                scenario.books.save(update_fields=["as_of"])
                self.financing[connection.pk] = scenario
        for scenario in list(self.financing.values())[:1]:
            scenario.terms(min_paid_invoices=0)

    def connect(self, connection: Connection) -> None:
        """Connect or reconnect the supplier's company."""
        at = self.now()
        given = self.people[connection.realm_id].consent(at=self.clock())
        Connection.objects.filter(pk=connection.pk).update(
            status=Connection.Status.CONNECTED, status_reason="", connected_at=at
        )
        row = Connection.objects.get(pk=connection.pk)
        row.access_token, row.refresh_token = given.access, given.refresh
        row.access_token_expires_at = at + timedelta(hours=1)
        row.token_version += 1
        row.save()

    def request_sync(self, connection: Connection) -> ImportRun:
        """Request an import run."""
        fresh = Connection.objects.select_related("company_file").get(pk=connection.pk)
        return runs.request(connection=fresh, by=None, at=self.now())

    def pause(self) -> None:
        """Let other workers run while this one waits for the network."""
        for actor in self.actors:
            if actor.is_current:
                actor.pause()

    def clean_up(self) -> None:
        """Stop every worker and delete all rows."""
        for actor in self.actors:
            if actor.is_busy:
                actor.kill()
        for actor in self.actors:
            actor.forget_calls()
        delete_all_rows()

    def close(self) -> None:
        self.clean_up()
        for actor in self.actors:
            actor.close()
        self.played.close()
        connection_created.disconnect(_deliver_immediately)
        self.store.close()

    def recorded_calls(self, realm: str) -> tuple[int, int]:
        """How many calls infactor must have recorded of a company, and of how many the worker died."""
        return sum(one.recorded[realm] for one in self.actors), sum(one.lost[realm] for one in self.actors)

    def _count(self, realm: str) -> None:
        for actor in self.actors:
            if actor.is_current:
                actor.calls[realm] += 1

    def _adapter(self, url: str) -> FakeNetwork:
        return self.network

    def _sleep(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        self.pause()

    def _notify(self, task: Task, pk: int, **options: Any) -> None:
        self.enqueue(KINDS[task.name], pk)

    def _install_fakes(self) -> None:
        """Replace the network, the clock, the broker and threads with their fakes."""
        patches: list[Any] = [
            mock.patch.object(requests.Session, "get_adapter", self._adapter),
            mock.patch("django.utils.timezone.now", self.now),
            mock.patch.object(keyset_pagination, "PAGE_SIZE", PAGE),
            mock.patch.object(windows, "FEWEST_PAGES", 1),
            mock.patch.object(run_worker, "ThreadPoolExecutor", partial(_SequentialExecutor, self)),
            mock.patch.dict(rate_limiter.RateLimiter.__init__.__kwdefaults__, sleep=self._sleep),
            mock.patch.dict(tokens.get_access_token.__kwdefaults__, sleep=self._sleep),
            *(
                mock.patch.object(task, "delay", partial(self._notify, task))
                for task in (
                    tasks.process_import_run,
                    tasks.check_completeness,
                    tasks.process_webhooks,
                    tasks.perform_push,
                )
            ),
            mock.patch.object(tasks, "notify_financing"),
            mock.patch.object(broker, "notify", self._notify),
        ]
        for patch in patches:
            self.played.enter_context(patch)


def _deliver_immediately(connection: Any, **signal: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


class _SequentialExecutor:
    """A fake of the prefetching thread: it runs at once or as late as possible, at random."""

    def __init__(self, stage: Environment, **options: Any) -> None:
        self.is_early = stage.chance.random() < 0.5

    def __enter__(self) -> "_SequentialExecutor":
        return self

    def __exit__(self, *problem: object) -> None:
        return None

    def submit(self, call: Callable[[], Any]) -> Any:
        if call == connections.close_all:
            return None  # the connection is the worker's own here
        coming: Future[Any] = Future()
        if not self.is_early:
            return _DeferredFuture(call)
        try:
            coming.set_result(call())
        except Exception as problem:  # noqa: BLE001  as a future does
            coming.set_exception(problem)
        return coming


class _DeferredFuture:
    def __init__(self, call: Callable[[], Any]) -> None:
        self.result = call
