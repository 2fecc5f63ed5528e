"""The one client of QuickBooks' API: timeouts on every call, one host, named errors, a row for each call."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec
import requests

from quickbooks_app.api import error_responses
from quickbooks_app.api.cdc_response import ChangeSet, read_change_set
from quickbooks_app.api.query_response import (
    Page,
    PageUnreadable,
    read_object,
    read_page,
)
from quickbooks_app.api.schemas import CompanyInfo, Preferences
from quickbooks_app.errors import QuickBooksError, Rejected, TooLarge, Transient

Payload = TypeVar("Payload")

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60  # QuickBooks itself gives up after 120 s
LARGEST_ANSWER = 32 * 1024 * 1024
PAGE_SIZE = 1000
CHUNK = 256 * 1024
NOT_FOUND = "610"


@dataclass(frozen=True)
class Call:
    """One call as it ended: `status` None where no answer came, `duration_ms` with the body."""

    operation: str
    status: int | None
    error_code: str
    intuit_tid: str
    duration_ms: int
    size: int


class Gate(Protocol):
    """What a call passes on its way out, and is told of on its way back (`pace.Gate`)."""

    def before(self) -> None: ...
    def after(self, problem: QuickBooksError | None) -> None: ...


class QuickBooksClient:
    """Reads one company with one access token; `token` may be replaced between calls."""

    def __init__(
        self,
        *,
        api_base: str,
        realm_id: str,
        token: str,
        record: Callable[[Call], None],
        gate: Gate | None = None,
    ) -> None:
        self._company = f"{api_base}/v3/company/{realm_id}"
        self._realm_id = realm_id
        self._record = record
        self._gate = gate
        self._session = requests.Session()
        self.token = token

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def query(self, *, entity: str, statement: str) -> Page:
        """The answer of a query statement; the caller pages. Raises QuickBooksError."""
        body = self._get(f"{self._company}/query", operation=f"query {entity}", query=statement)
        return self._page(body, entity=entity)

    def count(self, *, entity: str, where: str = "") -> int:
        """How many objects of `entity` there are (of name lists the active ones, unless `where` says)."""
        statement = f"SELECT count(*) FROM {entity} {where}".strip()  # noqa: S608  QuickBooks' own language, no user text
        body = self._get(f"{self._company}/query", operation=f"count {entity}", query=statement)
        total = self._page(body, entity=entity).total
        if total is None:
            raise Transient("QuickBooks gave no count.", code="unreadable")
        return total

    def read(self, *, entity: str, qbk_id: str) -> bytes | None:
        """One object as its bytes; None where QuickBooks says that there is none of that id."""
        try:
            body = self._get(f"{self._company}/{entity.lower()}/{quote(qbk_id, safe='')}", operation=f"read {entity}")
        except Rejected as problem:
            if problem.code == NOT_FOUND:
                return None
            raise
        try:
            return read_object(body, entity=entity)
        except PageUnreadable as problem:
            raise Transient(f"QuickBooks' answer cannot be read: {problem}.", code="unreadable") from problem

    def changed_since(self, *, entities: Sequence[str], since: datetime) -> ChangeSet:
        """What changed from `since` on, in one call; the answer may be cut (`is_whole`). Raises QuickBooksError."""
        moment = since.astimezone(UTC).isoformat(timespec="seconds")
        body = self._get(f"{self._company}/cdc", operation="changes", entities=",".join(entities), changedSince=moment)
        try:
            return read_change_set(body, entities=entities)
        except PageUnreadable as problem:
            raise Transient(f"QuickBooks' answer cannot be read: {problem}.", code="unreadable") from problem

    def company_info(self) -> CompanyInfo:
        """The company behind the realm: its name and time zone."""
        body = self._get(f"{self._company}/companyinfo/{self._realm_id}", operation="read CompanyInfo")
        return self._object(body, "CompanyInfo", CompanyInfo)

    def preferences(self) -> Preferences:
        """The company's settings: its home currency."""
        body = self._get(f"{self._company}/preferences", operation="read Preferences")
        return self._object(body, "Preferences", Preferences)

    def _page(self, body: bytes, *, entity: str) -> Page:
        try:
            return read_page(body, entity=entity)
        except PageUnreadable as problem:
            raise Transient(f"QuickBooks' answer cannot be read: {problem}.", code="unreadable") from problem

    def _object(self, body: bytes, name: str, payload: type[Payload]) -> Payload:
        try:
            return msgspec.json.decode(read_object(body, entity=name), type=payload)
        except (msgspec.DecodeError, PageUnreadable) as problem:
            raise Transient("QuickBooks' answer cannot be read.", code="unreadable") from problem

    def _get(self, url: str, *, operation: str, **parameters: str) -> bytes:
        """One call in its turn; the gate hears how it ended."""
        if self._gate is None:
            return self._call(url, operation=operation, parameters=parameters)
        self._gate.before()
        try:
            body = self._call(url, operation=operation, parameters=parameters)
        except QuickBooksError as problem:
            self._gate.after(problem)
            raise
        self._gate.after(None)
        return body

    def _call(self, url: str, *, operation: str, parameters: dict[str, str]) -> bytes:
        """The body of a good answer; raises QuickBooksError for any other, TokenExpired for the caller to mend."""
        began = time.monotonic()
        status, tid, code, size = None, "", "", 0
        try:
            with self._session.get(
                url,
                params={**parameters, "minorversion": "75"},
                headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as answer:
                status, tid = answer.status_code, answer.headers.get("intuit_tid", "")
                body = _bounded_body(answer)
                size = len(body)
                error_responses.raise_for(answer, body)
                return body
        except requests.RequestException as problem:
            code = "timeout" if isinstance(problem, requests.Timeout) else "no_answer"
            raise Transient("QuickBooks did not answer.", code=code) from problem
        except QuickBooksError as problem:
            code = problem.code
            raise
        finally:
            self._record(
                Call(
                    operation=operation,
                    status=status,
                    error_code=code[:40],
                    intuit_tid=tid[:100],
                    duration_ms=int((time.monotonic() - began) * 1000),
                    size=size,
                )
            )


def _bounded_body(answer: requests.Response) -> bytes:
    """The whole body, never more than LARGEST_ANSWER; a body shorter than announced is no answer."""
    parts, size = [], 0
    for chunk in answer.iter_content(CHUNK):
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise TooLarge(
                "The answer of QuickBooks is too large to take.", code="too_large", status=answer.status_code
            )
        parts.append(chunk)
    return b"".join(parts)
