"""An import run against a failing server is delayed by temporary errors, and loses nothing."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from infactor.invoices.models import Invoice
from quickbooks_app import runs
from quickbooks_app.api import transport
from quickbooks_app.models import ApiCall, Connection, ImportRun
from quickbooks_app.sync.run_worker import SliceOutcome
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Intuit, Reply
from tests.support.payloads import NOON, fault, gateway_fault
from tests.support.scenarios.imports import assert_whole, imported, now_of, work, work_out

pytestmark = pytest.mark.django_db


HTML = {"Content-Type": "text/html"}
XML = b'<IntuitResponse><Fault type="SERVICE"><Error code="3001"><Message>m</Message></Error></Fault></IntuitResponse>'


class TestTrouble:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(status=500, body=fault("10000")),
            Reply(status=502, body=b"<html>Bad gateway</html>", headers=HTML),
            Reply(status=503, body=b"upstream connect error", headers={"Content-Type": "text/plain"}),
            Reply(status=504, body=b""),
            Reply(status=200, body=b"<!DOCTYPE html><html></html>", headers=HTML),
            Reply(status=200, body=b'{"QueryResponse":{"Invoice":[{"Id":"1","Tot'),
            Reply(status=200, body=b""),
            Reply(status=200, body=b"{}"),
            Reply(status=200, body=fault("10000")),
            Reply(status=401, body=gateway_fault("130")),
            Reply(status=429, body=gateway_fault("3001")),
            Reply(status=429, body=XML, headers={"Content-Type": "application/xml"}),
            Reply(body=None),
            Reply(body=b'{"QueryResponse":', length=10_000),
            Reply(body=b"not gzip", headers={"Content-Type": "application/json", "Content-Encoding": "gzip"}),
        ],
        ids=range(15),
    )
    @pytest.mark.parametrize("place", [0, 1, 3])
    def test_passing_trouble_on_any_page_costs_time_and_nothing_else(
        self, intuit: Intuit, run: ImportRun, reply: Reply, place: int
    ) -> None:
        calls = iter(range(100))
        honest = intuit._api
        intuit._api = lambda asked: reply if next(calls) == place else honest(asked)  # type: ignore[method-assign]
        clock = Clock()
        assert work(run, clock=clock) is SliceOutcome.LATER
        waiting = now_of(run)
        assert (waiting.state, waiting.attempt) == ("queued", 1)
        assert waiting.not_before is not None
        assert waiting.not_before > NOON
        assert waiting.error
        assert work_out(run, clock=Clock(waiting.not_before)).state == "succeeded"
        assert_whole(run)
        assert now_of(run).api_calls == len(intuit.of("api")) == ApiCall.objects.count()

    def test_a_maintenance_page_is_never_taken_for_empty_books(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        intuit.then("api", *[Reply(body=b"<html></html>", headers=HTML)] * 50)
        again = work_out(runs.request(connection=run.connection, by=None, at=NOON))
        assert again.state == "failed"
        assert imported() == set(range(1, 13))

    def test_the_wait_that_was_asked_for_is_kept(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", Reply(status=429, body=gateway_fault("3001"), headers={"Retry-After": "700"}))
        work(run)
        assert work(run, clock=Clock(NOON + timedelta(seconds=700))) is SliceOutcome.NOT_CLAIMED
        assert len(intuit.of("api")) == 1

    def test_trouble_that_does_not_pass_within_a_day_ends_the_run_and_says_why(
        self, intuit: Intuit, run: ImportRun
    ) -> None:
        intuit.then("api", *[Reply(status=503)] * 50)
        row = work_out(run)
        assert (row.state, row.error) == ("failed", "QuickBooks had an internal error.")
        assert len(intuit.of("api")) <= 25, "one try an hour"
        assert row.connection.status == Connection.Status.CONNECTED
        assert row.connection.next_sync_at is not None

    def test_what_is_refused_is_not_asked_for_again(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", Reply(status=400, body=fault("4000")))
        assert work(run) is SliceOutcome.DONE
        row = now_of(run)
        assert (row.state, row.error_code, len(intuit.of("api"))) == ("failed", "4000", 1)
        assert row.connection.status == Connection.Status.CONNECTED

    def test_an_answer_that_leads_elsewhere_is_not_followed(self, intuit: Intuit, run: ImportRun) -> None:
        target = f"http://127.0.0.1:{intuit.port}/v3/company/elsewhere"
        intuit.then("api", Reply(status=302, body=b"", headers={"Location": target}))
        work(run)
        assert [one.path for one in intuit.of("api") if "elsewhere" in one.path] == []

    def test_a_silent_server_is_passing_trouble(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transport, "BACKGROUND", transport.Timeouts(connect=5, read=0.2, total=60))
        stop = threading.Event()
        intuit.then("api", Reply(before=lambda: stop.wait(5) and None))
        assert work(run) is SliceOutcome.LATER
        stop.set()
        assert ApiCall.objects.get().error_code == "timeout"
        assert work_out(run, clock=Clock(NOON + timedelta(hours=1))).state == "succeeded"

    def test_nobody_at_the_address_is_passing_trouble(self, settings: Any, connection: Connection) -> None:
        settings.SANDBOX_PORT = 9
        run = runs.request(connection=connection, by=None, at=NOON)
        assert work(run) is SliceOutcome.LATER
        call = ApiCall.objects.get()
        assert (call.status, call.error_code) == (None, "no_answer")

    def test_an_answer_beyond_all_measure_is_not_taken_into_memory(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quickbooks_app.api.transport.MAX_RESPONSE_BYTES", 100)
        work(run)
        row = now_of(run)
        assert (row.state, row.error_code) == ("failed", "too_large")
        assert not Invoice.objects.exists()

    def test_a_count_that_is_none_is_passing_trouble(self, intuit: Intuit, run: ImportRun) -> None:
        honest = intuit._api
        intuit._api = lambda asked: (  # type: ignore[method-assign]
            Reply(body=b'{"QueryResponse":{}}') if "count(*)" in asked.form["query"] else honest(asked)
        )
        assert work(run) is SliceOutcome.LATER
        intuit._api = honest  # type: ignore[method-assign]
        work_out(run, clock=Clock(NOON + timedelta(hours=1)))
        assert_whole(run)
