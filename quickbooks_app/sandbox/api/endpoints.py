"""The accounting API under /v3/company/<realm>: who may call, what is asked, how it is answered."""

import time

from flask import Blueprint, Response, current_app, g, request

from quickbooks_app.sandbox import wire
from quickbooks_app.sandbox.accounting import cdc
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.api import query_grammar
from quickbooks_app.sandbox.api.query_run import count_or_page
from quickbooks_app.sandbox.api.write_requests import answer_write
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import decode, encode
from quickbooks_app.sandbox.runtime.entities import entity_at
from quickbooks_app.sandbox.runtime.envelopes import (
    HTML_PAGE,
    UNAVAILABLE,
    answer_xml,
    business_fault_json,
    closing,
    fault_xml,
    gateway_fault_json,
    spliced,
)
from quickbooks_app.sandbox.runtime.errors import (
    BusinessFault,
    GatewayFault,
    application_error,
    forbidden,
    invalid_id,
    object_not_found,
    throttled,
    unauthenticated,
    unsupported_operation,
)
from quickbooks_app.sandbox.runtime.faults import Fault

blueprint = Blueprint("api", __name__, url_prefix="/v3/company/<realm>")


@blueprint.before_request
def admit() -> Response | None:
    """Let a call in that has a token for this company and meets no fault."""
    wire.begin()
    realm = (request.view_args or {})["realm"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated(detail="Malformed bearer token: too short or too long")
    token = token.strip()
    if (interruption := _meet(sandbox().faults.take("api"), token=token)) is not None:
        return interruption
    access = tokens.access(sandbox().store, token=token, at=g.at)
    if access.realm != realm:
        raise forbidden()
    if tokens.ACCOUNTING not in access.scope.split():
        raise forbidden(detail="The access token does not have sufficient scope")
    if sandbox().faults.rule("limit_calls") and not sandbox().throttle.admits(realm, at=g.at):
        raise throttled()
    return None


def _meet(faults: list[Fault], *, token: str) -> Response | None:
    """Let the call meet what is switched on: wait, raise a fault, or answer in place of the service."""
    met = {fault.kind: fault for fault in faults}
    if "slow" in met:
        time.sleep(met["slow"].seconds)
    if "expired_token" in met:
        raise tokens.expired(token)
    if "revoked" in met:
        raise unauthenticated(detail="Token revoked")
    if "throttled" in met:
        return _throttled(met["throttled"])
    if "server_error" in met:
        raise application_error()
    if "unavailable" in met:
        return Response(UNAVAILABLE, status=503, mimetype="text/plain")
    if "html" in met:
        return Response(HTML_PAGE, mimetype="text/html")
    return None


def _throttled(fault: Fault) -> Response:
    response = _gateway_answer(throttled(), xml=fault.xml)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


@blueprint.after_request
def finish(response: Response) -> Response:
    if response.status_code not in (401, 403, 429, 503):
        wire.service_headers(response)
    return wire.finish(response)


@blueprint.errorhandler(BusinessFault)
def refuse(fault: BusinessFault) -> Response:
    if wire.wants_json():
        return _json(business_fault_json(fault, at=g.at), status=fault.status)
    return _xml(fault_xml(fault, at=g.at), status=fault.status)


@blueprint.errorhandler(GatewayFault)
def turn_away(fault: GatewayFault) -> Response:
    return _gateway_answer(fault, xml=not wire.wants_json())


@blueprint.errorhandler(Exception)
def fail(error: Exception) -> Response:
    """What nobody foresaw is told as QuickBooks tells it; the log has the whole story."""
    current_app.logger.exception("A call ended in an error of the sandbox itself.", exc_info=error)
    return refuse(application_error())


def _gateway_answer(fault: GatewayFault, *, xml: bool) -> Response:
    if xml:
        response = _xml(fault_xml(fault, at=g.at), status=fault.status)
    else:
        response = _json(gateway_fault_json(fault, at=g.at), status=fault.status)
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def _json(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json;charset=utf-8")


def _xml(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/xml;charset=utf-8")


def _answer(body: bytes) -> Response:
    return _json(body) if wire.wants_json() else _xml(answer_xml(decode(body), at=g.at))


@blueprint.route("/query", methods=["GET", "POST"])
def query(realm: str) -> Response:
    """A statement in the address, in a form field or as the body itself."""
    text = request.args.get("query") or request.form.get("query") or request.get_data(as_text=True)
    g.statement = text
    statement = query_grammar.parse(text)
    connection = sandbox().store.connection()
    found = count_or_page(connection, realm=realm, statement=statement, at=g.at)
    if isinstance(found, int):
        return _answer(b'{"QueryResponse":{"totalCount":%d}' % found + closing(g.at))
    if not found.bodies:
        return _answer(b'{"QueryResponse":{}' + closing(g.at))
    tail: dict[str, int] = {"startPosition": found.start, "maxResults": len(found.bodies)}
    if found.total is not None:
        tail["totalCount"] = found.total
    return _answer(
        spliced(
            before=b'{"QueryResponse":{',
            key=found.entity.key,
            bodies=found.bodies,
            after=b"," + encode(tail)[1:] + closing(g.at),
        )
    )


@blueprint.get("/cdc")
def change_data_capture(realm: str) -> Response:
    return _answer(
        cdc.changes_since(
            sandbox().store.connection(),
            realm=realm,
            entities=request.args.get("entities", ""),
            since=request.args.get("changedSince", ""),
            at=g.at,
            limited=sandbox().faults.rule("changes_for_30_days_only"),
        )
    )


@blueprint.get("/preferences")
def preferences(realm: str) -> Response:
    return _read(realm, entity="Preferences", id="1")


@blueprint.get("/companyinfo/<id>")
def company_info(realm: str, id: str) -> Response:
    """Asked for by the realm; the object itself has Id 1."""
    if id not in (realm, "1"):
        raise object_not_found()
    return _read(realm, entity="CompanyInfo", id="1")


@blueprint.get("/<url>/<id>")
def read(realm: str, url: str, id: str) -> Response:
    entity = entity_at(url)
    if entity is None or not entity.can("R"):
        raise unsupported_operation(request.path)
    if not id.isdecimal():
        raise invalid_id(id)
    return _read(realm, entity=entity.name, id=id)


def _read(realm: str, *, entity: str, id: str) -> Response:
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    return _answer(encode({entity: books.get(entity, id)})[:-1] + closing(g.at))


@blueprint.post("/<url>")
def write(realm: str, url: str) -> Response:
    """Create, update, delete or void, told apart by the body and by `operation`."""
    entity = entity_at(url)
    if entity is None:
        raise unsupported_operation(request.path)
    return _answer(answer_write(sandbox(), realm=realm, entity=entity, at=g.at))


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(realm: str, rest: str) -> Response:
    raise unsupported_operation(request.path)
