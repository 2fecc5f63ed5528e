"""What happened in the books and is to be told by webhook: one row an event, written with the change itself.

Rows are made only for companies that an app is connected to, and stay until they are told or given up.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.runtime.documents import Document, as_decimal

TOLD = frozenset({"Invoice", "CreditMemo", "Payment", "Customer", "Item", "Term", "Preferences"})
# A payment moves the balance of its invoice, which Intuit tells; a customer's balance moves untold.
MOVED = {"Invoice": "Balance", "CreditMemo": "Balance", "Payment": "UnappliedAmt"}
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One change to tell of; `operation` as in the older envelope: Create, Update, Delete, Void, Merge."""

    number: int
    event_id: str
    realm: str
    entity: str
    id: str
    operation: str
    merged_id: str
    at: datetime


def operation(entity: str, *, before: Document | None, after: Document | None) -> str | None:
    """What Intuit calls this change, or nothing where it does not tell of it."""
    if entity not in TOLD:
        return None
    if before is None:
        return "Create"
    if after is None:
        return "Delete"
    if after["SyncToken"] == before["SyncToken"]:
        key = MOVED.get(entity)
        return "Update" if key and as_decimal(before, key) != as_decimal(after, key) else None
    voided = str(after.get("PrivateNote", "")).startswith("Voided") and not as_decimal(after, "TotalAmt")
    return "Void" if voided and as_decimal(before, "TotalAmt") else "Update"


def record(
    connection: Connection, *, realm: str, entity: str, id: str, operation: str, at: datetime, merged_id: str = ""
) -> None:
    """Write an event in the transaction of the change, if an app is connected to the company."""
    connection.execute(
        "INSERT INTO events (event_id, realm, entity, id, operation, merged_id, at)"
        " SELECT ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM grants WHERE realm = ? AND revoked_at IS NULL)",
        (str(uuid.uuid4()), realm, entity, id, operation, merged_id, at.isoformat(), realm),
    )


def after(connection: Connection, *, number: int) -> list[Event]:
    """The next events behind the one with this number."""
    rows = connection.execute("SELECT * FROM events WHERE number > ? ORDER BY number LIMIT ?", (number, AT_ONCE))
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


def forget(connection: Connection, *, numbers: list[int]) -> None:
    """These are told, or nobody will hear of them."""
    connection.executemany("DELETE FROM events WHERE number = ?", [(number,) for number in numbers])
