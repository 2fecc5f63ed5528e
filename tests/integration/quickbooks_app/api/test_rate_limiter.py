"""The rate limiter paces calls to a company over all workers, and obeys QuickBooks' Retry-After."""

import contextlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.db import connections
from pytest_django.fixtures import Settings

from quickbooks_app.api import rate_limiter
from quickbooks_app.api.client import QuickBooksClient
from quickbooks_app.api.rate_limiter import RateLimiter
from quickbooks_app.errors import CircuitOpen, InternalFault, Rejected, Throttled, Transient
from quickbooks_app.models import Connection, ImportRun, RateLimitState
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock, ConnectionFactory
from tests.support.fakes.intuit_server import Intuit, Reply
from tests.support.payloads import NOON, gateway_fault
from tests.support.scenarios.imports import assert_whole, now_of, work

THREADS = 10
CALLS = 12  # of each thread


@pytest.fixture(autouse=True)
def _eight_a_second(settings: Settings) -> None:
    settings.QUICKBOOKS_CALLS_PER_SECOND = 8


def gate(connection: Connection, *, clock: Clock | None = None) -> tuple[RateLimiter, list[float]]:
    """A rate limiter, and the list of the sleeps that it imposes."""
    slept: list[float] = []
    return RateLimiter(connection_id=connection.pk, now=clock or Clock(), sleep=slept.append), slept


@pytest.mark.django_db(transaction=True)
def test_many_workers_together_start_at_most_eight_calls_a_second() -> None:
    connection = ConnectionFactory()
    starts: list[datetime] = []
    begin = threading.Barrier(THREADS)

    def worker() -> None:
        clock = Clock()
        own = RateLimiter(connection_id=connection.pk, now=clock, sleep=lambda seconds: clock.advance(seconds=seconds))
        begin.wait()
        done = 0
        while done < CALLS:
            try:
                own.acquire()
            except CircuitOpen as later:
                clock.at = later.until - rate_limiter.MAX_WAIT
                continue
            starts.append(clock.at)
            done += 1
        database.close()

    threads = [threading.Thread(target=worker) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    starts.sort()
    assert len(starts) == THREADS * CALLS
    assert all(later - earlier >= timedelta(milliseconds=125) for earlier, later in itertools.pairwise(starts))
    assert max(sum(1 for one in starts if 0 <= (one - first).total_seconds() < 60) for first in starts) <= 480


@pytest.mark.django_db
class TestTurns:
    def test_the_first_call_after_a_pause_does_not_wait(self, connection: Connection) -> None:
        clock = Clock()
        own, slept = gate(connection, clock=clock)
        own.acquire()
        clock.advance(seconds=1)
        own.acquire()
        assert slept == []

    def test_calls_that_come_at_once_wait_an_eighth_of_a_second_each(self, connection: Connection) -> None:
        own, slept = gate(connection)
        for _ in range(4):
            own.acquire()
        assert slept == [0.125, 0.25, 0.375]

    def test_nobody_sleeps_for_long_and_who_goes_away_takes_no_turn(self, connection: Connection) -> None:
        own, slept = gate(connection)
        for _ in range(41):
            own.acquire()
        for _ in range(3):
            with pytest.raises(CircuitOpen) as refused:
                own.acquire()
            assert refused.value.until == NOON + timedelta(seconds=5.125)
        assert max(slept) == rate_limiter.MAX_WAIT.total_seconds()

    def test_another_company_is_not_slowed(self, connection: Connection) -> None:
        first, _ = gate(connection)
        second, slept = gate(ConnectionFactory())
        for _ in range(20):
            first.acquire()
        second.acquire()
        assert slept == []

    def test_a_connection_that_is_gone_holds_nobody_up(self, connection: Connection) -> None:
        own, slept = gate(connection)
        RateLimitState.objects.all().delete()
        own.acquire()
        assert slept == []


@pytest.mark.django_db
class TestAskedToWait:
    def test_all_calls_to_the_company_wait_and_those_to_others_do_not(self, connection: Connection) -> None:
        own, _ = gate(connection)
        other, _ = gate(ConnectionFactory())
        own.acquire()
        own.record_result(Throttled("QuickBooks asked infactor to wait.", retry_after=7))
        another_worker, _ = gate(connection, clock=Clock(NOON + timedelta(seconds=1)))
        with pytest.raises(CircuitOpen) as refused:
            another_worker.acquire()
        assert refused.value.until == NOON + timedelta(seconds=7)
        other.acquire()

    def test_a_shorter_wish_does_not_shorten_a_longer_one(self, connection: Connection) -> None:
        own, _ = gate(connection)
        rate_limiter.pause_until(connection_id=connection.pk, until=NOON + timedelta(seconds=60))
        rate_limiter.pause_until(connection_id=connection.pk, until=NOON + timedelta(seconds=7))
        with pytest.raises(CircuitOpen) as refused:
            own.acquire()
        assert refused.value.until == NOON + timedelta(seconds=60)

    def test_a_run_of_the_company_waits_without_a_call_and_without_counting_as_failed(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        gate(run.connection)
        rate_limiter.pause_until(connection_id=run.connection_id, until=NOON + timedelta(seconds=60))
        assert work(run) is SliceOutcome.LATER
        waiting = now_of(run)
        assert (waiting.state, waiting.attempt, waiting.not_before) == ("queued", 0, NOON + timedelta(seconds=60))
        assert intuit.of("api") == []
        assert work(run, clock=Clock(NOON + timedelta(seconds=60), step=timedelta(seconds=1))) is SliceOutcome.DONE
        assert_whole(run)

    @pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "7"}, 7), ({}, 60)])
    def test_the_wish_comes_from_the_answer(
        self, intuit: Intuit, run: ImportRun, headers: dict[str, str], wait: int
    ) -> None:
        intuit.then("api", Reply(status=429, body=gateway_fault("3001"), headers=headers))
        work(run)
        assert RateLimitState.objects.get().next_call_at == NOON + timedelta(seconds=wait)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reply", "problem"),
    [(None, None), (Reply(status=400), Rejected), (Reply(status=500), InternalFault)],
)
def test_a_client_passes_its_gate_on_the_way_out_and_back(
    intuit: Intuit, reply: Reply | None, problem: type[Exception] | None
) -> None:
    class Watched:
        heard: list[object] = []

        def acquire(self, *, turns: int = 1) -> None:
            self.heard.append(len(intuit.asked))

        def record_result(self, error: Exception | None) -> None:
            self.heard += [len(intuit.asked), type(error) if error else None]

    if reply is not None:
        intuit.then("api", reply)
    watched = Watched()
    record: Callable[..., None] = lambda call: None  # noqa: E731
    client = QuickBooksClient(
        api_base=f"http://127.0.0.1:{intuit.port}", realm_id="1", token="t", record=record, limiter=watched
    )
    with contextlib.suppress(Rejected, Transient):
        client.count(entity="Invoice")
    client.close()
    assert watched.heard[-3:] == [0, 1, problem]


@pytest.mark.django_db(transaction=True)
def test_calls_beside_each_other_that_fail_together_count_as_one_failure() -> None:
    connection, clock = ConnectionFactory(), Clock()
    own, _ = gate(connection, clock=clock)
    with contextlib.ExitStack() as stack:
        lanes = [stack.enter_context(ThreadPoolExecutor(max_workers=1)) for _ in range(4)]
        for lane in lanes:
            stack.callback(lane.submit, connections.close_all)
            lane.submit(own.acquire).result()
        clock.advance(seconds=5)
        for lane in lanes:
            lane.submit(own.record_result, Transient("QuickBooks did not answer.")).result()
        assert RateLimitState.objects.get(pk=connection.pk).failures == 1
        clock.advance(seconds=5)
        lanes[0].submit(own.acquire).result()
        lanes[0].submit(own.record_result, Transient("QuickBooks did not answer.")).result()
    assert RateLimitState.objects.get(pk=connection.pk).failures == 2
