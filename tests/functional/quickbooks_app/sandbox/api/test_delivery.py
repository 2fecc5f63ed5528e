"""Sending transactions by email, and their PDF, as clients ask for them."""

import json
from typing import Any

import pytest

from quickbooks_app.sandbox.runtime import events
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store
from quickbooks_app.sandbox.webhooks.notices import WebhookFormat, build_body
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api, MovableClock
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

OCTETS = {"content_type": "application/octet-stream", "data": b""}
DELIVERABLE = [name for name, entity in ENTITIES.items() if entity.can("E")]


def send(api: Api, path: str, **headers: str) -> Any:
    return api._open("post", path, headers=headers, **OCTETS)


def an_object_of(api: Api, entity: str) -> dict[str, Any]:
    """A new object of an entity."""
    vendor = api.write("Vendor", BODIES["Vendor"]) if entity == "PurchaseOrder" else {"Id": ""}
    return api.write(entity, filled(BODIES[entity], {"Vendor": vendor["Id"]}))


@pytest.mark.parametrize("entity", DELIVERABLE)
def test_whatever_can_be_sent_is_sent_and_printed(api: Api, clock: MovableClock, entity: str) -> None:
    one = an_object_of(api, entity)
    answer = send(api, f"/{entity.lower()}/{one['Id']}/send?sendTo=pat@buyer.example")
    assert answer.status_code == 200, answer.text
    sent = answer.get_json()[entity]
    assert sent["EmailStatus"] == "EmailSent"
    assert sent["DeliveryInfo"] == {"DeliveryType": "Email", "DeliveryTime": "2026-11-20T10:00:00-08:00"}
    read = api.read(entity, one["Id"])
    assert read["DeliveryInfo"]["DeliveryTime"] == "2026-11-20T10:00:00-08:00"
    assert api.write(entity, read)["SyncToken"] == "1"  # what was sent can be written back
    printed = api.get(f"/{entity.lower()}/{one['Id']}/pdf", headers={"Accept": "application/pdf"})
    assert (printed.status_code, printed.content_type) == (200, "application/pdf")
    assert printed.data.startswith(b"%PDF-1.")
    assert printed.data.rstrip().endswith(b"%%EOF")


def test_an_invoice_goes_to_its_own_address_and_a_sent_one_keeps_the_address_given(api: Api) -> None:
    invoice = api.invoice(BillEmail={"Address": "ap@buyer.example, boss@buyer.example"})
    assert send(api, f"/invoice/{invoice['Id']}/send").get_json()["Invoice"]["BillEmail"] == {
        "Address": "ap@buyer.example, boss@buyer.example"
    }
    sent = send(api, f"/invoice/{invoice['Id']}/send?sendTo=new@buyer.example").get_json()["Invoice"]
    assert sent["BillEmail"] == {"Address": "new@buyer.example"}
    assert "FreeFormAddress" not in sent
    assert "FreeFormAddress" in api.read("Invoice", invoice["Id"])


def test_a_full_update_leaves_the_delivery_in_place(api: Api) -> None:
    invoice = api.invoice(BillEmail={"Address": "ap@buyer.example"})
    sent = send(api, f"/invoice/{invoice['Id']}/send").get_json()["Invoice"]
    body = {**api.read("Invoice", invoice["Id"]), "PrivateNote": "Gate B"}
    assert api.write("Invoice", body)["DeliveryInfo"] == sent["DeliveryInfo"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/invoice/{id}/send?sendTo=nobody", "4002"),
        ("/invoice/{id}/send", "6000"),
        ("/invoice/999999/send?sendTo=a@b.example", "610"),
        ("/invoice/x/send?sendTo=a@b.example", "2030"),
        ("/customer/1/send?sendTo=a@b.example", "500"),
    ],
)
def test_what_cannot_be_sent_is_refused(api: Api, path: str, code: str) -> None:
    nobody = api.write("Customer", {"DisplayName": "Without an address"})
    id = api.invoice(customer=nobody["Id"])["Id"]
    assert send(api, path.format(id=id)).get_json()["Fault"]["Error"][0]["code"] == code


@pytest.mark.parametrize(
    ("path", "code"), [("/invoice/999999/pdf", "610"), ("/invoice/x/pdf", "2030"), ("/customer/1/pdf", "500")]
)
def test_what_has_no_pdf_is_refused(api: Api, path: str, code: str) -> None:
    assert api.get(path).get_json()["Fault"]["Error"][0]["code"] == code


def test_sending_again_with_the_same_request_id_sends_once(api: Api, store: Store) -> None:
    invoice = api.invoice(BillEmail={"Address": "ap@buyer.example"})
    first, second = (send(api, f"/invoice/{invoice['Id']}/send?requestid=s").data for _ in (1, 2))
    assert first == second
    assert api.read("Invoice", invoice["Id"])["SyncToken"] == "1"
    rows = store.connection().execute("SELECT operation FROM events WHERE realm = ? ORDER BY number", (REALM,))
    assert [row["operation"] for row in rows].count("Emailed") == 1


def test_a_company_sends_forty_e_mails_a_day_where_calls_are_limited(
    api: Api, faults: Faults, clock: MovableClock
) -> None:
    faults.set_rule("limit_calls", on=True)
    id = api.invoice(BillEmail={"Address": "ap@buyer.example"})["Id"]
    statuses = []
    for _ in range(41):
        clock.advance(seconds=1)
        statuses.append(send(api, f"/invoice/{id}/send").status_code)
    assert (set(statuses[:40]), statuses[40]) == ({200}, 400)


def test_the_webhook_of_a_sent_invoice_says_emailed(api: Api, store: Store) -> None:
    id = api.invoice(BillEmail={"Address": "ap@buyer.example"})["Id"]
    send(api, f"/invoice/{id}/send")
    last = events.pending_after(store.connection(), number=0)[-1:]
    assert json.loads(build_body(last, written=WebhookFormat()))[0]["type"] == "qbo.invoice.emailed.v1"
    older = json.loads(build_body(last, written=WebhookFormat(older=True)))
    assert older["eventNotifications"][0]["dataChangeEvent"]["entities"][0]["operation"] == "Emailed"


def test_a_pdf_holds_names_that_its_font_lacks_as_well_as_it_can(api: Api) -> None:
    owl = api.invoice(customer="4", CustomerMemo={"value": "Zoë 🦉"})
    assert api.get(f"/invoice/{owl['Id']}/pdf").data.startswith(b"%PDF")


def test_bundles_discounts_and_tax_are_printed(api: Api) -> None:
    invoices = api.query("select * from Invoice maxresults 1000")["Invoice"]
    kinds = {line["DetailType"]: invoice["Id"] for invoice in invoices for line in invoice["Line"]}
    taxed = next(invoice["Id"] for invoice in invoices if invoice["TxnTaxDetail"].get("TotalTax"))
    for id in (kinds["GroupLineDetail"], kinds["DiscountLineDetail"], kinds["DescriptionOnly"], taxed):
        assert api.get(f"/invoice/{id}/pdf").data.startswith(b"%PDF")
