"""When the next call to a company may start: so many a second over all workers and machines, and none while it rests.

Intuit lets an app make ten calls a second and 500 a minute to one company. Each call takes the next free moment with
one UPDATE of the company's row, then waits for it outside of any transaction. Whoever would wait for long does not:
the work goes back with the time at which it is worth coming again, so one company never holds up another's.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.db.models.functions import Coalesce, Greatest

from quickbooks_app.api import circuit_breaker
from quickbooks_app.errors import NotNow, QuickBooksError, Throttled, Transient
from quickbooks_app.models import Pace

PATIENCE = timedelta(seconds=5)  # nobody sleeps longer for a turn
TRY = timedelta(seconds=90)  # longer than a call takes: how long one may try a company that did not answer

# A row is made of the connection's own, so that there is none for a connection that is gone.
MAKE_ROW = """
INSERT INTO quickbooks_app_pace (connection_id, failures)
SELECT id, 0 FROM quickbooks_app_connection WHERE id = %(id)s ON CONFLICT DO NOTHING
"""
TAKE_TURN = """
UPDATE quickbooks_app_pace
SET next_call_at = greatest(next_call_at, %(now)s) + %(spacing)s,
    closed_until = CASE WHEN closed_until IS NULL THEN NULL ELSE %(try_ends)s END
WHERE connection_id = %(id)s
  AND (next_call_at IS NULL OR next_call_at <= %(latest)s)
  AND (closed_until IS NULL OR closed_until <= %(now)s)
RETURNING next_call_at - %(spacing)s, failures
"""


class Gate:
    """What every call to one company goes through: its turn before, and what came of it after."""

    def __init__(
        self, *, connection_id: int, now: Callable[[], datetime], sleep: Callable[[float], Any] = time.sleep
    ) -> None:
        self._id, self._now, self._sleep = connection_id, now, sleep
        self._failures = 0
        with database.cursor() as cursor:
            cursor.execute(MAKE_ROW, {"id": connection_id})

    def before(self) -> None:
        """Wait for the turn. Raises NotNow where that is far off, or the company is left alone for now."""
        at = self._now()
        with database.cursor() as cursor:
            cursor.execute(
                TAKE_TURN,
                {
                    "id": self._id,
                    "now": at,
                    "latest": at + PATIENCE,
                    "try_ends": at + TRY,
                    "spacing": timedelta(seconds=1) / settings.QUICKBOOKS_CALLS_A_SECOND,
                },
            )
            turn = cursor.fetchone()
        if turn is not None:
            starts_at, self._failures = turn
            if starts_at > at:
                self._sleep((starts_at - at).total_seconds())
        elif (row := Pace.objects.filter(pk=self._id).first()) is not None:
            until = max(one for one in (row.next_call_at, row.closed_until, at) if one is not None)
            raise NotNow("QuickBooks is left alone for now.", until=until)

    def after(self, problem: QuickBooksError | None) -> None:
        """Learn from how a call ended, None for well."""
        if isinstance(problem, Throttled):
            hold(connection_id=self._id, until=self._now() + timedelta(seconds=problem.retry_after))
        if isinstance(problem, Transient) and not isinstance(problem, Throttled | NotNow):
            circuit_breaker.failed(connection_id=self._id, at=self._now())
        elif self._failures and not isinstance(problem, NotNow):
            # Also a refusal is an answer.
            circuit_breaker.answered(connection_id=self._id)
            self._failures = 0


def hold(*, connection_id: int, until: datetime) -> None:
    """Start no call to this company before `until`, whoever makes it."""
    Pace.objects.filter(pk=connection_id).update(next_call_at=Greatest(Coalesce("next_call_at", until), until))
