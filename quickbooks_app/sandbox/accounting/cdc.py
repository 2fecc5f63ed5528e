"""Change data capture: everything that changed since a moment, deleted objects as tombstones, no paging."""

from datetime import datetime, timedelta
from sqlite3 import Connection

from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.runtime.entities import Entity, entity_named
from quickbooks_app.sandbox.runtime.envelopes import closing, spliced
from quickbooks_app.sandbox.runtime.errors import invalid_query, invalid_value, parameter_missing

LARGEST_ANSWER = 1000
LOOK_BACK = timedelta(days=30)


def changes_since(
    connection: Connection, *, realm: str, entities: str, since: str, at: datetime, limited: bool
) -> bytes:
    """The JSON answer for a list of entity names; `limited` keeps to the documented thirty days."""
    wanted = [_entity(name) for name in entities.split(",") if name.strip()]
    if not wanted:
        raise parameter_missing("entities")
    if not since:
        raise parameter_missing("changedSince")
    try:
        moment = clock.read_moment(since)
    except ValueError:
        raise invalid_value(element="changedSince", detail=f"Invalid date time: {since}") from None
    if limited:
        moment = max(moment, at - LOOK_BACK)
    room = LARGEST_ANSWER
    slots: list[bytes] = []
    for entity in wanted:
        bodies = _bodies(connection, realm=realm, entity=entity, since=moment.timestamp(), limit=room)
        # The cut is over the whole answer and nothing marks it, as with Intuit.
        room -= len(bodies)
        slots.append(_slot(entity, bodies))
    return b'{"CDCResponse":[{"QueryResponse":[' + b",".join(slots) + b"]}]" + closing(at)


def _entity(name: str) -> Entity:
    entity = entity_named(name)
    if entity is None:
        raise invalid_query(f"invalid context declaration: {name.strip()}")
    return entity


def _bodies(connection: Connection, *, realm: str, entity: Entity, since: float, limit: int) -> list[str]:
    bodies: list[str] = []
    for deleted in (0, 1):
        rows = connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = ? AND update_time >= ?"
            " ORDER BY update_time, rowid LIMIT ?",
            (realm, entity.name, deleted, since, limit - len(bodies)),
        )
        bodies += [row["body"] for row in rows]
    return bodies


def _slot(entity: Entity, bodies: list[str]) -> bytes:
    if not bodies:
        return b"{}"
    tail: dict[str, int] = {"startPosition": 1, "maxResults": len(bodies)}
    if entity.counted:
        tail["totalCount"] = len(bodies)
    return spliced(before=b"{", key=entity.key, bodies=bodies, after=b"," + encode(tail)[1:])
