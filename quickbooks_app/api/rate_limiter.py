"""Rate limiter: the maximum number of calls per second to one company, over all workers and hosts.

Intuit allows an app ten calls per second and 500 per minute to one company. Each call reserves the next free slot with
one UPDATE of the company's row, then waits for it outside any transaction. A caller that would wait longer than
MAX_WAIT gets the time of its next attempt instead, so that one company never delays another's work.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_noop

from quickbooks_app.api import circuit_breaker
from quickbooks_app.errors import CircuitOpen, ObjectSuspected, QuickBooksError, Throttled, Transient
from quickbooks_app.models import RateLimitState

MAX_WAIT = timedelta(seconds=5)
PROBE_DURATION = timedelta(seconds=90)  # longer than a call takes: how long one call may probe an open circuit

# Selects from the connection, so that a deleted connection gets no row.
ENSURE_ROW_SQL = """
INSERT INTO quickbooks_app_ratelimitstate (connection_id, failures)
SELECT id, 0 FROM quickbooks_app_connection WHERE id = %(id)s ON CONFLICT DO NOTHING
"""
RESERVE_SLOT_SQL = """
UPDATE quickbooks_app_ratelimitstate
SET next_call_at = greatest(next_call_at, %(now)s) + %(spacing)s,
    open_until = CASE WHEN open_until IS NULL THEN NULL ELSE %(probe_ends)s END
WHERE connection_id = %(id)s
  AND (next_call_at IS NULL OR next_call_at <= %(latest)s)
  AND (open_until IS NULL OR open_until <= %(now)s)
RETURNING next_call_at - %(spacing)s, failures
"""


class RateLimiter:
    """Guards every call to one company: `acquire` before the call, `record_result` after it."""

    def __init__(
        self, *, connection_id: int, now: Callable[[], datetime], sleep: Callable[[float], Any] = time.sleep
    ) -> None:
        self._id, self._now, self._sleep = connection_id, now, sleep
        self._failures = 0
        self._call = threading.local()  # `began`: when the call of this thread began
        self._failed_at: datetime | None = None
        with database.cursor() as cursor:
            cursor.execute(ENSURE_ROW_SQL, {"id": connection_id})

    def acquire(self, *, turns: int = 1) -> None:
        """Wait for a free slot, and take so many `turns`.

        Raises CircuitOpen if the slot is too far off or the circuit is open.
        """
        at = self._now()
        with database.cursor() as cursor:
            cursor.execute(
                RESERVE_SLOT_SQL,
                {
                    "id": self._id,
                    "now": at,
                    "latest": at + MAX_WAIT,
                    "probe_ends": at + PROBE_DURATION,
                    "spacing": timedelta(seconds=turns) / settings.QUICKBOOKS_CALLS_PER_SECOND,
                },
            )
            slot = cursor.fetchone()
        if slot is not None:
            starts_at, self._failures = slot
            if starts_at > at:
                self._sleep((starts_at - at).total_seconds())
            self._call.began = max(at, starts_at)
        elif (row := RateLimitState.objects.filter(pk=self._id).first()) is not None:
            until = max(moment for moment in (row.next_call_at, row.open_until, at) if moment is not None)
            raise CircuitOpen(gettext_noop("infactor is pausing its calls to QuickBooks."), until=until)

    def record_result(self, error: QuickBooksError | None) -> None:
        """Update the shared state after a call; `error` is None after a success."""
        if isinstance(error, Throttled):
            pause_until(connection_id=self._id, until=self._now() + timedelta(seconds=error.retry_after))
        if isinstance(error, Transient) and not isinstance(error, Throttled | CircuitOpen):
            self._record_failure(at=self._now())
        elif isinstance(error, ObjectSuspected):
            # Smaller answers must be asked for. Whether this was a failure, they tell.
            circuit_breaker.let_through(connection_id=self._id)
        elif self._failures and not isinstance(error, CircuitOpen):
            # A rejection is a response, too.
            circuit_breaker.record_success(connection_id=self._id)
            self._failures = 0

    def _record_failure(self, *, at: datetime) -> None:
        """Count the failure for the circuit breaker, unless a call beside this one has failed since it began: what
        fails together fails for one reason, and the circuit opens after several in a row."""
        if self._failed_at is None or getattr(self._call, "began", at) >= self._failed_at:
            circuit_breaker.record_failure(connection_id=self._id, at=at)
            self._failed_at = at


def pause_until(*, connection_id: int, until: datetime) -> None:
    """Let no worker call this company before `until`."""
    RateLimitState.objects.filter(pk=connection_id).update(
        next_call_at=Greatest(Coalesce("next_call_at", until), until)
    )
