"""Sending transactions by email, and their PDF."""

from sqlite3 import Connection

from flask import Response, g, request

from quickbooks_app.sandbox.accounting import mailing
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.api import refusals
from quickbooks_app.sandbox.api.gate import blueprint, success_response
from quickbooks_app.sandbox.api.write_requests import answer_once
from quickbooks_app.sandbox.formats.pdf import print_transaction
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.runtime.entities import Entity, entity_at
from quickbooks_app.sandbox.runtime.envelopes import closing_time
from quickbooks_app.sandbox.runtime.errors import invalid_id, unsupported_operation


@blueprint.post("/<url>/<id>/send")
def send(realm: str, url: str, id: str) -> Response:
    """Send a transaction to the address in `sendTo`, or else to its own."""
    answer = send_once(
        realm,
        _deliverable(url, id),
        id=id,
        send_to=request.args.get("sendTo", ""),
        request_id=request.args.get("requestid") or request.headers.get("Request-Id") or "",
        ending=closing_time(g.at),
    )
    return success_response(answer)


def send_once(realm: str, entity: Entity, *, id: str, send_to: str, request_id: str, ending: bytes) -> bytes:
    """Send a transaction once for each request id. Returns it as JSON with `ending` in place of the last brace."""

    def work(connection: Connection) -> bytes:
        books = Books(connection, realm=realm, at=g.at, concealment=sandbox().concealment())
        limit = sandbox().faults.rule("limit_calls")
        sent = mailing.send(books, entity=entity.name, id=id, send_to=send_to, limit=limit)
        return encode({entity.key: mailing.answer_after_sending(sent)})[:-1] + ending

    return answer_once(sandbox(), realm=realm, request_id=request_id, work=work)


@blueprint.get("/<url>/<id>/pdf")
def pdf(realm: str, url: str, id: str) -> Response:
    """Return the PDF of a transaction."""
    entity = _deliverable(url, id)
    refusals.check_ids(realm=realm, entity=entity.name, ids=[id])
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    company = books.get("CompanyInfo", "1")
    printed = print_transaction(entity.name, books.get(entity.name, id), company=company, at=g.at)
    return Response(printed, content_type="application/pdf")


def _deliverable(url: str, id: str) -> Entity:
    entity = entity_at(url)
    if entity is None or not entity.can("E"):
        raise unsupported_operation(request.path)
    if not id.isdecimal():
        raise invalid_id(id)
    return entity
