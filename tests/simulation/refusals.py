"""Objects that QuickBooks refuses to give out: they appear, are repaired, and appear again."""

from random import Random

from quickbooks_app.models import Connection, ImportIssue
from quickbooks_app.sandbox.runtime.faults import Faults
from tests.simulation.books import Bookkeeper
from tests.support.assertions.matches_quickbooks import ENTITIES, Books, Refused, differences

CODES = ("4002", "4002", "10000", "500")
# Of one company at once: more than ten in one answer are not the fault of single objects, and more than three internal
# errors in a row are an outage.
MAX_REFUSED = 3


class Refusals:
    """The refused objects of one company. Switching other faults off does not repair them."""

    def __init__(self, *, faults: Faults, person: Bookkeeper, chance: Random) -> None:
        self._faults, self._person, self._chance = faults, person, chance

    def refuse_any(self) -> str:
        """Let QuickBooks refuse a random object. Returns what happened, for the log."""
        entity = self._chance.choices(ENTITIES, weights=(2, 5, 2, 1))[0]
        objects = self._person.objects(entity)
        if not objects or len(self._faults.refused(self._person.realm)) >= MAX_REFUSED:
            return ""
        qbk_id = self._chance.choice(objects)["Id"]
        status, code = self._chance.choice((400, 400, 500)), self._chance.choice(CODES)
        gives_id = self._chance.random() < 0.2
        self._faults.refuse(
            realm=self._person.realm, entity=entity, id=qbk_id, status=status, code=code, gives_id=gives_id
        )
        return f"refused from now on: {entity} {qbk_id}, HTTP {status} with {code}"

    def repair_any(self) -> str:
        """Let QuickBooks give a refused object out again. Returns what happened, for the log."""
        refused = sorted(self._faults.refused(self._person.realm))
        if not refused:
            return ""
        entity, qbk_id = self._chance.choice(refused)
        self._faults.stop_refusing(realm=self._person.realm, entity=entity, id=qbk_id)
        return f"given out again: {entity} {qbk_id}"

    def now(self) -> Refused:
        """The refused objects that exist, by entity."""
        found = {entity: set[str]() for entity in ENTITIES}
        for entity, qbk_id in self._faults.refused(self._person.realm):
            found[entity].add(qbk_id)
        return {
            entity: frozenset(ids & {one["Id"] for one in self._person.objects(entity)})
            for entity, ids in found.items()
        }


def assert_named(connection: Connection, books: Books, refused: Refused) -> None:
    """Each refused object that differs from the books is named by an open import issue, and nothing else is."""
    open_issues = ImportIssue.objects.filter(
        connection=connection, code="refused_quickbooks", resolved_at__isnull=True
    ).values_list("entity", "qbk_id")
    named = set(open_issues)
    too_many = named - {(entity, qbk_id) for entity, ids in refused.items() for qbk_id in ids}
    assert not too_many, f"named as refused, and given out: {sorted(too_many)}"
    others = {
        entity: frozenset(ids - {qbk for kind, qbk in named if kind == entity}) for entity, ids in refused.items()
    }
    named_only = {entity: refused[entity] - others[entity] for entity in refused}
    unnamed = [
        text
        for text in differences(connection, books, named_only)
        if any(text.startswith(f"{entity} {qbk_id}") for entity, ids in others.items() for qbk_id in ids)
        or "the mirror holds others" in text
    ]
    assert not unnamed, "\n".join(["refused, different from the books and not named:", *unnamed])
