"""Webhook bodies in Intuit's two formats, and their signature."""

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

# Switches of the control page, with their labels.
SWITCHES = {
    "enabled": "Send webhooks",
    "older": "The older envelope (eventNotifications) instead of CloudEvents",
    "voided": "Spell a void “voided”, as Intuit's examples do; captured traffic says “void”",
    "mixed_case": "Types in mixed case, as was seen (qbo.Invoice.Updated.v1)",
    "duplicated": "Send every webhook twice",
    "shuffled": "Send each event in a webhook of its own, in random order",
}
_VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged", "Emailed": "emailed"}


@dataclass(frozen=True, slots=True)
class WebhookFormat:
    """How webhooks are sent."""

    enabled: bool = True
    older: bool = False
    voided: bool = False
    mixed_case: bool = False
    duplicated: bool = False
    shuffled: bool = False
    delay: int = 0  # seconds before the first attempt
    speed_up: int = 10  # Intuit's delays between attempts are divided by this

    def changed(self, **changes: Any) -> "WebhookFormat":
        return replace(self, **changes)


def build_body(events: Sequence[Event], *, written: WebhookFormat) -> bytes:
    """Return one body for all `events`, which may be of several companies."""
    content = _legacy_envelope(events) if written.older else [_cloud_event(event, written) for event in events]
    return json.dumps(content, separators=(",", ":")).encode()


def build_headers(body: bytes, *, verifier: str, written: WebhookFormat, at: datetime) -> dict[str, str]:
    """Return the headers of a body, with the HMAC-SHA256 signature by the verifier token."""
    digest = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return {
        "Content-Type": "application/json; charset=utf-8" if written.older else "application/cloudevents+json",
        "User-Agent": "intuit_notification_server/0.1",
        "intuit-signature": base64.b64encode(digest).decode(),
        "intuit-created-time": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "intuit-t-id": str(uuid.uuid4()),
        "intuit-notification-schema-version": "0.1" if written.older else "1.0",
    }


def _legacy_envelope(events: Sequence[Event]) -> dict[str, Any]:
    companies: dict[str, list[dict[str, str]]] = {}
    for event in events:
        entity = {
            "name": event.entity,
            "id": event.id,
            "operation": event.operation,
            "lastUpdated": event.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if event.merged_id:
            entity["deletedId"] = event.merged_id
        companies.setdefault(event.realm, []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": entities}} for realm, entities in companies.items()
        ]
    }


def _cloud_event(event: Event, written: WebhookFormat) -> dict[str, Any]:
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
