"""Whole runs against a server that behaves as badly as it may: what is committed stays, what is lost comes again."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, OperationalError
from pytest_django import DjangoAssertNumQueries

from infactor.core.models import AuditEvent
from infactor.invoices.models import Buyer, Invoice
from quickbooks_app import connecting, importing, pulling, runs, tasks, tokens
from quickbooks_app.client import QuickBooksClient
from quickbooks_app.errors import AccessLost
from quickbooks_app.importing import Ended
from quickbooks_app.models import ApiCall, Connection, Document, ImportIssue, ImportRun
from tests.books import (
    NOON,
    TID,
    Clock,
    ConnectionFactory,
    Intuit,
    Reply,
    RunFactory,
    customer,
    fault,
    gateway_fault,
    invoice,
    refused,
    stamps,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, 8, 0, tzinfo=UTC)
PAGE = 5
HTML = {"Content-Type": "text/html"}
XML = b'<IntuitResponse><Fault type="SERVICE"><Error code="3001"><Message>m</Message></Error></Fault></IntuitResponse>'


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "PAGE_SIZE", PAGE)


@pytest.fixture
def run(intuit: Intuit, connection: Connection) -> ImportRun:
    """A run over two customers and twelve invoices: three pages."""
    fill(intuit)
    return runs.request(connection=connection, by=None, at=NOON)


def fill(intuit: Intuit, number: int = 12, **changes: Any) -> None:
    intuit.books["Customer"] = [customer("24"), customer("25", DisplayName="Other")]
    intuit.books["Invoice"] = [
        invoice(str(one), MetaData=stamps(START + timedelta(seconds=one)), **changes) for one in range(1, number + 1)
    ]


def work(run: ImportRun, *, clock: Clock | None = None, owner: str = "me") -> Ended:
    return importing.work(run_id=run.pk, owner=owner, now=clock or Clock())


def work_out(run: ImportRun, *, clock: Clock | None = None) -> ImportRun:
    """Work as the beat would have it done, until the run ends."""
    clock = clock or Clock()
    for _ in range(20):
        ended = work(run, clock=clock)
        if ended is Ended.DONE:
            return now_of(run)
        clock.advance(hours=1)
    raise AssertionError("the run does not end")


def now_of(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_related("connection__company_file").get(pk=run.pk)


def imported() -> set[int]:
    return {int(one) for one in Invoice.objects.values_list("qbk_invoice_id", flat=True)}


def assert_whole(run: ImportRun, *, number: int = 12) -> None:
    """Everything is there once, and the counts say so."""
    row = now_of(run)
    assert (row.state, row.stage, row.error, row.cursor) == ("succeeded", "done", "", {})
    assert imported() == set(range(1, number + 1))
    assert (row.customers_seen, row.invoices_seen, row.invoices_new) == (2, number, number)
    assert row.invoices_new + row.invoices_changed + row.invoices_unchanged == row.invoices_seen
    assert Document.objects.filter(entity="Invoice").count() == number
    assert row.connection.status == Connection.Status.CONNECTED


def queries(intuit: Intuit) -> list[str]:
    return [one.form["query"] for one in intuit.of("api")]


class TestWell:
    def test_a_run_brings_everything_once_and_counts_it(self, intuit: Intuit, run: ImportRun) -> None:
        assert work(run) is Ended.DONE
        assert_whole(run)
        row = now_of(run)
        assert (row.invoices_expected, row.api_calls) == (12, len(intuit.of("api")))
        assert row.connection.company_file.as_of == intuit.clock
        assert set(Invoice.objects.values_list("buyer__reference", flat=True)) == {"24"}

    def test_customers_come_before_invoices(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        assert "FROM Customer" in queries(intuit)[0]
        assert all("FROM Invoice" in text for text in queries(intuit)[1:])

    def test_every_call_is_kept_with_intuits_own_id(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        kept = list(ApiCall.objects.all())
        assert len(kept) == len(intuit.of("api")) == now_of(run).api_calls
        assert {(call.status, call.intuit_tid, call.connection_id) for call in kept} == {(200, TID, run.connection_id)}
        assert {call.operation for call in kept} == {"query Customer", "query Invoice", "count Invoice"}
        assert all(call.size > 0 for call in kept)

    def test_a_second_run_asks_for_changes_and_changes_nothing(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        as_of = now_of(run).connection.company_file.as_of
        intuit.asked.clear()
        second = runs.request(connection=Connection.objects.get(), by=None, at=NOON)
        work(second)
        assert as_of is not None
        since = f"MetaData.LastUpdatedTime >= '{as_of - runs.OVERLAP:%Y-%m-%dT%H:%M:%SZ}'"
        assert all(since in text for text in queries(intuit))
        assert (now_of(second).invoices_seen, now_of(second).state) == (0, "succeeded")

    def test_reading_everything_again_writes_nothing_anew(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        written = set(Invoice.objects.values_list("pk", "updated_at"))
        again = runs.request(connection=run.connection, by=None, at=NOON, kind=ImportRun.Kind.FULL)
        row = work_out(again, clock=Clock(NOON + timedelta(hours=1)))
        assert (row.invoices_new, row.invoices_changed, row.invoices_unchanged) == (0, 0, 12)
        assert set(Invoice.objects.values_list("pk", "updated_at")) == written

    def test_a_changed_invoice_is_changed_and_counted(self, intuit: Intuit, run: ImportRun) -> None:
        work(run)
        paid = invoice("3", Balance=0, MetaData=stamps(START + timedelta(seconds=3), NOON), SyncToken="4")
        intuit.books["Invoice"][2] = paid
        row = work_out(runs.request(connection=Connection.objects.get(), by=None, at=NOON))
        assert (row.invoices_seen, row.invoices_changed) == (1, 1)
        assert Invoice.objects.get(qbk_invoice_id="3").books_status == "paid"

    def test_books_without_a_single_object_are_read(self, intuit: Intuit, connection: Connection) -> None:
        row = work_out(runs.request(connection=connection, by=None, at=NOON))
        assert (row.state, row.invoices_seen, row.invoices_expected) == ("succeeded", 0, 0)

    def test_a_spoilt_object_is_counted_and_stops_nothing(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.books["Invoice"][4] = invoice("5", TotalAmt="CANARY", MetaData=stamps(START + timedelta(seconds=5)))
        work(run)
        assert_whole(run)
        assert now_of(run).issues_found == ImportIssue.objects.count() == 1


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
        assert work(run, clock=clock) is Ended.LATER
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
        assert work(run, clock=Clock(NOON + timedelta(seconds=700))) is Ended.NOT_OURS
        assert len(intuit.of("api")) == 1

    def test_trouble_that_does_not_pass_ends_the_run_and_says_why(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", *[Reply(status=503)] * 50)
        row = work_out(run)
        assert (row.state, row.error) == ("failed", "QuickBooks had an error of its own.")
        assert len(intuit.of("api")) == runs.MOST_ATTEMPTS + 1
        assert row.connection.status == Connection.Status.CONNECTED
        assert row.connection.next_sync_at is not None

    def test_what_is_refused_is_not_asked_for_again(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", Reply(status=400, body=fault("4000")))
        assert work(run) is Ended.DONE
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
        monkeypatch.setattr("quickbooks_app.client.READ_TIMEOUT", 0.2)
        stop = threading.Event()
        intuit.then("api", Reply(before=lambda: stop.wait(5) and None))
        assert work(run) is Ended.LATER
        stop.set()
        assert ApiCall.objects.get().error_code == "timeout"
        assert work_out(run, clock=Clock(NOON + timedelta(hours=1))).state == "succeeded"

    def test_nobody_at_the_address_is_passing_trouble(self, settings: Any, connection: Connection) -> None:
        settings.SANDBOX_PORT = 9
        run = runs.request(connection=connection, by=None, at=NOON)
        assert work(run) is Ended.LATER
        call = ApiCall.objects.get()
        assert (call.status, call.error_code) == (None, "no_answer")

    def test_an_answer_beyond_all_measure_is_not_taken_into_memory(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quickbooks_app.client.LARGEST_ANSWER", 100)
        work(run)
        row = now_of(run)
        assert (row.state, row.error_code) == ("failed", "too_large")
        assert not Invoice.objects.exists()


class TestTokens:
    @pytest.fixture(autouse=True)
    def _only_good_tokens(self, intuit: Intuit) -> None:
        intuit.good_tokens = {"eyJ-access-0"}

    @pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
    def test_a_token_that_ends_in_mid_run_is_refreshed_once_and_the_page_repeated(
        self, intuit: Intuit, run: ImportRun, place: int
    ) -> None:
        honest, calls = intuit._api, iter(range(100))

        def api(asked: Any) -> Reply:
            if next(calls) == place:
                intuit.good_tokens = set()
            return honest(asked)

        intuit._api = api  # type: ignore[method-assign]
        assert work(run) is Ended.DONE
        assert_whole(run)
        assert len(intuit.of("token")) == 1
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_fresh_token_that_is_not_taken_either_needs_the_supplier(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", *[Reply(status=401, body=gateway_fault("3200"))] * 10)
        assert work(run) is Ended.DONE
        assert (len(intuit.of("api")), len(intuit.of("token"))) == (2, 1)
        self.assert_needs_attention(run)

    @pytest.mark.parametrize(
        "reply", [Reply(status=403, body=gateway_fault("3100")), Reply(status=400, body=fault("6190"))]
    )
    @pytest.mark.parametrize("place", [0, 2])
    def test_a_right_that_is_gone_needs_the_supplier(
        self, intuit: Intuit, run: ImportRun, reply: Reply, place: int
    ) -> None:
        honest, calls = intuit._api, iter(range(100))
        intuit._api = lambda asked: reply if next(calls) == place else honest(asked)  # type: ignore[method-assign]
        work(run)
        self.assert_needs_attention(run)
        if place == 2:
            assert Buyer.objects.count() == 2, "what was read before stays"

    def test_a_dead_grant_needs_the_supplier_and_nothing_more_is_called(self, intuit: Intuit, run: ImportRun) -> None:
        Connection.objects.update(access_token_expires_at=NOON)
        intuit.then("token", *[refused("invalid_grant")] * 5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokens, "DOUBT", 0)
            work(run)
        self.assert_needs_attention(run)
        calls = len(intuit.asked)
        tasks.dispatch_due()
        assert work(run) is Ended.NOT_OURS
        assert len(intuit.asked) == calls == 2, "discovery and one refresh"

    def test_trouble_at_the_token_endpoint_is_waited_for(self, intuit: Intuit, run: ImportRun) -> None:
        Connection.objects.update(access_token_expires_at=NOON)
        intuit.then("token", Reply(status=500))
        assert work(run) is Ended.LATER
        assert work_out(run, clock=Clock(NOON + timedelta(minutes=10))).state == "succeeded"
        assert_whole(run)

    def test_a_reconnect_during_the_failure_keeps_its_new_grant_and_the_run(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def reconnect(*args: Any, **asked: Any) -> Any:
            Connection.objects.update(access_token="eyJ-new", refresh_token="RT1-new", connected_at=NOON)
            raise AccessLost("QuickBooks no longer lets infactor read this company.", code="3100")

        with monkeypatch.context() as patch:
            patch.setattr(QuickBooksClient, "query", reconnect)
            assert work(run) is Ended.LATER
        row = Connection.objects.get()
        assert (row.status, row.access_token, row.refresh_token) == ("connected", "eyJ-new", "RT1-new")
        intuit.good_tokens = {"eyJ-new"}
        assert work(run) is Ended.DONE
        assert_whole(run)

    @staticmethod
    def assert_needs_attention(run: ImportRun) -> None:
        row = now_of(run)
        assert row.state == "failed"
        assert row.error
        held = row.connection
        assert held.status == Connection.Status.NEEDS_ATTENTION
        assert (held.access_token, held.refresh_token, held.next_sync_at) == ("", "", None)
        assert held.status_reason == row.error
        event = AuditEvent.objects.get(event="connection.status")
        assert event.details == {"from": "connected", "to": "needs_attention"}


class TestInterrupted:
    @pytest.mark.parametrize(("number", "kept"), [(0, 0), (1, 0), (2, 5), (3, 9)])
    def test_a_crash_while_a_page_is_written_repeats_that_page_only(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch, number: int, kept: int
    ) -> None:
        honest, pages = importing.apply_page, iter(range(100))

        def crash(**given: Any) -> Any:
            applied = honest(**given)
            if next(pages) == number:
                raise OperationalError("the server closed the connection unexpectedly")
            return applied

        monkeypatch.setattr(importing, "apply_page", crash)
        with pytest.raises(OperationalError):
            work(run, owner="dead")
        assert len(imported()) == kept
        assert work(run) is Ended.NOT_OURS, "the lease still runs"
        later = Clock(NOON + runs.LEASE + timedelta(seconds=1))
        assert work(run, clock=later) is Ended.DONE
        assert_whole(run)
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_run_whose_worker_always_dies_ends(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def crash(**given: Any) -> Any:
            raise MemoryError

        monkeypatch.setattr(importing, "apply_page", crash)
        clock = Clock()
        for _ in range(runs.MOST_ATTEMPTS + 1):
            with pytest.raises(MemoryError):
                work(run, clock=clock)
            clock.advance(seconds=runs.LEASE.total_seconds() + 1)
        assert work(run, clock=clock) is Ended.DONE
        assert (now_of(run).state, now_of(run).error_code) == ("failed", "attempts")

    def test_who_lost_the_lease_leaves_no_half_page(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest, pages = importing.apply_page, iter(range(100))

        def lose(**given: Any) -> Any:
            if next(pages) == 2:
                ImportRun.objects.update(lease_owner="other")
            return honest(**given)

        monkeypatch.setattr(importing, "apply_page", lose)
        assert work(run) is Ended.NOT_OURS
        row = now_of(run)
        assert (row.invoices_seen, row.state) == (PAGE, "running")
        assert len(imported()) == PAGE

    def test_disconnecting_in_mid_run_stops_it_at_the_page(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest, pages = importing._write, iter(range(100))

        def disconnect(*args: Any, **given: Any) -> None:
            if next(pages) == 2:
                connecting.disconnect(connection=run.connection, by=run.connection.connected_by, at=NOON)
            honest(*args, **given)

        monkeypatch.setattr(importing, "_write", disconnect)
        assert work(run) is Ended.NOT_OURS
        row = now_of(run)
        assert (row.state, row.error) == ("failed", "QuickBooks was disconnected.")
        assert (row.connection.status, len(imported())) == (Connection.Status.DISCONNECTED, PAGE)
        assert work(run, clock=Clock(NOON + timedelta(days=1))) is Ended.NOT_OURS

    def test_a_slice_ends_after_a_minute_and_the_next_goes_on(self, intuit: Intuit, run: ImportRun) -> None:
        clock = Clock(step=timedelta(seconds=14))
        ends = []
        while not ends or ends[-1] is Ended.MORE:
            ends.append(work(run, clock=clock))
            row = now_of(run)
            assert row.attempt == 0
        assert ends.count(Ended.MORE) >= 1
        assert ends[-1] is Ended.DONE
        assert_whole(run)
        assert now_of(run).api_calls == len(intuit.of("api"))

    def test_a_slice_that_is_over_rings_for_the_next(
        self, intuit: Intuit, run: ImportRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[int] = []
        monkeypatch.setattr(tasks.import_connection, "delay", rung.append)
        monkeypatch.setattr(importing, "SLICE", timedelta(seconds=-1))
        ImportRun.objects.update(not_before=None)
        tasks.import_connection(run.pk)
        assert rung == [run.pk]

    def test_the_books_count_as_read_only_when_everything_was(self, intuit: Intuit, run: ImportRun) -> None:
        intuit.then("api", *[Reply(status=503)] * 50)
        row = work_out(run)
        assert row.connection.company_file.as_of is None

    def test_the_books_count_as_read_up_to_the_beginning_of_the_run(self, intuit: Intuit, run: ImportRun) -> None:
        began = intuit.clock
        honest = intuit._api

        def api(asked: Any) -> Reply:
            reply = honest(asked)
            intuit.clock += timedelta(minutes=10)
            return reply

        intuit._api = api  # type: ignore[method-assign]
        work(run)
        assert now_of(run).connection.company_file.as_of == began


CANARIES = ["Canary Customer GmbH", "canary@example.com", "7654321.98", "CANARY-NO-1", "eyJ-access-0", "RT1-refresh-0"]


class TestSecrets:
    @pytest.fixture
    def lines(self, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
        """Everything that was logged, at every level, as it would be written."""
        caplog.set_level(logging.DEBUG)
        with structlog.testing.capture_logs() as events:
            yield lambda: " ".join([repr(events), caplog.text, *(repr(vars(record)) for record in caplog.records)])

    @pytest.mark.parametrize(
        "reply",
        [
            None,
            Reply(status=401, body=gateway_fault("3200") + b" eyJ-access-0 Canary Customer GmbH"),
            Reply(status=400, body=fault("4000") + b"eyJ-access-0 canary@example.com"),
            Reply(status=503, body=b"eyJ-access-0 CANARY-NO-1"),
            Reply(status=200, body=b'{"QueryResponse":{"Invoice":[{"Id":"1","DocNumber":"CANARY-NO-1"'),
            Reply(status=200, body=b"<html>Canary Customer GmbH</html>", headers=HTML),
            Reply(body=None),
        ],
        ids=["well", "401", "400", "503", "cut off", "page", "no answer"],
    )
    def test_nothing_of_the_books_and_no_token_gets_out(
        self, intuit: Intuit, connection: Connection, lines: Callable[[], str], reply: Reply | None
    ) -> None:
        fill(
            intuit,
            DocNumber="CANARY-NO-1",
            TotalAmt=Decimal("7654321.98"),
            CustomerRef={"value": "24", "name": "Canary Customer GmbH"},
            BillEmail={"Address": "canary@example.com"},
            DueDate="Canary Customer GmbH",
        )
        Connection.objects.update(access_token_expires_at=NOON)
        if reply:
            intuit.then("api", *[reply] * 3)
        run = runs.request(connection=connection, by=None, at=NOON)
        work(run)
        row = now_of(run)
        kept = [
            *map(repr, ApiCall.objects.values_list()),
            *map(repr, ImportIssue.objects.values_list("field", "code", "message")),
            *map(repr, AuditEvent.objects.values_list()),
            row.error,
            row.error_code,
            row.connection.status_reason,
            repr(row.cursor),
        ]
        for place in (lines(), " ".join(kept)):
            found = [canary for canary in (*CANARIES, "eyJ-access-1", "RT1-refresh-1") if canary in place]
            assert found == []

    def test_a_row_that_the_database_refuses_is_not_quoted(
        self, intuit: Intuit, connection: Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fill(intuit, CustomerRef={"value": "24", "name": "Canary Customer\n\nGmbH"}, PrivateNote="a\nCANARY-NO-1")
        honest = importing.apply_page

        def break_a_rule(**given: Any) -> Any:
            applied = honest(**given)
            Invoice.objects.update(state="sold")
            return applied

        monkeypatch.setattr(importing, "apply_page", break_a_rule)
        run = runs.request(connection=connection, by=None, at=NOON)
        with pytest.raises(IntegrityError) as caught:
            work(run)
        failure = (type(caught.value), caught.value, caught.value.__traceback__)
        record = logging.LogRecord("celery.app.trace", logging.ERROR, "trace.py", 1, "Task raised", None, failure)
        (console,) = (one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
        line = console.format(record)
        assert "invoice_state_known" in line
        assert [canary for canary in ("Canary Customer", "CANARY-NO-1", "486.00") if canary in line] == []


def test_a_run_that_does_not_exist_is_nobodys_work(intuit: Intuit, db: None) -> None:
    assert importing.work(run_id=2**40, owner="me", now=Clock()) is Ended.NOT_OURS
    assert intuit.asked == []


def test_a_page_costs_the_same_number_of_queries_however_many_objects_it_holds(
    intuit: Intuit,
    run: ImportRun,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulling, "PAGE_SIZE", 1000)
    fill(intuit, 400)
    with django_assert_max_num_queries(60):
        work(run)
    assert len(imported()) == 400


def test_two_companies_are_read_without_waiting_for_each_other(intuit: Intuit, run: ImportRun) -> None:
    other = RunFactory(connection=ConnectionFactory(access_token="eyJ-other"))
    intuit.then("api", Reply(status=429, body=gateway_fault("3001")))
    assert work(run) is Ended.LATER
    assert work(other) is Ended.DONE
