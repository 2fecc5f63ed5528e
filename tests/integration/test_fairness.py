"""Two workers and more companies than workers: whoever is slow takes turns with the rest."""

import queue
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from quickbooks_app import importing, pulling, runs
from quickbooks_app.importing import Ended
from quickbooks_app.models import Connection, ImportRun
from tests.books import ConnectionFactory
from tests.importing import PAGE, fill
from tests.intuit import Asked, Intuit, Reply

SLOW, QUICK, WORKERS = 2, 5, 2
SLICES = 4  # that a slow company needs at least


@pytest.mark.django_db(transaction=True)
def test_companies_that_answer_slowly_do_not_keep_the_others_waiting_for_their_end(
    intuit: Intuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "PAGE_SIZE", PAGE)
    monkeypatch.setattr(importing, "SLICE", timedelta(seconds=0.5))
    fill(intuit)
    ends_at = timezone.now() + timedelta(hours=1)
    connections = [ConnectionFactory(access_token_expires_at=ends_at) for _ in range(SLOW + QUICK)]
    slow = {connection.realm_id for connection in connections[:SLOW]}
    honest = intuit._api

    calls: Counter[str] = Counter()

    def api(asked: Asked) -> Reply:
        realm = asked.path.split("/")[3]
        calls[realm] += 1
        if realm in slow and calls[realm] <= SLICES:
            time.sleep(0.55)  # a slice each, in which a busy machine still finishes a quick company
        return honest(asked)

    intuit._api = api  # type: ignore[method-assign]
    # Asked for in this order, so the slow ones get both workers first; a slice that is over joins the queue again.
    waiting: queue.Queue[int] = queue.Queue()
    for connection in connections:
        runs.request(connection=connection, by=None, at=timezone.now())
    for run_id in runs.due(at=timezone.now()):
        waiting.put(run_id)
    finished: list[str] = []
    slices: list[str] = []

    def worker(name: str) -> None:
        while len(finished) < len(connections):
            try:
                run_id = waiting.get(timeout=0.05)
            except queue.Empty:
                continue
            realm = Connection.objects.get(runs=run_id).realm_id
            slices.append(realm)
            if importing.work(run_id=run_id, owner=name, now=timezone.now) is Ended.MORE:
                waiting.put(run_id)
            else:
                finished.append(realm)
        database.close()

    threads = [threading.Thread(target=worker, args=(f"worker {number}",)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert set(slices[:WORKERS]) == slow
    assert len(finished) == SLOW + QUICK
    assert set(finished[:QUICK]).isdisjoint(slow), "every quick one is done before the first slow one"
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"succeeded"}


@pytest.mark.django_db
def test_what_has_waited_longest_comes_first() -> None:
    now = timezone.now()
    given_back = runs.request(connection=ConnectionFactory(), by=None, at=now)
    older = runs.request(connection=ConnectionFactory(), by=None, at=now + timedelta(seconds=1))
    held = runs.claim(run_id=given_back.pk, owner="me", at=now)
    assert held is not None
    runs.give_back(run=held, owner="me", at=now + timedelta(seconds=2))
    assert runs.due(at=now + timedelta(seconds=3)) == [older.pk, given_back.pk]
