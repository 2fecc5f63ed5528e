"""Error responses of QuickBooks as named errors: two JSON formats, one XML format, and HTML pages of proxies."""

import re
from typing import NamedTuple

import msgspec
import requests
from django.utils.translation import gettext_noop
from msgspec import Struct

from quickbooks_app.api.writes import faults
from quickbooks_app.errors import (
    AnswerRefused,
    AuthorizationLost,
    InternalFault,
    QuickBooksError,
    Rejected,
    Throttled,
    TokenExpired,
    Transient,
)

DEFAULT_RETRY_AFTER = 60  # seconds; QuickBooks sends no Retry-After
MAX_RETRY_AFTER = 15 * 60
XML_CODE = re.compile(rb'<Error\b[^>]*\bcode="(\d{1,6})"')
THROTTLED = "3001"
WRONG_CLUSTER = "130"
INTERNAL_CODES = {"500", "10000"}  # 500 means "unsupported operation", too, but infactor asks only for what exists
SYSTEM_FAULT = "SystemFault"
# Codes from 600 on are about the content of objects, except those about the request, access or one id.
FIRST_OBJECT_CODE = 600
OTHER_CODES = {"610", "3001", "3100", "3200", "3201", "4000", "4001", "6190"}
SUBSCRIPTION_ENDED = {"6190"}
INTERNAL_SERVER_ERROR = 500  # of the service; those above are of gateways, which know no objects


class _Error(Struct):
    code: str | int = ""
    element: str | None = None
    Detail: str | None = None


class _UpperCaseFault(Struct):
    Error: list[_Error] = []
    type: str = ""


class _LowerCaseFault(Struct):
    error: list[_Error] = []
    type: str = ""


class _Envelope(Struct):
    Fault: _UpperCaseFault | None = None
    fault: _LowerCaseFault | None = None


class ApiFault(NamedTuple):
    """The first error of a fault. `detail` may hold data and is never repeated."""

    code: str = ""
    kind: str = ""
    element: str = ""
    detail: str = ""


def raise_for_error(
    response: requests.Response, body: bytes, *, is_write: bool = False, content_type: str = "json"
) -> None:
    """Raise the named error of an error response; return if `response` is a success with this `content_type`.

    The error never repeats QuickBooks' details: they may contain the token or data of the company.
    """
    status = response.status_code
    is_expected = content_type in response.headers.get("Content-Type", "")
    found = _fault_in(body) if status != 200 or b'ault"' in body[:400] else ApiFault()
    if status == 200 and not found.code:
        if not is_expected:
            raise Transient(
                gettext_noop("QuickBooks returned a web page instead of data."), code="not_json", status=status
            )
        return
    raise _error_for(found, status=status, response=response, is_write=is_write)


def error_of_item(raw: bytes, *, intuit_tid: str = "") -> QuickBooksError:
    """The named error of one write in an answer that is good as a whole. `raw` is the object that holds `Fault`."""
    found = _fault_in(raw)
    if found.code == THROTTLED:
        return Throttled(
            gettext_noop("QuickBooks asked infactor to wait."), retry_after=DEFAULT_RETRY_AFTER, code=found.code
        )
    if found.code in INTERNAL_CODES or found.kind == SYSTEM_FAULT:
        return InternalFault(gettext_noop("QuickBooks had an internal error."), code=found.code, intuit_tid=intuit_tid)
    return faults.refusal(code=found.code, element=found.element, detail=found.detail, intuit_tid=intuit_tid)


def _error_for(found: ApiFault, *, status: int, response: requests.Response, is_write: bool) -> QuickBooksError:
    code, kind = found.code, found.kind
    tid = response.headers.get("intuit_tid", "")
    details: dict[str, str | int] = {"code": code, "status": status, "intuit_tid": tid}
    if status == 429 or code == THROTTLED:
        return Throttled(
            gettext_noop("QuickBooks asked infactor to wait."), retry_after=_retry_after(response), **details
        )
    if code == WRONG_CLUSTER:
        return Transient(gettext_noop("QuickBooks is moving this company."), **details)  # type: ignore[arg-type]
    if code in INTERNAL_CODES or kind == SYSTEM_FAULT:
        return InternalFault(gettext_noop("QuickBooks had an internal error."), **details)  # type: ignore[arg-type]
    if is_write and (_is_about_an_object(code) or code in faults.WRITE_ERRORS) and status not in (401, 403):
        return faults.refusal(code=code, element=found.element, detail=found.detail, status=status, intuit_tid=tid)
    if status not in (401, 403) and _is_about_an_object(code):
        return AnswerRefused(f"QuickBooks refused an object in its answer (code {code}).", **details)  # type: ignore[arg-type]
    if status == INTERNAL_SERVER_ERROR:
        return InternalFault(gettext_noop("QuickBooks had an internal error."), **details)  # type: ignore[arg-type]
    if status > INTERNAL_SERVER_ERROR:
        return Transient(gettext_noop("QuickBooks had an internal error."), **details)  # type: ignore[arg-type]
    if status == 401:
        return TokenExpired(gettext_noop("QuickBooks rejected the access token."), **details)  # type: ignore[arg-type]
    if status == 403 or code in SUBSCRIPTION_ENDED:
        return AuthorizationLost(gettext_noop("QuickBooks no longer lets infactor read this company."), **details)  # type: ignore[arg-type]
    return Rejected(f"QuickBooks refused the request (code {code or status}).", **details)  # type: ignore[arg-type]


def _is_about_an_object(code: str) -> bool:
    return code.isascii() and code.isdigit() and int(code) >= FIRST_OBJECT_CODE and code not in OTHER_CODES


def _fault_in(body: bytes) -> ApiFault:
    """The first error of a body; empty where the body does not say."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except msgspec.DecodeError:
        found = XML_CODE.search(body[:4000])
        return ApiFault(found.group(1).decode() if found else "")
    fault = envelope.Fault or envelope.fault
    if fault is None:
        return ApiFault()
    errors = (envelope.Fault.Error if envelope.Fault else []) or (envelope.fault.error if envelope.fault else [])
    first = errors[0] if errors else _Error()
    return ApiFault(str(first.code)[:40], fault.type, first.element or "", first.Detail or "")


def _retry_after(response: requests.Response) -> int:
    retry_after = response.headers.get("Retry-After", "")
    if not (retry_after.isascii() and retry_after.isdigit()):
        return DEFAULT_RETRY_AFTER
    return min(int(retry_after[:20]), MAX_RETRY_AFTER)
