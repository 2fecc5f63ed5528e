"""Operations accrue, close and export on the pages of month end; others read them."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from infactor.banking import movements
from infactor.banking.models import Movement
from infactor.ledger import integrity, periods
from infactor.month_end.models import AccrualRun, LedgerExport
from tests.support.admin_client import confirm, visible_text
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

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
            file = client.get(TRIAL_BALANCE, {**asked, "format": form})
            assert file.getvalue()
        fields = client.get("/admin/month-end/account-names/").context["form"].fields
        assert {"late_fee_income", "wire_fee_income"} <= set(fields)


def test_each_bank_has_an_account_of_its_own_in_the_exports(client: Client, scenario: Scenario) -> None:
    """A transfer between two of them is no debit and credit of one account."""
    given = {"by": scenario.operations, "at": scenario.now}
    first = house_account(**given)
    second = house_account(**given, number="222222222", name="Second")
    movements.record(
        account=first,
        kind=Movement.Kind.TRANSFER,
        amount=Decimal(-300),
        other_account=second,
        value_date=scenario.money_day,
        note="",
        **given,
    )
    with time_machine.travel(IN_DECEMBER):
        client.force_login(scenario.operations)
        for is_detailed in ("", "on"):
            asked = {**ASKED, "format": "csv", "is_detailed": is_detailed}
            found = confirm(client, "/admin/month-end/export/", **asked).content.decode("utf-8-sig")
            rows = [(row["Account"], row["Debit"], row["Credit"]) for row in csv.DictReader(io.StringIO(found))]
            assert sorted(rows) == [
                ("Cash at bank, account ••••2222", "300.00", ""),
                ("Cash at bank, account ••••6789", "", "300.00"),
            ]
        names = client.get("/admin/month-end/account-names/").context["form"]
        typed = {name: names[name].initial for name in names.fields}
        assert typed[f"house_account_{second.pk}"] == "Cash at bank 2222"
        typed[f"house_account_{second.pk}"] = "Checking 2"
        assert confirm(client, "/admin/month-end/account-names/", **typed).status_code == 302
        said = {"check": "It runs at night", "bank": "No statement in this test"}
        closed = confirm(client, "/admin/month-end/close/", **said)
        assert closed.status_code == 302, visible_text(closed)
        found = confirm(client, "/admin/month-end/export/", **ASKED).content.decode("utf-8-sig")
        rows = [(row["AccountName"], row["Debits"], row["Credits"]) for row in csv.DictReader(io.StringIO(found))]
        assert sorted(rows) == [("Cash at bank 6789", "", "300.00"), ("Checking 2", "300.00", "")]
        typed[f"house_account_{second.pk}"] = ""
        confirm(client, "/admin/month-end/account-names/", **typed)
        again = client.get("/admin/month-end/account-names/").context["form"]
        assert again[f"house_account_{second.pk}"].initial == "Cash at bank 2222"
