"""Where QuickBooks does not give out its reports, nothing is compared, nothing changes, and the check says why."""

from datetime import timedelta
from typing import Any

import pytest

from quickbooks_app.completeness import checks, receivables_report
from quickbooks_app.models import CompletenessCheck, Connection, ImportIssue, ImportRun
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.completeness.conftest import compare, lines, metered_calls
from tests.functional.quickbooks_app.sync.conftest import Company, read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["report_refused", "report_old", "report_empty"])
def test_reports_that_cannot_be_had_change_nothing_and_say_so(
    company: Company, imported: Connection, invoice: dict[str, Any], kind: str
) -> None:
    assert compare(imported, company.clock).state == "complete"
    company.clock.advance(hours=3)
    company.pay(invoice, "10.00")
    company.faults.switch_on(Fault(kind=kind, remaining=None, target="reports"))
    check = compare(imported, company.clock)
    assert (check.state, check.lines.count()) == ("failed", 0)
    assert check.error
    assert Connection.objects.get(pk=imported.pk).status == "connected"
    assert not ImportIssue.objects.filter(code="differs").exists()


@pytest.mark.parametrize("kind", ["throttled", "server_error", "unavailable", "html", "expired_token", "forbidden"])
def test_a_fault_that_passes_only_delays_the_check(company: Company, imported: Connection, kind: str) -> None:
    read(imported, company.clock)
    company.faults.switch_on(Fault(kind=kind, target="api", remaining=1))
    assert compare(imported, company.clock).state == "complete"


def test_a_company_that_is_too_large_for_the_report_is_compared_by_its_total(
    company: Company, second: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivables_report, "CELL_LIMIT", 10)
    before = metered_calls(second)
    check = compare(second, company.clock)
    assert (check.state, check.by_total_only) == ("complete", True)
    assert check.account_total == check.our_total != 0
    assert metered_calls(second)[len(before) :] == ["report TrialBalance"]


def test_a_large_company_with_several_currencies_is_not_compared_and_told_so(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivables_report, "CELL_LIMIT", 10)
    check = compare(imported, company.clock)
    assert (check.state, check.error_code) == ("failed", "too_large")


def test_old_books_are_brought_up_to_date_before_they_are_compared(company: Company, imported: Connection) -> None:
    company.bill(amount="70.00")
    company.clock.advance(days=2)
    check = compare(imported, company.clock)
    assert (check.state, lines(check)) == ("complete", [])
    assert ImportRun.objects.filter(connection=imported, kind="changes").count() == 1


def test_a_company_whose_sync_fails_is_not_compared_and_not_synced_every_minute(
    company: Company, imported: Connection
) -> None:
    company.clock.advance(days=2)
    company.faults.switch_on(Fault(kind="system_fault_as_400", remaining=None, target="api"))
    check = compare(imported, company.clock)
    assert (check.state, check.error_code) == ("failed", "not_synced")
    assert ImportRun.objects.filter(connection=imported, state="failed").count() == 1


def test_a_company_that_is_not_connected_is_not_compared(company: Company, imported: Connection) -> None:
    Connection.objects.filter(pk=imported.pk).update(status="needs_attention")
    check = compare(imported, company.clock)
    assert (check.state, check.error_code) == ("failed", "not_connected")


def test_a_worker_that_lost_its_lease_saves_nothing(company: Company, imported: Connection) -> None:
    read(imported, company.clock)
    check = checks.request(connection_id=imported.pk, trigger="daily", at=company.clock())
    assert checks.claim(check_id=check.pk, owner="slow", at=company.clock()) is not None
    company.clock.advance(minutes=6)
    finished = compare(imported, company.clock)
    assert (finished.pk, finished.state, finished.attempt) == (check.pk, "complete", 1)
    with pytest.raises(checks.LeaseLost):
        checks.finish(check=check, owner="slow", at=company.clock(), state=CompletenessCheck.State.FAILED)
    assert company.clock() - timedelta(hours=1) < CompletenessCheck.objects.get().finished_at  # type: ignore[operator]
