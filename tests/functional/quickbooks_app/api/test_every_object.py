"""Every object of the table is created, read, counted, queried, changed, sent, printed, voided and ended over HTTP."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from quickbooks_app.api.client import QuickBooksClient, Written
from quickbooks_app.api.writes import files
from quickbooks_app.api.writes.files import Attached, Upload
from quickbooks_app.errors import FileTooLarge, NotOffered, OutcomeUnknown
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.reports import REPORTS
from quickbooks_app.objects.table import OBJECTS, Operation
from tests.functional.quickbooks_app.api.conftest import Used, client_of
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, SALE, filled

# They have no id of their own, exist in some countries only, or need an answer of another form.
APART = {"RecurringTransaction", "TaxService", "JournalCode"}
NOTES = {"Budget": "Name", "TimeActivity": "Description", "Attachable": "Note", "CreditCardPayment": "Memo"}
Operations = set[tuple[str, str]]


@pytest.fixture
def made(used: Used) -> dict[str, Written]:
    """One new object of each kind that can be created."""
    found: dict[str, Written] = {}
    for entity, body in BODIES.items():
        ids = {name: one.qbk_id for name, one in found.items()}
        found[entity] = used.client.create(entity=entity, fields=filled(body, ids), key=f"make {entity}")
    return found


def test_every_object_does_all_that_the_table_says(used: Used, made: dict[str, Written]) -> None:
    assert made.keys() == {one.name for one in OBJECTS.values() if one.can(Operation.CREATE)} - APART
    client = used.client
    for entity in reversed(made):
        row, one = OBJECTS[entity], made[entity]
        raw = client.read(entity=entity, qbk_id=one.qbk_id)
        assert raw is not None
        assert Written.from_bytes(raw).qbk_id == one.qbk_id
        (queried,) = client.query(entity=entity, statement=f"SELECT * FROM {entity} WHERE Id = '{one.qbk_id}'").objects
        assert json.loads(queried)["Id"] == one.qbk_id
        assert client.count(entity=entity) >= 1
        token = Written.from_bytes(raw).sync_token
        head: dict[str, Any] = {"entity": entity, "qbk_id": one.qbk_id}
        if row.can(Operation.PDF):
            assert client.pdf(**head).startswith(b"%PDF")
            token = client.send(**head, to="a@buyer.example", key=f"send {entity}").sync_token
        if row.can(Operation.UPDATE) and not row.can(Operation.INACTIVATE):
            field = NOTES.get(entity, "PrivateNote")
            changed = client.update(**head, sync_token=token, fields={field: "Changed"}, key=f"change {entity}")
            assert json.loads(changed.raw)[field] == "Changed"
            token = changed.sync_token
        if row.can(Operation.VOID):
            token = client.void(**head, sync_token=token, key=f"void {entity}").sync_token
        if row.can(Operation.DELETE):
            client.delete(**head, sync_token=token, key=f"end {entity}")
            assert client.read(**head) is None
        elif row.can(Operation.INACTIVATE):
            ended = client.inactivate(**head, sync_token=token, key=f"end {entity}")
            assert json.loads(ended.raw)["Active"] is False
    assert {call.status for call in used.calls if call.error_code not in ("", "610")} == set()


@pytest.mark.parametrize(
    "entity", ["TaxCode", "TaxRate", "CustomerType", "ReimburseCharge", "Preferences", "CompanyInfo"]
)
def test_what_can_only_be_read_is_queried(used: Used, entity: str) -> None:
    page = used.client.query(entity=entity, statement=f"SELECT * FROM {entity}")
    for raw in page.objects[:1]:
        qbk_id = json.loads(raw)["Id"]
        read = used.client.read(entity=entity, qbk_id=qbk_id)
        assert read is not None
        assert json.loads(read)["Id"] == qbk_id


def test_settings_are_changed_field_by_field(used: Used) -> None:
    raw = used.client.read(entity="Preferences", qbk_id="1")
    assert raw is not None
    before = json.loads(raw)
    wanted = {"SalesFormsPrefs": {**before["SalesFormsPrefs"], "AllowDiscount": False}}
    client = used.client
    token = before["SyncToken"]
    changed = client.update(entity="Preferences", qbk_id=before["Id"], sync_token=token, fields=wanted, key="p")
    after = json.loads(changed.raw)
    assert after["SalesFormsPrefs"]["AllowDiscount"] is False
    assert after["CurrencyPrefs"] == before["CurrencyPrefs"]


def test_a_tax_code_is_made_through_the_tax_service(used: Used) -> None:
    agency = used.client.create(entity="TaxAgency", fields={"DisplayName": "City of Portland"}, key="agency")
    rate = {"TaxRateName": "City", "RateValue": "2", "TaxAgencyId": agency.qbk_id, "TaxApplicableOn": "Sales"}
    made = used.client.create(entity="TaxService", fields={"TaxCode": "City", "TaxRateDetails": [rate]}, key="tax")
    code = json.loads(made.raw)["TaxCodeId"]
    read = used.client.read(entity="TaxCode", qbk_id=code)
    assert read is not None
    assert json.loads(read)["Name"] == "City"


def test_a_recurring_transaction_keeps_its_id_inside(used: Used) -> None:
    schedule = {"IntervalType": "Monthly", "NumInterval": 1, "DayOfMonth": 1, "StartDate": "2026-12-01"}
    info = {"Name": "Rent", "RecurType": "Automated", "Active": True, "ScheduleInfo": schedule}
    fields = {"Invoice": {**SALE, "RecurringInfo": info}}
    made = used.client.create(entity="RecurringTransaction", fields=fields, key="make")
    assert made.qbk_id
    read = used.client.read(entity="RecurringTransaction", qbk_id=made.qbk_id)
    assert read is not None
    assert json.loads(read)["Invoice"]["RecurringInfo"]["Name"] == "Rent"
    used.client.delete(entity="RecurringTransaction", qbk_id=made.qbk_id, sync_token=made.sync_token, key="end")
    assert used.client.read(entity="RecurringTransaction", qbk_id=made.qbk_id) is None


def test_entitlements_come_as_xml(used: Used) -> None:
    assert b"<" in used.client.entitlements()


def test_a_rate_of_exchange_is_asked_for_by_day(used: Used) -> None:
    found = json.loads(used.client.exchange_rate(currency="EUR", on="2026-11-02"), parse_float=Decimal)
    assert found["SourceCurrencyCode"] == "EUR"
    assert Decimal(found["Rate"]) > 0


@pytest.mark.parametrize("name", ["TrialBalance", "AgedReceivableDetail"])
def test_a_report_is_read_by_its_name(used: Used, name: str) -> None:
    assert json.loads(used.client.report(name=name))["Header"]["ReportName"] == name
    assert (used.calls[0].operation, used.calls[0].entity, used.calls[0].is_metered) == ("report", name, True)
    assert name in REPORTS


def test_a_file_goes_up_and_comes_down(used: Used) -> None:
    invoice = used.books.bill()
    content = b"%PDF-1.4 signed by the buyer" * 10_000
    upload = Upload("proof.pdf", "application/pdf", io.BytesIO(content), [Attached("Invoice", invoice["Id"])], "Proof")
    made = used.client.upload(upload, key="proof")
    assert used.client.upload(upload, key="proof").qbk_id == made.qbk_id, "repeated after a crash, it is there once"
    statement = (
        "SELECT * FROM Attachable WHERE AttachableRef.EntityRef.Type = 'Invoice'"
        f" AND AttachableRef.EntityRef.value = '{invoice['Id']}'"
    )
    (raw,) = used.client.query(entity="Attachable", statement=statement).objects
    assert (json.loads(raw)["FileName"], json.loads(raw)["Note"]) == ("proof.pdf", "Proof")
    assert b"".join(used.client.download(made.qbk_id)) == content
    assert [call.operation for call in used.calls] == ["upload", "upload", "query", "download"]
    assert used.calls[0].object_ids == [made.qbk_id]


def test_a_file_that_is_too_large_makes_no_call_or_is_broken_off(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 5000)
    with pytest.raises(FileTooLarge):
        used.client.upload(Upload("a.pdf", "application/pdf", io.BytesIO(b"x" * 5000)), key="a")
    assert used.calls == []

    class Stream(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises((FileTooLarge, OutcomeUnknown)):
        used.client.upload(Upload("a.pdf", "application/pdf", Stream(b"x" * 9000)), key="a")
    assert used.books.all("Attachable") == []


@pytest.fixture
def abroad(used: Used, request: pytest.FixtureRequest) -> Iterator[QuickBooksClient]:
    """A client of a company in another country."""
    country: str = request.param
    realm = requests.post(f"{used.books.base}/control/companies", data={"country": country}, timeout=10).text
    profile = CompanyProfile("QuickBooks Online Plus", country)
    client = client_of(used.books, used.calls, used.financed, realm=realm, company=profile)
    yield client
    client.close()


@pytest.mark.parametrize("abroad", ["FR"], indirect=True)
def test_a_journal_code_is_kept_in_a_french_company(abroad: QuickBooksClient) -> None:
    made = abroad.create(entity="JournalCode", fields={"Name": "NF", "Type": "Expenses"}, key="make")
    raw = abroad.read(entity="JournalCode", qbk_id=made.qbk_id)
    assert raw is not None
    assert json.loads(raw)["Type"] == "Expenses"
    head: dict[str, Any] = {"entity": "JournalCode", "qbk_id": made.qbk_id}
    changed = abroad.update(**head, sync_token="0", fields={"Description": "Notes de frais"}, key="change")
    assert json.loads(changed.raw)["Description"] == "Notes de frais"
    ended = abroad.inactivate(**head, sync_token=changed.sync_token, key="end")
    assert json.loads(ended.raw)["Active"] is False
    statement = "SELECT * FROM JournalCode WHERE Name = 'NF'"
    assert len(abroad.query(entity="JournalCode", statement=statement).objects) == 1
    with pytest.raises(NotOffered):
        abroad.query(entity="TaxPayment", statement="SELECT * FROM TaxPayment")


@pytest.mark.parametrize("abroad", ["AU", "GB", "CA"], indirect=True)
def test_a_tax_payment_is_read_where_taxes_are_filed(abroad: QuickBooksClient) -> None:
    page = abroad.query(entity="TaxPayment", statement="SELECT * FROM TaxPayment WHERE Refund = false")
    (paid,) = (json.loads(raw) for raw in page.objects)
    raw = abroad.read(entity="TaxPayment", qbk_id=paid["Id"])
    assert raw is not None
    assert json.loads(raw)["PaymentAmount"] == paid["PaymentAmount"] > 0
    with pytest.raises(NotOffered):
        abroad.query(entity="JournalCode", statement="SELECT * FROM JournalCode")


def test_the_company_is_changed_field_by_field(used: Used) -> None:
    raw = used.client.read(entity="CompanyInfo", qbk_id="1")
    assert raw is not None
    before = json.loads(raw)
    changed = used.client.update(
        entity="CompanyInfo", qbk_id="1", sync_token=before["SyncToken"], fields={"LegalName": "Quay Ltd"}, key="name"
    )
    after = json.loads(changed.raw)
    assert (after["LegalName"], after["CompanyName"]) == ("Quay Ltd", before["CompanyName"])


def test_a_rate_of_exchange_is_set_and_queried(used: Used) -> None:
    rate = {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "USD", "AsOfDate": "2026-11-02", "Rate": 1.25}
    used.client.update(entity="ExchangeRate", qbk_id="", sync_token="0", fields=rate, key="rate")
    found = json.loads(used.client.exchange_rate(currency="EUR", on="2026-11-02"), parse_float=Decimal)
    assert Decimal(found["Rate"]) == Decimal("1.25")
    statement = "SELECT * FROM ExchangeRate WHERE SourceCurrencyCode IN ('EUR') AND AsOfDate = '2026-11-02'"
    (queried,) = used.client.query(entity="ExchangeRate", statement=statement).objects
    assert json.loads(queried)["SourceCurrencyCode"] == "EUR"


def test_a_tax_classification_is_read_and_not_queried(used: Used) -> None:
    assert used.client.read(entity="TaxClassification", qbk_id="V1-00120000") is not None
    with pytest.raises(NotOffered, match="cannot be queried"):
        used.client.query(entity="TaxClassification", statement="SELECT * FROM TaxClassification")
