"""Endpoints of the Accounting API under /v3/company/<realm>: queries, reads, writes, changes and reports."""

from flask import Response, g, request

from quickbooks_app.sandbox.accounting import reading
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.api import answers, refusals
from quickbooks_app.sandbox.api.attachments import download, upload
from quickbooks_app.sandbox.api.batch import batch
from quickbooks_app.sandbox.api.bodies import read_body, read_bytes
from quickbooks_app.sandbox.api.decoration import decorated
from quickbooks_app.sandbox.api.delivery import pdf, send
from quickbooks_app.sandbox.api.gate import blueprint, success_response
from quickbooks_app.sandbox.api.special_objects import exchange_rate
from quickbooks_app.sandbox.api.write_requests import WriteRequest, included, write_object
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES, entity_at
from quickbooks_app.sandbox.runtime.envelopes import closing_time
from quickbooks_app.sandbox.runtime.errors import invalid_id, object_not_found, unsupported_operation

__all__ = ["batch", "blueprint", "download", "exchange_rate", "pdf", "send", "upload"]


@blueprint.route("/query", methods=["GET", "POST"])
def query(realm: str) -> Response:
    """Run a query given in the URL, in a form field or as the body."""
    text = request.args.get("query") or request.form.get("query") or read_bytes().decode(errors="replace")
    g.statement = text
    answer, _ = answers.query(realm, text, at=g.at)
    return success_response(answer + closing_time(g.at))


@blueprint.get("/cdc")
def change_data_capture(realm: str) -> Response:
    return success_response(answers.changes(realm, request.args, at=g.at) + closing_time(g.at))


@blueprint.get("/preferences")
def preferences(realm: str) -> Response:
    return _read(realm, entity="Preferences", id="1")


@blueprint.get("/companyinfo/<id>")
def company_info(realm: str, id: str) -> Response:
    """Return CompanyInfo, addressed by realm id; its own Id is 1."""
    if id not in (realm, "1"):
        raise object_not_found()
    return _read(realm, entity="CompanyInfo", id="1")


@blueprint.get("/reports/<name>")
def report(realm: str, name: str) -> Response:
    return success_response(answers.report(realm, name, at=g.at))


@blueprint.get("/<url>/<id>")
def read(realm: str, url: str, id: str) -> Response:
    entity = entity_at(url)
    store = sandbox().store
    if entity is None or not entity.can("R") or not reading.has_objects(store, realm=realm, entity=entity, at=g.at):
        raise unsupported_operation(request.path)
    reading.prepare(store, realm=realm, entities=[entity.name], at=g.at)
    # The tax codes of a US company are TAX and NON.
    if not id.isdecimal() and entity.name != "TaxCode":
        raise invalid_id(id)
    return _read(realm, entity=entity.name, id=id)


def _read(realm: str, *, entity: str, id: str) -> Response:
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    document = books.get(entity, id)
    refusals.check_ids(realm=realm, entity=entity, ids=[id])  # what is deleted spoils no answer
    document = decorated(realm, entity, document, includes=included(request.args.get("include", "")), at=g.at)
    return success_response(encode({ENTITIES[entity].key: document})[:-1] + closing_time(g.at))


@blueprint.post("/<url>")
def write(realm: str, url: str) -> Response:
    """Create, update, delete or void an object, depending on the body and the `operation` parameter."""
    entity = entity_at(url)
    if entity is None:
        raise unsupported_operation(request.path)
    asked = WriteRequest(
        entity=entity,
        payload=read_body(root=entity.key),
        operation=request.args.get("operation", "").lower(),
        includes=included(request.args.get("include", "")),
        request_id=request.args.get("requestid") or request.headers.get("Request-Id") or "",
        path=request.path,
    )
    return success_response(write_object(sandbox(), realm=realm, asked=asked, at=g.at, ending=closing_time(g.at)))


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(realm: str, rest: str) -> Response:
    raise unsupported_operation(request.path)
