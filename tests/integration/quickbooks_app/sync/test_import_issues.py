"""Import issues without an id stay until a whole reading no longer meets what they are about."""

from datetime import timedelta

import pytest

from quickbooks_app import runs
from quickbooks_app.api.refused_objects import Unnamed
from quickbooks_app.models import Connection, ImportIssue, ImportRun
from quickbooks_app.sync.import_issues import close_unnamed, record_refused, record_without_id
from tests.support.factories.quickbooks import Clock
from tests.support.fakes.intuit_server import Intuit
from tests.support.payloads import NOON, invoice, stamps
from tests.support.scenarios.imports import START, work_out

pytestmark = pytest.mark.django_db


def refused_after(connection: Connection, qbk_id: str, *, minutes: int) -> None:
    gap = Unnamed(qbk_id)
    record_refused(connection=connection, entity="Invoice", ids=(), unnamed=[gap], at=NOON + timedelta(minutes=minutes))


def without_id(connection: Connection, *, minutes: int) -> None:
    record_without_id(connection=connection, entity="Invoice", number=2, at=NOON + timedelta(minutes=minutes))


def reconcile(connection: Connection, *, hours: int) -> None:
    at = NOON + timedelta(hours=hours)
    fresh = Connection.objects.select_related("company_file").get(pk=connection.pk)
    run = runs.request(connection=fresh, by=None, at=at, kind=ImportRun.Kind.RECONCILE)
    assert work_out(run, clock=Clock(at)).state == "succeeded"


def shown() -> list[str]:
    return sorted(ImportIssue.objects.filter(resolved_at__isnull=True).values_list("field", flat=True))


def test_gaps_on_two_pages_and_objects_without_an_id_are_all_shown(connection: Connection) -> None:
    refused_after(connection, "5", minutes=0)
    refused_after(connection, "900", minutes=1)
    without_id(connection, minutes=2)
    refused_after(connection, "5", minutes=3)
    assert shown() == ["Id", "after Id 5", "after Id 900"]


def test_a_whole_reading_closes_those_that_it_does_not_meet(connection: Connection) -> None:
    without_id(connection, minutes=0)
    refused_after(connection, "5", minutes=0)
    refused_after(connection, "900", minutes=0)
    began = NOON + timedelta(minutes=1)
    refused_after(connection, "5", minutes=2)
    close_unnamed(connection=connection, entity="Invoice", before=began, at=NOON + timedelta(minutes=3))
    assert shown() == ["after Id 5"]


def test_an_object_without_an_id_is_told_until_a_reconciliation_no_longer_meets_it(
    intuit: Intuit, run: ImportRun
) -> None:
    readable = intuit.books["Invoice"][3]
    intuit.books["Invoice"][3] = invoice("", MetaData=stamps(START))
    work_out(run)
    assert shown() == ["Id"]
    reconcile(run.connection, hours=1)
    assert shown() == ["Id"]
    intuit.books["Invoice"][3] = readable
    reconcile(run.connection, hours=2)
    assert shown() == []
