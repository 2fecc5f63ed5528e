"""One import run from its cursor to its end: what comes is written with the cursor in one transaction, step by step.

While a page is written, a thread fetches the next. Memory holds two pages, whatever the size of the books.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from enum import Enum
from functools import partial

from django.db import connections, transaction

from infactor.invoices.ingest import upserts
from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.api.keyset_pagination import Cursor, KeysetQuery, Pulled
from quickbooks_app.api.session import keep_rest
from quickbooks_app.connections import authorization_flow
from quickbooks_app.errors import AccessLost, NotNow, QuickBooksError, Throttled, Transient
from quickbooks_app.models import Connection, Document, ImportRun
from quickbooks_app.sync import change_data_capture, reconciliation
from quickbooks_app.sync.apply_page import Applied, apply_page
from quickbooks_app.sync.run_context import Work

SLICE = timedelta(seconds=60)
Kind, Stage = ImportRun.Kind, ImportRun.Stage
STAGES = dict(
    zip(
        (Stage.CUSTOMERS, Stage.INVOICES, Stage.PAYMENTS, Stage.CREDIT_MEMOS), change_data_capture.ENTITIES, strict=True
    )
)


class Ended(Enum):
    """How a slice of work ended: the run is done (well or not), has more to do, or waits for better times."""

    DONE = "done"
    MORE = "more"
    LATER = "later"
    NOT_OURS = "not ours"


def work(*, run_id: int, owner: str, now: Callable[[], datetime]) -> Ended:
    """Claim the run and work on it for at most a minute; whatever is committed then stays.

    Never raises QuickBooksError: what went wrong stands in the run, in plain words.
    """
    run = runs.claim(run_id=run_id, owner=owner, at=now())
    if run is None:
        return Ended.NOT_OURS
    if run.attempt > runs.MOST_ATTEMPTS:
        runs.end(run=run, owner=owner, at=now(), error="It failed too often in a row.", error_code="attempts")
        return Ended.DONE
    work = Work(run=run, owner=owner, now=now)
    try:
        with closing(work.begin()):
            return _read(work, deadline=now() + SLICE)
    except runs.LeaseLost:
        return Ended.NOT_OURS
    except QuickBooksError as problem:
        return _stop(work, problem)
    finally:
        keep_rest(work.calls, run=run, at=now())


def _read(work: Work, *, deadline: datetime) -> Ended:
    run = work.run
    while run.stage != Stage.DONE:
        if run.kind == Kind.CHANGES:
            is_through = _read_changes(work)
        elif run.stage == Stage.COMPARISON:
            is_through = _compare(work, deadline=deadline)
        else:
            is_through = _pull(work, deadline=deadline)
        if not is_through:
            runs.give_back(run=run, owner=work.owner, at=work.now())
            return Ended.MORE
    with transaction.atomic():
        _note_read(run, at=work.now())
        runs.end(run=run, owner=work.owner, at=work.now())
    return Ended.DONE


def _note_read(run: ImportRun, *, at: datetime) -> None:
    """Everything that the run was to bring is in: only now do the books count as read up to its beginning."""
    file = run.connection.company_file
    if run.kind == Kind.FULL and file.as_of is not None:
        return  # it has seen nothing of what is gone: the next run asks for changes from where the last one did
    if run.kind != Kind.CHANGES:
        Connection.objects.filter(pk=run.connection_id).update(compared_at=at)
    if run.books_time is not None:
        upserts.note_read(company_file=file, as_of=run.books_time)


def _read_changes(work: Work) -> bool:
    """One call for all that has changed. Where it may not tell everything, the run becomes one that compares:
    what changed is then asked for page by page, and what is gone is found by its id."""
    run, found = work.run, None
    if run.since is not None and change_data_capture.reaches(run.since, at=work.now()):
        found = change_data_capture.read(work.talk, connection=run.connection, since=run.since)
    with work.step() as at:
        if found is None:
            run.kind = Kind.COMPARE
            return True
        for entity, applied in change_data_capture.write(connection=run.connection, changes=found, at=at).items():
            _count(run, entity=entity, applied=applied, seen=len(found.objects[entity]))
        run.gone += change_data_capture.bury_gone(connection=run.connection, changes=found, at=at)["Invoice"]
        run.invoices_expected = run.invoices_seen
        run.books_time = _at_latest(found.time, at)
        run.stage = Stage.DONE
    return True


def _compare(work: Work, *, deadline: datetime) -> bool:
    """Page after page of ids; False where time is up before the last."""
    run = work.run
    while run.stage == Stage.COMPARISON:
        compared = reconciliation.compare(
            work.talk, connection=run.connection, position=reconciliation.Position.from_json(run.cursor)
        )
        with work.step() as at:
            gone = reconciliation.write(connection=run.connection, compared=compared, at=at)
            run.gone += gone if compared.entity == "Invoice" else 0
            run.cursor = compared.next.as_json() if compared.next else {}
            run.stage = run.stage if compared.next else Stage.DONE
        if compared.next and work.now() > deadline:
            return False
    return True


def _pull(work: Work, *, deadline: datetime) -> bool:
    """The pages of one stage; False where time is up before the last."""
    pull = KeysetQuery(entity=STAGES[Stage(work.run.stage)], since=work.run.since)
    with closing(_pages(work, pull)) as pages:
        for pulled in pages:
            _write(work, pull=pull, pulled=pulled)
            if not pulled.is_last and work.now() > deadline:
                return False
    return True


def _pages(work: Work, pull: KeysetQuery) -> Generator[Pulled]:
    """Every page from the run's cursor on; the next is fetched while the one given out is written."""
    cursor = Cursor.from_json(work.run.cursor) if work.run.cursor else pull.first()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as prefetch:
        pulled = work.talk.ask(partial(pull.page, work.talk.client, cursor))
        if pull.entity == "Invoice" and work.run.invoices_expected is None:
            work.run.invoices_expected = _expected(work, pull=pull, first=pulled)
        try:
            while not pulled.is_last:
                again = partial(pull.page, work.talk.client, pulled.cursor)
                coming = prefetch.submit(again)
                yield pulled
                pulled = work.talk.ask(again, first=coming.result)
        finally:
            prefetch.submit(connections.close_all)  # the thread took its turns on a connection of its own
        yield pulled


def _expected(work: Work, *, pull: KeysetQuery, first: Pulled) -> int:
    """How many invoices the run will see, for its progress: asked only where the first page does not tell."""
    if first.is_last:
        return len(first.objects)
    if first.total is not None and first.total > len(first.objects):
        return first.total
    return work.talk.ask(partial(work.talk.client.count, entity=pull.entity, where=pull.where(pull.since)))


def _write(work: Work, *, pull: KeysetQuery, pulled: Pulled) -> None:
    """The page, the cursor behind it and the counts: all of it, or nothing."""
    run = work.run
    with work.step() as at:
        applied = apply_page(connection=run.connection, entity=pull.entity, objects=pulled.objects, at=at)
        _count(run, entity=pull.entity, applied=applied, seen=len(pulled.objects))
        run.books_time = run.books_time or _at_latest(pulled.time, at)
        run.cursor = {} if pulled.is_last else pulled.cursor.as_json()
        if pulled.is_last:
            run.stage = _next_stage(run)


def _next_stage(run: ImportRun) -> ImportRun.Stage:
    stages = [*STAGES, Stage.COMPARISON if _is_to_compare(run) else Stage.DONE]
    return stages[stages.index(Stage(run.stage)) + 1]


def _is_to_compare(run: ImportRun) -> bool:
    """Whether something may be here that is gone from the books, and of which no later run would hear.

    Before a first import that means what was here before its first answer, of a webhook or of a run that failed:
    the next run hears of what has gone since that answer, not since a worker that died took this run up.
    """
    if run.kind != Kind.FULL:
        return True
    if run.connection.company_file.as_of is not None:
        return False
    began = max(moment for moment in (run.started_at, run.books_time) if moment is not None)
    return Document.objects.filter(connection=run.connection, deleted_at__isnull=True, fetched_at__lt=began).exists()


def _at_latest(books_time: datetime | None, at: datetime) -> datetime | None:
    """QuickBooks' clock; one that goes ahead of ours would have later changes passed over."""
    return min(books_time, at) if books_time else None


def _count(run: ImportRun, *, entity: str, applied: Applied, seen: int) -> None:
    run.issues_found += applied.issues
    match entity:
        case "Customer":
            run.customers_seen += seen
        case "Payment":
            run.payments_seen += seen
        case "CreditMemo":
            run.credit_memos_seen += seen
        case _:
            run.invoices_seen += seen
            run.invoices_new += applied.outcome.new
            run.invoices_changed += applied.outcome.changed
            run.invoices_unchanged += applied.outcome.unchanged


def _stop(work: Work, problem: QuickBooksError) -> Ended:
    """Wait and try again where that may help, end the run where it does not."""
    run, at = work.run, work.now()
    if isinstance(problem, AccessLost) and authorization_flow.is_renewed(run.connection):
        runs.give_back(run=run, owner=work.owner, at=at)
        return Ended.LATER
    if isinstance(problem, NotNow):
        runs.give_back(run=run, owner=work.owner, at=at, wait=problem.until - at, error=run.error)
        return Ended.LATER
    if isinstance(problem, Transient) and at - (run.started_at or at) < runs.LONGEST:
        resting = circuit_breaker.state(connection=run.connection, now=at).until
        if resting or run.attempt >= runs.MOST_ATTEMPTS:
            wait = resting - at if resting else circuit_breaker.REST
            runs.give_back(run=run, owner=work.owner, at=at, wait=wait, error=str(problem))
            return Ended.LATER
        wait = runs.backoff(run.attempt)
        if isinstance(problem, Throttled):
            wait += timedelta(seconds=problem.retry_after)
        runs.give_back(run=run, owner=work.owner, at=at, wait=wait, error=str(problem), is_failure=True)
        return Ended.LATER
    runs.end(run=run, owner=work.owner, at=at, error=str(problem), error_code=problem.code)
    if isinstance(problem, AccessLost):
        authorization_flow.needs_attention(connection=run.connection, reason=str(problem), at=at)
    return Ended.DONE
