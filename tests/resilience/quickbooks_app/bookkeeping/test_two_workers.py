"""Several workers on one entry, some of them after the lease of the first, write it once."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from quickbooks_app.models import BookkeepingSettings, Connection, Push
from quickbooks_app.pushes import worker
from tests.functional.quickbooks_app.sync.conftest import Company
from tests.support.factories.suppliers import UserFactory
from tests.support.processes.threads import WELL, run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "IF-SET-AAAAAAAAAAAAAA"


def journal_lines() -> list[dict[str, object]]:
    kind = "JournalEntryLineDetail"
    return [
        {"Amount": 5, "DetailType": kind, kind: {"PostingType": side, "AccountRef": {"value": account}}}
        for side, account in (("Debit", "35"), ("Credit", "34"))
    ]


def test_workers_at_once_and_after_a_lease_write_one_entry(company: Company, connection: Connection) -> None:
    at = company.clock()
    Connection.objects.update(writes_allowed_at=at)
    BookkeepingSettings.objects.create(
        connection=connection, start_on=at.date(), currency="USD", turned_on_at=at, turned_on_by=UserFactory()
    )
    push = Push.objects.create(
        connection=connection,
        entity="JournalEntry",
        operation="create",
        purpose="bookkeeping",
        reference=KEY,
        requested_at=at,
        fields=json.dumps({"DocNumber": KEY, "TxnDate": "2026-11-20", "Line": journal_lines()}),
    )

    def work(minutes: int) -> Callable[[], None]:
        return lambda: worker.perform(push_id=push.pk, now=lambda: at + timedelta(minutes=minutes))

    assert run_concurrently([work(0), work(0), work(11), work(22)]) == [WELL] * 4
    for minutes in (40, 60):
        work(minutes)()
    push.refresh_from_db()
    written = [one for one in company.all("JournalEntry") if one.get("DocNumber") == KEY]
    assert [one["Id"] for one in written] == [push.qbk_id]
    assert push.state == "done"
