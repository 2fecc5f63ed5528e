"""When a first import that failed is tried again, and that a cause which never passes is not retried for a day."""

from datetime import datetime, timedelta

import pytest

from quickbooks_app import runs
from quickbooks_app.models import Connection, ImportRun
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import run_worker
from tests.functional.quickbooks_app.sync.conftest import Company, read

pytestmark = pytest.mark.django_db


def is_due(at: datetime) -> bool:
    runs.request_due(at=at)
    return ImportRun.objects.filter(state__in=ImportRun.OPEN).exists()


def test_a_first_import_that_failed_is_tried_again_after_15_minutes_and_then_succeeds(
    company: Company, connection: Connection
) -> None:
    company.faults.switch_on(Fault(kind="outage_as_400", remaining=None))
    failed = read(connection, company.clock)
    assert (failed.kind, failed.state) == ("full", "failed")
    ended = failed.finished_at
    assert ended is not None
    company.faults.clear()
    assert not is_due(ended + timedelta(minutes=14))
    assert is_due(ended + timedelta(minutes=16))
    again = ImportRun.objects.latest("pk")
    company.clock.at = ended + timedelta(minutes=16)
    run_worker.process_run(run_id=again.pk, owner="test", now=company.clock)
    again.refresh_from_db()
    assert (again.kind, again.state) == ("full", "succeeded")


@pytest.mark.parametrize("kind", ["outage_as_400", "system_fault_as_400"])
def test_a_cause_that_never_passes_is_given_up_within_hours_and_said(
    company: Company, connection: Connection, kind: str
) -> None:
    company.faults.switch_on(Fault(kind=kind, remaining=None))
    began = company.clock()
    run = read(connection, company.clock)
    assert run.state == "failed"
    assert run.error
    assert company.clock() - began < timedelta(hours=3)
