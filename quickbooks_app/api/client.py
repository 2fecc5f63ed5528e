"""The HTTP client of the QuickBooks API: timeouts, one host, named errors and a record of every call."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec
import requests
import urllib3

from quickbooks_app.api import error_responses
from quickbooks_app.api.cdc_response import CdcResponse, parse_cdc_response
from quickbooks_app.api.query_response import (
    QueryResponse,
    UnreadableResponse,
    parse_object_response,
    parse_query_response,
)
from quickbooks_app.api.schemas import CompanyInfo, Preferences
from quickbooks_app.errors import (
    InternalFault,
    ObjectSuspected,
    QuickBooksError,
    Rejected,
    ResponseTooLarge,
    Transient,
)

Payload = TypeVar("Payload")

MAX_RESPONSE_BYTES = 32 * 1024 * 1024
PAGE_SIZE = 1000
CHUNK_SIZE = 256 * 1024
NOT_FOUND = "610"


@dataclass(frozen=True)
class Timeouts:
    """How long a call may take, in seconds: to connect, between two reads of the response, and in all."""

    connect: float
    read: float
    total: float


BACKGROUND = Timeouts(connect=5, read=60, total=300)  # QuickBooks itself times out after 120 s
INTERACTIVE = Timeouts(connect=3, read=8, total=10)  # while a person waits, and a thread of the web process with them


@dataclass(frozen=True)
class CallRecord:
    """One finished call. `status` is None without a response; `duration_ms` includes reading the body."""

    operation: str
    status: int | None
    error_code: str
    intuit_tid: str
    duration_ms: int
    size: int


class CallLimiter(Protocol):
    """Decides when a call may start and learns its result (`rate_limiter.RateLimiter`)."""

    def acquire(self) -> None: ...
    def record_result(self, error: QuickBooksError | None) -> None: ...


class QuickBooksClient:
    """Reads one company. `token`, the access token, may be replaced between calls.

    `suspects_objects` says whether an internal error may be the fault of an object in the answer. It is then raised as
    ObjectSuspected, so that the answer is narrowed down like one that QuickBooks refuses.
    """

    def __init__(
        self,
        *,
        api_base: str,
        realm_id: str,
        token: str,
        record: Callable[[CallRecord], None],
        limiter: CallLimiter | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._company = f"{api_base}/v3/company/{realm_id}"
        self._realm_id = realm_id
        self._record = record
        self._limiter = limiter
        self._timeouts = timeouts or BACKGROUND
        self._session = requests.Session()
        self.token = token
        self.suspects_objects: Callable[[], bool] = lambda: False

    def close(self) -> None:
        """Close the HTTP connections."""
        self._session.close()

    def query(self, *, entity: str, statement: str) -> QueryResponse:
        """Run a query statement and return one page. Raises QuickBooksError."""
        body = self._get(f"{self._company}/query", operation=f"query {entity}", query=statement)
        return self._parse_query(body, entity=entity)

    def count(self, *, entity: str, where: str = "") -> int:
        """The number of objects of `entity`; for name lists only the active ones, unless `where` includes others."""
        statement = f"SELECT count(*) FROM {entity} {where}".strip()  # noqa: S608  QuickBooks' query language without user input
        body = self._get(f"{self._company}/query", operation=f"count {entity}", query=statement)
        total = self._parse_query(body, entity=entity).total
        if total is None:
            raise Transient("QuickBooks returned no count.", code="unreadable")
        return total

    def read(self, *, entity: str, qbk_id: str) -> bytes | None:
        """The bytes of one object, None if QuickBooks has no object with that id."""
        try:
            body = self._get(f"{self._company}/{entity.lower()}/{quote(qbk_id, safe='')}", operation=f"read {entity}")
        except Rejected as error:
            if error.code == NOT_FOUND:
                return None
            raise
        try:
            return parse_object_response(body, entity=entity)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def changed_since(self, *, entities: Sequence[str], since: datetime) -> CdcResponse:
        """All changes since `since` in one call. Check `is_complete`: it may be truncated. Raises QuickBooksError."""
        start = since.astimezone(UTC).isoformat(timespec="seconds")
        body = self._get(f"{self._company}/cdc", operation="changes", entities=",".join(entities), changedSince=start)
        try:
            return parse_cdc_response(body, entities=entities)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def report(self, *, name: str, **parameters: str) -> bytes:
        """The bytes of the report `name`. Raises QuickBooksError."""
        return self._get(f"{self._company}/reports/{name}", operation=f"report {name}", **parameters)

    def company_info(self) -> CompanyInfo:
        """The company's name and time zone."""
        body = self._get(f"{self._company}/companyinfo/{self._realm_id}", operation="read CompanyInfo")
        return self._parse_object(body, "CompanyInfo", CompanyInfo)

    def preferences(self) -> Preferences:
        """The company's settings, with its home currency."""
        body = self._get(f"{self._company}/preferences", operation="read Preferences")
        return self._parse_object(body, "Preferences", Preferences)

    def _parse_query(self, body: bytes, *, entity: str) -> QueryResponse:
        try:
            return parse_query_response(body, entity=entity)
        except UnreadableResponse as error:
            raise Transient(f"QuickBooks' response cannot be read: {error}.", code="unreadable") from error

    def _parse_object(self, body: bytes, name: str, payload: type[Payload]) -> Payload:
        try:
            return msgspec.json.decode(parse_object_response(body, entity=name), type=payload)
        except (msgspec.DecodeError, UnreadableResponse) as error:
            raise Transient("QuickBooks' response cannot be read.", code="unreadable") from error

    def _get(self, url: str, *, operation: str, **parameters: str) -> bytes:
        """Call `url` as the rate limiter allows, and report the result to it."""
        if self._limiter is None:
            return self._send(url, operation=operation, parameters=parameters)
        self._limiter.acquire()
        try:
            body = self._send(url, operation=operation, parameters=parameters)
        except QuickBooksError as error:
            self._limiter.record_result(error)
            raise
        self._limiter.record_result(None)
        return body

    def _send(self, url: str, *, operation: str, parameters: dict[str, str]) -> bytes:
        """The body of a successful response. Raises QuickBooksError; the caller handles TokenExpired."""
        started = time.monotonic()
        status, tid, code, size = None, "", "", 0
        try:
            with self._session.get(
                url,
                params={**parameters, "minorversion": "75"},
                headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
                stream=True,
            ) as response:
                status, tid = response.status_code, response.headers.get("intuit_tid", "")
                body = _read_body(response, deadline=started + self._timeouts.total)
                size = len(body)
                error_responses.raise_for_error(response, body)
                return body
        except InternalFault as error:
            code = error.code
            if self.suspects_objects():
                raise ObjectSuspected(error) from error
            raise
        except requests.RequestException as error:
            code = "timeout" if isinstance(error, requests.Timeout) else "no_answer"
            raise Transient("QuickBooks did not answer.", code=code) from error
        except QuickBooksError as error:
            code = error.code
            raise
        finally:
            self._record(
                CallRecord(
                    operation=operation,
                    status=status,
                    error_code=code[:40],
                    intuit_tid=tid[:100],
                    duration_ms=int((time.monotonic() - started) * 1000),
                    size=size,
                )
            )


def _read_body(response: requests.Response, *, deadline: float) -> bytes:
    """The complete body, at most MAX_RESPONSE_BYTES. A truncated body raises requests.RequestException.

    One that trickles raises requests.Timeout at the monotonic time `deadline`: each read restarts the read timeout.
    """
    parts, size = [], 0
    try:
        # read1 returns what has come, where read would wait for a whole piece.
        while chunk := response.raw.read1(CHUNK_SIZE, decode_content=True):
            size += len(chunk)
            if size > MAX_RESPONSE_BYTES:
                raise ResponseTooLarge(
                    "QuickBooks' response is too large.", code="too_large", status=response.status_code
                )
            if time.monotonic() > deadline:
                raise requests.Timeout("The response takes too long.")
            parts.append(chunk)
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from error
    return b"".join(parts)
