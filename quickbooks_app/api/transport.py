"""Calls over HTTP: one host, timeouts, the rate limiter, named errors, and a record of every call."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import requests
import urllib3
from django.utils.translation import gettext_noop

from quickbooks_app.api import error_responses
from quickbooks_app.errors import (
    InternalFault,
    ObjectSuspected,
    OutcomeUnknown,
    QuickBooksError,
    ResponseTooLarge,
    Throttled,
    Transient,
)
from quickbooks_app.objects.table import METERED, WRITES, Operation

MAX_RESPONSE_BYTES = 32 * 1024 * 1024
CHUNK_SIZE = 256 * 1024


@dataclass(frozen=True)
class Timeouts:
    """How long a call may take, in seconds: to connect, between two reads of the response, and in all."""

    connect: float
    read: float
    total: float


BACKGROUND = Timeouts(connect=5, read=60, total=300)  # QuickBooks itself times out after 120 s
INTERACTIVE = Timeouts(connect=3, read=8, total=10)  # while a person waits, and a thread of the web process with them


@dataclass(frozen=True)
class ApiRequest:
    """One call. `entity` is the object or the report that it is about, `object_ids` are QuickBooks' ids of objects.

    `request_id` makes a write harmless to repeat. `turns` are those that the call takes of the rate limiter.
    """

    method: str
    url: str
    operation: Operation
    entity: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] | None = None
    content_type: str = "application/json"
    accept: str = "application/json"
    request_id: str = ""
    object_ids: tuple[str, ...] = ()
    ids_of_answer: Callable[[bytes], tuple[str, ...]] | None = None
    holds_query: bool = False  # a batch that reads, too
    turns: int = 1

    @property
    def is_write(self) -> bool:
        return self.operation in WRITES or self.operation == Operation.BATCH


@dataclass(frozen=True)
class CallRecord:
    """One finished call. `status` is None without a response; `duration_ms` includes reading the body.

    `is_metered` says whether Intuit counts it, as it counts successful calls that read data of live companies.
    """

    operation: str
    entity: str
    object_ids: list[str]
    request_id: str
    is_metered: bool
    status: int | None
    error_code: str
    intuit_tid: str
    duration_ms: int
    size: int


class CallLimiter(Protocol):
    """Decides when a call may start and learns its result (`rate_limiter.RateLimiter`)."""

    def acquire(self, *, turns: int = 1) -> None: ...
    def record_result(self, error: QuickBooksError | None) -> None: ...


class Transport:
    """Sends requests with the access token `token`, which may be replaced between calls.

    `suspects_objects` says whether an internal error may be the fault of an object in the answer. It is then raised as
    ObjectSuspected, so that the answer is narrowed down like one that QuickBooks refuses.
    """

    def __init__(
        self,
        *,
        token: str,
        minor_version: str,
        record: Callable[[CallRecord], None],
        limiter: CallLimiter | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._minor_version = minor_version
        self._record = record
        self._limiter = limiter
        self._timeouts = timeouts or BACKGROUND
        self._session = requests.Session()
        self.token = token
        self.suspects_objects: Callable[[], bool] = lambda: False

    def close(self) -> None:
        """Close the HTTP connections."""
        self._session.close()

    def send(self, request: ApiRequest) -> bytes:
        """The body of the answer, as the rate limiter allows. Raises QuickBooksError."""
        if self._limiter is None:
            return self._send(request)
        self._limiter.acquire(turns=request.turns)
        try:
            body = self._send(request)
        except QuickBooksError as error:
            self._limiter.record_result(error)
            raise
        self._limiter.record_result(None)
        return body

    def fetch(self, url: str, *, most: int) -> Iterator[bytes]:
        """The content of a file at `url`, without the token, in pieces. No redirects. Raises QuickBooksError."""
        deadline = time.monotonic() + self._timeouts.total
        try:
            with requests.get(
                url, timeout=(self._timeouts.connect, self._timeouts.read), allow_redirects=False, stream=True
            ) as response:
                if response.status_code != requests.codes.ok:
                    raise Transient(
                        gettext_noop("The file could not be fetched."), code="no_file", status=response.status_code
                    )
                yield from _pieces(response, deadline=deadline, most=most)
        except requests.RequestException as error:
            raise Transient(gettext_noop("The file could not be fetched."), code="no_file") from error

    def _send(self, request: ApiRequest) -> bytes:
        """The body of a successful response. Raises QuickBooksError; the caller handles TokenExpired."""
        started = time.monotonic()
        status, tid, code, size, ids = None, "", "", 0, request.object_ids
        parameters = {**request.parameters, "minorversion": self._minor_version}
        if request.request_id:
            parameters["requestid"] = request.request_id
        try:
            with self._session.request(
                request.method,
                request.url,
                params=parameters,
                data=request.body,
                headers={
                    "Authorization": f"Bearer {self.token}",
                    "Accept": request.accept,
                    **({"Content-Type": request.content_type} if request.method == "POST" else {}),
                },
                timeout=(self._timeouts.connect, self._timeouts.read),
                allow_redirects=False,
                stream=True,
            ) as response:
                status, tid = response.status_code, response.headers.get("intuit_tid", "")
                deadline = started + self._timeouts.total
                body = b"".join(_pieces(response, deadline=deadline, most=MAX_RESPONSE_BYTES))
                size = len(body)
                error_responses.raise_for_error(
                    response, body, is_write=request.is_write, content_type=request.accept.rpartition("/")[2]
                )
                ids = ids or (request.ids_of_answer(body) if request.ids_of_answer else ())
                return body
        except InternalFault as error:
            code = error.code
            if not request.is_write and self.suspects_objects():
                raise ObjectSuspected(error) from error
            error.may_be_done = request.is_write
            raise
        except requests.RequestException as error:
            code = "timeout" if isinstance(error, requests.Timeout) else "no_answer"
            if request.is_write:
                raise OutcomeUnknown(
                    gettext_noop("QuickBooks did not answer; it may have done it."), code=code
                ) from error
            raise Transient(gettext_noop("QuickBooks did not answer."), code=code) from error
        except QuickBooksError as error:
            code = error.code
            # A gateway or a web page answers in place of QuickBooks; only the limit of calls is met before it begins.
            error.may_be_done = request.is_write and isinstance(error, Transient) and not isinstance(error, Throttled)
            raise
        finally:
            succeeded = status == requests.codes.ok and not code
            self._record(
                CallRecord(
                    operation=request.operation.value,
                    entity=request.entity[:40],
                    object_ids=list(ids),
                    request_id=request.request_id,
                    is_metered=succeeded and (request.operation in METERED or request.holds_query),
                    status=status,
                    error_code=code[:40],
                    intuit_tid=tid[:100],
                    duration_ms=int((time.monotonic() - started) * 1000),
                    size=size,
                )
            )


def _pieces(response: requests.Response, *, deadline: float, most: int) -> Iterator[bytes]:
    """The complete body, at most `most` bytes; more is refused before it is read, or as it turns out.

    A truncated body raises requests.RequestException.

    One that trickles raises requests.Timeout at the monotonic time `deadline`: each read restarts the read timeout.
    """
    size, declared = 0, response.headers.get("Content-Length", "")
    try:
        if declared.isdecimal() and int(declared) > most:
            raise ResponseTooLarge(
                gettext_noop("QuickBooks' response is too large."), code="too_large", status=response.status_code
            )
        # read1 returns what has come, where read would wait for a whole piece.
        while chunk := response.raw.read1(CHUNK_SIZE, decode_content=True):
            size += len(chunk)
            if size > most:
                raise ResponseTooLarge(
                    gettext_noop("QuickBooks' response is too large."), code="too_large", status=response.status_code
                )
            if time.monotonic() > deadline:
                raise requests.Timeout("The response takes too long.")
            yield chunk
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout(error) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from error
