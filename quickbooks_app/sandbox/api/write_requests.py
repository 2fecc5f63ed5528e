"""Write requests over HTTP: parse the body, choose the operation, replay the response of a repeated `requestid`."""

from datetime import datetime

import msgspec
from flask import request

from quickbooks_app.sandbox.accounting import reading, writing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.running import Sandbox
from quickbooks_app.sandbox.runtime.documents import Document, decode, encode
from quickbooks_app.sandbox.runtime.entities import Entity
from quickbooks_app.sandbox.runtime.envelopes import closing_time
from quickbooks_app.sandbox.runtime.errors import BusinessFault, unsupported_operation

_LETTERS = {"create": "C", "update": "U", "delete": "D", "void": "V"}


def handle_write(sandbox: Sandbox, *, realm: str, entity: Entity, at: datetime) -> bytes:
    """Perform the request once for each `requestid` and return the JSON response."""
    payload = read_payload()
    includes = request.args.get("include", "").lower().split(",")
    operation = _operation(payload, entity=entity, includes=includes)
    letter = _LETTERS.get(operation)
    exists = reading.has_objects(sandbox.store, realm=realm, entity=entity, at=at)
    if letter is None or not entity.can(letter) or not exists:
        raise unsupported_operation(request.path)
    rules = WriteRules(
        refuse_void_of_paid=sandbox.faults.rule("refuse_void_of_paid"),
        refuse_duplicate_numbers=sandbox.faults.rule("refuse_duplicate_numbers")
        and "allowduplicatedocnum" not in includes,
        leave_out_currency=sandbox.faults.rule("leave_out_currency"),
        rewrite_accounts="donotupdateaccountontxns" not in includes,
    )
    request_id = request.args.get("requestid") or request.headers.get("Request-Id")
    with sandbox.store.transaction() as connection:
        if request_id:
            row = connection.execute(
                "SELECT body FROM replies WHERE realm = ? AND request_id = ?", (realm, request_id)
            ).fetchone()
            if row:
                return bytes(row["body"])
        books = Books(connection, realm=realm, at=at, concealment=sandbox.concealment())
        document = perform(books, operation=operation, entity=entity.name, payload=payload, rules=rules)
        body = encode({entity.key: document})[:-1] + closing_time(at)
        if request_id:
            connection.execute("INSERT INTO replies VALUES (?, ?, ?)", (realm, request_id, body))
    return body


def perform(books: Books, *, operation: str, entity: str, payload: Document, rules: WriteRules) -> Document:
    """Perform one operation by name."""
    act = {
        "create": writing.create,
        "update": writing.update,
        "void": writing.void,
        "delete": writing.delete,
    }[operation]
    return act(books, entity=entity, payload=payload, rules=rules)


def _operation(payload: Document, *, entity: Entity, includes: list[str]) -> str:
    asked = request.args.get("operation", "").lower()
    if "void" in includes and asked in ("", "update"):
        return "void"
    return asked or ("update" if payload.get("Id") or not entity.can("C") else "create")


def read_payload() -> Document:
    """Return the request's body. Raises BusinessFault 2010 if it is not a JSON object."""
    try:
        payload = decode(request.get_data())
    except msgspec.DecodeError as error:
        raise _malformed_body(str(error)) from None
    if not isinstance(payload, dict):
        raise _malformed_body("an object is expected")
    return payload


def _malformed_body(reason: str) -> BusinessFault:
    return BusinessFault(
        code="2010",
        message="Request has invalid or unsupported property",
        detail=f"Property Name:Can not read the request body: {reason}",
    )
