"""What follows an error of QuickBooks within a run: it waits and goes on, or it ends."""

from datetime import datetime, timedelta
from enum import Enum

from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.connections import authorization_flow, lost_access
from quickbooks_app.errors import (
    AuthorizationLost,
    CircuitOpen,
    QuickBooksError,
    Throttled,
    Transient,
)
from quickbooks_app.sync.run_context import RunContext


class SliceOutcome(Enum):
    """How a time slice ended: the run is finished, has more to do, or must wait; or the worker does not hold it."""

    DONE = "done"
    MORE = "more"
    LATER = "later"
    NOT_CLAIMED = "not claimed"


def handle_error(context: RunContext, error: QuickBooksError) -> SliceOutcome:
    """Requeue the run if a retry may succeed, otherwise finish it as failed."""
    run, at = context.run, context.now()
    if isinstance(error, CircuitOpen):
        # No call was made: keep the error of the last call.
        runs.requeue(run=run, owner=context.owner, at=at, delay=error.until - at, error=run.error)
        return SliceOutcome.LATER
    if isinstance(error, Transient) and at - (run.started_at or at) < runs.max_age(error):
        return _retry_later(context, error, at=at)
    if isinstance(error, AuthorizationLost) and not lost_access.is_final(
        connection=run.connection, error=error, unsaved=context.calls, at=at
    ):
        return _retry_later(context, error, at=at)
    if isinstance(error, AuthorizationLost) and authorization_flow.was_reconnected(run.connection):
        runs.requeue(run=run, owner=context.owner, at=at)
        return SliceOutcome.LATER
    runs.finish(run=run, owner=context.owner, at=at, error=str(error), error_code=error.code)
    if isinstance(error, AuthorizationLost):
        authorization_flow.mark_needs_attention(connection=run.connection, reason=str(error), at=at)
    return SliceOutcome.DONE


def _retry_later(context: RunContext, error: QuickBooksError, *, at: datetime) -> SliceOutcome:
    """Requeue the run: after the open circuit, after a cooldown if it has failed too often, else after a backoff."""
    run = context.run
    open_until = circuit_breaker.state(connection=run.connection, now=at).until
    is_failure = False
    if open_until is not None:
        # A long outage must not use the attempts up, but a failure that repeats may be the fault of one object.
        is_failure = run.attempt < runs.SUSPECTED_AFTER
        delay = open_until - at
    elif run.attempt >= runs.MAX_ATTEMPTS:
        delay = circuit_breaker.COOLDOWN
    else:
        is_failure = True
        delay = runs.backoff(run.attempt)
        if isinstance(error, Throttled):
            delay += timedelta(seconds=error.retry_after)
    runs.requeue(run=run, owner=context.owner, at=at, delay=delay, error=str(error), is_failure=is_failure)
    return SliceOutcome.LATER
