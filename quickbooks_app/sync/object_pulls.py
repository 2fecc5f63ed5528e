"""Reads further objects into the raw store, page by page: whole, what changed, or all ids to find deletions."""

from collections import deque
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from quickbooks_app import pulls, runs
from quickbooks_app.api.keyset_pagination import Cursor, KeysetQuery
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.connections import company_profile
from quickbooks_app.errors import CircuitOpen, NotOffered, ObjectSuspected, QuickBooksError, Transient
from quickbooks_app.models import ObjectPull
from quickbooks_app.objects.table import Operation
from quickbooks_app.sync import change_data_capture, reconciliation
from quickbooks_app.sync.apply_page import apply_page
from quickbooks_app.sync.import_issues import record_refused
from quickbooks_app.sync.reconciliation import ReconciliationCursor

TIME_BUDGET = timedelta(seconds=60)
Reading = ObjectPull.Reading


def pull_objects(*, pull_id: int, owner: str, now: Callable[[], datetime]) -> bool:
    """Read for about a minute. True if there is more. Never raises QuickBooksError: the pull holds the error."""
    pull = pulls.claim(pull_id=pull_id, owner=owner, at=now())
    if pull is None:
        return False
    calls: deque[CallRecord] = deque()
    try:
        with closing(ApiSession(connection=pull.connection, now=now, calls=calls)) as session:
            session.client.suspects_objects = lambda: pull.attempt >= runs.SUSPECTED_AFTER
            return _read(pull, session, owner=owner, now=now)
    except runs.LeaseLost:
        return False
    except QuickBooksError as error:
        _wait(pull, error, owner=owner, at=now())
        return False
    finally:
        save_calls(take_calls(calls), connection=pull.connection, run=None, at=now())
        pulls.release(pull=pull, owner=owner)


def _read(pull: ObjectPull, session: ApiSession, *, owner: str, now: Callable[[], datetime]) -> bool:
    _require_offered(pull, session, at=now())
    deadline = now() + TIME_BUDGET
    read_page = _reconcile_page if pull.reading == Reading.RECONCILE else _read_page
    while pull.reading:
        if now() > deadline:
            return True
        try:
            read_page(pull, session, owner=owner, now=now)
        except ObjectSuspected as suspicion:
            raise session.as_outage(suspicion) from suspicion
    return False


def _require_offered(pull: ObjectPull, session: ApiSession, *, at: datetime) -> None:
    """Raise NotOffered before any call, but for an edition that was read long ago."""
    try:
        session.client.require(pull.entity, Operation.QUERY)
    except NotOffered as error:
        if not error.may_change or not company_profile.is_old(pull.connection, at=at):
            raise
        company_profile.refresh(session, at=at)
        session.client.require(pull.entity, Operation.QUERY)


def _read_page(pull: ObjectPull, session: ApiSession, *, owner: str, now: Callable[[], datetime]) -> None:
    since = change_data_capture.start_time(pull.as_of) if pull.reading == Reading.CHANGES and pull.as_of else None
    query = KeysetQuery(entity=pull.entity, since=since)
    cursor = Cursor.from_json(pull.cursor) if pull.cursor else query.first_cursor()
    page = session.call(partial(query.fetch_page, session.client, cursor))
    at = now()
    with transaction.atomic():
        apply_page(connection=pull.connection, entity=pull.entity, objects=page.objects, at=at)
        record_refused(
            connection=pull.connection, entity=pull.entity, ids=page.refused_ids, unnamed=page.unnamed, at=at
        )
        pull.objects_seen += len(page.objects)
        pull.books_time = pull.books_time or min(page.time or at, at)
        pull.cursor = page.cursor.as_json()
        pulls.save_page(pull=pull, owner=owner, at=at, is_last=page.is_last)


def _reconcile_page(pull: ObjectPull, session: ApiSession, *, owner: str, now: Callable[[], datetime]) -> None:
    cursor = ReconciliationCursor(pull.entity, Cursor.from_json(pull.cursor))
    page = reconciliation.reconcile_page(session, connection=pull.connection, cursor=cursor)
    at = now()
    with transaction.atomic():
        reconciliation.apply_reconciliation(connection=pull.connection, page=page, at=at)
        pull.objects_seen += len(page.found.objects)
        pull.books_time = pull.books_time or min(page.time or at, at)
        pull.cursor = page.next_cursor.as_json() if page.next_cursor else {}
        pulls.save_page(pull=pull, owner=owner, at=at, is_last=page.is_last)


def _wait(pull: ObjectPull, error: QuickBooksError, *, owner: str, at: datetime) -> None:
    """What passes is tried again soon; a refusal, and a connection that is lost, once a day."""
    is_failure = not isinstance(error, CircuitOpen)
    if isinstance(error, CircuitOpen):
        until = error.until
    elif isinstance(error, Transient):
        until = at + runs.backoff(pull.attempt)
    else:
        until = at + pulls.REFUSED_INTERVAL
    pulls.wait(pull=pull, owner=owner, until=until, error=str(error), code=error.code, is_failure=is_failure)
