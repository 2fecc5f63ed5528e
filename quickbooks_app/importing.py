"""One import run from its cursor to its end: pages come, each is written with the cursor in one transaction.

While a page is written, a thread fetches the next. Memory holds two pages, whatever the size of the books.
"""

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.db.models import F

from infactor.invoices import upserts
from quickbooks_app import connecting, runs, tokens
from quickbooks_app import integration as integrations
from quickbooks_app.applying import apply_page
from quickbooks_app.client import Call, QuickBooksClient
from quickbooks_app.errors import AccessLost, QuickBooksError, Throttled, TokenExpired, Transient
from quickbooks_app.models import ApiCall, ImportRun
from quickbooks_app.pulling import Cursor, Pull, Pulled

SLICE = timedelta(seconds=60)
Answer = TypeVar("Answer")
ENTITIES = {ImportRun.Stage.CUSTOMERS: "Customer", ImportRun.Stage.INVOICES: "Invoice"}
NEXT_STAGE = {
    ImportRun.Stage.CUSTOMERS: ImportRun.Stage.INVOICES,
    ImportRun.Stage.INVOICES: ImportRun.Stage.DONE,
}


class Ended(Enum):
    """How a slice of work ended: the run is done (well or not), has more to do, or waits for better times."""

    DONE = "done"
    MORE = "more"
    LATER = "later"
    NOT_OURS = "not ours"


@dataclass
class _Work:
    """One slice of one run in the hands of one worker."""

    run: ImportRun
    owner: str
    now: Callable[[], datetime]
    calls: deque[Call] = field(default_factory=deque)
    client: QuickBooksClient = field(init=False)


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
    work = _Work(run=run, owner=owner, now=now)
    try:
        work.client = QuickBooksClient(
            api_base=integrations.current().api_base,
            realm_id=run.connection.realm_id,
            token=tokens.fresh(run.connection, now=now),
            record=work.calls.append,
        )
        with closing(work.client):
            return _read(work)
    except runs.LeaseLost:
        return Ended.NOT_OURS
    except QuickBooksError as problem:
        return _stop(work, problem)
    finally:
        _keep_calls(work)


def _read(work: _Work) -> Ended:
    run, deadline = work.run, work.now() + SLICE
    while run.stage != ImportRun.Stage.DONE:
        pull = Pull(entity=ENTITIES[ImportRun.Stage(run.stage)], since=run.since)
        with closing(_pages(work, pull)) as pages:
            for pulled in pages:
                _write(work, pull=pull, pulled=pulled)
                if not pulled.is_last and work.now() > deadline:
                    runs.give_back(run=run, owner=work.owner, at=work.now())
                    return Ended.MORE
    with transaction.atomic():
        if run.books_time is not None:
            upserts.note_read(company_file=run.connection.company_file, as_of=run.books_time)
        runs.end(run=run, owner=work.owner, at=work.now())
    return Ended.DONE


def _pages(work: _Work, pull: Pull) -> Generator[Pulled]:
    """Every page from the run's cursor on; the next is fetched while the one given out is written."""
    cursor = Cursor.from_json(work.run.cursor) if work.run.cursor else pull.first()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as prefetch:
        pulled = _with_token(work, partial(pull.page, work.client, cursor))
        if pull.entity == "Invoice" and work.run.invoices_expected is None:
            work.run.invoices_expected = _expected(work, pull=pull, first=pulled)
        while not pulled.is_last:
            again = partial(pull.page, work.client, pulled.cursor)
            coming = prefetch.submit(again)
            yield pulled
            pulled = _with_token(work, again, first=coming.result)
        yield pulled


def _expected(work: _Work, *, pull: Pull, first: Pulled) -> int:
    """How many invoices the run will see, for its progress: asked only where one page does not tell."""
    if first.is_last:
        return len(first.objects)
    return _with_token(work, partial(work.client.count, entity=pull.entity, where=pull.where(pull.since)))


def _write(work: _Work, *, pull: Pull, pulled: Pulled) -> None:
    """The page, the cursor behind it and the counts: all of it, or nothing."""
    run, at = work.run, work.now()
    made = _taken(work.calls)
    before = {name: getattr(run, name) for name in runs.PROGRESS}
    try:
        with transaction.atomic():
            applied = apply_page(connection=run.connection, entity=pull.entity, objects=pulled.objects, at=at)
            # A clock that goes ahead of ours would have later changes passed over.
            run.books_time = run.books_time or (pulled.time and min(pulled.time, at))
            run.issues_found += applied.issues
            if pull.entity == "Customer":
                run.customers_seen += len(pulled.objects)
            else:
                run.invoices_seen += len(pulled.objects)
                run.invoices_new += applied.outcome.new
                run.invoices_changed += applied.outcome.changed
                run.invoices_unchanged += applied.outcome.unchanged
            run.cursor = {} if pulled.is_last else pulled.cursor.as_json()
            if pulled.is_last:
                run.stage = NEXT_STAGE[ImportRun.Stage(run.stage)]
            run.api_calls += len(made)
            _keep(run=run, calls=made, at=at)
            runs.advance(run=run, owner=work.owner, at=at)
    except BaseException:
        work.calls.extendleft(reversed(made))
        for name, value in before.items():
            setattr(run, name, value)
        raise


def _with_token(work: _Work, call: Callable[[], Answer], first: Callable[[], Answer] | None = None) -> Answer:
    """The answer of `first`, else of `call`; where the token was not taken, `call` once more with a fresh one."""
    try:
        return (first or call)()
    except TokenExpired:
        work.client.token = tokens.fresh(work.run.connection, now=work.now, refused=work.client.token)
    try:
        return call()
    except TokenExpired as problem:
        raise AccessLost("QuickBooks does not take a fresh token either.", code=problem.code) from problem


def _stop(work: _Work, problem: QuickBooksError) -> Ended:
    """Wait and try again where that may help, end the run where it does not."""
    run, at = work.run, work.now()
    if isinstance(problem, AccessLost) and connecting.is_renewed(run.connection):
        runs.give_back(run=run, owner=work.owner, at=at)
        return Ended.LATER
    if isinstance(problem, Transient) and run.attempt < runs.MOST_ATTEMPTS:
        wait = runs.backoff(run.attempt)
        if isinstance(problem, Throttled):
            wait += timedelta(seconds=problem.retry_after)
        runs.give_back(run=run, owner=work.owner, at=at, wait=wait, error=str(problem))
        return Ended.LATER
    runs.end(run=run, owner=work.owner, at=at, error=str(problem), error_code=problem.code)
    if isinstance(problem, AccessLost):
        connecting.needs_attention(connection=run.connection, reason=str(problem), at=at)
    return Ended.DONE


def _keep_calls(work: _Work) -> None:
    """Keep the calls that no page was written with."""
    if made := _taken(work.calls):
        _keep(run=work.run, calls=made, at=work.now())
        ImportRun.objects.filter(pk=work.run.pk).update(api_calls=F("api_calls") + len(made))


def _taken(calls: deque[Call]) -> list[Call]:
    """What stands in `calls`, taken out; the prefetching thread may add to it meanwhile."""
    return [calls.popleft() for _ in range(len(calls))]


def _keep(*, run: ImportRun, calls: list[Call], at: datetime) -> None:
    ApiCall.objects.bulk_create(
        ApiCall(
            connection=run.connection,
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
