"""The import recovers from every QuickBooks error that the sandbox can produce over HTTP."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone

from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker, keyset_pagination, transport
from quickbooks_app.models import ApiCall, Connection, ImportRun, RateLimitState
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_errors import SliceOutcome
from tests.support.assertions.invariants import assert_invariants
from tests.support.factories.quickbooks import Clock
from tests.support.processes.sandbox_company import MAIN_REALM, Company

pytestmark = pytest.mark.django_db
ENTITIES = ("Customer", "Invoice", "Payment", "CreditMemo")


@pytest.fixture
def run(member: Client, company: Company, monkeypatch: pytest.MonkeyPatch) -> ImportRun:
    """An import run of the newly connected seed company, in small pages."""
    answer = member.post("/quickbook/authorize", {"window": "page"})
    member.get(company.consent(answer["Location"]))
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 25)
    return ImportRun.objects.get()


def work(run: ImportRun, clock: Clock) -> SliceOutcome:
    return run_worker.process_run(run_id=run.pk, owner="me", now=clock)


def work_out(run: ImportRun, clock: Clock) -> ImportRun:
    """Work on the run whenever it is due, until it has ended."""
    for _ in range(30):
        if work(run, clock) is SliceOutcome.DONE:
            return ImportRun.objects.get(pk=run.pk)
        waiting = ImportRun.objects.get(pk=run.pk).not_before
        assert waiting is not None
        clock.at = max(clock.at, waiting)
    raise AssertionError("the run does not end")


def assert_matches_quickbooks(run: ImportRun, company: Company, clock: Clock) -> None:
    """The run has succeeded, and all invariants hold."""
    row = ImportRun.objects.get(pk=run.pk)
    assert (row.state, row.error) == ("succeeded", "")
    connection = Connection.objects.get(pk=run.connection_id)
    books = {entity: _all(company, connection, entity) for entity in ENTITIES}
    assert len(books["Invoice"]) >= 60
    assert (row.invoices_seen, row.customers_seen) == (len(books["Invoice"]), len(books["Customer"]))
    assert_invariants(connection, books, at=clock() + timedelta(minutes=1))


def _all(company: Company, connection: Connection, entity: str) -> list[dict[str, Any]]:
    active = " WHERE Active IN (true, false)" if entity == "Customer" else ""
    answer = requests.get(
        f"{company.base}/v3/company/{MAIN_REALM}/query",
        params={"query": f"SELECT * FROM {entity}{active} MAXRESULTS 1000"},
        headers={"Authorization": f"Bearer {connection.access_token}", "Accept": "application/json"},
        timeout=10,
    )
    found: list[dict[str, Any]] = json.loads(answer.text, parse_float=Decimal)["QueryResponse"].get(entity, [])
    return found


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "server_error", "times": "3"},
        {"kind": "unavailable", "times": "3"},
        {"kind": "html", "times": "2"},
        {"kind": "throttled", "times": "2"},
        {"kind": "throttled", "times": "1", "xml": "on"},
        {"kind": "expired_token", "times": "1"},
        {"kind": "server_error", "times": "2", "target": "tokens"},
    ],
    ids=lambda fault: " ".join(fault.values()),
)
@pytest.mark.parametrize("pages", [0, 2])
def test_a_passing_fault_costs_time_and_the_books_end_in_step(
    run: ImportRun, company: Company, fault: dict[str, str], pages: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(timezone.now())
    if fault.get("target") == "tokens":
        Connection.objects.update(access_token_expires_at=clock())
    written = run_worker._save_page
    left = iter([pages])

    def write(*args: Any, **given: Any) -> None:
        written(*args, **given)
        if ImportRun.objects.get(pk=run.pk).invoices_seen >= 25 and next(left, 0):
            company.switch(**fault)

    monkeypatch.setattr(run_worker, "_save_page", write)
    if pages == 0:
        company.switch(**fault)
    work_out(run, clock)
    assert_matches_quickbooks(run, company, clock)
    assert Connection.objects.get(pk=run.connection_id).status == Connection.Status.CONNECTED


def test_being_asked_to_wait_seven_seconds_no_call_is_made_before(run: ImportRun, company: Company) -> None:
    clock = Clock(timezone.now())
    company.switch("throttled", times="1", retry_after="7")
    asked_at = clock()
    assert work(run, clock) is SliceOutcome.LATER
    calls = company.state()["calls_total"]
    for second in (0, 1):  # later on a worker sleeps the rest: no longer than `pace.PATIENCE`
        clock.at = asked_at + timedelta(seconds=second)
        ImportRun.objects.filter(pk=run.pk).update(not_before=clock())  # whoever rings, and however early
        assert work(run, clock) is SliceOutcome.LATER
    assert company.state()["calls_total"] == calls
    work_out(run, clock)
    assert clock() >= asked_at + timedelta(seconds=7)
    assert_matches_quickbooks(run, company, clock)


def test_an_hour_of_503_parks_the_run_and_says_since_when(run: ImportRun, company: Company, member: Client) -> None:
    clock = Clock(timezone.now())
    began = clock()
    company.switch("unavailable")
    while clock() < began + timedelta(hours=1):
        assert work(run, clock) is SliceOutcome.LATER
        waiting = ImportRun.objects.get(pk=run.pk).not_before
        assert waiting is not None
        clock.at = waiting
    state = circuit_breaker.state(connection=run.connection, now=clock() - timedelta(seconds=1))
    assert (state.since, state.until) == (began, clock())
    assert (
        ApiCall.objects.filter(connection=run.connection, status=503).count() <= circuit_breaker.FAILURE_THRESHOLD + 4
    )
    assert member.get("/").status_code == 200
    company.well()
    work_out(run, clock)
    assert_matches_quickbooks(run, company, clock)
    assert RateLimitState.objects.get(pk=run.connection_id).failures == 0


def test_connecting_again_ends_the_pause(run: ImportRun, company: Company, member: Client) -> None:
    clock = Clock(timezone.now())
    company.switch("unavailable")
    while not circuit_breaker.state(connection=run.connection, now=clock()).is_open:
        clock.at = ImportRun.objects.get(pk=run.pk).not_before or clock.at
        work(run, clock)
    company.well()
    answer = member.post("/quickbook/authorize", {"window": "page"})
    member.get(company.consent(answer["Location"]))
    assert not circuit_breaker.state(connection=run.connection, now=clock()).is_open
    assert work(run, clock) is SliceOutcome.DONE
    assert_matches_quickbooks(run, company, clock)


def test_a_stall_is_cut_short_and_asked_again(
    run: ImportRun, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(timezone.now())
    company.switch("slow", times="1", seconds="2")
    with monkeypatch.context() as patch:
        patch.setattr(transport, "BACKGROUND", transport.Timeouts(connect=5, read=0.3, total=60))
        assert work(run, clock) is SliceOutcome.LATER
    assert ApiCall.objects.filter(connection=run.connection).latest("pk").error_code == "timeout"
    work_out(run, clock)
    assert_matches_quickbooks(run, company, clock)


@pytest.mark.django_db(transaction=True)  # so that the prefetching thread sees the pace, too
def test_the_limits_that_intuit_enforces_are_never_met(
    run: ImportRun, company: Company, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.QUICKBOOKS_CALLS_PER_SECOND = 8
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 5)
    company.rule("limit_calls", on=True)
    try:
        assert run_worker.process_run(run_id=run.pk, owner="me", now=timezone.now) is SliceOutcome.DONE
    finally:
        company.rule("limit_calls", on=False)
    assert ApiCall.objects.filter(connection=run.connection).count() > 20
    assert not ApiCall.objects.filter(status=429).exists()
    assert runs.due_run_ids(at=timezone.now()) == []
