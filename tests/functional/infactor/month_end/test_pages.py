"""Operations accrue, close and export on the pages of month end; others read them."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from infactor.ledger import integrity, periods
from infactor.month_end.models import AccrualRun, LedgerExport
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
IN_DECEMBER = datetime(2026, 12, 4, 18, tzinfo=UTC)
TRIAL_BALANCE = "/admin/ledger/integritycheck/trial-balance/"
ASKED = {"start": "2026-11-01", "end": "2026-11-30", "currency": "USD", "format": "quickbooks", "part": "1"}


def test_operations_accrue_close_and_export_a_month(client: Client, scenario: Scenario) -> None:
    scenario.terms()
    scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    with time_machine.travel(IN_DECEMBER):
        client.force_login(scenario.operations)
        page = visible_text(client.get("/admin/month-end/"))
        assert "November 2026 is over and open." in page
        assert "Of 1 advance the fee is not accrued" in page
        early = visible_text(confirm(client, "/admin/month-end/export/", **ASKED))
        assert "Close the month first" in early
        assert confirm(client, "/admin/month-end/accrue/").status_code == 302
        assert AccrualRun.objects.get().month == date(2026, 11, 1)
        said = {"check": "It runs at night"}
        assert "This field is required" in visible_text(confirm(client, "/admin/month-end/close/"))
        assert confirm(client, "/admin/month-end/close/", **said).status_code == 302
        assert periods.first_open_day() == date(2026, 12, 1)
        integrity.verify(at=IN_DECEMBER)
        names = {one: f"QB {one}" for one in client.get("/admin/month-end/account-names/").context["form"].fields}
        assert confirm(client, "/admin/month-end/account-names/", **names).status_code == 302
        first = confirm(client, "/admin/month-end/export/", **ASKED).content
        again = confirm(client, "/admin/month-end/export/", **ASKED).content
        assert first == again
        assert LedgerExport.objects.values("digest").distinct().count() == 1
        rows = list(csv.DictReader(io.StringIO(first.decode("utf-8-sig"))))
        assert list(rows[0]) == [
            *("JournalNo", "JournalDate", "Currency", "Memo", "AccountName", "Debits", "Credits"),
            *("Description", "Name", "Location", "Class"),
        ]
        last = [row for row in rows if row["JournalNo"] == "IF-20261130-USD"]
        assert [(row["JournalDate"], row["AccountName"], row["Debits"], row["Credits"]) for row in last] == [
            ("11/30/2026", "QB accrued_fees", last[0]["Debits"], ""),
            ("11/30/2026", "QB fee_income", "", last[0]["Debits"]),
        ]
        detail = confirm(client, "/admin/month-end/export/", **{**ASKED, "format": "csv", "is_detailed": "on"})
        assert str(scenario.supplier) in detail.content.decode()
        books = [
            confirm(client, "/admin/month-end/export/", **{**ASKED, "format": "xlsx", "is_detailed": "on"})
            for _ in range(2)
        ]
        assert books[0].content == books[1].content
        assert books[0]["Content-Disposition"].endswith('.xlsx"')
        with zipfile.ZipFile(io.BytesIO(books[0].content)) as book:
            assert str(scenario.supplier) in book.read("xl/worksheets/sheet1.xml").decode()


def test_readers_see_month_end_and_decide_nothing(client: Client, scenario: Scenario) -> None:
    client.force_login(scenario.reader)
    assert client.get("/admin/month-end/").status_code == 200
    for page in ("accrue", "close", "export", "account-names"):
        assert client.get(f"/admin/month-end/{page}/").status_code == 403


def test_wire_and_late_fees_stand_in_the_trial_balance_its_files_and_the_names(
    client: Client, scenario: Scenario
) -> None:
    scenario.terms(wire_fee=Decimal(25), late_fee_rate=Decimal("0.1"), late_fee_grace_days=1)
    due = scenario.today + timedelta(days=10)
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000", payable_date=due))
    scenario.later(15)
    scenario.pay(advance, "10000")
    scenario.settle(advance)
    with time_machine.travel(scenario.now):
        client.force_login(scenario.operations)
        asked = {"start": "2026-01-01", "end": scenario.money_day.isoformat()}
        page = visible_text(client.get(TRIAL_BALANCE, asked))
        assert "4010 Late fee income" in page
        assert "4020 Wire fee income" in page
        for form in ("csv", "xlsx"):
            assert client.get(TRIAL_BALANCE, {**asked, "format": form}).status_code == 200
        fields = client.get("/admin/month-end/account-names/").context["form"].fields
        assert {"late_fee_income", "wire_fee_income"} <= set(fields)
