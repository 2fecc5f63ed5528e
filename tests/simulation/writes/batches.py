"""Batches in a simulation: many writes in one call, repeated with the same keys until each item has a result."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from quickbooks_app.api.writes.batch import BatchItem, BatchResult
from quickbooks_app.errors import QuickBooksError, Transient
from quickbooks_app.models import Connection
from quickbooks_app.objects.table import Operation
from quickbooks_app.writing.object_writer import object_writer
from tests.simulation.writes.effects import Effects
from tests.simulation.writes.wishes import Wish


@dataclass
class Batch:
    """A batch that somebody keeps until it is done, as a row of the product would."""

    number: int
    connection: Connection
    wishes: list[Wish]
    results: list[BatchResult] = field(default_factory=list)
    error: str = ""

    @property
    def is_open(self) -> bool:
        return not self.results and not self.error

    def perform(self) -> None:
        """Write what is left, or leave it for the next attempt."""
        if not self.is_open:
            return
        connection = Connection.objects.select_related("company_file", "supplier").get(pk=self.connection.pk)
        try:
            with object_writer(connection=connection, now=_now) as writer:
                results = writer.batch(
                    [self._item(place, one) for place, one in enumerate(self.wishes)], key=f"batch {self.number}"
                )
        except Transient:
            return
        except QuickBooksError as error:
            self.error = str(error)
            return
        if not any(isinstance(one.error, Transient) for one in results):
            self.results = results

    def _item(self, place: int, wish: Wish) -> BatchItem:
        head = {"Id": wish.qbk_id, "SyncToken": wish.sync_token} if wish.qbk_id else {}
        return BatchItem(f"{self.number} {place}", Operation(wish.operation), wish.entity, {**head, **wish.fields})


def assert_done_once(batch: Batch, effects: Effects) -> None:
    """What succeeded was made once, and what was refused was not made."""
    for wish, result in zip(batch.wishes, batch.results, strict=False):
        if wish.tag:
            expected = 0 if result.error else 1
            made = effects.made[wish.tag]
            assert made == expected, f"{wish} of batch {batch.number} was made {made} times: {result.error!r}"
    for wish in batch.wishes:
        assert effects.made[wish.tag] <= 1 or not wish.tag, f"{wish} of batch {batch.number} was made twice"


def _now() -> datetime:
    return timezone.now()
