"""One company's books inside one transaction: the single place where an object comes to be, changes or goes."""

from datetime import datetime
from decimal import Decimal
from sqlite3 import Connection

from quickbooks_app.sandbox.runtime import clock, events
from quickbooks_app.sandbox.runtime.documents import (
    Document,
    as_decimal,
    decode,
    encode,
    money,
    ref_value,
)
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import object_not_found

# What a customer owes falls with a credit or with money that is not yet applied.
_OPEN_AMOUNT = {"Invoice": ("Balance", 1), "CreditMemo": ("Balance", -1), "Payment": ("UnappliedAmt", -1)}


class Books:
    """Reads and writes the objects of one company; `at` is the time every change is stamped with."""

    def __init__(self, connection: Connection, *, realm: str, at: datetime) -> None:
        self.connection = connection
        self.realm = realm
        self.at = at

    def find(self, entity: str, id: str) -> Document | None:
        """An object that is not deleted, or nothing."""
        row = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND id = ? AND deleted = 0",
            (self.realm, entity, id),
        ).fetchone()
        return decode(row["body"]) if row else None

    def get(self, entity: str, id: str) -> Document:
        """An object that must be there; fault 610 if not."""
        document = self.find(entity, id)
        if document is None:
            raise object_not_found()
        return document

    def of_customer(self, entity: str, customer: str) -> list[Document]:
        """Every object of one kind that belongs to a customer, oldest first."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.CustomerRef.value') = ? ORDER BY +create_time, rowid",
            (self.realm, entity, customer),
        )
        return [decode(row["body"]) for row in rows]

    def with_parent(self, entity: str, parent: str) -> list[Document]:
        """The objects of a name list that stand directly under another one."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.ParentRef.value') = ?",
            (self.realm, entity, parent),
        )
        return [decode(row["body"]) for row in rows]

    def with_number(self, entity: str, number: str) -> str | None:
        """The id of an object that carries this document number."""
        row = self.connection.execute(
            "SELECT id FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, '$.DocNumber') = ?",
            (self.realm, entity, number),
        ).fetchone()
        return str(row["id"]) if row else None

    def with_name(self, entity: str, key: str, name: str) -> str | None:
        """The id of an object of a name list that has this name, whatever its capitals."""
        row = self.connection.execute(
            "SELECT id FROM objects WHERE realm = ? AND entity = ? AND deleted = 0"
            " AND json_extract(body, ?) COLLATE fold = ?",
            (self.realm, entity, f"$.{key}", name),
        ).fetchone()
        return str(row["id"]) if row else None

    def next_value(self, name: str, *, first: int = 1) -> int:
        """The next number of a sequence of this company."""
        row = self.connection.execute(
            "INSERT INTO sequences VALUES (?, ?, ?)"
            " ON CONFLICT (realm, name) DO UPDATE SET value = value + 1 RETURNING value",
            (self.realm, name, first),
        ).fetchone()
        return int(row["value"])

    def insert(self, entity: str, document: Document, *, id: str | None = None) -> Document:
        """Write a new object, with the Id, SyncToken and MetaData that only the books give."""
        # All transactions share one run of ids, each name list has its own.
        sequence = "Transaction" if ENTITIES[entity].kind == "transaction" else entity
        new_id = id or str(self.next_value(sequence))
        stamp = clock.stamp(self.at)
        body = {
            **{key: value for key, value in document.items() if key not in ("Id", "SyncToken", "MetaData")},
            "domain": "QBO",
            "sparse": False,
            "Id": new_id,
            "SyncToken": "0",
            "MetaData": {"CreateTime": stamp, "LastUpdatedTime": stamp},
        }
        seconds = int(self.at.timestamp())
        self.connection.execute(
            "INSERT INTO objects VALUES (?, ?, ?, 0, ?, ?, 0, ?)",
            (self.realm, entity, new_id, seconds, seconds, encode(body).decode()),
        )
        self._changed(entity, before=None, after=body)
        return body

    def change(self, entity: str, document: Document) -> Document:
        """Write an object that somebody edited: SyncToken and LastUpdatedTime rise."""
        raised = {**document, "SyncToken": str(int(document["SyncToken"]) + 1)}
        return self._rewrite(entity, raised, stamped=True)

    def touch(self, entity: str, document: Document) -> Document:
        """Write an object that something else moved (a balance): only LastUpdatedTime rises."""
        return self._rewrite(entity, document, stamped=True)

    def refresh_name(self, entity: str, document: Document) -> Document:
        """Write an object whose reference shows a new name: neither token nor time moves, as recorded."""
        return self._rewrite(entity, document, stamped=False)

    def remove(self, entity: str, document: Document) -> None:
        """Delete an object; what stays is the tombstone that change data capture tells of."""
        stone = {
            "domain": "QBO",
            "status": "Deleted",
            "Id": document["Id"],
            "MetaData": {"LastUpdatedTime": clock.stamp(self.at)},
        }
        self.connection.execute(
            "UPDATE objects SET deleted = 1, update_time = ?, body = ? WHERE realm = ? AND entity = ? AND id = ?",
            (int(self.at.timestamp()), encode(stone).decode(), self.realm, entity, document["Id"]),
        )
        self._changed(entity, before=document, after=None)

    def _rewrite(self, entity: str, document: Document, *, stamped: bool) -> Document:
        before = self.get(entity, document["Id"])
        body = dict(document)
        if stamped:
            body["MetaData"] = {**document["MetaData"], "LastUpdatedTime": clock.stamp(self.at)}
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
        self._changed(entity, before=before, after=body)
        return body

    def _changed(self, entity: str, *, before: Document | None, after: Document | None) -> None:
        """What follows from every change of an object; `before` is absent for a new one, `after` for a deleted."""
        if entity in _OPEN_AMOUNT:
            self._carry_balance(entity, before=before, after=after)
        operation = events.operation(entity, before=before, after=after)
        if operation:
            id = (after or before or {})["Id"]
            events.record(self.connection, realm=self.realm, entity=entity, id=id, operation=operation, at=self.at)

    def _carry_balance(self, entity: str, *, before: Document | None, after: Document | None) -> None:
        """Bring the customer's balance along with the open amount of a sales form or payment."""
        key, sign = _OPEN_AMOUNT[entity]
        moved: dict[str, Decimal] = {}
        for document, direction in ((before, -sign), (after, sign)):
            if document is not None:
                customer = ref_value(document, "CustomerRef")
                moved[customer] = moved.get(customer, Decimal(0)) + direction * as_decimal(document, key)
        for customer, amount in moved.items():
            if amount:
                self._move_balance(customer, amount)

    def _move_balance(self, id: str, amount: Decimal) -> None:
        customer = self.find("Customer", id)
        if customer is None:
            return
        customer["Balance"] = money(as_decimal(customer, "Balance") + amount)
        while customer is not None:
            customer["BalanceWithJobs"] = money(as_decimal(customer, "BalanceWithJobs") + amount)
            self.touch("Customer", customer)
            parent = ref_value(customer, "ParentRef")
            customer = self.find("Customer", parent) if parent else None
