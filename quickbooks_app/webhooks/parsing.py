"""What Intuit sends when something changed: whether it is genuine, and the events in it, whichever envelope it has.

An event is a hint. It names an object that is to be read again; nothing else in it is believed.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

# What is read again; everything else that Intuit may tell of is kept as ignored.
ENTITIES = {name.lower(): name for name in ("Invoice", "Customer", "Payment", "CreditMemo")}
OPERATIONS = {
    "created": "create",
    "updated": "update",
    "deleted": "delete",
    "merged": "merge",
    "voided": "void",
}
TYPE = re.compile(r"qbo\.([a-z]{1,40})\.([a-z]{1,20})(?:\.v\d+)?")
# These go into a query and into the database: what has another form is no id of QuickBooks.
ID = re.compile(r"[0-9A-Za-z:_.-]{1,64}")
REALM = re.compile(r"[0-9]{1,32}")
WORD = re.compile(r"[a-z]{1,20}")
NAME = re.compile(r"[A-Za-z]{1,40}")
EVENT_ID = re.compile(r"[!-~]{1,128}")
YEARS = range(2000, 2200)


class Unreadable(Exception):
    """The body is genuine, but not in a form that is known."""


class Event(NamedTuple):
    """One change as Intuit tells of it. `merged_id` is, of a merge, the id that is gone."""

    event_id: str
    realm_id: str
    entity: str
    qbk_id: str
    operation: str
    merged_id: str
    changed_at: datetime | None

    @property
    def is_read(self) -> bool:
        """Whether infactor reads this kind of object at all."""
        return self.entity in ENTITIES.values()


class Told(NamedTuple):
    """The events of one body, and how many parts of it could not be understood."""

    events: list[Event]
    strange: int


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


def is_genuine(*, body: bytes, signature: str, verifier: str) -> bool:
    """Whether `signature` is that of `body` under the verifier token; without a token nothing is."""
    if not verifier:
        return False
    expected = base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest())
    return hmac.compare_digest(expected, signature.encode())


def read(body: bytes) -> Told:
    """Every event in `body`, once each: CloudEvents, or the older envelope. Raises Unreadable."""
    try:
        if body.lstrip()[:1] == b"[":
            found = [_cloud_event(raw) for raw in msgspec.json.decode(body, type=list[Raw])]
        else:
            found = list(_notified(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("the body has no form that is known") from error
    events = {event.event_id: event for event in found if event is not None}
    return Told(list(events.values()), found.count(None))


def _notified(body: bytes) -> Iterator[Event | None]:
    """The events of the older envelope; a CloudEvent that comes without its array is taken, too."""
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
        told = msgspec.json.decode(raw, type=_CloudEvent)
    except msgspec.ValidationError:
        return None
    kind = TYPE.fullmatch(told.type.lower())
    if kind is None:
        return None
    return _event(
        event_id=told.id,
        realm_id=str(told.intuitaccountid),
        name=kind[1],
        qbk_id=str(told.intuitentityid),
        operation=kind[2],
        merged_id=_merged_id(told.data),
        time=told.time,
    )


def _change(raw: Raw, *, realm_id: str) -> Event | None:
    try:
        told = msgspec.json.decode(raw, type=_Change)
    except msgspec.ValidationError:
        return None
    return _event(
        event_id="",
        realm_id=realm_id,
        name=told.name,
        qbk_id=str(told.id),
        operation=told.operation,
        merged_id=str(told.deletedId or told.deletedID),
        time=told.lastUpdated,
    )


def _event(
    *, event_id: str, realm_id: str, name: str, qbk_id: str, operation: str, merged_id: str, time: str
) -> Event | None:
    """The event, or None for one that names no object or no company."""
    verb = operation.lower()
    understood = NAME.fullmatch(name) and WORD.fullmatch(verb) and REALM.fullmatch(realm_id) and ID.fullmatch(qbk_id)
    if not understood:
        return None
    if not EVENT_ID.fullmatch(event_id):
        parts = (event_id, realm_id, name.lower(), qbk_id, verb, merged_id, time)
        event_id = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    return Event(
        event_id=event_id,
        realm_id=realm_id,
        entity=ENTITIES.get(name.lower(), name),
        qbk_id=qbk_id,
        operation=OPERATIONS.get(verb, verb),
        merged_id=merged_id if ID.fullmatch(merged_id) else "",
        changed_at=_moment(time),
    )


def _merged_id(data: Raw) -> str:
    """The id that a merge did away with: Intuit does not say how it is written here, so the older names count."""
    try:
        told = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.ValidationError:
        return ""
    return next((str(value) for name, value in told.items() if name.lower() == "deletedid"), "")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
