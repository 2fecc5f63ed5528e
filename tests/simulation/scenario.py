"""One random scenario, determined by its seed: edits, workers, faults, crashes and lost messages.

The code under test is the real one, down to the database. One random number generator simulates the network, the
clock, the broker and the operating system's scheduler.
"""

import random
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Q

from quickbooks_app import tasks
from quickbooks_app.auth import integrations
from quickbooks_app.models import ApiCall, CompletenessCheck, Connection, ImportRun
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.webhooks import inbox
from quickbooks_app.webhooks.parsing import Event
from tests.simulation import comparisons
from tests.simulation.actions import ACTIONS, JOBS
from tests.simulation.environment import Environment
from tests.simulation.faults import UnreliableNetwork
from tests.simulation.refusals import Refusals, assert_named
from tests.simulation.workers import Worker
from tests.simulation.writes.moves import FINANCED_SEEDS, WRITE_MOVES, WriteMoves
from tests.support.assertions.debts import assert_debts_match
from tests.support.assertions.invariants import assert_invariants, assert_sound
from tests.support.assertions.sandbox_ledger import assert_balanced

ENTITIES = ("Customer", "Invoice", "Payment", "CreditMemo")
BEGINS_IMPORTED = 0.6  # the share of seeds whose troubles begin after the first import, so that more is written
ABOUT_A_ROW = ("run", "inbox", "check", "push", "batch")  # whose messages name one


class Scenario:
    """The events of one seed."""

    def __init__(self, *, seed: int, stage: Environment) -> None:
        self.seed, self.chance = seed, Random(seed)
        random.seed(seed)  # the waits that the code itself makes up
        self.stage, self.clock = stage, stage.clock
        self.history: list[str] = []
        self.network = UnreliableNetwork(stage=stage, chance=self.chance, log=self.log)
        companies = self.chance.choice((1, 1, 2))
        stage.reset(
            companies=companies,
            chance=self.chance,
            intercept=self.network.intercept,
            enqueue=self.enqueue,
            finances=self.chance.random() < FINANCED_SEEDS,
        )
        self.refusals = {
            realm: Refusals(faults=stage.faults, person=person, chance=self.chance)
            for realm, person in stage.people.items()
        }
        self.messages: list[tuple[str, int]] = []
        self.is_concealing = self.chance.random() < 0.4
        self.events = 0
        self.writes = WriteMoves(
            stage=stage, chance=self.chance, log=self.log, enqueue=self.enqueue, rival=self._edit_of
        )
        self.moves = {
            **{name: (getattr(self, f"_{name}"), weight) for name, weight in ACTIONS.items()},
            **{name: (getattr(self.writes, name), weight) for name, weight in WRITE_MOVES.items()},
        }
        self.jobs = {**{kind: task.run for kind, task in JOBS.items()}, **self.writes.jobs()}

    def close(self) -> None:
        """Leave nothing behind that watches."""
        self.writes.close()

    def log(self, what: str) -> None:
        """Record a line of the scenario, which helps to find out why a seed failed."""
        if what:
            self.history.append(f"{self.clock():%d %H:%M:%S.%f} {what}")

    def run(self) -> None:
        """Run the whole scenario, at whose end infactor must match QuickBooks."""
        for person in self.stage.people.values():
            for _ in range(self.chance.randint(3, 14)):
                person.edit(at=self.clock(), kind=self.chance.choice(("create_sales_form", "create_sales_form", "pay")))
                self.clock.advance(seconds=self.chance.randint(0, 3))
        for connection in self.stage.connections:
            self.messages.append(("run", self.stage.request_sync(connection).pk))
        if self.chance.random() < BEGINS_IMPORTED:
            self.network.is_well = True
            self._settle()
            self.network.is_well = False
        moves, weights = zip(*self.moves.values(), strict=True)
        for _ in range(self.chance.randint(60, 130)):
            self.chance.choices(moves, weights=weights)[0]()
        self._finish()

    def enqueue(self, kind: str, subject: int) -> None:
        """Queue a message for the workers."""
        self.messages.append((kind, subject))

    def _resume_worker(self) -> None:
        busy = [actor for actor in self.stage.actors if actor.is_busy]
        if busy:
            self.chance.choice(busy).resume()
        elif self.messages:
            self._deliver_message()

    def _deliver_message(self) -> None:
        idle = [actor for actor in self.stage.actors if not actor.is_busy]
        if idle and self.messages:
            self._work(idle[0], *self.messages.pop(self.chance.randrange(len(self.messages))))

    def _work(self, actor: Worker, kind: str, subject: int) -> None:
        dies = self.chance.randint(0, 60) if not self.network.is_well and self.chance.random() < 0.15 else None
        self.log(f"worker {self.stage.actors.index(actor)}: {kind} {subject or ''}, dies after {dies}")
        arguments: tuple[Any, ...] = (subject,) if kind in ABOUT_A_ROW else ()
        actor.kind = kind
        actor.start(lambda: self.jobs[kind](*arguments), dies_after=dies)

    def _enqueue_any(self) -> None:
        self.messages.append((self.chance.choice(("beat", "sweep", "checks", "pushes")), 0))

    def _duplicate_message(self) -> None:
        if self.messages:
            self.messages.append(self.chance.choice(self.messages))

    def _lose_message(self) -> None:
        if self.messages:
            self.messages.pop(self.chance.randrange(len(self.messages)))

    def _advance_clock(self) -> None:
        # No call takes longer than a lease, but a worker may pause longer than its own.
        long = () if any(actor.is_busy for actor in self.stage.actors) else (900, 3700)
        self.clock.advance(seconds=self.chance.choice((1, 20, 130, *long)))

    def _kill(self) -> None:
        busy = [actor for actor in self.stage.actors if actor.is_busy]
        if busy:
            self.chance.choice(busy).kill()

    def _end_tokens(self) -> None:
        tokens.expire_access_tokens(self.stage.store, at=self.clock())

    def _revoke_grants(self) -> None:
        tokens.revoke_all_grants(self.stage.store, at=self.clock())

    def _jump_clock(self) -> None:
        """infactor's clock is set, by seconds or by an hour, forwards or back."""
        self.stage.now.ahead = timedelta(seconds=self.chance.choice((-3600, -90, -5, 0, 0, 5, 90, 3600)))
        self.log(f"infactor's clock is {self.stage.now.ahead} ahead")

    def _request_sync(self) -> None:
        connection = self.chance.choice(self.stage.connections)
        if Connection.objects.get(pk=connection.pk).status == Connection.Status.CONNECTED:
            self.messages.append(("run", self.stage.request_sync(connection).pk))

    def _edit(self) -> None:
        self.clock.advance(seconds=self.chance.choice((0, 0, 1, 5)))
        realm = self.chance.choice(list(self.stage.people))
        self._send_webhooks(realm, self.stage.people[realm].edit(at=self.clock()))

    def _edit_of(self, connection: Connection, entity: str, qbk_id: str) -> None:
        """The books' owner edits this very object."""
        self.clock.advance(seconds=1)
        person = self.stage.people[connection.realm_id]
        self._send_webhooks(connection.realm_id, person.edit_object(at=self.clock(), entity=entity, qbk_id=qbk_id))

    def _send_webhooks(self, realm: str, changes: list[tuple[str, str, str]]) -> None:
        """Report some of the changes by webhooks."""
        self.log(f"the books: {changes}")
        self.chance.shuffle(changes)
        events = []
        for entity, qbk_id, operation in changes:
            if entity in ("Customer", "Invoice", "Payment", "CreditMemo") and self.chance.random() < 0.35:
                self.events += 1
                name = f"event-{self.events}"
                events.append(Event(name, realm, entity, qbk_id, operation, "", self.clock()))
        for pk in inbox.store_events(events=events, senders=[integrations.from_settings()], at=self.stage.now()):
            tasks.enqueue_webhooks(pk)

    def _outage(self) -> None:
        self.network.begin_outage()

    def _refuse(self) -> None:
        self.log(self._any_refusals().refuse_any())

    def _repair(self) -> None:
        self.log(self._any_refusals().repair_any())

    def _any_refusals(self) -> Refusals:
        return self.refusals[self.chance.choice(list(self.refusals))]

    def _conceal_edit(self, *, is_end: bool = False) -> None:
        if self.is_concealing:
            person = self.stage.people[self.chance.choice(list(self.stage.people))]
            changes = comparisons.conceal_edit(person, chance=self.chance, at=self.clock(), is_end=is_end)
            self.log(f"the books, concealed: {changes}")

    def _finish(self) -> None:
        """Switch all passing faults off: after two scheduled import runs and a comparison the books match."""
        self.network.is_well = True
        self.stage.now.ahead = timedelta(0)
        self._run_on_schedule()
        asked_at = self._run_on_schedule()
        self._compare()
        if self._is_any_lost():  # a crash had lost its last token, and nothing needed one until these runs
            asked_at = self._run_on_schedule()
            self._compare()
        self.writes.assert_kept()
        for connection in self.stage.connections:
            last = ImportRun.objects.filter(connection=connection, finished_at__gte=asked_at).first()
            assert last is not None, "the schedule asks for a run"
            assert (last.state, last.error) == ("succeeded", "")
            self._assert_counted(connection)
            self._assert_in_step(Connection.objects.select_related("company_file", "supplier").get(pk=connection.pk))

    def _run_on_schedule(self) -> datetime:
        """Reconnect what was lost, and let the next runs of the schedule end; when they were asked for."""
        self._settle()
        for connection in self.stage.connections:
            self._reconnect_if_lost(connection)
        self.clock.advance(hours=2)
        asked_at = self.clock()
        self.messages.append(("beat", 0))
        self._settle()
        return asked_at

    def _is_any_lost(self) -> bool:
        keys = [one.pk for one in self.stage.connections]
        return Connection.objects.filter(pk__in=keys).exclude(status=Connection.Status.CONNECTED).exists()

    def _assert_counted(self, connection: Connection) -> None:
        """Every call is a row, but for those of a worker that died."""
        expected, lost = self.stage.recorded_calls(connection.realm_id)
        rows = ApiCall.objects.filter(connection=connection).count()
        assert expected <= rows <= expected + lost, f"{rows} calls are recorded of {expected} and {lost} of the dead"

    def _assert_in_step(self, connection: Connection) -> None:
        """Nothing is lost or doubled, debts are right to the cent, and what QuickBooks refuses is named."""
        person, refused = self.stage.people[connection.realm_id], self.refusals[connection.realm_id].now()
        objects = {entity: person.objects(entity) for entity in ENTITIES}
        books = {entity: {one["Id"]: one for one in found} for entity, found in objects.items()}
        assert_invariants(connection, objects, at=self.clock(), refused=refused)
        assert_named(connection, books, refused)
        assert_debts_match(connection, books, refused)
        comparisons.assert_complete(connection, person, refused)
        assert_balanced(Books(self.stage.store.connection(), realm=connection.realm_id, at=self.clock()))

    def _compare(self) -> None:
        """A day later every company is compared with QuickBooks' own reports. No sync sees the last edits."""
        for _ in range(self.chance.randint(0, 3)):
            self.clock.advance(hours=1)
            self._conceal_edit(is_end=True)
        self.clock.advance(hours=25)
        for message in ("beat", "checks"):
            self.messages.append((message, 0))
            self._settle()

    def _settle(self) -> None:
        """Run until no import run is open and every worker is idle."""
        for _ in range(5000):  # who waits for another one's refresh looks ten times a second
            busy = [actor for actor in self.stage.actors if actor.is_busy]
            if busy:
                self.chance.choice(busy).resume()
            elif self.messages:
                self._deliver_message()
            elif ImportRun.objects.filter(state__in=ImportRun.OPEN).exists() or _is_comparing() or self._is_writing():
                self.clock.advance(minutes=3)
                self.messages += [("beat", 0), ("checks", 0)]
                self.writes.sweep()
            else:
                break
        else:
            raise AssertionError("the runs do not end")
        for connection in self.stage.connections:
            assert_sound(connection, at=self.clock())
        self.writes.assert_sound()

    def _is_writing(self) -> bool:
        """Whether a write is still to be made, which infactor tries for hours."""
        return self.writes.has_open()

    def _reconnect_if_lost(self, connection: Connection) -> None:
        """Reconnect the companies whose grant was lost."""
        if Connection.objects.get(pk=connection.pk).status != Connection.Status.CONNECTED:
            self.stage.connect(connection)
            self.messages.append(("run", self.stage.request_sync(connection).pk))
            self._settle()


def _is_comparing() -> bool:
    """Whether a comparison is not finished, or asks for a reading of everything."""
    checks = CompletenessCheck.objects.filter(connection__status=Connection.Status.CONNECTED)
    return checks.filter(Q(state__in=CompletenessCheck.OPEN) | Q(needs_full_read=True, full_read__isnull=True)).exists()
