"""API sessions: calls to one company with a valid access token, the rate limiter and a record of every call."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import F
from django.utils.translation import gettext_noop

from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.rate_limiter import RateLimiter
from quickbooks_app.api.transport import CallRecord, Timeouts
from quickbooks_app.api.writes.financed import financed_invoices
from quickbooks_app.auth import app_credentials, tokens
from quickbooks_app.errors import AuthorizationLost, InternalFault, ObjectSuspected, TokenExpired, Transient
from quickbooks_app.models import ApiCall, Connection, ImportRun
from quickbooks_app.objects.editions import CompanyProfile

Result = TypeVar("Result")


class ApiSession:
    """Starts with a valid token; raises QuickBooksError if there is none. Close it, and save its `calls`."""

    def __init__(
        self,
        *,
        connection: Connection,
        now: Callable[[], datetime],
        calls: deque[CallRecord] | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        self.connection, self.now = connection, now
        self.calls: deque[CallRecord] = deque() if calls is None else calls
        self._limiter = RateLimiter(connection_id=connection.pk, now=now)
        self.client = QuickBooksClient(
            api_base=app_credentials.in_use(connection.integration).api_base,
            realm_id=connection.realm_id,
            token=self._get_access_token(),
            record=self.calls.append,
            limiter=self._limiter,
            timeouts=timeouts,
            company=CompanyProfile(edition=connection.edition, country=connection.country),
            is_financed=financed_invoices(connection),
        )

    def close(self) -> None:
        """Close the HTTP connections."""
        self.client.close()

    def call(self, request: Callable[[], Result], *, prefetched: Callable[[], Result] | None = None) -> Result:
        """The result of `request`, repeated once with a new token if QuickBooks rejects the token.

        `prefetched` returns or raises the outcome of the same request, made earlier by another thread.
        """
        try:
            return (prefetched or request)()
        except TokenExpired:
            self.client.token = self._get_access_token(rejected_token=self.client.token)
        try:
            return request()
        except TokenExpired as error:
            raise AuthorizationLost(gettext_noop("QuickBooks rejected a new token, too."), code=error.code) from error

    def as_outage(self, suspicion: ObjectSuspected) -> InternalFault:
        """The internal error that was suspected to be the fault of an object, where no smaller answer succeeded."""
        self._limiter.record_result(suspicion.fault)
        return suspicion.fault

    def _get_access_token(self, rejected_token: str = "") -> str:
        """An access token. The circuit breaker counts a failed refresh like a failed call."""
        try:
            return tokens.get_access_token(self.connection, now=self.now, rejected_token=rejected_token)
        except Transient as error:
            self._limiter.record_result(error)
            raise


def take_calls(calls: deque[CallRecord]) -> list[CallRecord]:
    """Remove and return the records in `calls`. A prefetching thread may append to it meanwhile."""
    return [calls.popleft() for _ in range(len(calls))]


def save_calls(calls: list[CallRecord], *, connection: Connection, run: ImportRun | None, at: datetime) -> None:
    """Save the records of calls."""
    ApiCall.objects.bulk_create(
        rows_of(calls, environment=connection.environment, connection=connection, run=run, at=at)
    )


def rows_of(calls: Iterable[CallRecord], *, environment: str, **columns: Any) -> Iterator[ApiCall]:
    """The rows of `calls`. Intuit counts none of a company that is not live."""
    is_live = environment == "production"
    for call in calls:
        yield ApiCall(**{**vars(call), **columns, "is_metered": call.is_metered and is_live})


def save_remaining_calls(calls: deque[CallRecord], *, run: ImportRun, at: datetime) -> None:
    """Save the calls that no checkpoint has saved."""
    if remaining := take_calls(calls):
        save_calls(remaining, connection=run.connection, run=run, at=at)
        ImportRun.objects.filter(pk=run.pk).update(api_calls=F("api_calls") + len(remaining))
