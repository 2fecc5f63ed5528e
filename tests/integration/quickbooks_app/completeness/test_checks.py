"""Completeness checks are requested once a day, held by one worker, found again when lost, and deleted in time."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from quickbooks_app import tasks
from quickbooks_app.completeness import checks
from quickbooks_app.models import CompletenessCheck, Connection, ImportRun
from tests.support.factories.completeness import CheckFactory, LineFactory
from tests.support.factories.quickbooks import ConnectionFactory, RunFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def synced() -> Connection:
    """A company whose books were read."""
    return ConnectionFactory(company_file__as_of=NOON)


def ended_run(connection: Connection, *, kind: str = "changes", state: str = "succeeded") -> ImportRun:
    return RunFactory(connection=connection, kind=kind, state=state, stage="done", finished_at=NOON)


@pytest.mark.parametrize("kind", ["full", "reconcile"])
def test_every_reading_of_everything_is_followed_by_a_check(synced: Connection, kind: str) -> None:
    CheckFactory(connection=synced, requested_at=NOON - HOUR)
    check = checks.request_after_run(run_id=ended_run(synced, kind=kind).pk, at=NOON)
    assert check is not None
    assert (check.trigger, check.state) == ("read", "waiting")


@pytest.mark.parametrize(("age", "is_due"), [(22 * HOUR, False), (23 * HOUR, True), (3 * DAY, True)])
def test_a_sync_of_changes_is_followed_by_a_check_once_a_day(synced: Connection, age: timedelta, is_due: bool) -> None:
    CheckFactory(connection=synced, requested_at=NOON - age)
    assert (checks.request_after_run(run_id=ended_run(synced).pk, at=NOON) is not None) is is_due


def test_a_failed_sync_is_followed_by_no_check(synced: Connection) -> None:
    assert checks.request_after_run(run_id=ended_run(synced, state="failed").pk, at=NOON) is None


def test_a_check_that_waits_for_a_sync_is_due_after_it(synced: Connection) -> None:
    waiting = CheckFactory(
        connection=synced, state="waiting", finished_at=None, requested_at=NOON - HOUR, not_before=NOON + HOUR
    )
    assert checks.request_after_run(run_id=ended_run(synced).pk, at=NOON) == waiting
    assert checks.due_check_ids(at=NOON) == [waiting.pk]


def test_two_requests_make_one_check(synced: Connection) -> None:
    first = checks.request(connection_id=synced.pk, trigger="daily", at=NOON)
    assert checks.request(connection_id=synced.pk, trigger="read", at=NOON) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckFactory(connection=synced, state="running", finished_at=None)


def test_a_check_is_held_by_one_worker_until_its_lease_ends(synced: Connection) -> None:
    check = checks.request(connection_id=synced.pk, trigger="daily", at=NOON)
    assert checks.claim(check_id=check.pk, owner="one", at=NOON) is not None
    assert checks.claim(check_id=check.pk, owner="two", at=NOON + timedelta(minutes=4)) is None
    later = NOON + timedelta(minutes=6)
    assert checks.due_check_ids(at=later) == [check.pk]
    taken = checks.claim(check_id=check.pk, owner="two", at=later)
    assert taken is not None
    assert taken.attempt == 1
    with pytest.raises(checks.LeaseLost):
        checks.renew(check=check, owner="one", at=later)


def test_a_company_that_no_sync_had_compared_is_compared_all_the_same(synced: Connection) -> None:
    CheckFactory(connection=synced, requested_at=NOON - 2 * DAY)
    never_compared = ConnectionFactory(company_file__as_of=NOON)
    RunFactory(connection=never_compared, state="succeeded", stage="done", finished_at=NOON - 2 * HOUR)
    recent = ConnectionFactory(company_file__as_of=NOON)
    CheckFactory(connection=recent, requested_at=NOON - 23 * HOUR)
    ConnectionFactory(company_file__as_of=None)
    lost = ConnectionFactory(company_file__as_of=NOON, status="needs_attention")
    CheckFactory(connection=lost, requested_at=NOON - 2 * DAY)
    importing = ConnectionFactory(company_file__as_of=NOON)
    CheckFactory(connection=importing, requested_at=NOON - 2 * DAY)
    RunFactory(connection=importing)
    assert checks.request_missed(at=NOON) == 2
    assert checks.request_missed(at=NOON) == 0
    requested = CompletenessCheck.objects.filter(state="waiting").values_list("connection", flat=True)
    assert set(requested) == {synced.pk, never_compared.pk}


def test_a_reading_of_everything_waits_for_the_open_run(synced: Connection) -> None:
    check = LineFactory(completeness_check__connection=synced, completeness_check__needs_full_read=True)
    run = RunFactory(connection=synced, kind="changes")
    assert checks.open_full_reads(at=NOON) == []
    ImportRun.objects.filter(pk=run.pk).update(state="succeeded", finished_at=NOON)
    (opened,) = checks.open_full_reads(at=NOON)
    assert ImportRun.objects.get(pk=opened).kind == "reconcile"
    assert checks.open_full_reads(at=NOON) == [], "one is enough"
    check.completeness_check.refresh_from_db()
    assert check.completeness_check.full_read_id == opened


def test_the_sweep_enqueues_what_was_lost(synced: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueued: list[Any] = []
    monkeypatch.setattr(tasks.check_completeness, "delay", enqueued.append)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    check = checks.request(connection_id=synced.pk, trigger="daily", at=NOON)
    tasks.dispatch_due_checks()
    assert enqueued == [check.pk]


def test_old_checks_are_deleted_but_the_last_of_each_company(synced: Connection) -> None:
    old = NOON - settings.QUICKBOOKS_COMPLETENESS_RETENTION - DAY
    LineFactory(completeness_check__connection=synced, completeness_check__requested_at=old)
    kept = CheckFactory(connection=synced, requested_at=NOON)
    only = CheckFactory(requested_at=old)
    assert checks.delete_expired(at=NOON) == 1
    assert set(CompletenessCheck.objects.values_list("pk", flat=True)) == {kept.pk, only.pk}


@pytest.mark.parametrize(
    "values",
    [
        {"state": "perfect"},
        {"unexplained": "0.01"},
        {"unexplained": None},
        {"differences": 1},
        {"finished_at": None},
        {"state": "waiting"},
    ],
)
def test_what_must_never_be_stored_of_a_check_is_refused(synced: Connection, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckFactory(connection=synced, **values)


@pytest.mark.parametrize("values", [{"kind": "rumour"}, {"outcome": "perhaps"}])
def test_what_must_never_be_stored_of_a_line_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LineFactory(**values)


def test_a_supplier_sees_its_own_checks_only(synced: Connection) -> None:
    own, _ = CheckFactory(connection=synced), CheckFactory()
    assert list(CompletenessCheck.objects.for_supplier(synced.supplier)) == [own]
