"""The body of a webhook in Intuit's two formats, and its signature."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from quickbooks_app.sandbox.runtime.events import Event

# What a person or a test may want otherwise; the texts stand on the control page.
CHOICES = {
    "on": "Send webhooks at all",
    "older": "The older envelope (eventNotifications) instead of CloudEvents",
    "voided": "Spell a void “voided”, as Intuit's examples do; captured traffic says “void”",
    "mixed_case": "Types in mixed case, as was seen (qbo.Invoice.Updated.v1)",
    "twice": "Send everything twice",
    "shuffled": "Send each event alone and in any order",
}
_VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged"}


@dataclass(frozen=True, slots=True)
class Format:
    """How webhooks are sent at this moment."""

    on: bool = True
    older: bool = False
    voided: bool = False
    mixed_case: bool = False
    twice: bool = False
    shuffled: bool = False
    delay: int = 0  # seconds until the first try
    hurry: int = 10  # Intuit's waits between tries are divided by this

    def changed(self, **changes: Any) -> "Format":
        return replace(self, **changes)


def body_of(events: Sequence[Event], *, written: Format) -> bytes:
    """One body that tells of all `events`, of several companies if need be."""
    content = _envelope(events) if written.older else [_cloud_event(event, written) for event in events]
    return json.dumps(content, separators=(",", ":")).encode()


def headers_of(body: bytes, *, verifier: str, written: Format, at: datetime) -> dict[str, str]:
    """What comes with a body; only who knows the verifier token can make the signature."""
    digest = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json; charset=utf-8" if written.older else "application/cloudevents+json",
        "User-Agent": "intuit_notification_server/0.1",
        "intuit-signature": base64.b64encode(digest).decode(),
        "intuit-created-time": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "intuit-t-id": str(uuid.uuid4()),
        "intuit-notification-schema-version": "0.1" if written.older else "1.0",
    }


def _envelope(events: Sequence[Event]) -> dict[str, Any]:
    companies: dict[str, list[dict[str, str]]] = {}
    for event in events:
        told = {
            "name": event.entity,
            "id": event.id,
            "operation": event.operation,
            "lastUpdated": event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if event.merged_id:
            told["deletedId"] = event.merged_id
        companies.setdefault(event.realm, []).append(told)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in companies.items()
        ]
    }


def _cloud_event(event: Event, written: Format) -> dict[str, Any]:
    entity, verb = event.entity.lower(), _VERBS.get(event.operation, "voided" if written.voided else "void")
    if written.mixed_case:
        entity, verb = event.entity, verb.capitalize()
    return {
        "specversion": "1.0",
        "id": event.event_id,
        "source": f"intuit.{base64.b64encode(hashlib.sha256(event.realm.encode()).digest()).decode()}",
        "type": f"qbo.{entity}.{verb}.v1",
        "datacontenttype": "application/json",
        "time": f"{event.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}000Z",
        "intuitentityid": event.id,
        "intuitaccountid": event.realm,
        "data": {"deletedId": event.merged_id} if event.merged_id else {},
    }
