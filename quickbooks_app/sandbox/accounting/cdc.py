"""Change data capture: all objects changed since a moment, deleted ones as tombstones, without paging."""

from collections.abc import Callable
from datetime import datetime, timedelta
from sqlite3 import Connection

from quickbooks_app.sandbox.runtime import clock
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.runtime.entities import Entity, entity_named
from quickbooks_app.sandbox.runtime.envelopes import business_fault_json, join_stored_bodies
from quickbooks_app.sandbox.runtime.errors import application_error, invalid_query, invalid_value, parameter_missing

MAX_OBJECTS = 1000
MAX_LOOK_BACK = timedelta(days=30)


def changes_since(
    connection: Connection,
    *,
    realm: str,
    entities: str,
    since: str,
    at: datetime,
    enforce_look_back: bool,
    give_out: Callable[[str, list[str]], list[str]],
    has_fault_in_slot: bool,
) -> bytes:
    """Return the JSON response for entity names, without the brace that ends it.

    `enforce_look_back` refuses more than the documented 30 days.
    `give_out` returns the bodies of an entity as an answer holds them, and raises if one may not be given out.
    `has_fault_in_slot` puts a fault in the place of one entity, beside the good ones.
    """
    wanted = [_entity(name) for name in entities.split(",") if name.strip()]
    if not wanted:
        raise parameter_missing("entities")
    if not since:
        raise parameter_missing("changedSince")
    try:
        moment = clock.parse_timestamp(since)
    except ValueError:
        raise invalid_value(element="changedSince", detail=f"Invalid date time: {since}") from None
    if enforce_look_back:
        moment = max(moment, at - MAX_LOOK_BACK)
    room = MAX_OBJECTS
    slots: list[bytes] = []
    for entity in wanted:
        bodies = _bodies(connection, realm=realm, entity=entity, since=moment.timestamp(), limit=room)
        bodies = give_out(entity.name, bodies)
        # The cut is over the whole answer and nothing marks it, as with Intuit.
        room -= len(bodies)
        slots.append(_query_response(entity, bodies))
    if has_fault_in_slot:
        slots[min(1, len(slots) - 1)] = business_fault_json(application_error(), at=at)
    return b'{"CDCResponse":[{"QueryResponse":[' + b",".join(slots) + b"]}]"


def _entity(name: str) -> Entity:
    entity = entity_named(name)
    if entity is None or not entity.changes:
        raise invalid_query(f"invalid context declaration: {name.strip()}")
    return entity


def _bodies(connection: Connection, *, realm: str, entity: Entity, since: float, limit: int) -> list[str]:
    bodies: list[str] = []
    for deleted in (0, 1):
        rows = connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = ? AND update_time >= ?"
            " AND NOT EXISTS (SELECT 1 FROM unreported WHERE unreported.realm = objects.realm"
            " AND unreported.entity = objects.entity AND unreported.id = objects.id)"
            " ORDER BY update_time, rowid LIMIT ?",
            (realm, entity.name, deleted, since, limit - len(bodies)),
        )
        bodies += [row["body"] for row in rows]
    return bodies


def _query_response(entity: Entity, bodies: list[str]) -> bytes:
    if not bodies:
        return b"{}"
    tail: dict[str, int] = {"startPosition": 1, "maxResults": len(bodies)}
    if entity.counted:
        tail["totalCount"] = len(bodies)
    return join_stored_bodies(before=b"{", key=entity.key, bodies=bodies, after=b"," + encode(tail)[1:])
