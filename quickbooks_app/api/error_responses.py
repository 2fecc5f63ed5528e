"""What an answer that is no good answer means: two JSON forms, one XML form, and pages of somebody else."""

import re

import msgspec
import requests
from msgspec import Struct

from quickbooks_app.errors import AccessLost, QuickBooksError, Rejected, Throttled, TokenExpired, Transient

WAIT_WHEN_THROTTLED = 60  # seconds; QuickBooks names none (section 3.2)
LONGEST_WAIT = 15 * 60
XML_CODE = re.compile(rb'<Error\b[^>]*\bcode="(\d{1,6})"')
WRONG_CLUSTER, SYSTEM_FAULT, THROTTLED = "130", "10000", "3001"
COMPANY_CLOSED = {"6190"}


class _Error(Struct):
    code: str | int = ""


class _Upper(Struct):
    Error: list[_Error] = []


class _Lower(Struct):
    error: list[_Error] = []


class _Envelope(Struct):
    Fault: _Upper | None = None
    fault: _Lower | None = None


def raise_for(answer: requests.Response, body: bytes) -> None:
    """Return for a good answer, raise the named error for any other. Details are never repeated: they may echo
    the token or the books."""
    status = answer.status_code
    json_says = "json" in answer.headers.get("Content-Type", "")
    code = _code(body) if status != 200 or b'ault"' in body[:400] else ""
    details: dict[str, str | int] = {"code": code, "status": status, "intuit_tid": answer.headers.get("intuit_tid", "")}
    if status == 200 and not code:
        if not json_says:
            raise Transient("QuickBooks answered with a page instead of data.", code="not_json", status=status)
        return
    raise _named(status=status, code=code, answer=answer, details=details)


def _named(*, status: int, code: str, answer: requests.Response, details: dict[str, str | int]) -> QuickBooksError:
    if status == 429 or code == THROTTLED:
        return Throttled("QuickBooks asks to wait.", retry_after=_retry_after(answer), **details)
    if code in (WRONG_CLUSTER, SYSTEM_FAULT) or status >= 500:
        return Transient("QuickBooks had an error of its own.", **details)  # type: ignore[arg-type]
    if status == 401:
        return TokenExpired("QuickBooks did not take the access token.", **details)  # type: ignore[arg-type]
    if status == 403 or code in COMPANY_CLOSED:
        return AccessLost("QuickBooks no longer lets infactor read this company.", **details)  # type: ignore[arg-type]
    return Rejected(f"QuickBooks refused the request (code {code or status}).", **details)  # type: ignore[arg-type]


def _code(body: bytes) -> str:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except msgspec.DecodeError:
        found = XML_CODE.search(body[:4000])
        return found.group(1).decode() if found else ""
    errors = (envelope.Fault.Error if envelope.Fault else []) or (envelope.fault.error if envelope.fault else [])
    return str(errors[0].code)[:40] if errors else ""


def _retry_after(answer: requests.Response) -> int:
    given = answer.headers.get("Retry-After", "")
    if not (given.isascii() and given.isdigit()):
        return WAIT_WHEN_THROTTLED
    return min(int(given[:20]), LONGEST_WAIT)
