"""One company's books within one transaction: every insert, update and delete of an object goes through here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting.relations import balances
from quickbooks_app.sandbox.ledger.journal import POSTING_ENTITIES
from quickbooks_app.sandbox.runtime import clock, events
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    decode,
    encode,
)
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import object_not_found

# The user who changes the books.
USER = "9341457021722234"
# Customers, vendors and employees share one run of ids, as all transactions do.
_SEQUENCES = {"Vendor": "Customer", "Employee": "Customer"}
_FIRST_IDS = {"Account": 101, "TaxRate": 4, "TaxCode": 4, "Attachable": 5_000_000_000_000_000_001}
# What the accounts' balances depend on.
_POSTED = frozenset({*POSTING_ENTITIES, "Item"})


@dataclass(frozen=True, slots=True)
class Concealment:
    """What the books do not tell of their changes, from the control page's switches."""

    old_times: bool = False  # changes keep the old LastUpdatedTime, and no webhook tells of them
    unreported: bool = False  # neither change data capture nor webhooks tell of new documents


NOTHING_CONCEALED = Concealment()


class Books:
    """Reads and writes the objects of one company; every change is stamped with `at`."""

    def __init__(
        self, connection: Connection, *, realm: str, at: datetime, concealment: Concealment = NOTHING_CONCEALED
    ) -> None:
        self.connection = connection
        self.realm = realm
        self.at = at
        self.concealment = concealment

    def find(self, entity: str, id: str) -> Document | None:
        """Return the object, or None if it does not exist or was deleted."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND id = ? AND deleted = 0",
            (self.realm, entity, id),
        ).fetchone()
        return decode(row["body"]) if row else None

    def get(self, entity: str, id: str) -> Document:
        """Return the object. Raises BusinessFault 610 if it does not exist."""
        document = self.find(entity, id)
        if document is None:
            raise object_not_found()
        return document

    def list_of_customer(self, entity: str, customer: str) -> list[Document]:
        """Return every object of one entity that belongs to a customer, oldest first."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.CustomerRef.value') = ? ORDER BY +create_time, rowid",
            (self.realm, entity, customer),
        )
        return [decode(row["body"]) for row in rows]

    def list_all(self, entity: str) -> list[Document]:
        """Return every object of one entity, oldest first."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0 ORDER BY rowid",
            (self.realm, entity),
        )
        return [decode(row["body"]) for row in rows]

    def children_of(self, entity: str, parent: str) -> list[Document]:
        """Return the direct children of an object in a name list."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.ParentRef.value') = ?",
            (self.realm, entity, parent),
        )
        return [decode(row["body"]) for row in rows]

    def find_by_number(self, entity: str, number: str) -> str | None:
        """Return the id of an object with this document number, or None."""
        row = self.connection.execute(
            "SELECT id FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.DocNumber') = ?",
            (self.realm, entity, number),
        ).fetchone()
        return str(row["id"]) if row else None

    def find_by_name(self, entity: str, key: str, name: str) -> str | None:
        """Return the id of the name-list object with this name (case-insensitive), or None."""
        row = self.connection.execute(
            "SELECT id FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, ?) COLLATE fold = ?",
            (self.realm, entity, f"$.{key}", name),
        ).fetchone()
        return str(row["id"]) if row else None

    def next_value(self, name: str, *, first: int = 1) -> int:
        """Return the next number of one of the company's sequences."""
        row = self.connection.execute(
            "INSERT INTO sequences VALUES (?, ?, ?)"
            " ON CONFLICT (realm, name) DO UPDATE SET value = value + 1 RETURNING value",
            (self.realm, name, first),
        ).fetchone()
        return int(row["value"])

    def skip_ids(self, entity: str, *, next_id: int) -> None:
        """Let the next object of an entity have this id."""
        self.connection.execute(
            "INSERT INTO sequences VALUES (?, ?, ?) ON CONFLICT (realm, name) DO UPDATE SET value = excluded.value",
            (self.realm, _sequence_of(entity), next_id - 1),
        )

    def insert(self, entity: str, document: Document, *, id: str | None = None) -> Document:
        """Insert a new object with its Id, SyncToken and MetaData."""
        new_id = id or str(self.next_value(_sequence_of(entity), first=_FIRST_IDS.get(entity, 1)))
        stamp = clock.format_timestamp(self.at)
        body = {
            **{key: value for key, value in document.items() if key not in ("Id", "SyncToken", "MetaData")},
            "domain": "QBO",
            "sparse": False,
            "Id": new_id,
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, **self._author(entity), "LastUpdatedTime": stamp},
        }
        seconds = int(self.at.timestamp())
        self.connection.execute(
            "INSERT INTO objects VALUES (?, ?, ?, 0, ?, ?, 0, ?)",
            (self.realm, entity, new_id, seconds, seconds, encode(body).decode()),
        )
        conceals = self.concealment.unreported and ENTITIES[entity].kind == "transaction"
        if conceals:
            self.connection.execute("INSERT INTO unreported VALUES (?, ?, ?)", (self.realm, entity, new_id))
        self._record_change(entity, before=None, after=body, notify=not conceals)
        return body

    def _author(self, entity: str) -> Document:
        """Who changed a transaction last, as its MetaData says."""
        return {"LastModifiedByRef": {"value": USER}} if ENTITIES[entity].kind == "transaction" else {}

    def update(self, entity: str, document: Document, *, notify: bool = True) -> Document:
        """Save an edit by a user: SyncToken and LastUpdatedTime increase. `notify` sends a webhook."""
        raised = {**document, "SyncToken": str(int(document["SyncToken"]) + 1)}
        return self._rewrite(entity, raised, stamped=True, notify=notify)

    def update_balance(self, entity: str, document: Document) -> Document:
        """Save a balance that another object changed: only LastUpdatedTime increases."""
        return self._rewrite(entity, document, stamped=True)

    def update_reference_name(self, entity: str, document: Document) -> Document:
        """Save a reference's new name: neither SyncToken nor LastUpdatedTime changes, as recorded at Intuit."""
        return self._rewrite(entity, document, stamped=False)

    def replace_body(self, entity: str, id: str, body: Document) -> None:
        """Store an object in a form of its own, for objects whose Id is not at the top."""
        self.connection.execute(
            "UPDATE objects SET body = ? WHERE realm = ? AND entity = ? AND id = ?",
            (encode(body).decode(), self.realm, entity, id),
        )

    def delete(self, entity: str, document: Document, *, notify: bool = True) -> None:
        """Delete an object and keep the tombstone that change data capture returns. `notify` sends a webhook."""
        stone = {
            "domain": "QBO",
            "status": "Deleted",
            "Id": document["Id"],
            "MetaData": {"LastUpdatedTime": clock.format_timestamp(self.at)},
        }
        hides = self.concealment.old_times
        if hides:
            stone["MetaData"] = {"LastUpdatedTime": document["MetaData"]["LastUpdatedTime"]}
        self.connection.execute(
            "UPDATE objects SET deleted = 1, body = ?, update_time = CASE WHEN ? THEN update_time ELSE ? END"
            " WHERE realm = ? AND entity = ? AND id = ?",
            (encode(stone).decode(), hides, int(self.at.timestamp()), self.realm, entity, document["Id"]),
        )
        self._record_change(entity, before=document, after=None, notify=notify and not hides)

    def record_merge(self, entity: str, *, kept: str, merged: str) -> None:
        """Record the webhook event of a merge."""
        if not self.concealment.old_times:
            self._notify(entity, kept, "Merge", merged_id=merged)

    def _rewrite(self, entity: str, document: Document, *, stamped: bool, notify: bool = True) -> Document:
        before = self.get(entity, document["Id"])
        stamped = stamped and not self.concealment.old_times
        body = dict(document)
        if stamped:
            body["MetaData"] = {**document["MetaData"], "LastUpdatedTime": clock.format_timestamp(self.at)}
        self.connection.execute(
            "UPDATE objects SET sync_token = ?, body = ?, update_time = CASE WHEN ? THEN ? ELSE update_time END"
            " WHERE realm = ? AND entity = ? AND id = ?",
            (
                int(body["SyncToken"]),
                encode(body).decode(),
                stamped,
                int(self.at.timestamp()),
                self.realm,
                entity,
                body["Id"],
            ),
        )
        self._record_change(entity, before=before, after=body, notify=notify and not self.concealment.old_times)
        return body

    def _record_change(self, entity: str, *, before: Document | None, after: Document | None, notify: bool) -> None:
        """Update balances and record the webhook event. `before` is None for a new object, `after` for a deleted."""
        balances.keep(self, entity, before=before, after=after)
        if entity in _POSTED:
            self.mark()
        operation = events.operation_of(entity, before=before, after=after) if notify else None
        if operation:
            self._notify(entity, (after or before or {})["Id"], operation)

    def _notify(self, entity: str, id: str, operation: str, *, merged_id: str = "") -> None:
        events.record(
            self.connection,
            realm=self.realm,
            entity=entity,
            id=id,
            operation=operation,
            at=self.at,
            merged_id=merged_id,
        )

    def mark(self) -> None:
        """Remember that the balances of the accounts are to be computed again."""
        self.connection.execute(
            "INSERT INTO sequences VALUES (?, 'unbalanced', ?)"
            " ON CONFLICT (realm, name) DO UPDATE SET value = excluded.value",
            (self.realm, int(self.at.timestamp())),
        )

    def is_marked(self) -> bool:
        """Return whether a transaction has changed since the balances were computed last."""
        row = self.connection.execute(
            "SELECT 1 FROM sequences WHERE realm = ? AND name = 'unbalanced'", (self.realm,)
        ).fetchone()
        return row is not None

    def take_mark(self) -> datetime | None:
        """Return when a transaction changed last since the previous call, or None."""
        rows = self.connection.execute(
            "DELETE FROM sequences WHERE realm = ? AND name = 'unbalanced' RETURNING value", (self.realm,)
        ).fetchall()
        return datetime.fromtimestamp(rows[0]["value"], tz=UTC) if rows else None


def _sequence_of(entity: str) -> str:
    """All transactions share one run of ids, each name list has its own."""
    return "Transaction" if ENTITIES[entity].kind == "transaction" else _SEQUENCES.get(entity, entity)
