"""The books of a simulation: a small sandbox in memory, and a bookkeeper who edits it at random."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import ClassVar

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import NOTHING_CONCEALED, Books, Concealment
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.runtime.documents import Document, amount_of, decode
from quickbooks_app.sandbox.runtime.environment import RegisteredApp
from quickbooks_app.sandbox.runtime.errors import BusinessFault
from quickbooks_app.sandbox.runtime.store import Store

RULES = WriteRules(refuse_void_of_paid=False, refuse_duplicate_numbers=False)
REALMS = (generate.SECOND_REALM, generate.MAIN_REALM)
CUSTOMERS_AT_START = 3
EDITS = {
    "create_sales_form": 6,
    "pay": 5,
    "edit": 4,
    "void": 2,
    "delete": 2,
    "rename": 2,
    "shrink_payment": 2,
    "delete_payment": 1,
    "credit": 1,
    "create_customer": 1,
    "deactivate_customer": 1,
}


class SharedStore(Store):
    """A store in memory with one connection for all threads: in a simulation only one of them runs at a time."""

    _shared: sqlite3.Connection | None = None

    def connection(self) -> sqlite3.Connection:
        if self._shared is None:
            self._shared = super().connection()
        return self._shared

    def load(self, content: bytes) -> None:
        """Replace all data with `content`."""
        self.connection().deserialize(content)


def content(folder: Path, *, at: datetime) -> bytes:
    """Two small companies, as the bytes that each seed starts from."""
    store = Store(folder / "seed.sqlite3")
    generate.seed_if_empty(store, at=at)
    with store.transaction() as connection:
        connection.execute(
            "DELETE FROM objects WHERE realm = ? AND (entity IN ('Invoice', 'Payment', 'CreditMemo')"
            " OR entity = 'Customer' AND CAST(id AS INTEGER) > ?)",
            (generate.MAIN_REALM, CUSTOMERS_AT_START),
        )
        connection.execute(
            "UPDATE objects SET body = json_set(body, '$.Balance', 0, '$.BalanceWithJobs', 0)"
            " WHERE realm = ? AND entity = 'Customer'",
            (generate.MAIN_REALM,),
        )
    store.connection().execute("PRAGMA journal_mode = DELETE")  # what lies in memory can have no other
    made = store.connection().serialize()
    store.close()
    return made


class Bookkeeper:
    """A person who keeps the books of one company and makes a random edit at each turn."""

    edits: ClassVar[Mapping[str, int]] = EDITS
    rules = RULES

    def __init__(self, *, store: SharedStore, realm: str, chance: Random) -> None:
        self.store, self.realm, self.chance = store, realm, chance
        self._named = ("", "")

    def consent(self, *, at: datetime) -> tokens.Tokens:
        """Connect the app."""
        app = RegisteredApp()
        code = tokens.grant(
            self.store,
            client_id=app.client_id,
            realm=self.realm,
            scope=tokens.ACCOUNTING,
            email="rosa@larkspurcoffee.example",
            redirect_uri=app.redirect_uris[0],
            at=at,
        )
        return tokens.exchange(self.store, client_id=app.client_id, code=code, redirect_uri=app.redirect_uris[0], at=at)

    def edit(
        self, *, at: datetime, kind: str = "", concealment: Concealment = NOTHING_CONCEALED
    ) -> list[tuple[str, str, str]]:
        """Make a random edit; return its entity, id and operation, or nothing if the books refuse it."""
        kind = kind or self.chance.choices(list(self.edits), weights=list(self.edits.values()))[0]
        try:
            with self.store.transaction() as connection:
                books = Books(connection, realm=self.realm, at=at, concealment=concealment)
                before = self._versions()
                getattr(self, f"_{kind}")(books)
                after = self._versions()
        except (BusinessFault, LookupError):
            return []
        changes = [(*key, "update" if key in before else "create") for key in after if after[key] != before.get(key)]
        return changes + [(*key, "delete") for key in before if key not in after]

    def edit_object(self, *, at: datetime, entity: str, qbk_id: str) -> list[tuple[str, str, str]]:
        """Edit this object, as somebody does whom infactor writes against. Returns what `edit` does."""
        self._named = (entity, qbk_id)
        return self.edit(at=at, kind="edit_named")

    def objects(self, entity: str) -> list[Document]:
        """All objects of one kind in the books."""
        rows = self.store.connection().execute(
            "SELECT body FROM objects WHERE realm = ? AND entity = ? AND deleted = 0 ORDER BY rowid",
            (self.realm, entity),
        )
        return [decode(row["body"]) for row in rows]

    def _versions(self) -> dict[tuple[str, str], tuple[int, str]]:
        rows = self.store.connection().execute(
            "SELECT entity, id, update_time, body FROM objects WHERE realm = ? AND deleted = 0"
            " AND entity IN ('Customer', 'Invoice', 'Payment', 'CreditMemo') ORDER BY rowid",
            (self.realm,),
        )
        return {(row["entity"], row["id"]): (row["update_time"], row["body"]) for row in rows}

    def _any(self, entity: str) -> Document:
        return self.chance.choice(self.objects(entity))

    def _amount(self) -> Decimal:
        return Decimal(self.chance.randint(1, 99_999)) / 100

    def _lines(self) -> list[Document]:
        return [
            {
                "Amount": self._amount(),
                "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "1"}},
            }
            for _ in range(self.chance.randint(1, 2))
        ]

    def _create_sales_form(self, books: Books, entity: str = "Invoice") -> None:
        payload: Document = {"CustomerRef": {"value": self._any("Customer")["Id"]}, "Line": self._lines()}
        if self.chance.random() < 0.8:
            payload["DocNumber"] = str(self.chance.randint(1, 500))
        writing.create(books, entity=entity, payload=payload, rules=self.rules)

    def _credit(self, books: Books) -> None:
        self._create_sales_form(books, "CreditMemo")

    def _pay(self, books: Books) -> None:
        invoice = self.chance.choice([one for one in self.objects("Invoice") if amount_of(one, "Balance") > 0])
        balance = amount_of(invoice, "Balance")
        amount = self.chance.choice([balance, (balance / 2).quantize(Decimal("0.01")), balance])
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice["Id"], "TxnType": "Invoice"}]}
        payload = {"CustomerRef": {"value": invoice["CustomerRef"]["value"]}, "TotalAmt": amount, "Line": [line]}
        writing.create(books, entity="Payment", payload=payload, rules=self.rules)

    def _edit(self, books: Books, document: Document | None = None) -> None:
        changes = self.chance.choice(
            [
                {"DocNumber": str(self.chance.randint(1, 500))},
                {"Line": self._lines()},
                {"DueDate": f"2026-12-{self.chance.randint(1, 28):02}"},
                {"PrivateNote": f"Call {self.chance.randint(1, 9)}"},
                {"CustomerMemo": {"value": f"Thank you {self.chance.randint(1, 9)}"}},
            ]
        )
        self._change(books, "Invoice", document or self._any("Invoice"), changes)

    def _edit_named(self, books: Books) -> None:
        entity, qbk_id = self._named
        document = books.get(entity, qbk_id)
        match entity:
            case "Invoice":
                self._edit(books, document)
            case "Customer":
                self._change(books, entity, document, {"DisplayName": f"Customer {self.chance.randint(1, 10**6)}"})
            case _:
                self._change(books, entity, document, {"PrivateNote": f"Call {self.chance.randint(1, 9)}"})

    def _rename(self, books: Books) -> None:
        name = f"Customer {self.chance.randint(1, 10**6)} & Söhne"
        self._change(books, "Customer", self._any("Customer"), {"DisplayName": name})

    def _deactivate_customer(self, books: Books) -> None:
        self._change(books, "Customer", self._any("Customer"), {"Active": self.chance.random() < 0.5})

    def _create_customer(self, books: Books) -> None:
        name = f"New customer {self.chance.randint(1, 10**6)}"
        writing.create(books, entity="Customer", payload={"DisplayName": name}, rules=self.rules)

    def _shrink_payment(self, books: Books) -> None:
        payment = self._any("Payment")
        half = (amount_of(payment, "TotalAmt") / 2).quantize(Decimal("0.01"))
        lines = [{**line, "Amount": half} for line in payment["Line"][:1]]
        self._change(books, "Payment", payment, {"TotalAmt": half, "Line": lines})

    def _void(self, books: Books) -> None:
        writing.void(books, entity="Invoice", payload=known(self._any("Invoice")), rules=self.rules)

    def _delete(self, books: Books) -> None:
        writing.delete(books, entity="Invoice", payload=known(self._any("Invoice")), rules=self.rules)

    def _delete_payment(self, books: Books) -> None:
        writing.delete(books, entity="Payment", payload=known(self._any("Payment")), rules=self.rules)

    def _change(self, books: Books, entity: str, document: Document, changes: Document) -> None:
        writing.update(books, entity=entity, payload={**known(document), "sparse": True, **changes}, rules=self.rules)


def known(document: Document) -> Document:
    """What a write names the current version of an object by."""
    return {"Id": document["Id"], "SyncToken": document["SyncToken"]}
