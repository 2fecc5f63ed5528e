"""Parsing of webhook bodies into events, in the CloudEvents format and in the older envelope.

An event is a hint: it names an object to fetch. Nothing else in it is trusted.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from quickbooks_app.objects.table import BY_LOWER_NAME, IMPORTED, OBJECTS, ON_RECEIVABLES

OPERATIONS = {
    "created": "create",
    "updated": "update",
    "deleted": "delete",
    "merged": "merge",
    "voided": "void",
}
TYPE_PATTERN = re.compile(r"qbo\.([a-z]{1,40})\.([a-z]{1,20})(?:\.v\d+)?")
# Ids go into queries and into the database, so they must have the form of QuickBooks' ids.
ID_PATTERN = re.compile(r"[0-9A-Za-z:_.-]{1,64}")
REALM_ID_PATTERN = re.compile(r"[0-9]{1,32}")
OPERATION_PATTERN = re.compile(r"[a-z]{1,20}")
ENTITY_PATTERN = re.compile(r"[A-Za-z]{1,40}")
EVENT_ID_PATTERN = re.compile(r"[!-~]{1,128}")
VALID_YEARS = range(2000, 2200)


class UnreadableBody(Exception):
    """The signature is valid, but the format of the body is unknown."""


class Event(NamedTuple):
    """One reported change. For a merge, `merged_id` is the id that no longer exists."""

    event_id: str
    realm_id: str
    entity: str
    qbk_id: str
    operation: str
    merged_id: str
    changed_at: datetime | None

    @property
    def is_imported(self) -> bool:
        """Whether infactor follows this kind of object of every company: itself, or the customers that it names."""
        return self.entity in IMPORTED or self.entity in ON_RECEIVABLES

    @property
    def is_known(self) -> bool:
        """Whether infactor reads this kind of object, or a company may pull it."""
        return self.entity in OBJECTS and OBJECTS[self.entity].can_be_pulled


class ParsedBody(NamedTuple):
    """The events of one body, and the number of entries that could not be parsed."""

    events: list[Event]
    unrecognised_count: int


class _CloudEvent(Struct):
    id: str = ""
    type: str = ""
    time: str = ""
    intuitentityid: str | int = ""
    intuitaccountid: str | int = ""
    data: Raw = Raw(b"{}")


class _Change(Struct):
    name: str = ""
    id: str | int = ""
    operation: str = ""
    lastUpdated: str = ""
    deletedId: str | int = ""
    deletedID: str | int = ""


class _Entities(Struct):
    entities: list[Raw] = []


class _Notification(Struct):
    realmId: str | int = ""
    dataChangeEvent: _Entities = field(default_factory=_Entities)


class _Envelope(Struct):
    eventNotifications: list[Raw]


def parse(body: bytes) -> ParsedBody:
    """The events in `body` without duplicates. Raises UnreadableBody."""
    try:
        if body.lstrip()[:1] == b"[":
            found = [_cloud_event(raw) for raw in msgspec.json.decode(body, type=list[Raw])]
        else:
            found = list(_envelope_events(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableBody("the format of the body is unknown") from error
    events = {event.event_id: event for event in found if event is not None}
    return ParsedBody(list(events.values()), found.count(None))


def _envelope_events(body: bytes) -> Iterator[Event | None]:
    """The events of the older envelope. Also accepts a single CloudEvent outside an array."""
    if b'"eventNotifications"' not in body:
        yield _cloud_event(Raw(body))
        return
    for raw in msgspec.json.decode(body, type=_Envelope).eventNotifications:
        try:
            notification = msgspec.json.decode(raw, type=_Notification)
        except msgspec.ValidationError:
            yield None
            continue
        for change in notification.dataChangeEvent.entities:
            yield _change(change, realm_id=str(notification.realmId))


def _cloud_event(raw: Raw) -> Event | None:
    try:
        event = msgspec.json.decode(raw, type=_CloudEvent)
    except msgspec.ValidationError:
        return None
    kind = TYPE_PATTERN.fullmatch(event.type.lower())
    if kind is None:
        return None
    return _event(
        event_id=event.id,
        realm_id=str(event.intuitaccountid),
        name=kind[1],
        qbk_id=str(event.intuitentityid),
        operation=kind[2],
        merged_id=_merged_id(event.data),
        time=event.time,
    )


def _change(raw: Raw, *, realm_id: str) -> Event | None:
    try:
        change = msgspec.json.decode(raw, type=_Change)
    except msgspec.ValidationError:
        return None
    return _event(
        event_id="",
        realm_id=realm_id,
        name=change.name,
        qbk_id=str(change.id),
        operation=change.operation,
        merged_id=str(change.deletedId or change.deletedID),
        time=change.lastUpdated,
    )


def _event(
    *, event_id: str, realm_id: str, name: str, qbk_id: str, operation: str, merged_id: str, time: str
) -> Event | None:
    """The event, None if it lacks a valid object or company id."""
    operation_name = operation.lower()
    is_valid = (
        ENTITY_PATTERN.fullmatch(name)
        and OPERATION_PATTERN.fullmatch(operation_name)
        and REALM_ID_PATTERN.fullmatch(realm_id)
        and ID_PATTERN.fullmatch(qbk_id)
    )
    if not is_valid:
        return None
    if not EVENT_ID_PATTERN.fullmatch(event_id):
        parts = (event_id, realm_id, name.lower(), qbk_id, operation_name, merged_id, time)
        event_id = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return Event(
        event_id=event_id,
        realm_id=realm_id,
        entity=found.name if (found := BY_LOWER_NAME.get(name.lower())) else name,
        qbk_id=qbk_id,
        operation=OPERATIONS.get(operation_name, operation_name),
        merged_id=merged_id if ID_PATTERN.fullmatch(merged_id) else "",
        changed_at=_timestamp(time),
    )


def _merged_id(data: Raw) -> str:
    """The id that no longer exists after a merge. Intuit does not document its name, so the older envelope's counts."""
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.ValidationError:
        return ""
    return next((str(value) for name, value in fields.items() if name.lower() == "deletedid"), "")


def _timestamp(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in VALID_YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
