"""What may happen to writes in a scenario, by weight, and the moves themselves."""

from collections.abc import Callable
from random import Random
from typing import Any

from django.db.models.signals import post_save

from infactor.users.models import User
from quickbooks_app import tasks
from quickbooks_app.models import Connection, Push
from quickbooks_app.pushes import consent
from quickbooks_app.pushes.requests import CannotPush, request_push
from tests.simulation.environment import Environment
from tests.simulation.writes import financing, promises
from tests.simulation.writes.batches import Batch, assert_done_once
from tests.simulation.writes.promises import Promise, Promises
from tests.simulation.writes.wishes import IN_BATCHES, Wishes
from tests.support.factories.quickbooks import owner_of

# A write-back of a financing event joins here: its weight, and a method of WriteMoves.
WRITE_MOVES = {
    "request_push": 12,
    "request_batch": 1.5,
    "sweep": 4,
    "buy": 4,
    "release_buyer": 0.6,
    "stop_writes": 0.15,
    "allow_writes": 0.5,
}
JOBS = {"push": tasks.perform_push, "pushes": tasks.dispatch_pushes}
WRITING = ("push", "batch")  # the jobs that write
FINANCED_SEEDS = 0.35  # the share of seeds in which infactor buys: a scenario of financing takes a while


class WriteMoves:
    """The writes of one seed. `rival` lets the books' owner edit an object that infactor is about to write."""

    def __init__(
        self,
        *,
        stage: Environment,
        chance: Random,
        log: Callable[[str], None],
        enqueue: Callable[[str, int], None],
        rival: Callable[[Connection, str, str], None],
    ) -> None:
        self._stage, self._chance, self._log, self._enqueue, self._rival = stage, chance, log, enqueue, rival
        self._numbers = 0
        self.batches: list[Batch] = []
        self.promises: Promises = {}
        self._owners: dict[int, User] = {}
        post_save.connect(self._promise, sender=Push)
        for connection in stage.connections:
            self._owners[connection.pk] = owner_of(connection)
            consent.allow_writes(connection=connection, by=self._owners[connection.pk], at=stage.now())

    def close(self) -> None:
        """Watch no more pushes."""
        post_save.disconnect(self._promise, sender=Push)

    def jobs(self) -> dict[str, Callable[..., Any]]:
        """What a message of each kind starts."""
        return {
            **{kind: task.run for kind, task in JOBS.items()},
            "batch": lambda number: self.batches[number].perform(),
        }

    def request_push(self) -> None:
        """Staff ask for a write. At times somebody edits the same object in the books meanwhile."""
        connection = self._connection()
        wish = self._wishes(connection).any()
        if wish is None:
            return
        try:
            push = request_push(
                connection=connection,
                entity=wish.entity,
                operation=wish.operation,
                qbk_id=wish.qbk_id,
                fields=wish.fields,
                by=self._owners[connection.pk],
                at=self._stage.now(),
            )
        except CannotPush as refusal:
            self._log(f"no push: {wish}: {refusal}")
            return
        self._log(f"push {push.pk}: {wish}")
        if wish.qbk_id and self._chance.random() < 0.4:
            self._rival(connection, wish.entity, wish.qbk_id)
        if self._chance.random() < 0.8:
            self._enqueue("push", push.pk)

    def request_batch(self) -> None:
        """Ask for several writes at once, of which one may be bad."""
        connection = self._connection()
        if connection.status != Connection.Status.CONNECTED:
            return
        found = [self._wishes(connection).any(IN_BATCHES) for _ in range(self._chance.randint(2, 5))]
        wishes = [one for one in found if one is not None]
        if wishes:
            self.batches.append(Batch(len(self.batches), connection, wishes))
            self._log(f"batch {len(self.batches) - 1}: {wishes}")
            self._enqueue("batch", len(self.batches) - 1)

    def sweep(self) -> None:
        """Beat finds what waits."""
        self._enqueue("pushes", 0)
        for number, batch in enumerate(self.batches):
            if batch.is_open:
                self._enqueue("batch", number)

    def buy(self) -> None:
        """Buy an invoice, while no write is on its way: a purchase takes people longer than a call."""
        connection = self._connection()
        scenario = self._stage.financing.get(connection.pk)
        if scenario is None or any(actor.is_busy and actor.kind in WRITING for actor in self._stage.actors):
            return
        self._log(
            financing.buy_any(
                scenario,
                connection=connection,
                chance=self._chance,
                effects=self._stage.effects,
                at=self._stage.now(),
            )
        )

    def release_buyer(self) -> None:
        """Release the buyer of a notice."""
        self._log(financing.release_any(connection=self._connection(), chance=self._chance, at=self._stage.now()))

    def stop_writes(self) -> None:
        """The supplier allows writes no longer."""
        self._log(f"the supplier stops writes: {self._consent(consent.stop_writes)}")

    def allow_writes(self) -> None:
        """The supplier allows them again."""
        self._log(f"the supplier allows writes: {self._consent(consent.allow_writes)}")

    def has_open(self) -> bool:
        """Whether a write has not come to its end."""
        return any(batch.is_open for batch in self.batches) or Push.objects.filter(finished_at=None).exists()

    def assert_sound(self) -> None:
        """What holds at all times: what waits has a date, and what is being written has a lease."""
        promises.assert_sound()

    def assert_kept(self) -> None:
        """What holds at the end."""
        assert not self._stage.effects.problems, "\n".join(self._stage.effects.problems)
        for batch in self.batches:
            assert_done_once(batch, self._stage.effects)
        promises.assert_kept(self.promises, self._stage.effects)
        for person in self._stage.people.values():
            promises.assert_pay_to_stands_once(person.objects("Invoice"))

    def _promise(self, instance: Push, created: bool, **signal: Any) -> None:
        if created:
            self.promises[instance.pk] = Promise.of(instance)

    def _connection(self) -> Connection:
        chosen = self._chance.choice(self._stage.connections)
        return Connection.objects.select_related("company_file", "supplier").get(pk=chosen.pk)

    def _wishes(self, connection: Connection) -> Wishes:
        return Wishes(connection=connection, chance=self._chance, number=self._number)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _consent(self, change: Callable[..., bool]) -> bool:
        connection = self._connection()
        return change(connection=connection, by=self._owners[connection.pk], at=self._stage.now())
