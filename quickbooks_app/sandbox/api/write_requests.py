"""Writes: what a request asks for, and its answer, which a repeated `requestid` gets again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection

from quickbooks_app.sandbox.accounting import reading, shape, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.api.decoration import ENHANCED_FIELDS, decorated
from quickbooks_app.sandbox.running import Sandbox
from quickbooks_app.sandbox.runtime.documents import Document, encode
from quickbooks_app.sandbox.runtime.entities import Entity
from quickbooks_app.sandbox.runtime.errors import business_rule, unsupported_operation

MAX_REQUEST_ID_LENGTH = 50

_LETTERS = {"create": "C", "update": "U", "delete": "D", "void": "V"}


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One write: a call, or an item of a batch."""

    entity: Entity
    payload: Document
    operation: str = ""  # as asked for; "" is create or update, as the payload has an Id
    includes: frozenset[str] = frozenset()
    request_id: str = ""
    path: str = ""  # for the fault of an operation that the entity does not have

    @property
    def effective_operation(self) -> str:
        if "void" in self.includes and self.operation in ("", "update"):
            return "void"
        return self.operation or ("update" if self.payload.get("Id") or not self.entity.can("C") else "create")


def included(text: str) -> frozenset[str]:
    """Return the names in an `include` parameter."""
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


def answer_once(sandbox: Sandbox, *, realm: str, request_id: str, work: Callable[[Connection], bytes]) -> bytes:
    """Do a piece of work in one transaction and return its answer; the same id gets the first answer again.

    Work that raises is not remembered, so that it can be tried again. Raises BusinessFault 6000 for an id that is too
    long.
    """
    if len(request_id) > MAX_REQUEST_ID_LENGTH:
        raise business_rule(
            f"You cannot enter more than {MAX_REQUEST_ID_LENGTH} characters in the request_id field. You tried entering"
            f" {request_id[:10]}..., which is {len(request_id)} characters."
        )
    with sandbox.store.transaction() as connection:
        if request_id:
            row = connection.execute(
                "SELECT body FROM replies WHERE realm = ? AND request_id = ?", (realm, request_id)
            ).fetchone()
            if row:
                return bytes(row["body"])
        body = work(connection)
        if request_id:
            connection.execute("INSERT INTO replies VALUES (?, ?, ?)", (realm, request_id, body))
    return body


def write_object(sandbox: Sandbox, *, realm: str, asked: WriteRequest, at: datetime, ending: bytes) -> bytes:
    """Perform a write once for each request id. Returns the object as JSON with `ending` in place of the last brace."""
    entity = asked.entity
    operation = asked.effective_operation
    letter = _LETTERS.get(operation)
    exists = reading.has_objects(sandbox.store, realm=realm, entity=entity, at=at)
    if letter is None or not entity.can(letter) or not exists:
        raise unsupported_operation(asked.path)
    rules = WriteRules(
        refuse_void_of_paid=sandbox.faults.rule("refuse_void_of_paid"),
        refuse_duplicate_numbers=sandbox.faults.rule("refuse_duplicate_numbers")
        and "allowduplicatedocnum" not in asked.includes,
        refuse_inactivation=sandbox.faults.rule("refuse_inactivation"),
        leave_out_currency=sandbox.faults.rule("leave_out_currency"),
        enhanced_custom_fields=ENHANCED_FIELDS in asked.includes,
        rewrite_accounts="donotupdateaccountontxns" not in asked.includes,
    )

    def work(connection: Connection) -> bytes:
        books = Books(connection, realm=realm, at=at, concealment=sandbox.concealment())
        payload = shape.with_flags(asked.payload)
        document = perform(books, operation=operation, entity=entity.name, payload=payload, rules=rules)
        told = decorated(realm, entity.name, document, includes=asked.includes, at=at)
        return encode({entity.key: told})[:-1] + ending

    return answer_once(sandbox, realm=realm, request_id=asked.request_id, work=work)


def perform(books: Books, *, operation: str, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Perform one operation by name."""
    act = {
        "create": writing.create,
        "update": writing.update,
        "void": writing.void,
        "delete": writing.delete,
    }[operation]
    return act(books, entity=entity, payload=payload, rules=rules)
