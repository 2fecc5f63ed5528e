"""Webhook events: one row for each change, written in the change's transaction.

Rows are written only for connected companies and stay until they are delivered or given up.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.runtime.documents import Document, amount_of
from quickbooks_app.sandbox.runtime.entities import ENTITIES

# Intuit notifies of an invoice's changed balance after a payment, but not of a customer's.
BALANCE_FIELDS = {
    "Invoice": "Balance",
    "CreditMemo": "Balance",
    "Payment": "UnappliedAmt",
    "Bill": "Balance",
    "VendorCredit": "Balance",
}
BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One change. `operation` is as in the legacy envelope: Create, Update, Delete, Void, Merge, Emailed."""

    number: int
    event_id: str
    realm: str
    entity: str
    id: str
    operation: str
    merged_id: str
    at: datetime


def operation_of(entity: str, *, before: Document | None, after: Document | None) -> str | None:
    """Return Intuit's operation name for a change, or None if Intuit sends no webhook for it."""
    if not ENTITIES[entity].notified:
        return None
    if before is None:
        return "Create"
    if after is None:
        return "Delete"
    if after["SyncToken"] == before["SyncToken"]:
        key = BALANCE_FIELDS.get(entity)
        return "Update" if key and amount_of(before, key) != amount_of(after, key) else None
    if after.get("DeliveryInfo") != before.get("DeliveryInfo"):
        return "Emailed"
    voided = str(after.get("PrivateNote", "")).startswith("Voided") and not amount_of(after, "TotalAmt")
    return "Void" if voided and amount_of(before, "TotalAmt") else "Update"


def record(
    connection: Connection, *, realm: str, entity: str, id: str, operation: str, at: datetime, merged_id: str = ""
) -> None:
    """Record an event in the change's transaction if an app is connected to the company."""
    connection.execute(
        "INSERT INTO events (event_id, realm, entity, id, operation, merged_id, at)"
        " SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM grants WHERE realm = ? AND revoked_at IS NULL)",
        (str(uuid.uuid4()), realm, entity, id, operation, merged_id, at.isoformat(), realm),
    )


def pending_after(connection: Connection, *, number: int) -> list[Event]:
    """Return the next events after the one with this number."""
    rows = connection.execute("SELECT * FROM events WHERE number > ? ORDER BY number LIMIT ?", (number, BATCH_SIZE))
    return [
        Event(
            number=row["number"],
            event_id=row["event_id"],
            realm=row["realm"],
            entity=row["entity"],
            id=row["id"],
            operation=row["operation"],
            merged_id=row["merged_id"],
            at=datetime.fromisoformat(row["at"]),
        )
        for row in rows
    ]


def delete(connection: Connection, *, numbers: list[int]) -> None:
    """Delete events that were delivered or given up."""
    connection.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])
