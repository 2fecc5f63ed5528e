"""A person plays every kind of change by hand: any object as JSON, created, changed, voided, deleted, sent, merged."""

import html
import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import Api

CREATABLE = sorted(name for name, row in ENTITIES.items() if row.can("C") and not row.countries)
# Without a sample that could be created as it is.
_PLAIN = {"Attachable", "Budget", "CompanyCurrency", "InventoryAdjustment", "RecurringTransaction", "TaxService"}


def body_on(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return html.unescape(found.group(1))


def act(client: FlaskClient, address: str, action: str, **form: Any) -> str:
    answer = client.post(f"/objects/{address}", data={"action": action, **form}, follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_every_kind_of_object_has_a_page(client: FlaskClient) -> None:
    kinds = re.findall(r'href="/objects/(\w+)\?', client.get("/objects").text)
    assert {"Invoice", "Bill", "JournalEntry", "Preferences", "RecurringTransaction"} <= set(kinds)
    assert "JournalCode" not in kinds
    for kind in kinds:
        page = client.get(f"/objects/{kind}")
        assert page.status_code == 200, kind
        for id in re.findall(rf'href="/objects/{kind}/([^"?]+)\?', page.text)[:1]:
            if id != "new":
                assert client.get(f"/objects/{kind}/{id}").status_code == 200, kind


@pytest.mark.parametrize("name", sorted(set(CREATABLE) - _PLAIN))
def test_the_sample_of_an_object_is_taken_by_the_books(client: FlaskClient, name: str) -> None:
    sample = body_on(client.get(f"/objects/{name}/new").text)
    assert "is in the books" in act(client, f"{name}/new", "", body=sample)


def test_what_the_api_reads_is_what_was_typed(client: FlaskClient, api: Api) -> None:
    bill = api.query("SELECT * FROM Bill")["Bill"][0]
    text = body_on(client.get(f"/objects/Bill/{bill['Id']}").text)
    assert json.loads(text)["Id"] == bill["Id"]
    act(client, f"Bill/{bill['Id']}", "save", body=json.dumps({**json.loads(text), "PrivateNote": "By hand"}))
    assert api.read("Bill", bill["Id"])["PrivateNote"] == "By hand"
    stale = client.post(f"/objects/Bill/{bill['Id']}", data={"action": "save", "body": text})
    assert stale.status_code == 400
    assert "Stale Object Error" in stale.text


@pytest.mark.parametrize("body", ["{", "[]", "", '{"Line": 7}', '{"Moon": 1}'])
def test_what_the_books_refuse_stays_on_the_page(client: FlaskClient, body: str) -> None:
    answer = client.post("/objects/JournalEntry/new", data={"body": body})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert body_on(answer.text) == body


def test_a_payment_is_voided_and_a_bill_deleted(client: FlaskClient, api: Api) -> None:
    invoice = api.invoice("50")
    payment = api.pay(invoice, "50")
    act(client, f"Payment/{payment['Id']}", "void")
    assert api.read("Invoice", invoice["Id"])["Balance"] == 50
    made = api.write("Deposit", json.loads(body_on(client.get("/objects/Deposit/new").text)))
    act(client, f"Deposit/{made['Id']}", "delete")
    assert api.get(f"/deposit/{made['Id']}").get_json()["Fault"]["Error"][0]["code"] == "610"


def test_an_invoice_is_sent_and_has_a_file(client: FlaskClient, api: Api) -> None:
    id = api.invoice()["Id"]
    act(client, f"Invoice/{id}", "send", to="pat@buyer.example")
    assert api.read("Invoice", id)["EmailStatus"] == "EmailSent"
    act(client, f"Invoice/{id}", "attach", file=(io.BytesIO(b"%PDF"), "proof.pdf"))
    where = f"AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '{id}'"
    assert api.query(f"select * from Attachable where {where}")["Attachable"][0]["FileName"] == "proof.pdf"
    refused = client.post(f"/objects/Invoice/{id}", data={"action": "attach"})
    assert "Choose a file" in refused.text


def test_a_vendor_is_made_inactive_and_another_merged(client: FlaskClient, api: Api) -> None:
    one, other = (api.write("Vendor", {"DisplayName": name})["Id"] for name in ("Left", "Right"))
    act(client, f"Vendor/{one}", "activity")
    assert api.read("Vendor", one)["Active"] is False
    act(client, f"Vendor/{one}", "activity")
    act(client, f"Vendor/{one}", "merge", into=other)
    assert api.read("Vendor", one)["DisplayName"] == "Left (deleted)"


@pytest.mark.parametrize(
    ("address", "action", "status"),
    [
        ("Invoice/1", "merge", 400),
        ("TaxCode/2", "save", 400),
        ("Bill/999999", "delete", 404),
        ("Nothing/1", "save", 404),
        ("JournalCode/1", "save", 404),
        ("TaxCode/new", "", 404),
    ],
)
def test_what_an_object_does_not_have_cannot_be_done(
    client: FlaskClient, address: str, action: str, status: int
) -> None:
    assert client.post(f"/objects/{address}", data={"action": action}).status_code == status
