"""The client reads and writes the sandbox's objects by the table, and every call leaves a record."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from quickbooks_app.api.writes.batch import BatchItem
from quickbooks_app.errors import (
    BusinessRuleBroken,
    DuplicateName,
    DuplicateNumber,
    FieldRefused,
    NotOffered,
    ObjectMissing,
    OutcomeUnknown,
    ReferenceMissing,
    StaleObject,
    Throttled,
    Transient,
    WriteRefused,
)
from quickbooks_app.objects.editions import CompanyProfile
from quickbooks_app.objects.table import OBJECTS, Operation
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.api.conftest import Used, client_of
from tests.functional.quickbooks_app.sync.conftest import line

INVOICE: dict[str, Any] = {"CustomerRef": {"value": "1"}, "Line": [line("100.00")]}
AMOUNT = Decimal("12.30")


def account_line(kind: str) -> dict[str, Any]:
    return {"Amount": 10, "DetailType": kind, kind: {"AccountRef": {"value": "1"}}}


# A new object of each kind, and the change that is made to it.
SAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Customer": ({"DisplayName": "Kiln & Co"}, {"Notes": "By the river"}),
    "Invoice": (INVOICE, {"PrivateNote": "Seen"}),
    "CreditMemo": (INVOICE, {"PrivateNote": "Seen"}),
    "RefundReceipt": ({**INVOICE, "DepositToAccountRef": {"value": "1"}}, {"PrivateNote": "Seen"}),
    "Payment": ({"CustomerRef": {"value": "1"}, "TotalAmt": AMOUNT}, {"PrivateNote": "Seen"}),
    "Item": (
        {"Name": "Grinder", "Type": "Service", "IncomeAccountRef": {"value": "1"}},
        {"Description": "For espresso"},
    ),
    "Term": ({"Name": "Net 45", "DueDays": 45}, {"DueDays": 44}),
}


@pytest.mark.parametrize("entity", SAMPLES)
def test_an_object_is_created_read_changed_queried_and_ended(used: Used, entity: str) -> None:
    fields, change = SAMPLES[entity]
    made = used.client.create(entity=entity, fields=fields, key=f"make {entity}")
    changed = used.client.update(
        entity=entity, qbk_id=made.qbk_id, sync_token=made.sync_token, fields=change, key=f"change {entity}"
    )
    assert int(changed.sync_token) == int(made.sync_token) + 1
    raw = used.client.read(entity=entity, qbk_id=made.qbk_id)
    assert raw is not None
    found = json.loads(raw)
    assert {name: found[name] for name in change} == change
    page = used.client.query(entity=entity, statement=f"SELECT * FROM {entity} WHERE Id = '{made.qbk_id}'")
    assert [json.loads(one)["Id"] for one in page.objects] == [made.qbk_id]
    ending = {"entity": entity, "qbk_id": made.qbk_id, "sync_token": changed.sync_token, "key": f"end {entity}"}
    if OBJECTS[entity].can(Operation.DELETE):
        assert json.loads(used.client.delete(**ending).raw)["status"] == "Deleted"
        assert used.client.read(entity=entity, qbk_id=made.qbk_id) is None
    else:
        assert json.loads(used.client.inactivate(**ending).raw)["Active"] is False
    operations = [call.operation for call in used.calls]
    assert operations[:4] == ["create", "update", "read", "query"]
    assert [call.object_ids for call in used.calls[:3]] == [[made.qbk_id]] * 3
    assert [call.is_metered for call in used.calls[:5]] == [False, False, True, True, False]
    assert all(call.entity == entity and call.intuit_tid and call.status for call in used.calls)
    assert {bool(call.request_id) for call in used.calls if call.operation in ("create", "update")} == {True}


@pytest.mark.parametrize("entity", ["Invoice", "Payment"])
def test_a_void_keeps_the_document_with_amounts_of_zero(used: Used, entity: str) -> None:
    made = used.client.create(entity=entity, fields=SAMPLES[entity][0], key="make")
    voided = used.client.void(entity=entity, qbk_id=made.qbk_id, sync_token=made.sync_token, key="void")
    found = json.loads(voided.raw)
    assert (found["TotalAmt"], found["PrivateNote"]) == (0, "Voided")


def test_a_document_is_sent_and_printed(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields=INVOICE, key="make")
    sent = json.loads(used.client.send(entity="Invoice", qbk_id=made.qbk_id, key="send", to="a@buyer.example").raw)
    assert (sent["EmailStatus"], sent["BillEmail"]["Address"]) == ("EmailSent", "a@buyer.example")
    assert used.client.pdf(entity="Invoice", qbk_id=made.qbk_id).startswith(b"%PDF")
    assert [call.operation for call in used.calls] == ["create", "send", "pdf"]


def test_a_write_repeated_with_its_key_returns_the_same_object_and_does_nothing_twice(used: Used) -> None:
    before = len(used.books.all("Invoice"))
    first = used.client.create(entity="Invoice", fields=INVOICE, key="push 7")
    again = used.client.create(entity="Invoice", fields=INVOICE, key="push 7")
    assert again == first
    assert used.client.create(entity="Invoice", fields=INVOICE, key="push 8").qbk_id != first.qbk_id
    assert len(used.books.all("Invoice")) == before + 2
    assert used.calls[0].request_id == used.calls[1].request_id != used.calls[2].request_id
    assert len(used.calls[0].request_id) <= 50


def test_a_write_without_an_answer_may_be_done_and_its_repetition_does_nothing_twice(used: Used) -> None:
    before = len(used.books.all("Invoice"))
    patient = used.client._transport._timeouts
    used.books.faults.switch_on(Fault(kind="slow", remaining=1, seconds=1))
    used.client._transport._timeouts = type(patient)(connect=5, read=0.2, total=5)
    with pytest.raises(OutcomeUnknown) as unknown:
        used.client.create(entity="Invoice", fields=INVOICE, key="push 7")
    assert (unknown.value.code, len(used.calls)) == ("timeout", 1)
    used.client._transport._timeouts = patient
    made = used.client.create(entity="Invoice", fields=INVOICE, key="push 7")
    books = used.books.all("Invoice")
    assert len(books) == before + 1
    assert made.qbk_id in {one["Id"] for one in books}


def test_a_change_whose_answer_is_cut_off_may_be_done(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    made = used.client.create(entity="Invoice", fields=INVOICE, key="push 7")
    send = used.client._transport.send
    monkeypatch.setattr(used.client._transport, "send", lambda request: send(request)[:50])
    with pytest.raises(Transient) as unknown:
        used.client.update(
            entity="Invoice", qbk_id=made.qbk_id, sync_token=made.sync_token, fields={"PrivateNote": "Seen"}, key="8"
        )
    assert unknown.value.may_be_done


@pytest.mark.parametrize(
    ("entity", "fields", "error", "code", "sentence"),
    [
        ("Customer", {"DisplayName": "Cedar & Sage Grocers"}, DuplicateName, "6240", "The name is taken"),
        (
            "Invoice",
            {**INVOICE, "CustomerRef": {"value": "99999"}},
            ReferenceMissing,
            "2500",
            "It names an object that",
        ),
        ("Invoice", {"Line": [line("1")]}, FieldRefused, "2020", "A field that QuickBooks needs is missing (Customer"),
        ("Invoice", {**INVOICE, "DocNumber": "9" * 22}, FieldRefused, "2050", "A field is too long"),
        (
            "Invoice",
            {**INVOICE, "Nonsense": 1},
            FieldRefused,
            "2010",
            "QuickBooks does not know a field of it (Nonsense)",
        ),
        (
            "Payment",
            {"TotalAmt": -1, "CustomerRef": {"value": "1"}},
            BusinessRuleBroken,
            "6000",
            "A rule of QuickBooks'",
        ),
    ],
)
def test_a_refused_write_is_named_in_plain_words(
    used: Used, entity: str, fields: dict[str, Any], error: type[WriteRefused], code: str, sentence: str
) -> None:
    if error is DuplicateName:
        fields = {"DisplayName": used.books.read("Customer", "1")["DisplayName"]}
    with pytest.raises(WriteRefused) as refused:
        used.client.create(entity=entity, fields=fields, key="push")
    assert (type(refused.value), refused.value.code) == (error, code)
    assert str(refused.value).startswith(sentence)
    assert used.calls[0].error_code == code


def test_a_taken_number_names_the_document_that_has_it(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields={**INVOICE, "DocNumber": "A-1"}, key="first")
    with pytest.raises(DuplicateNumber) as refused:
        used.client.create(entity="Invoice", fields={**INVOICE, "DocNumber": "A-1"}, key="second")
    assert refused.value.existing_id == made.qbk_id


def test_a_stale_version_and_a_deleted_object_have_errors_of_their_own(used: Used) -> None:
    made = used.client.create(entity="Invoice", fields=INVOICE, key="make")
    change: dict[str, Any] = {"entity": "Invoice", "qbk_id": made.qbk_id, "fields": {"PrivateNote": "A"}}
    used.client.update(**change, sync_token="0", key="a")
    with pytest.raises(StaleObject):
        used.client.update(**{**change, "fields": {"PrivateNote": "B"}}, sync_token="0", key="b")
    used.client.delete(entity="Invoice", qbk_id=made.qbk_id, sync_token="1", key="end")
    with pytest.raises(ObjectMissing):
        used.client.update(**change, sync_token="2", key="c")


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda one: one.delete(entity="Customer", qbk_id="1", sync_token="0", key="k"),
            "A Customer cannot be deleted",
        ),
        (lambda one: one.create(entity="TaxRate", fields={}, key="k"), "A TaxRate cannot be created"),
        (lambda one: one.create(entity="PurchaseOrder", fields={}, key="k"), "This company has no PurchaseOrder"),
        (lambda one: one.query(entity="Class", statement="SELECT * FROM Class"), "This company has no Class"),
        (lambda one: one.read(entity="TaxReturn", qbk_id="1"), "QuickBooks' API has no object TaxReturn"),
        (lambda one: one.report(name="Horoscope"), "QuickBooks has no report Horoscope"),
        (lambda one: one.send(entity="Bill", qbk_id="1", key="k"), "A Bill cannot be sent"),
        (
            lambda one: one.batch([BatchItem("a", Operation.CREATE, "Budget", {})], key="k"),
            "This company has no Budget",
        ),
    ],
)
def test_what_is_not_there_is_refused_before_any_call(used: Used, call: Any, sentence: str) -> None:
    used.client.company = CompanyProfile("QuickBooks Online Essentials", "US")
    with pytest.raises(NotOffered) as refused:
        call(used.client)
    assert str(refused.value).startswith(sentence)
    assert used.calls == []


def test_the_minor_version_is_a_setting_and_goes_with_every_call(used: Used, settings: Settings) -> None:
    settings.QUICKBOOKS_MINOR_VERSION = "80"
    client = client_of(used.books, used.calls, used.financed)
    client.company_info()
    client.create(entity="Term", fields={"Name": "Net 99", "DueDays": 99}, key="k")
    client.close()
    store_calls = used.books.calls()
    assert len(store_calls) == 2
    assert all("minorversion=80" in query for query in store_calls)


def test_a_throttled_write_is_not_done_and_says_when_to_come_again(used: Used) -> None:
    before = len(used.books.all("Invoice"))
    used.books.faults.switch_on(Fault(kind="throttled", remaining=1))
    with pytest.raises(Throttled) as throttled:
        used.client.create(entity="Invoice", fields=INVOICE, key="k")
    assert throttled.value.retry_after == 60
    assert len(used.books.all("Invoice")) == before
