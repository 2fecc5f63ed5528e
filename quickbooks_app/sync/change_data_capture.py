"""What has changed since a moment, all kinds of objects in one call, and what is to be done where that is not enough.

Change data capture looks 30 days back, gives at most 1,000 objects and does not say when it leaves some out
(quickbooks-online.md, 2.6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from quickbooks_app.api.cdc_response import ChangeSet
from quickbooks_app.api.fetch_by_id import Asking, belongings, look_up
from quickbooks_app.api.keyset_pagination import Fetched, fetched
from quickbooks_app.errors import TooLarge
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import NOTHING, Applied, apply_page
from quickbooks_app.sync.deletions import bury, dig_up

# Customers first: invoices name them. Payments after the invoices that they pay.
ENTITIES = ("Customer", "Invoice", "Payment", "CreditMemo")
LOOKS_BACK = timedelta(days=29)  # of QuickBooks' 30: its clock and ours need not agree


@dataclass
class Changes:
    """What is to be written: by entity the objects, and the moments at which others went; QuickBooks' clock."""

    time: datetime | None
    objects: dict[str, list[Fetched]] = field(default_factory=lambda: {entity: [] for entity in ENTITIES})
    gone: dict[str, dict[str, datetime | None]] = field(default_factory=lambda: {entity: {} for entity in ENTITIES})
    back: dict[str, set[str]] = field(default_factory=lambda: {entity: set() for entity in ENTITIES})


def reaches(since: datetime, *, at: datetime) -> bool:
    """Whether change data capture still knows everything that happened from `since` on."""
    return at - since <= LOOKS_BACK


def read(asking: Asking, *, connection: Connection, since: datetime) -> Changes | None:
    """Everything that has changed from `since` on; None where the answer may lack some of it. Raises QuickBooksError.

    One call, and a few more where something is gone: what the same answer or the mirror shows to be alive is read
    again before it is believed, and the papers of a customer that went up in another one are that one's now.
    """
    try:
        answer = asking.ask(partial(asking.client.changed_since, entities=ENTITIES, since=since))
    except TooLarge:
        return None
    if not answer.is_whole:
        return None
    changes = Changes(time=answer.time)
    for entity in ENTITIES:
        changes.objects[entity] = [fetched(raw) for raw in answer.objects[entity]]
        doubtful = _doubtful(connection, entity=entity, answer=answer, objects=changes.objects[entity])
        changes.gone[entity] = {
            qbk_id: moment for qbk_id, moment in answer.gone[entity].items() if qbk_id not in doubtful
        }
        _look_again(asking, changes, entity=entity, ids=sorted(doubtful), gone=answer.gone[entity])
    for entity, ids in belongings(connection=connection, customers=list(changes.gone["Customer"])).items():
        in_answer = {item.head.Id for item in changes.objects[entity] if item.head} | set(changes.gone[entity])
        _look_again(asking, changes, entity=entity, ids=[one for one in ids if one not in in_answer], gone={})
    return changes


def write(*, connection: Connection, changes: Changes, at: datetime) -> dict[str, Applied]:
    """Write what was read, in the caller's transaction; by entity what became of it."""
    applied = {}
    for entity in ENTITIES:
        objects = changes.objects[entity]
        dig_up(connection=connection, entity=entity, ids=changes.back[entity], books_time=changes.time)
        applied[entity] = (
            apply_page(connection=connection, entity=entity, objects=objects, at=at)
            if objects
            else Applied(outcome=NOTHING, issues=0)
        )
    return applied


def bury_gone(*, connection: Connection, changes: Changes, at: datetime) -> dict[str, int]:
    """Mark what is gone, in the caller's transaction, after `write`; by entity how many were not marked before."""
    return {
        entity: bury(connection=connection, entity=entity, gone=changes.gone[entity], books_time=changes.time, at=at)
        for entity in ENTITIES
    }


def _doubtful(connection: Connection, *, entity: str, answer: ChangeSet, objects: Sequence[Fetched]) -> set[str]:
    """Those of the gone that may not be: alive in the same answer, or known here in a version from later."""
    gone = answer.gone[entity]
    if not gone:
        return set()
    alive = {item.head.Id for item in objects if item.head}
    known: Mapping[str, datetime | None] = dict(
        Document.objects.filter(
            connection=connection, entity=entity, qbk_id__in=list(gone), deleted_at__isnull=True
        ).values_list("qbk_id", "books_updated_at")
    )

    def is_from_later(qbk_id: str) -> bool:
        here, went = known.get(qbk_id), gone[qbk_id]
        return here is not None and went is not None and here > went

    return {qbk_id for qbk_id in gone if qbk_id in alive or is_from_later(qbk_id)}


def _look_again(
    asking: Asking,
    changes: Changes,
    *,
    entity: str,
    ids: Sequence[str],
    gone: Mapping[str, datetime | None],
) -> None:
    """Take what QuickBooks says of single objects now into `changes`."""
    if not ids:
        return
    found = look_up(asking, entity=entity, ids=ids)
    changes.objects[entity] = [
        item for item in changes.objects[entity] if item.head is None or item.head.Id not in found.gone
    ] + list(found.objects)
    changes.back[entity].update(item.head.Id for item in found.objects if item.head)
    changes.gone[entity].update({qbk_id: gone.get(qbk_id) for qbk_id in found.gone})
