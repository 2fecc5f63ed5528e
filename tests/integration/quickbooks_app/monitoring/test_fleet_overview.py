"""The operators' overview: overdue and stale connections, this month's API calls, and deletion dates."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from infactor.core import bulk
from infactor.core.health import heartbeats, readiness
from quickbooks_app import retention, runs
from quickbooks_app.api import session
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.models import ApiCall, Connection, ImportRun, WebhookEvent
from quickbooks_app.monitoring import fleet_overview, metering
from quickbooks_app.objects.table import METERED, Operation
from tests.support.factories.integrations import of_settings
from tests.support.factories.quickbooks import NOON, ConnectionFactory, RunFactory

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def call(connection: Connection | None, **changes: Any) -> ApiCall:
    values = {"at": NOON, "operation": "query", "entity": "Invoice", "status": 200, "duration_ms": 1, **changes}
    return ApiCall.objects.create(connection=connection, **values)


def event(connection: Connection, **changes: Any) -> WebhookEvent:
    values = {"event_id": str(WebhookEvent.objects.count()), "entity": "Invoice", "qbk_id": "1", "received_at": NOON}
    return WebhookEvent.objects.create(connection=connection, operation="update", **{**values, **changes})


def health(*arguments: str) -> tuple[int, str]:
    """The exit code of the command, and what it printed."""
    out = StringIO()
    try:
        call_command("quickbooks_health", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def record(operation: Operation = Operation.QUERY, *, status: int | None = 200, code: str = "") -> CallRecord:
    """A finished call, as the client reports it."""
    return CallRecord(
        operation=operation.value,
        entity="Invoice",
        object_ids=[],
        request_id="",
        is_metered=operation in METERED and status == 200 and not code,
        status=status,
        error_code=code,
        intuit_tid="1-abc",
        duration_ms=1,
        size=1,
    )


def test_only_good_reads_of_this_month_of_live_companies_are_metered() -> None:
    live, trial = (
        ConnectionFactory(integration=of_settings("production")),
        ConnectionFactory(integration=of_settings("sandbox")),
    )

    def save(connection: Connection, *calls: CallRecord, at: datetime = NOON) -> None:
        session.save_calls(list(calls), connection=connection, run=None, at=at)

    save(live, *(record(one) for one in (Operation.QUERY, Operation.COUNT, Operation.READ, Operation.CHANGES)))
    save(live, record(Operation.CREATE), record(Operation.UPDATE), record(Operation.SEND), record(Operation.BATCH))
    save(live, record(), at=datetime(2026, 11, 1, tzinfo=UTC))
    save(live, record(), at=datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC))
    save(live, record(status=429, code="3001"), record(status=None, code="timeout"), record(code="not_json"))
    save(trial, record())
    for environment in ("sandbox", "production"):  # while connecting
        ApiCall.objects.bulk_create(session.rows_of([record()], environment=environment, at=NOON))
    assert metering.reads_of_month(at=NOON) == metering.ReadUsage(metered=6, unmetered=2, included=500_000)
    found = metering.most_reads(at=NOON)
    assert [(one.connection_id, one.reads) for one in found] == [(live.pk, 5)]


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        (6, ()),
        (7, ("70% of this month's 10 reads are used.",)),
        (8, ("80% of this month's 10 reads are used.",)),
        (9, ("90% of this month's 10 reads are used: change the tier, or sync less often.",)),
    ],
)
def test_most_of_the_reads_of_the_tier_used_is_something_to_look_at(
    settings: Settings, calls: int, said: tuple[str, ...]
) -> None:
    settings.QUICKBOOKS_TIERS, settings.QUICKBOOKS_TIER = {"tiny": 10}, "tiny"
    live = ConnectionFactory(integration=of_settings("production"), company_file__as_of=NOON)
    heartbeats.record(name=heartbeats.BACKGROUND, at=NOON)
    for _ in range(calls):
        call(live, is_metered=True)
    assert fleet_overview.overview(at=NOON).issues == said


@pytest.mark.parametrize(("waited", "said"), [(15, ""), (16, "An import run has waited for 16 minutes.")])
def test_a_reading_that_nobody_takes_is_told_after_a_quarter_of_an_hour(waited: int, said: str) -> None:
    run = RunFactory(not_before=NOON - waited * MINUTE)
    assert fleet_overview.stalled_work(NOON) == said
    runs.claim(run_id=run.pk, owner="me", at=NOON)
    assert fleet_overview.stalled_work(NOON) == ""
    assert fleet_overview.stalled_work(NOON + runs.LEASE_DURATION + 17 * MINUTE).startswith(
        "An import run has waited for"
    )


def test_a_reading_that_rests_until_later_is_not_waiting() -> None:
    RunFactory(not_before=NOON + MINUTE, created_at=NOON - DAY)
    assert fleet_overview.oldest_run_wait(at=NOON) is None


def test_a_webhook_that_nobody_follows_is_told_unless_its_company_cannot_be_read() -> None:
    living = ConnectionFactory()
    ended = ConnectionFactory(status="disconnected", access_token="", refresh_token="")
    event(ended, received_at=NOON - DAY)
    event(living, received_at=NOON - DAY, state="handled", handled_at=NOON)
    event(living, received_at=NOON - DAY, not_before=NOON + MINUTE)
    assert fleet_overview.stalled_work(NOON) == ""
    event(living, received_at=NOON - 40 * MINUTE)
    assert fleet_overview.stalled_work(NOON) == "A webhook has waited for 40 minutes."


def test_readiness_asks_for_what_waits() -> None:
    now = timezone.now()
    heartbeats.record(name=heartbeats.BACKGROUND, at=now)
    RunFactory(not_before=now - 61 * MINUTE)
    assert readiness.failures(at=now)["books"] == "An import run has waited for 61 minutes."


def test_the_command_ends_well_and_says_so_while_all_is_well() -> None:
    heartbeats.record(name=heartbeats.BACKGROUND, at=timezone.now())
    ConnectionFactory(company_file__as_of=timezone.now(), connected_at=timezone.now())
    code, printed = health()
    assert (code, "No issues." in printed, "1 connected" in printed) == (0, True, True)


def test_the_command_ends_with_one_and_names_what_to_look_at() -> None:
    heartbeats.record(name=heartbeats.BACKGROUND, at=timezone.now())
    ConnectionFactory(company_file__as_of=timezone.now() - 2 * DAY)
    code, printed = health()
    assert code == 1
    assert "Issue: Connected companies with data more than a day old: 1." in printed
    assert "No issues." not in printed


def test_the_command_speaks_json_to_machines_and_tells_no_secret() -> None:
    connection = ConnectionFactory(integration=of_settings("production"))
    RunFactory(connection=connection, not_before=timezone.now() - 90 * MINUTE)
    call(connection, at=timezone.now(), is_metered=True)
    code, printed = health("--json")
    found = json.loads(printed)
    assert code == 1
    assert 90 * 60 <= found["oldest_run_wait"] < 91 * 60
    assert (found["by_status"]["connected"], found["reads"]["metered"], found["reads"]["included"]) == (
        1,
        1,
        500_000,
    )
    assert "Beat and worker have not run yet." in found["issues"]
    for secret in (connection.realm_id, connection.access_token, connection.company_name):
        assert secret not in printed


def test_calls_and_ended_runs_go_after_ninety_days_but_not_the_last_good_one() -> None:
    connection = ConnectionFactory()
    old, young = NOON - 91 * DAY, NOON - 89 * DAY
    ended = {"state": "succeeded", "stage": "done"}
    gone = RunFactory(connection=connection, finished_at=old, **ended)
    last_good = RunFactory(connection=connection, finished_at=old, **ended)
    failed = RunFactory(connection=connection, finished_at=old, state="failed")
    kept = [RunFactory(connection=connection, finished_at=young, state="failed"), RunFactory(connection=connection)]
    calls = [call(connection, at=old, run=gone), call(connection, at=young, run=gone)]
    assert retention.delete_expired(at=NOON) == (1, 2, 0, 0, 0, 0, 0)
    assert set(ImportRun.objects.all()) == {last_good, *kept}
    assert not ImportRun.objects.filter(pk=failed.pk).exists()
    assert [(one.pk, one.run) for one in ApiCall.objects.all()] == [(calls[1].pk, None)]
    assert retention.delete_expired(at=NOON) == (0, 0, 0, 0, 0, 0, 0)


def test_more_than_can_be_deleted_at_once_is_deleted_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "DELETED_AT_ONCE", 3)
    for _ in range(8):
        call(None, at=NOON - 91 * DAY)
    assert retention.delete_expired(at=NOON) == (8, 0, 0, 0, 0, 0, 0)


def test_the_command_says_in_a_sentence_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*, at: datetime) -> fleet_overview.FleetOverview:
        raise OperationalError("connection refused: host=10.0.0.1 password=canary")

    monkeypatch.setattr(fleet_overview, "overview", away)
    with pytest.raises(CommandError, match=r"^The database does not answer\.$"):
        health()
