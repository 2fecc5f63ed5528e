"""The circuit breaker stops calls to a company that does not answer, and lets one worker try again."""

from datetime import timedelta

import pytest

from infactor.core.models import AuditEvent
from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.api.rate_limiter import PROBE_DURATION, RateLimiter
from quickbooks_app.errors import (
    AuthorizationLost,
    CircuitOpen,
    InternalFault,
    ObjectSuspected,
    Rejected,
    Throttled,
    TokenExpired,
    Transient,
)
from quickbooks_app.models import ApiCall, Connection, ImportRun
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock, ConnectionFactory
from tests.support.fakes.intuit_server import Intuit, Reply
from tests.support.payloads import NOON, fault
from tests.support.scenarios.imports import assert_whole, imported, now_of, work

pytestmark = pytest.mark.django_db

NO_ANSWER = Transient("QuickBooks did not answer.")


def gate(connection: Connection, clock: Clock) -> RateLimiter:
    return RateLimiter(connection_id=connection.pk, now=clock, sleep=lambda seconds: None)


def fail(connection: Connection, clock: Clock, times: int) -> None:
    """Make calls that get no answer, a minute apart."""
    for _ in range(times):
        own = gate(connection, clock)
        own.acquire()
        own.record_result(NO_ANSWER)
        clock.advance(minutes=1)


class TestRests:
    def test_five_failures_in_a_row_close_the_way_for_a_quarter_of_an_hour(self, connection: Connection) -> None:
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD - 1)
        assert not circuit_breaker.state(connection=connection, now=clock()).is_open
        fail(connection, clock, 1)
        last = NOON + timedelta(minutes=circuit_breaker.FAILURE_THRESHOLD - 1)
        assert circuit_breaker.state(connection=connection, now=clock()) == circuit_breaker.CircuitState(
            since=NOON, until=last + circuit_breaker.COOLDOWN
        )
        with pytest.raises(CircuitOpen) as refused:
            gate(connection, clock).acquire()
        assert refused.value.until == last + circuit_breaker.COOLDOWN

    @pytest.mark.parametrize(
        "answer",
        [None, Rejected("r"), TokenExpired("t"), AuthorizationLost("a")],
        ids=["well", "refused", "token", "lost"],
    )
    def test_any_answer_in_between_begins_the_count_anew(
        self, connection: Connection, answer: AuthorizationLost | None
    ) -> None:
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD - 1)
        own = gate(connection, clock)
        own.acquire()
        own.record_result(answer)
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD - 1)
        assert not circuit_breaker.state(connection=connection, now=clock()).is_open

    def test_being_asked_to_wait_is_an_answer(self, connection: Connection) -> None:
        clock = Clock()
        for _ in range(circuit_breaker.FAILURE_THRESHOLD * 2):
            own = gate(connection, clock)
            own.acquire()
            own.record_result(Throttled("QuickBooks asked infactor to wait.", retry_after=1))
            clock.advance(seconds=2)
        assert not circuit_breaker.state(connection=connection, now=clock()).is_open

    def test_a_suspected_object_lets_smaller_answers_through_and_counts_if_none_succeeds(
        self, connection: Connection
    ) -> None:
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD)
        clock.advance(minutes=20)
        own, fault = gate(connection, clock), InternalFault("QuickBooks has an internal error.")
        for _ in range(3):
            own.acquire()
            own.record_result(ObjectSuspected(fault))
        own.record_result(fault)
        assert circuit_breaker.state(connection=connection, now=clock()) == circuit_breaker.CircuitState(
            since=NOON, until=clock() + circuit_breaker.COOLDOWN
        )

    def test_a_smaller_answer_that_succeeds_begins_the_count_anew(self, connection: Connection) -> None:
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD - 1)
        own = gate(connection, clock)
        for outcome in (ObjectSuspected(InternalFault("QuickBooks has an internal error.")), None):
            own.acquire()
            own.record_result(outcome)
        fail(connection, clock, 1)
        assert not circuit_breaker.state(connection=connection, now=clock()).is_open

    def test_other_companies_are_called_as_before(self, connection: Connection) -> None:
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD)
        gate(ConnectionFactory(), clock).acquire()


class TestTriesAgain:
    @pytest.fixture
    def clock(self, connection: Connection) -> Clock:
        """A clock at the time when the circuit breaker lets one call through again."""
        clock = Clock()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD)
        until = circuit_breaker.state(connection=connection, now=clock()).until
        assert until is not None
        clock.at = until
        return clock

    def test_one_caller_tries_and_the_others_wait_for_what_comes_of_it(
        self, connection: Connection, clock: Clock
    ) -> None:
        gate(connection, clock).acquire()
        with pytest.raises(CircuitOpen):
            gate(connection, clock).acquire()

    def test_an_answer_opens_the_way_for_all(self, connection: Connection, clock: Clock) -> None:
        own = gate(connection, clock)
        own.acquire()
        own.record_result(None)
        gate(connection, clock).acquire()
        fail(connection, clock, circuit_breaker.FAILURE_THRESHOLD - 1)
        assert not circuit_breaker.state(connection=connection, now=clock()).is_open

    def test_no_answer_closes_it_for_another_quarter_of_an_hour(self, connection: Connection, clock: Clock) -> None:
        own = gate(connection, clock)
        own.acquire()
        own.record_result(NO_ANSWER)
        assert circuit_breaker.state(connection=connection, now=clock()) == circuit_breaker.CircuitState(
            since=NOON, until=clock() + circuit_breaker.COOLDOWN
        )

    def test_who_dies_while_trying_keeps_the_way_closed_for_a_minute_and_a_half_only(
        self, connection: Connection, clock: Clock
    ) -> None:
        gate(connection, clock).acquire()
        clock.at += PROBE_DURATION
        gate(connection, clock).acquire()


class TestRuns:
    def test_an_hour_without_an_answer_parks_the_run_and_it_goes_on_where_it_was(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        honest, calls = intuit._api, iter(range(10_000))
        # The server returns customers and the first page of invoices, then fails for an hour.
        away = {"from": 3, "to": 10_000}
        intuit._api = lambda asked: (  # type: ignore[method-assign]
            Reply(status=503) if away["from"] <= next(calls) < away["to"] else honest(asked)
        )
        clock = Clock()
        while clock() < NOON + timedelta(hours=1):
            assert work(run, clock=clock) is SliceOutcome.LATER
            waiting = now_of(run).not_before
            assert waiting is not None
            clock.at = waiting
        parked = now_of(run)
        assert (parked.state, parked.error) == ("queued", "QuickBooks had an internal error.")
        assert parked.attempt <= circuit_breaker.FAILURE_THRESHOLD
        assert parked.cursor, "its place is kept"
        assert len(imported()) == 5
        assert len(intuit.of("api")) <= 3 + circuit_breaker.FAILURE_THRESHOLD + 4, "not hammered"
        assert parked.connection.status == Connection.Status.CONNECTED
        away["to"] = 0
        assert work(run, clock=clock) is SliceOutcome.DONE
        assert_whole(run)
        assert not circuit_breaker.state(connection=run.connection, now=clock()).is_open

    def test_a_token_endpoint_that_does_not_answer_counts_like_any_call(self, intuit: Intuit, run: ImportRun) -> None:
        Connection.objects.update(access_token_expires_at=NOON)
        intuit.then("token", *[Reply(status=500)] * circuit_breaker.FAILURE_THRESHOLD)
        clock = Clock()
        for _ in range(circuit_breaker.FAILURE_THRESHOLD):
            assert work(run, clock=clock) is SliceOutcome.LATER
            waiting = now_of(run).not_before
            assert waiting is not None
            clock.at = waiting
        assert circuit_breaker.state(connection=run.connection, now=NOON + timedelta(minutes=1)).since == NOON
        assert AuditEvent.objects.filter(event="connection.status").count() == 0
        clock.at += circuit_breaker.COOLDOWN
        assert work(run, clock=clock) is SliceOutcome.DONE
        assert_whole(run)

    def test_trouble_of_one_page_alone_is_tried_every_quarter_of_an_hour_for_two_hours_and_then_said(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        honest = intuit._api

        def api(asked: object) -> Reply:
            if "FROM Invoice" not in asked.form["query"]:
                return honest(asked)  # type: ignore[arg-type]
            return Reply(status=200, body=fault("10000"))

        intuit._api = api  # type: ignore[method-assign]
        clock = Clock()
        while work(run, clock=clock) is SliceOutcome.LATER:
            waiting = now_of(run).not_before
            assert waiting is not None
            clock.at = waiting
        row = now_of(run)
        assert (row.state, row.error_code) == ("failed", "10000")
        assert row.finished_at is not None
        assert row.finished_at - NOON >= runs.MAX_AGE_OF_REFUSED_RUN
        assert row.finished_at - NOON <= runs.MAX_AGE_OF_REFUSED_RUN + circuit_breaker.COOLDOWN
        # Two tries of one call, then a try every quarter of an hour that asks for smaller answers, too.
        assert len(intuit.of("api")) <= 2 + 2 * 4 * 3


class TestManyCompanies:
    @pytest.mark.parametrize(("well", "refused", "spreads"), [(0, 3, False), (2, 2, False), (2, 3, True), (0, 4, True)])
    def test_new_runs_are_spread_out_while_most_companies_find_intuit_unavailable(
        self, well: int, refused: int, spreads: bool
    ) -> None:
        for status in [200] * well + [503] * refused:
            ApiCall.objects.create(
                connection=ConnectionFactory(), at=NOON - timedelta(minutes=1), status=status, duration_ms=1
            )
        waits = [circuit_breaker.jitter(at=NOON) for _ in range(50)]
        assert (max(waits) > timedelta(minutes=1), max(waits) <= circuit_breaker.OUTAGE_WINDOW) == (spreads, True)
        assert (len(set(waits)) > 40) == spreads

    def test_what_was_long_ago_spreads_nothing(self) -> None:
        for _ in range(5):
            ApiCall.objects.create(
                connection=ConnectionFactory(), at=NOON - timedelta(minutes=6), status=503, duration_ms=1
            )
        assert circuit_breaker.jitter(at=NOON) == timedelta(0)

    def test_runs_that_the_schedule_asks_for_wait_their_share(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(circuit_breaker, "jitter", lambda *, at: timedelta(seconds=77))
        ConnectionFactory(next_sync_at=NOON)
        runs.request_due(at=NOON)
        assert ImportRun.objects.get().not_before == NOON + timedelta(seconds=77)
