"""A worker's talk with one company: calls in their turn, a token that is kept fresh, a row for every call."""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db.models import F

from quickbooks_app.api.client import Call, QuickBooksClient
from quickbooks_app.api.rate_limiter import Gate
from quickbooks_app.auth import app_credentials, tokens
from quickbooks_app.errors import AccessLost, TokenExpired, Transient
from quickbooks_app.models import ApiCall, Connection, ImportRun

Answer = TypeVar("Answer")


class Conversation:
    """Opens with a fresh token; raises QuickBooksError where there is none. To be closed; its calls are to be kept."""

    def __init__(
        self, *, connection: Connection, now: Callable[[], datetime], calls: deque[Call] | None = None
    ) -> None:
        self.connection, self.now = connection, now
        self.calls: deque[Call] = deque() if calls is None else calls
        self._gate = Gate(connection_id=connection.pk, now=now)
        self.client = QuickBooksClient(
            api_base=app_credentials.current().api_base,
            realm_id=connection.realm_id,
            token=self._fresh_token(),
            record=self.calls.append,
            gate=self._gate,
        )

    def close(self) -> None:
        """Give the connections to QuickBooks back."""
        self.client.close()

    def ask(self, call: Callable[[], Answer], *, first: Callable[[], Answer] | None = None) -> Answer:
        """The answer of `first`, else of `call`; where the token was not taken, `call` once more with a fresh one."""
        try:
            return (first or call)()
        except TokenExpired:
            self.client.token = self._fresh_token(refused=self.client.token)
        try:
            return call()
        except TokenExpired as problem:
            raise AccessLost("QuickBooks does not take a fresh token either.", code=problem.code) from problem

    def _fresh_token(self, refused: str = "") -> str:
        """An access token; that none can be had for now counts as a call without an answer."""
        try:
            return tokens.fresh(self.connection, now=self.now, refused=refused)
        except Transient as problem:
            self._gate.after(problem)
            raise


def taken(calls: deque[Call]) -> list[Call]:
    """What stands in `calls`, taken out; a prefetching thread may add to it meanwhile."""
    return [calls.popleft() for _ in range(len(calls))]


def keep(calls: list[Call], *, connection: Connection, run: ImportRun | None, at: datetime) -> None:
    """Write the rows of calls that were made."""
    ApiCall.objects.bulk_create(
        ApiCall(
            connection=connection,
            run=run,
            at=at,
            operation=call.operation,
            status=call.status,
            error_code=call.error_code,
            intuit_tid=call.intuit_tid,
            duration_ms=call.duration_ms,
            size=call.size,
        )
        for call in calls
    )


def keep_rest(calls: deque[Call], *, run: ImportRun, at: datetime) -> None:
    """Keep the calls that nothing was written with."""
    if made := taken(calls):
        keep(made, connection=run.connection, run=run, at=at)
        ImportRun.objects.filter(pk=run.pk).update(api_calls=F("api_calls") + len(made))
