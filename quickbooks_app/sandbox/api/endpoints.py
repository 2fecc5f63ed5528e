"""Endpoints of the Accounting API under /v3/company/<realm>: authentication, requests, responses and faults."""

import time
from typing import Literal

from flask import Blueprint, Response, current_app, g, request

from quickbooks_app.sandbox import wire
from quickbooks_app.sandbox.accounting import cdc, reading
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.api import query_grammar, refusals, special_objects
from quickbooks_app.sandbox.api.query_run import run
from quickbooks_app.sandbox.api.write_requests import handle_write
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.reports.catalogue import run_report
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import decode, encode
from quickbooks_app.sandbox.runtime.entities import ENTITIES, entity_at, entity_named
from quickbooks_app.sandbox.runtime.envelopes import (
    MAINTENANCE_PAGE,
    UNAVAILABLE_BODY,
    business_fault_json,
    closing_time,
    fault_xml,
    gateway_fault_json,
    join_stored_bodies,
    response_xml,
)
from quickbooks_app.sandbox.runtime.errors import (
    BusinessFault,
    GatewayFault,
    application_error,
    forbidden,
    invalid_id,
    invalid_query,
    no_such_report,
    object_not_found,
    outage_as_400,
    throttled,
    unauthenticated,
    unsupported_operation,
)
from quickbooks_app.sandbox.runtime.faults import Fault

blueprint = Blueprint("api", __name__, url_prefix="/v3/company/<realm>")
blueprint.register_blueprint(special_objects.blueprint)


@blueprint.before_request
def authenticate() -> Response | None:
    """Authenticate the call's token for this company, then apply the faults that are switched on."""
    wire.start_call()
    realm = (request.view_args or {})["realm"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated(detail="Malformed bearer token: too short or too long")
    token = token.strip()
    target: Literal["api", "reports"] = "reports" if request.endpoint == "api.report" else "api"
    if (interruption := _apply_faults(sandbox().faults.take_for_call(target), token=token)) is not None:
        return interruption
    access = tokens.verify_access(sandbox().store, token=token, at=g.at)
    if access.realm != realm:
        raise forbidden()
    if tokens.ACCOUNTING not in access.scope.split():
        raise forbidden(detail="The access token does not have sufficient scope")
    if sandbox().faults.rule("limit_calls") and not sandbox().throttle.allow(realm, at=g.at):
        raise throttled()
    return None


def _apply_faults(faults: list[Fault], *, token: str) -> Response | None:
    """Apply the faults that are switched on: delay, raise, or return a response in place of the service."""
    met = {fault.kind: fault for fault in faults}
    if "slow" in met:
        time.sleep(met["slow"].seconds)
    if "expired_token" in met:
        raise tokens.expired_token_fault(token)
    if "revoked" in met:
        raise unauthenticated(detail="Token revoked")
    if "throttled" in met:
        return _throttled_response(met["throttled"])
    if "server_error" in met:
        raise application_error()
    if "outage_as_400" in met:
        raise outage_as_400()
    if "system_fault_as_400" in met:
        raise application_error(status=400)
    if "forbidden" in met:
        raise forbidden()
    g.has_fault_in_slot = "fault_in_slot" in met
    if "report_refused" in met:
        raise no_such_report()
    g.report_is_old, g.report_is_empty = "report_old" in met, "report_empty" in met
    if "unavailable" in met:
        return Response(UNAVAILABLE_BODY, status=503, mimetype="text/plain")
    if "html" in met:
        return Response(MAINTENANCE_PAGE, mimetype="text/html")
    return None


def _throttled_response(fault: Fault) -> Response:
    response = _gateway_response(throttled(), xml=fault.xml)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


@blueprint.after_request
def finish(response: Response) -> Response:
    if response.status_code not in (401, 403, 429, 503):
        wire.service_headers(response)
    return wire.finish_call(response)


@blueprint.errorhandler(BusinessFault)
def handle_business_fault(fault: BusinessFault) -> Response:
    if wire.wants_json():
        return _json_response(business_fault_json(fault, at=g.at), status=fault.status)
    return _xml_response(fault_xml(fault, at=g.at), status=fault.status)


@blueprint.errorhandler(GatewayFault)
def handle_gateway_fault(fault: GatewayFault) -> Response:
    return _gateway_response(fault, xml=not wire.wants_json())


@blueprint.errorhandler(Exception)
def handle_unexpected_error(error: Exception) -> Response:
    """Answer an unexpected error as QuickBooks does and log the traceback."""
    current_app.logger.exception("A call ended in an error of the sandbox itself.", exc_info=error)
    return handle_business_fault(application_error())


def _gateway_response(fault: GatewayFault, *, xml: bool) -> Response:
    if xml:
        response = _xml_response(fault_xml(fault, at=g.at), status=fault.status)
    else:
        response = _json_response(gateway_fault_json(fault, at=g.at), status=fault.status)
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def _json_response(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json;charset=utf-8")


def _xml_response(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/xml;charset=utf-8")


def _success_response(body: bytes) -> Response:
    return _json_response(body) if wire.wants_json() else _xml_response(response_xml(decode(body), at=g.at))


@blueprint.route("/query", methods=["GET", "POST"])
def query(realm: str) -> Response:
    """Run a query given in the URL, in a form field or as the body."""
    text = request.args.get("query") or request.form.get("query") or request.get_data(as_text=True)
    g.statement = text
    statement = query_grammar.parse(text)
    store = sandbox().store
    entity = entity_named(statement.entity)
    if entity is not None:
        if not reading.has_objects(store, realm=realm, entity=entity, at=g.at):
            raise invalid_query(f"invalid context declaration: {statement.entity}")
        reading.prepare(store, realm=realm, entities=[entity.name], at=g.at)
    found = run(store.connection(), realm=realm, statement=statement, at=g.at)
    if isinstance(found, int):
        return _success_response(b'{"QueryResponse":{"totalCount":%d}' % found + closing_time(g.at))
    refusals.check_bodies(realm=realm, entity=found.entity.name, bodies=found.bodies, is_whole=statement.is_whole)
    if not found.bodies:
        return _success_response(b'{"QueryResponse":{}' + closing_time(g.at))
    tail: dict[str, int] = {"startPosition": found.start, "maxResults": len(found.bodies)}
    if found.total is not None:
        tail["totalCount"] = found.total
    return _success_response(
        join_stored_bodies(
            before=b'{"QueryResponse":{',
            key=found.entity.key,
            bodies=found.bodies,
            after=b"," + encode(tail)[1:] + closing_time(g.at),
        )
    )


@blueprint.get("/cdc")
def change_data_capture(realm: str) -> Response:
    named = [found.name for name in request.args.get("entities", "").split(",") if (found := entity_named(name))]
    reading.prepare(sandbox().store, realm=realm, entities=named, at=g.at)
    return _success_response(
        cdc.changes_since(
            sandbox().store.connection(),
            realm=realm,
            entities=request.args.get("entities", ""),
            since=request.args.get("changedSince", ""),
            at=g.at,
            enforce_look_back=sandbox().faults.rule("changes_for_30_days_only"),
            check=lambda entity, bodies: refusals.check_bodies(realm=realm, entity=entity, bodies=bodies),
            has_fault_in_slot=g.has_fault_in_slot,
        )
    )


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
    """Return a report. With the fault `report_old` it is the latest answer to the same question, if there is one."""
    running = sandbox()
    asked, answer = running.reports.get(request.path, ("", b""))
    if g.report_is_old and asked == request.full_path:
        return _success_response(answer)
    body = encode(
        run_report(
            running.store.connection(),
            realm=realm,
            name=name,
            given=request.args,
            at=g.at,
            empty=g.report_is_empty,
        )
    )
    running.reports[request.path] = (request.full_path, body)
    return _success_response(body)


@blueprint.get("/<url>/<id>")
def read(realm: str, url: str, id: str) -> Response:
    entity = entity_at(url)
    store = sandbox().store
    if entity is None or not entity.can("R") or not reading.has_objects(store, realm=realm, entity=entity, at=g.at):
        raise unsupported_operation(request.path)
    reading.prepare(store, realm=realm, entities=[entity.name], at=g.at)
    if not id.isdecimal():
        raise invalid_id(id)
    return _read(realm, entity=entity.name, id=id)


def _read(realm: str, *, entity: str, id: str) -> Response:
    refusals.check_ids(realm=realm, entity=entity, ids=[id])
    books = Books(sandbox().store.connection(), realm=realm, at=g.at)
    return _success_response(encode({ENTITIES[entity].key: books.get(entity, id)})[:-1] + closing_time(g.at))


@blueprint.post("/<url>")
def write(realm: str, url: str) -> Response:
    """Create, update, delete or void an object, depending on the body and the `operation` parameter."""
    entity = entity_at(url)
    if entity is None:
        raise unsupported_operation(request.path)
    return _success_response(handle_write(sandbox(), realm=realm, entity=entity, at=g.at))


@blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def unknown(realm: str, rest: str) -> Response:
    raise unsupported_operation(request.path)


# Not under the API's address, but guarded like it.
entitlements = special_objects.entitlements_blueprint
entitlements.before_request(authenticate)
entitlements.after_request(finish)
entitlements.register_error_handler(BusinessFault, handle_business_fault)
entitlements.register_error_handler(GatewayFault, handle_gateway_fault)
