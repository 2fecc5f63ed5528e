"""Opens a company with a history that somebody hands in: each object with its id and the moment of its creation."""

from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import Any

import msgspec

from quickbooks_app.sandbox.accounting import writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.data import company_settings
from quickbooks_app.sandbox.data.catalogue import NET_30, TERMS
from quickbooks_app.sandbox.data.history import UNRESTRICTED
from quickbooks_app.sandbox.data.lists import open_lists
from quickbooks_app.sandbox.ledger.accounts import SERVICES
from quickbooks_app.sandbox.runtime.documents import Document, decode, reference
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.errors import BusinessFault
from quickbooks_app.sandbox.runtime.store import Store

# What a history may create. Accounts, taxes and the usual terms are there from the beginning.
CREATABLE = ("Term", "Item", "Customer", "Vendor", "Invoice", "Payment", "CreditMemo")
_TABLES = ("objects", "unreported", "sequences", "replies", "files", "events")


class InvalidHistory(Exception):
    """The history cannot be written. The message says which of its entries is at fault, and why."""


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """One object: a create request, with its id and the moment at which it was made."""

    at: datetime
    entity: str
    id: str
    body: dict[str, Any]


class CompanyHistory(msgspec.Struct, forbid_unknown_fields=True):
    """A company of the US with the entries of its history, oldest first."""

    realm: str
    name: str
    email: str
    address: dict[str, str]
    opened_at: datetime
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class _Writer:
    connection: Connection
    realm: str

    def books(self, at: datetime) -> Books:
        return Books(self.connection, realm=self.realm, at=at)


def parse(data: bytes) -> CompanyHistory:
    """Read a history. Raises InvalidHistory."""
    try:
        history = msgspec.convert(decode(data), CompanyHistory)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InvalidHistory(f"This is not the history of a company: {error}") from None
    if not history.realm.isdigit():
        raise InvalidHistory("The realm of a company is a number.")
    for place, entry in enumerate(history.entries, start=1):
        if entry.entity not in CREATABLE:
            raise InvalidHistory(f"Entry {place}: a history creates {', '.join(CREATABLE)} only.")
        if not entry.id.isdigit():
            raise InvalidHistory(f"Entry {place}: the id of an object is a number.")
        if entry.at.tzinfo is None or history.opened_at.tzinfo is None:
            raise InvalidHistory(f"Entry {place}: a moment needs its offset from UTC.")
    return history


def write(store: Store, history: CompanyHistory) -> None:
    """Write the company, in place of one with its realm. Its grants end: an app must ask for consent again.

    All or nothing. Raises InvalidHistory.
    """
    with store.transaction() as connection:
        _erase(connection, history.realm)
        writer = _Writer(connection, history.realm)
        _open(writer.books(history.opened_at), history)
        used: dict[str, int] = {}
        for place, entry in enumerate(history.entries, start=1):
            books = writer.books(entry.at)
            books.skip_ids(entry.entity, next_id=int(entry.id))
            try:
                writing.create(books, entity=entry.entity, payload=entry.body, rules=UNRESTRICTED)
            except BusinessFault as fault:
                raise InvalidHistory(f"Entry {place}: {fault.message} {fault.detail}".rstrip()) from fault
            kind = "transaction" if ENTITIES[entry.entity].kind == "transaction" else entry.entity
            used[kind] = max(used.get(kind, 0), int(entry.id))
            if kind == "transaction" and "DocNumber" in entry.body:
                _number_on(books, str(entry.body["DocNumber"]))
        for kind, last in used.items():
            writer.books(history.opened_at).skip_ids("Invoice" if kind == "transaction" else kind, next_id=last + 1)


def _erase(connection: Connection, realm: str) -> None:
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table} WHERE realm = ?", (realm,))  # noqa: S608 - names from _TABLES
    of_realm = "SELECT id FROM grants WHERE realm = ?"
    for table in ("tokens", "codes"):
        connection.execute(f"DELETE FROM {table} WHERE grant_id IN ({of_realm})", (realm,))  # noqa: S608 - as above
    connection.execute("DELETE FROM grants WHERE realm = ?", (realm,))


def _open(books: Books, history: CompanyHistory) -> None:
    address: Document = dict(history.address)
    info = company_settings.company_info(history.name, email=history.email, address=address)
    books.insert("CompanyInfo", info, id="1")
    preferences = company_settings.preferences(several_currencies=False, terms=NET_30, company=history.name)
    books.insert("Preferences", preferences, id="1")
    open_lists(books, several_currencies=False)
    for name, days in TERMS:
        _create(books, "Term", Name=name, DueDays=days)
    _create(books, "Item", Name="Services", Type="Service", IncomeAccountRef=reference(SERVICES.id))


def _number_on(books: Books, number: str) -> None:
    """Let the next document without a number of its own have the next one."""
    if number.isascii() and number.isdigit():
        books.connection.execute(
            "INSERT INTO sequences VALUES (?, 'DocNumber', ?)"
            " ON CONFLICT (realm, name) DO UPDATE SET value = MAX(value, excluded.value)",
            (books.realm, int(number)),
        )


def _create(books: Books, entity: str, **payload: object) -> Document:
    return writing.create(books, entity=entity, payload=payload, rules=UNRESTRICTED)
