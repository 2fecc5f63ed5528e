"""The one client of QuickBooks' API: timeouts on every call, one host, named errors, a row for each call."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import requests

from quickbooks_app import faults
from quickbooks_app.errors import QuickBooksError, TooLarge, Transient
from quickbooks_app.pages import Page, PageUnreadable, mended, needs_mending, read_page
from quickbooks_app.payloads import CompanyInfo, Preferences

Payload = TypeVar("Payload")

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 60  # QuickBooks itself gives up after 120 s
LARGEST_ANSWER = 32 * 1024 * 1024
PAGE_SIZE = 1000
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Call:
    """One call as it ended: `status` None where no answer came, `duration_ms` with the body."""

    operation: str
    status: int | None
    error_code: str
    intuit_tid: str
    duration_ms: int
    size: int


class QuickBooksClient:
    """Reads one company with one access token; `token` may be replaced between calls."""

    def __init__(self, *, api_base: str, realm_id: str, token: str, record: Callable[[Call], None]) -> None:
        self._company = f"{api_base}/v3/company/{realm_id}"
        self._realm_id = realm_id
        self._record = record
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
            if needs_mending(body):
                body = mended(body)
            return msgspec.json.decode(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[name], type=payload)
        except (msgspec.DecodeError, PageUnreadable, RecursionError, KeyError) as problem:
            raise Transient("QuickBooks' answer cannot be read.", code="unreadable") from problem

    def _get(self, url: str, *, operation: str, **parameters: str) -> bytes:
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
                faults.raise_for(answer, body)
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
