"""What every call of the Accounting API passes: authentication, limits, faults that are switched on, and envelopes."""

import time

from flask import Blueprint, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge

from quickbooks_app.sandbox import wire
from quickbooks_app.sandbox.api.planted_faults import business_fault_of
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.documents import decode
from quickbooks_app.sandbox.runtime.envelopes import (
    TIMEOUT_BODY,
    TOO_LARGE_PAGE,
    business_fault_json,
    fault_xml,
    gateway_fault_json,
    response_xml,
)
from quickbooks_app.sandbox.runtime.errors import (
    BusinessFault,
    GatewayFault,
    application_error,
    forbidden,
    no_such_report,
    throttled,
    unauthenticated,
)
from quickbooks_app.sandbox.runtime.faults import CallClass, Fault

blueprint = Blueprint("api", __name__, url_prefix="/v3/company/<realm>")

# The class of a call by its endpoint, so that a fault can hit one class only. Others are reads.
_CLASSES: dict[str, CallClass] = {
    "query": "queries",
    "change_data_capture": "changes",
    "report": "reports",
    "write": "writes",
    "create_tax_code": "writes",
    "batch": "batches",
    "send": "deliveries",
    "pdf": "deliveries",
    "upload": "attachments",
    "download": "attachments",
}


@blueprint.before_request
def authenticate() -> Response | None:
    """Authenticate the call's token for this company, then apply the faults that are switched on."""
    wire.start_call()
    realm = (request.view_args or {})["realm"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated(detail="Malformed bearer token: too short or too long")
    token = token.strip()
    call = _CLASSES.get((request.endpoint or "").rpartition(".")[2], "reads")
    if (interruption := _apply_faults(sandbox().faults.take_for_call(call), token=token)) is not None:
        return interruption
    access = tokens.verify_access(sandbox().store, token=token, at=g.at)
    if access.realm != realm:
        raise forbidden()
    if tokens.ACCOUNTING not in access.scope.split():
        raise forbidden(detail="The access token does not have sufficient scope")
    if sandbox().faults.rule("limit_calls") and not sandbox().throttle.allow(
        realm, app=access.client_id, at=g.at, is_batch=call == "batches"
    ):
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
    if "forbidden" in met:
        raise forbidden()
    g.has_fault_in_slot = "fault_in_slot" in met
    if "report_refused" in met:
        raise no_such_report()
    g.report_is_old, g.report_is_empty = "report_old" in met, "report_empty" in met
    if (interruption := wire.interruption(met)) is not None:
        return interruption
    if (fault := business_fault_of(met)) is not None:
        raise fault
    g.loses_answer, g.cuts_answer = "answer_lost" in met, "answer_cut" in met
    return None


def _throttled_response(fault: Fault) -> Response:
    response = _gateway_response(throttled(), xml=fault.xml)
    if fault.retry_after is not None:
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


@blueprint.after_request
def finish(response: Response) -> Response:
    if response.status_code not in (401, 403, 429, 502, 503, 504):
        wire.service_headers(response)
    response = wire.finish_call(response)
    if g.get("loses_answer"):
        # The work is done and saved; the gateway has given up waiting for the answer.
        return Response(TIMEOUT_BODY, status=504, mimetype="text/plain")
    if g.get("cuts_answer"):
        # The length of the whole answer with half of it: the server then closes the connection.
        body = response.get_data()
        response.response = [body[: len(body) // 2]]
        response.headers["Content-Length"] = str(len(body))
    return response


@blueprint.errorhandler(BusinessFault)
def handle_business_fault(fault: BusinessFault) -> Response:
    if wire.wants_json():
        return json_response(business_fault_json(fault, at=g.at), status=fault.status)
    return xml_response(fault_xml(fault, at=g.at), status=fault.status)


@blueprint.errorhandler(GatewayFault)
def handle_gateway_fault(fault: GatewayFault) -> Response:
    return _gateway_response(fault, xml=not wire.wants_json())


@blueprint.errorhandler(RequestEntityTooLarge)
def handle_too_large(error: RequestEntityTooLarge) -> Response:
    return too_large()


@blueprint.errorhandler(Exception)
def handle_unexpected_error(error: Exception) -> Response:
    """Answer an unexpected error as QuickBooks does and log the traceback."""
    current_app.logger.exception("A call ended in an error of the sandbox itself.", exc_info=error)
    return handle_business_fault(application_error())


def _gateway_response(fault: GatewayFault, *, xml: bool) -> Response:
    if xml:
        response = xml_response(fault_xml(fault, at=g.at), status=fault.status)
    else:
        response = json_response(gateway_fault_json(fault, at=g.at), status=fault.status)
    if fault.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    return response


def too_large() -> Response:
    """Answer a body that is larger than the service reads, as its web server does."""
    return Response(TOO_LARGE_PAGE, status=413, mimetype="text/html")


def json_response(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/json;charset=utf-8")


def xml_response(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, content_type="application/xml;charset=utf-8")


def success_response(body: bytes) -> Response:
    """Answer with a JSON body, written as XML for a client that does not ask for JSON."""
    return json_response(body) if wire.wants_json() else xml_response(response_xml(decode(body), at=g.at))
