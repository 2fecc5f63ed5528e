"""What tells of changes: change data capture and webhooks over every object, and addresses of their own."""

import re
from typing import Any

import pytest

from quickbooks_app.sandbox.runtime import events
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

# Intuit's own lists: these are what change data capture leaves out, and what webhooks tell of.
UNCAPTURED = {"JournalCode", "TaxAgency", "TaxCode", "TaxRate"}
NOTIFIED = {
    *("Account", "Bill", "BillPayment", "Budget", "Class", "CreditMemo", "CompanyCurrency", "Customer", "Department"),
    *("Deposit", "Employee", "Estimate", "Invoice", "Item", "JournalCode", "JournalEntry", "Payment", "PaymentMethod"),
    *("Preferences", "Purchase", "PurchaseOrder", "RefundReceipt", "SalesReceipt", "TaxAgency", "Term"),
    *("TimeActivity", "Transfer", "Vendor", "VendorCredit"),
}


def create_all(api: Api) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for entity, body in BODIES.items():
        key = ENTITIES[entity].key
        answer = api.post(f"/{entity.lower()}", filled(body, {name: one["Id"] for name, one in made.items()}))
        made[entity] = answer.get_json()[key]
    return made


def changes(api: Api, entities: list[str], since: str) -> dict[str, list[dict[str, Any]]]:
    answer = api.get("/cdc", query_string={"entities": ",".join(entities), "changedSince": since})
    assert answer.status_code == 200, answer.text
    slots = answer.get_json()["CDCResponse"][0]["QueryResponse"]
    assert len(slots) == len(entities)
    return {name: slot.get(ENTITIES[name].key, []) for name, slot in zip(entities, slots, strict=True)}


def test_change_data_capture_knows_every_object_and_what_is_gone(api: Api, clock: MovableClock) -> None:
    captured = [name for name in BODIES if ENTITIES[name].changes]
    assert set(BODIES) - set(captured) == UNCAPTURED & set(BODIES)
    clock.advance(minutes=20)
    since = clock().isoformat()
    made = create_all(api)
    found = changes(api, captured, since)
    for name in captured:
        assert made[name]["Id"] in [one["Id"] for one in found[name]], name
    clock.advance(minutes=20)
    gone = [name for name in reversed(captured) if ENTITIES[name].can("D")]
    for name in gone:
        row = ENTITIES[name]
        document = api.get(f"/{row.url}/{made[name]['Id']}").get_json()[row.key]
        known = {"Id": document["Id"], "SyncToken": document["SyncToken"]}
        assert api.post(f"/{row.url}?operation=delete", known).status_code == 200, name
    found = changes(api, gone, clock().isoformat())
    for name in gone:
        assert [one["Id"] for one in found[name] if one.get("status") == "Deleted"] == [made[name]["Id"]], name
    # What a deletion frees or changes is told of, too: the vendor's balance, and the accounts'.
    assert changes(api, ["Vendor", "Account"], clock().isoformat())["Account"]


@pytest.mark.parametrize("name", sorted(UNCAPTURED | {"TaxClassification", "Company"}))
def test_change_data_capture_refuses_what_it_does_not_know(api: Api, name: str) -> None:
    answer = api.get("/cdc", query_string={"entities": f"Invoice,{name}", "changedSince": "2026-11-01"})
    assert answer.get_json()["Fault"]["Error"][0]["code"] == "4001"


def test_webhooks_tell_of_the_objects_that_intuits_tell_of(api: Api, store: Store) -> None:
    assert {name for name, row in ENTITIES.items() if row.notified} == NOTIFIED
    create_all(api)
    told = {one.entity for one in events.pending_after(store.connection(), number=0) if one.operation == "Create"}
    assert told == NOTIFIED & set(BODIES)


def test_objects_of_another_country_are_refused(api: Api) -> None:
    for name in ("JournalCode", "TaxPayment"):
        answer = api.get(f"/{name.lower()}/1")
        assert answer.get_json()["Fault"]["Error"][0]["code"] == "500"
        query = api.get("/query", query_string={"query": f"select * from {name}"})
        assert query.get_json()["Fault"]["Error"][0]["code"] == "4001"


def test_tax_classifications_are_read_by_level(api: Api) -> None:
    rows = api.get("/taxclassification", query_string={"level": "2"}).get_json()["QueryResponse"]["TaxClassification"]
    assert {one["Level"] for one in rows} == {"2"}
    one = api.get(f"/taxclassification/{rows[0]['Id']}").get_json()["TaxClassification"]
    assert one == rows[0]
    assert api.get("/taxclassification/V1-1").get_json()["Fault"]["Error"][0]["code"] == "610"


def test_entitlements_are_xml_and_need_the_company(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token}"}
    answer = api.client.get(f"/manage/entitlements/v3/{api.realm}", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    assert "<PlanName>QuickBooks Online Plus</PlanName>" in answer.text
    assert re.search(r"<name>Purchase Orders</name><term>On</term>", answer.text)
    assert api.client.get(f"/manage/entitlements/v3/{api.realm}").status_code == 401
    assert api.client.get("/manage/entitlements/v3/1", headers=headers).status_code == 403


def test_an_exchange_rate_holds_until_the_next_one(api: Api) -> None:
    rate = {"SourceCurrencyCode": "EUR", "AsOfDate": "2026-11-02", "Rate": 1.18}
    assert api.write("ExchangeRate", rate)["TargetCurrencyCode"] == "USD"
    for day, expected in (("2026-11-19", 1.18), ("2026-11-01", 1)):
        answer = api.get("/exchangerate", query_string={"sourcecurrencycode": "EUR", "asofdate": day})
        assert answer.get_json()["ExchangeRate"]["Rate"] == expected
    assert api.refused("/exchangerate", {**rate, "Rate": 0})["code"] == "2080"
