"""Import worker: processes one run from its cursor, and saves each page together with the cursor in one transaction.

While a page is saved, a thread fetches the next one; of large books several threads do (windows.py). Memory holds a
bounded number of pages, however much data the company has.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connections, transaction
from django.utils.translation import gettext_noop

from infactor.invoices.ingest import upserts
from quickbooks_app import pulls, runs
from quickbooks_app.api.keyset_pagination import KeysetQuery, Page
from quickbooks_app.api.session import save_remaining_calls
from quickbooks_app.errors import (
    ObjectSuspected,
    QuickBooksError,
)
from quickbooks_app.models import Connection, Document, ImportRun
from quickbooks_app.sync import change_data_capture, reconciliation, windows
from quickbooks_app.sync.apply_page import ApplyResult, apply_page
from quickbooks_app.sync.import_issues import close_unnamed, record_refused
from quickbooks_app.sync.run_context import RunContext
from quickbooks_app.sync.run_errors import SliceOutcome, handle_error
from quickbooks_app.sync.windows import Window, WindowedPage

TIME_BUDGET = timedelta(seconds=60)
Kind, Stage = ImportRun.Kind, ImportRun.Stage
ENTITY_BY_STAGE = dict(
    zip(
        (Stage.CUSTOMERS, Stage.INVOICES, Stage.PAYMENTS, Stage.CREDIT_MEMOS), change_data_capture.ENTITIES, strict=True
    )
)


def process_run(*, run_id: int, owner: str, now: Callable[[], datetime]) -> SliceOutcome:
    """Claim the run and process it for about a minute. Whatever has been committed by then stays.

    Never raises QuickBooksError: the run holds the error in plain words.
    """
    run = runs.claim(run_id=run_id, owner=owner, at=now())
    if run is None:
        return SliceOutcome.NOT_CLAIMED
    if run.attempt > runs.MAX_ATTEMPTS:
        runs.finish(
            run=run, owner=owner, at=now(), error=gettext_noop("It failed too often in a row."), error_code="attempts"
        )
        return SliceOutcome.DONE
    context = RunContext(run=run, owner=owner, now=now)
    try:
        with closing(context.open_session()) as session:
            session.client.suspects_objects = lambda: run.attempt >= runs.SUSPECTED_AFTER
            return _process_stages(context, deadline=now() + TIME_BUDGET)
    except runs.LeaseLost:
        return SliceOutcome.NOT_CLAIMED
    except ObjectSuspected as suspicion:
        return handle_error(context, context.session.as_outage(suspicion))
    except QuickBooksError as error:
        return handle_error(context, error)
    finally:
        save_remaining_calls(context.calls, run=run, at=now())


def _process_stages(context: RunContext, *, deadline: datetime) -> SliceOutcome:
    run = context.run
    while run.stage != Stage.DONE:
        if run.kind == Kind.CHANGES:
            is_finished = _import_changes(context)
        elif run.stage == Stage.RECONCILIATION:
            is_finished = _reconcile(context, deadline=deadline)
        else:
            is_finished = _import_stage(context, deadline=deadline)
        if not is_finished:
            runs.requeue(run=run, owner=context.owner, at=context.now())
            return SliceOutcome.MORE
    with transaction.atomic():
        runs.lock_connection(run=run)
        _mark_complete(run, at=context.now())
        runs.finish(run=run, owner=context.owner, at=context.now())
    return SliceOutcome.DONE


def _mark_complete(run: ImportRun, *, at: datetime) -> None:
    """All data of the run is saved. Only now are the books complete up to the start of the run."""
    file = run.connection.company_file
    if run.kind == Kind.FULL and file.as_of is not None:
        return  # it has not seen deletions: the next run asks for the changes since the last complete run
    if run.kind != Kind.CHANGES:
        Connection.objects.filter(pk=run.connection_id).update(reconciled_at=at)
    if run.books_time is not None:
        upserts.set_as_of(company_file=file, as_of=run.books_time)


def _import_changes(context: RunContext) -> bool:
    """Import all changes with one call. If the response may be incomplete, turn the run into a reconciliation: that
    reads the changes page by page and finds deletions by id."""
    run, changes, since = context.run, None, _changes_since(context.run)
    if since is not None and change_data_capture.within_cdc_window(since, at=context.now()):
        further, as_of = pulls.with_changes(connection=run.connection, at=context.now())
        since = min(since, change_data_capture.start_time(as_of)) if as_of else since
        changes = change_data_capture.fetch_changes(
            context.session, connection=run.connection, since=since, further=further
        )
    with context.checkpoint() as at:
        if changes is None:
            run.kind = Kind.RECONCILE
            return True
        applied = change_data_capture.apply_changes(connection=run.connection, changes=changes, at=at)
        for entity, result in applied.items():
            _add_counts(run, entity=entity, result=result, seen=len(changes.objects[entity]))
        deletions = change_data_capture.apply_deletions(connection=run.connection, changes=changes, at=at)
        run.invoices_deleted += deletions["Invoice"]
        run.invoices_expected = run.invoices_seen
        run.books_time = _capped(changes.time, at)
        pulls.mark_current(connection=run.connection, entities=changes.entities, as_of=run.books_time)
        run.stage = Stage.DONE
    return True


def _changes_since(run: ImportRun) -> datetime | None:
    return change_data_capture.start_time(run.since) if run.since is not None else None


def _reconcile(context: RunContext, *, deadline: datetime) -> bool:
    """Reconcile page by page. False if the time is up before the last page."""
    run = context.run
    while run.stage == Stage.RECONCILIATION:
        page = reconciliation.reconcile_page(
            context.session,
            connection=run.connection,
            cursor=reconciliation.ReconciliationCursor.from_json(run.cursor),
            since=_changes_since(run),
        )
        with context.checkpoint() as at:
            deletions = reconciliation.apply_reconciliation(connection=run.connection, page=page, at=at)
            run.invoices_deleted += deletions.get("Invoice", 0)
            if page.is_last and run.started_at is not None:
                close_unnamed(connection=run.connection, entity=page.entity, before=run.started_at, at=at)
            run.cursor = page.next_cursor.as_json() if page.next_cursor else {}
            run.stage = run.stage if page.next_cursor else Stage.DONE
        if page.next_cursor and context.now() > deadline:
            return False
    return True


def _import_stage(context: RunContext, *, deadline: datetime) -> bool:
    """Import the pages of one stage. False if the time is up before the last page."""
    query = KeysetQuery(entity=ENTITY_BY_STAGE[Stage(context.run.stage)], since=_changes_since(context.run))
    with closing(_pages(context, query)) as pages:
        for page, cursor in pages:
            _save_page(context, query=query, page=page, cursor=cursor)
            if cursor and context.now() > deadline:
                return False
    return True


def _pages(context: RunContext, query: KeysetQuery) -> Generator[WindowedPage]:
    """All pages from the run's cursor on. Threads fetch the next pages while the caller saves the current one."""
    run, session = context.run, context.session
    most = windows.in_flight(attempt=run.attempt)
    with ExitStack() as open_lanes:
        if run.cursor:
            left = windows.from_json(run.cursor)
            lanes = _lanes(open_lanes, min(len(left), most))
            yield from windows.read_pages(session, query=query, windows=left, lanes=lanes, has_page_to_save=False)
            return
        page = session.call(partial(query.fetch_page, session.client, query.first_cursor()))
        if query.entity == "Invoice" and run.invoices_expected is None:
            run.invoices_expected = _expected_invoices(context, query=query, first_page=page)
        left, lanes = [] if page.is_last else [Window(page.cursor)], _lanes(open_lanes, 1)
        if left and most > 1 and _may_be_divided(run, query=query, first_page=page):
            lanes += _lanes(open_lanes, most - 1)
            left = windows.divided(session, query=query, after=page, total=run.invoices_expected or 0, lanes=lanes)
        following = windows.read_pages(session, query=query, windows=left, lanes=lanes, has_page_to_save=True)
        yield WindowedPage(page, windows.as_json(left))
        yield from following


def _may_be_divided(run: ImportRun, *, query: KeysetQuery, first_page: Page) -> bool:
    """Whether the stage reads many invoices in order of creation. In order of change, objects move between windows."""
    return (
        query.entity == "Invoice"
        and query.since is None
        and windows.are_worth_their_calls(total=run.invoices_expected or 0, read=len(first_page.objects))
    )


def _lanes(open_lanes: ExitStack, number: int) -> list[ThreadPoolExecutor]:
    """Executors with one thread each, which fetch ahead until the stack closes them."""
    return [_lane(open_lanes) for _ in range(number)]


def _lane(open_lanes: ExitStack) -> ThreadPoolExecutor:
    """A thread that fetches ahead, until the stack closes it."""
    lane = open_lanes.enter_context(ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch"))
    open_lanes.callback(lane.submit, connections.close_all)  # the rate limiter opened a connection in the thread
    return lane


def _expected_invoices(context: RunContext, *, query: KeysetQuery, first_page: Page) -> int:
    """The number of invoices for the progress bar. Counts them with a call only if the first page does not say."""
    if first_page.is_last:
        return len(first_page.objects)
    if first_page.total is not None and first_page.total > len(first_page.objects):
        return first_page.total
    session = context.session
    return session.call(partial(session.client.count, entity=query.entity, where=query.where_clause(query.since)))


def _save_page(context: RunContext, *, query: KeysetQuery, page: Page, cursor: dict[str, Any]) -> None:
    """Save the page, the run's next `cursor`, empty after the last page, and the counts atomically."""
    run = context.run
    with context.checkpoint() as at:
        result = apply_page(connection=run.connection, entity=query.entity, objects=page.objects, at=at)
        _add_counts(run, entity=query.entity, result=result, seen=len(page.objects))
        run.issues_found += record_refused(
            connection=run.connection,
            entity=query.entity,
            ids=page.refused_ids,
            unnamed=page.unnamed,
            at=at,
        )
        run.books_time = run.books_time or _capped(page.time, at)
        run.cursor = cursor
        if not cursor:
            run.stage = _next_stage(run)


def _next_stage(run: ImportRun) -> ImportRun.Stage:
    stages = [*ENTITY_BY_STAGE, Stage.RECONCILIATION if _needs_reconciliation(run) else Stage.DONE]
    return stages[stages.index(Stage(run.stage)) + 1]


def _needs_reconciliation(run: ImportRun) -> bool:
    """Whether a stored object may have been deleted in QuickBooks without any later run learning of it.

    For a first import, that is an object stored before its first response, by a webhook or by a failed run. The next
    run asks for deletions since that response, not since a crashed worker claimed this run.
    """
    if run.kind != Kind.FULL:
        return True
    if run.connection.company_file.as_of is not None:
        return False
    started = max(moment for moment in (run.started_at, run.books_time) if moment is not None)
    return Document.objects.filter(connection=run.connection, deleted_at__isnull=True, fetched_at__lt=started).exists()


def _capped(books_time: datetime | None, at: datetime) -> datetime | None:
    """QuickBooks' clock, at most ours: with a clock ahead of ours, the next run would miss changes."""
    return min(books_time, at) if books_time else None


def _add_counts(run: ImportRun, *, entity: str, result: ApplyResult, seen: int) -> None:
    run.issues_found += result.issues
    match entity:
        case "Customer":
            run.customers_seen += seen
        case "Payment":
            run.payments_seen += seen
        case "CreditMemo":
            run.credit_memos_seen += seen
        case "Invoice":
            run.invoices_seen += seen
            run.invoices_new += result.counts.new
            run.invoices_changed += result.counts.changed
            run.invoices_unchanged += result.counts.unchanged
