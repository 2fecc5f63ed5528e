"""Per-call handling: trace id, Intuit's headers, compression and the call log."""

import gzip
import re
import time
import uuid
from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

from flask import Response, g, request

from quickbooks_app.sandbox.running import sandbox
from quickbooks_app.sandbox.runtime.calls import Call
from quickbooks_app.sandbox.runtime.envelopes import INTERRUPTIONS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Smaller responses do not gain from compression.
MIN_COMPRESSED_BYTES = 500

_OBJECT_IN_ADDRESS = re.compile(r"(/v3/company/[^/]+/)(taxservice/taxcode|[A-Za-z]+)(?=/|$)", re.IGNORECASE)


class CaselessAddresses:
    """WSGI middleware: the name of an object in an address of the API counts whatever its case, as at Intuit."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        found = _OBJECT_IN_ADDRESS.match(environ.get("PATH_INFO", ""))
        if found:
            environ["PATH_INFO"] = found[1] + found[2].lower() + environ["PATH_INFO"][found.end() :]
        return self._application(environ, start_response)


def start_call() -> None:
    """Record the start of the call and give it a trace id."""
    g.at = sandbox().clock()
    g.began = time.perf_counter()
    trace = uuid.uuid4().hex
    g.tid = f"1-{int(g.at.timestamp()):08x}-{trace[:24]}"


def finish_call(response: Response) -> Response:
    """Add Intuit's headers, compress the body and log the call."""
    milliseconds = int((time.perf_counter() - g.began) * 1000)
    response.headers["intuit_tid"] = g.tid
    response.headers["X-Spanid"] = str(uuid.uuid4())
    response.headers["X-Amzn-Trace-Id"] = f"Root={g.tid}"
    _compress(response)
    sandbox().calls.add(
        Call(
            at=g.at,
            method=request.method,
            path=request.path,
            query=g.get("statement") or request.query_string.decode(errors="replace"),
            status=response.status_code,
            milliseconds=milliseconds,
            intuit_tid=g.tid,
            metered=_is_metered(response),
        )
    )
    return response


def _is_metered(response: Response) -> bool:
    """Whether Intuit counts the call: reads, queries, changes and reports are counted, writes and failed calls not."""
    is_read = request.method == "GET" or request.path.endswith("/query")
    return "/v3/company/" in request.path and is_read and response.status_code < 400


def interruption(met: Container[str]) -> Response | None:
    """Return what the gateway answers in place of the service, if one of the faults is that it does."""
    for kind, (body, status, mimetype) in INTERRUPTIONS.items():
        if kind in met:
            return Response(body, status=status, mimetype=mimetype)
    return None


def service_headers(response: Response) -> None:
    """Add the headers of the accounting service."""
    milliseconds = int((time.perf_counter() - g.began) * 1000)
    response.headers["QBO-Version"] = "2073.223"
    response.headers["Service-Time"] = f"total={milliseconds}, db={milliseconds}"
    response.headers["Expires"] = "0"
    response.headers["Cache-Control"] = "max-age=0, no-cache, no-store, must-revalidate, private"


def wants_json() -> bool:
    """Return whether the client asks for JSON; QuickBooks answers in XML otherwise."""
    if request.args.get("format", "").lower() == "json":
        return True
    return "application/json" in request.headers.get("Accept", "").lower()


def _compress(response: Response) -> None:
    if "gzip" not in request.headers.get("Accept-Encoding", "").lower():
        return
    body = response.get_data()
    if len(body) < MIN_COMPRESSED_BYTES:
        return
    # Level 1: pages of a thousand invoices are large and the client is on the same machine.
    response.set_data(gzip.compress(body, compresslevel=1))
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
