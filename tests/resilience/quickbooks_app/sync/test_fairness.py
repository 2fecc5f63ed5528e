"""Workers share their time fairly: a slow company takes turns with the others."""

import queue
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from quickbooks_app import runs
from quickbooks_app.api import keyset_pagination
from quickbooks_app.models import ImportRun
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.fakes.intuit_server import Asked, Intuit, Reply
from tests.support.scenarios.imports import PAGE, add_books

SLOW, QUICK, WORKERS = 2, 5, 2


@pytest.mark.django_db(transaction=True)
def test_companies_that_answer_slowly_do_not_keep_the_others_waiting_for_their_end(
    intuit: Intuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", PAGE)
    add_books(intuit)
    begun = timezone.now()
    connections = [ConnectionFactory(access_token_expires_at=begun + timedelta(days=1)) for _ in range(SLOW + QUICK)]
    slow = {connection.realm_id for connection in connections[:SLOW]}
    honest, calls = intuit._api, Counter[str]()

    def api(asked: Asked) -> Reply:
        calls[asked.path.split("/")[3]] += 1
        return honest(asked)

    intuit._api = api  # type: ignore[method-assign]

    def clock_of(realm: str) -> Callable[[], datetime]:
        """A slow company's clock advances by a whole time slice for each call; a quick one's stands still."""
        return lambda: begun + calls[realm] * run_worker.TIME_BUDGET if realm in slow else begun

    # In this order the slow companies get both workers first; a run whose time slice is over queues again.
    waiting: queue.Queue[int] = queue.Queue()
    runs_of = {runs.request(connection=one, by=None, at=begun).pk: one.realm_id for one in connections}
    for run_id in runs.due_run_ids(at=begun):
        waiting.put(run_id)
    taking, slices, finished = threading.Lock(), list[str](), list[str]()

    def worker(name: str) -> None:
        while len(finished) < len(connections):
            try:
                with taking:
                    run_id = waiting.get(timeout=0.05)
                    slices.append(realm := runs_of[run_id])
            except queue.Empty:
                continue
            if run_worker.process_run(run_id=run_id, owner=name, now=clock_of(realm)) is SliceOutcome.MORE:
                waiting.put(run_id)
            else:
                finished.append(realm)
        database.close()

    threads = [threading.Thread(target=worker, args=(f"worker {number}",)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert set(slices[:SLOW]) == slow
    assert set(slices[SLOW : SLOW + QUICK]) == set(runs_of.values()) - slow, "every quick one before a slow one again"
    assert sorted(finished) == sorted(runs_of.values())
    assert all(slices.count(realm) > 2 for realm in slow)
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"succeeded"}


@pytest.mark.django_db
def test_what_has_waited_longest_comes_first() -> None:
    now = timezone.now()
    given_back = runs.request(connection=ConnectionFactory(), by=None, at=now)
    older = runs.request(connection=ConnectionFactory(), by=None, at=now + timedelta(seconds=1))
    held = runs.claim(run_id=given_back.pk, owner="me", at=now)
    assert held is not None
    runs.requeue(run=held, owner="me", at=now + timedelta(seconds=2))
    assert runs.due_run_ids(at=now + timedelta(seconds=3)) == [older.pk, given_back.pk]
