"""Further objects are read whole once, and then cost nothing: their changes come with those of the invoices."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.core import checks
from pytest_django.fixtures import Settings

from infactor.invoices.models import Buyer
from quickbooks_app import pulls, tasks
from quickbooks_app.api import cdc_response, keyset_pagination
from quickbooks_app.documents import payloads
from quickbooks_app.models import ApiCall, Connection, Document, ObjectPull
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import object_pulls
from tests.functional.quickbooks_app.sandbox.objects.bodies import by_account, ref
from tests.functional.quickbooks_app.sync.conftest import Company, line, read

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Any]:
    """Twelve vendors, and a bill of the first."""

    def make(company: Company, connection: Connection) -> None:
        for number in range(12):
            company.write("Vendor", {"DisplayName": f"Vendor {number}"})
        bill(company)

    return make


def bill(company: Company, amount: float = 80) -> dict[str, Any]:
    vendor = company.all("Vendor")[0]["Id"]
    return company.write("Bill", {"VendorRef": ref(vendor), "Line": [by_account(amount)]})


def pull(connection: Connection, company: Company, *entities: str) -> None:
    """Pull these objects until there is nothing more to read."""
    pulls.enable(connection=connection, entities=entities)
    work(company)


def work(company: Company) -> None:
    for _ in range(20):
        due = list(pulls.due(at=company.clock()).values_list("pk", flat=True))
        if not due:
            return
        for pull_id in due:
            object_pulls.pull_objects(pull_id=pull_id, owner="me", now=company.clock)
    raise AssertionError("the pulls do not end")


def stored(entity: str) -> dict[str, Any]:
    rows = Document.objects.filter(entity=entity, deleted_at__isnull=True)
    return {row.qbk_id: json.loads(payloads.read(row)) for row in rows}


def in_books(company: Company, entity: str) -> dict[str, Any]:
    return {one["Id"]: one for one in company.all(entity)}


def calls() -> list[str]:
    return [call.title for call in ApiCall.objects.order_by("pk")]


def test_an_object_is_read_whole_for_one_call_and_its_changes_cost_none(company: Company, imported: Connection) -> None:
    before = len(calls())
    pull(imported, company, "Vendor", "Bill")
    assert calls()[before:] == ["query Bill", "query Vendor"] or calls()[before:] == ["query Vendor", "query Bill"]
    assert stored("Vendor") == in_books(company, "Vendor")
    assert stored("Bill") == in_books(company, "Bill")
    company.clock.advance(hours=1)
    first, second = company.all("Bill")[0], bill(company, 30)
    company.edit("Bill", first["Id"], PrivateNote="Disputed")
    vendor = company.all("Vendor")[3]
    company.edit("Vendor", vendor["Id"], Active=False)
    company.clock.advance(hours=1)
    before = len(calls())
    read(imported, company.clock)
    assert calls()[before:] == ["changes", "query Bill"], "an inactive vendor may be a merged one: its bills are read"
    assert stored("Bill")[first["Id"]]["PrivateNote"] == "Disputed"
    assert second["Id"] in stored("Bill")
    assert stored("Vendor")[vendor["Id"]]["Active"] is False
    company.delete("Bill", second["Id"])
    company.clock.advance(hours=1)
    assert read(imported, company.clock).api_calls == 1
    assert second["Id"] not in stored("Bill")
    work(company)
    assert calls()[-1] == "changes", "no pull was due"


def test_without_a_setting_or_a_row_nothing_more_is_read(company: Company, imported: Connection) -> None:
    before = len(calls())
    tasks.dispatch_due_pulls()
    assert not ObjectPull.objects.exists()
    company.clock.advance(days=1)
    assert read(imported, company.clock).api_calls == 1
    assert not Document.objects.exclude(entity__in=["Customer", "Invoice", "Payment", "CreditMemo"]).exists()
    assert calls()[before:] == ["changes"]


def test_the_setting_gives_every_connected_company_its_pulls(
    company: Company, imported: Connection, settings: Settings
) -> None:
    settings.QUICKBOOKS_PULLED_OBJECTS = ["Vendor", "Bill"]
    pulls.enable(connection=imported, entities=["Bill"], is_enabled=False)
    pulls.add_from_settings()
    work(company)
    assert list(ObjectPull.objects.values_list("entity", "is_enabled")) == [("Bill", False), ("Vendor", True)]
    assert stored("Vendor")
    assert not stored("Bill")


@pytest.mark.parametrize("name", ["Unicorn", "Invoice", "CompanyInfo", "TaxReturn", "ExchangeRate"])
def test_what_cannot_be_pulled_is_said_at_the_start(settings: Settings, name: str) -> None:
    settings.QUICKBOOKS_PULLED_OBJECTS = ["Vendor", name]
    assert f"cannot pull: {name}." in next(one.msg for one in checks.run_checks() if one.id == "quickbooks_app.E001")
    with pytest.raises(ValueError, match=name):
        pulls.enable(connection=Connection(), entities=[name])


def test_a_reading_goes_on_where_a_crash_left_it(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset_pagination, "PAGE_SIZE", 5)
    pulls.enable(connection=imported, entities=["Vendor"])
    row = ObjectPull.objects.get()
    saved, left = pulls.save_page, iter([1])

    def crash(**given: Any) -> None:
        saved(**given)
        if not next(left, 0):
            raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(pulls, "save_page", crash)
        with pytest.raises(SystemExit):
            object_pulls.pull_objects(pull_id=row.pk, owner="first", now=company.clock)
    assert 0 < len(stored("Vendor")) < 12
    seen = len(company.calls())
    company.clock.advance(minutes=5)
    work(company)
    assert "MetaData.CreateTime >= " in unquote_plus(company.calls()[seen]), "what was saved is not read again"
    assert stored("Vendor") == in_books(company, "Vendor")


def test_an_object_that_the_edition_lacks_is_refused_in_words_without_a_call(
    company: Company, imported: Connection
) -> None:
    Connection.objects.update(edition="QuickBooks Online Simple Start", country="US", company_read_at=company.clock())
    before = calls()
    pull(imported, company, "Bill")
    row = ObjectPull.objects.get()
    assert row.error == (
        "This company has no Bill: it begins with QuickBooks Online Essentials, and this company has QuickBooks Online"
        " Simple Start."
    )
    assert (row.error_code, row.not_before) == ("not_offered", company.clock() + timedelta(days=1))
    assert calls() == before
    company.clock.advance(days=1)
    work(company)
    assert stored("Bill"), "by now the company has another edition"
    assert ObjectPull.objects.get().error == ""


def test_an_outage_is_waited_for_and_leaves_the_invoices_alone(company: Company, imported: Connection) -> None:
    company.faults.switch_on(Fault(kind="unavailable", remaining=1))
    pull(imported, company, "Vendor")
    row = ObjectPull.objects.get()
    assert (row.error, row.attempt) == ("QuickBooks had an internal error.", 1)
    assert row.not_before is not None
    assert company.clock() < row.not_before
    company.clock.advance(minutes=10)
    work(company)
    assert stored("Vendor") == in_books(company, "Vendor")


def test_changes_that_are_too_many_for_one_answer_leave_those_of_the_invoices_whole(
    company: Company, imported: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull(imported, company, "Vendor")
    company.clock.advance(hours=1)
    for vendor in company.all("Vendor"):
        company.edit("Vendor", vendor["Id"], AcctNum="V-1")
    monkeypatch.setattr(cdc_response, "MAX_OBJECTS", 10)
    company.clock.advance(hours=1)
    run = read(imported, company.clock)
    assert (run.kind, run.state, run.api_calls) == ("changes", "succeeded", 2)
    assert stored("Vendor") != in_books(company, "Vendor")
    company.clock.advance(days=2)
    work(company)
    assert calls()[-1] == "query Vendor"
    assert stored("Vendor") == in_books(company, "Vendor")


def test_deletions_are_found_after_a_month_away(company: Company, imported: Connection) -> None:
    pull(imported, company, "Bill")
    gone = company.all("Bill")[0]
    company.forget("Bill", gone["Id"])
    company.clock.advance(days=35)
    work(company)
    assert gone["Id"] not in stored("Bill")
    assert Document.objects.get(entity="Bill", qbk_id=gone["Id"]).deleted_at is not None


def test_what_quickbooks_does_not_report_is_asked_for_once_a_day(company: Company, imported: Connection) -> None:
    pull(imported, company, "TaxCode")
    before = len(calls())
    company.clock.advance(hours=23)
    work(company)
    assert len(calls()) == before
    company.clock.advance(hours=2)
    work(company)
    assert calls()[before:] == ["query TaxCode"]
    company.clock.advance(hours=2)
    read(imported, company.clock)
    assert calls()[-1] == "changes"


def test_an_estimate_of_an_erased_customer_stays_away(company: Company, imported: Connection) -> None:
    company.write("Estimate", {"CustomerRef": {"value": "1"}, "Line": [line("5.00")]})
    other = company.write("Estimate", {"CustomerRef": {"value": "2"}, "Line": [line("5.00")]})
    Buyer.objects.filter(company_file=imported.company_file, reference="1").update(is_erased=True)
    pull(imported, company, "Estimate")
    customers = {one["CustomerRef"]["value"] for one in stored("Estimate").values()}
    assert "1" not in customers
    assert other["Id"] in stored("Estimate")


def test_two_workers_read_an_object_once(company: Company, imported: Connection) -> None:
    pulls.enable(connection=imported, entities=["Vendor"])
    row = ObjectPull.objects.get()
    assert pulls.claim(pull_id=row.pk, owner="first", at=company.clock()) is not None
    before = calls()
    assert object_pulls.pull_objects(pull_id=row.pk, owner="second", now=company.clock) is False
    assert calls() == before
