"""The sandbox's change data capture returns what has changed since a moment, deletions included."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.runtime.faults import Faults
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api, MovableClock


def changes(api: Api, entities: str, since: str) -> list[dict[str, Any]]:
    answer = api.get("/cdc", query_string={"entities": entities, "changedSince": since})
    assert answer.status_code == 200, answer.text
    slots: list[dict[str, Any]] = answer.get_json()["CDCResponse"][0]["QueryResponse"]
    return slots


def test_every_entity_has_its_slot_and_an_idle_one_is_empty(api: Api, clock: MovableClock) -> None:
    since = clock().isoformat()
    made = api.invoice(customer="8")
    term, invoices, customers = changes(api, "Term,invoice,Customer", since)
    assert term == {}
    assert [one["Id"] for one in invoices["Invoice"]] == [made["Id"]]
    assert invoices["Invoice"][0]["Line"] == api.get(f"/invoice/{made['Id']}").get_json()["Invoice"]["Line"]
    assert (invoices["startPosition"], invoices["maxResults"], invoices["totalCount"]) == (1, 1, 1)
    # The customer's balance moved with the invoice.
    assert [one["Id"] for one in customers["Customer"]] == ["8"]
    assert "totalCount" not in customers


def test_the_deleted_come_after_the_living(api: Api, clock: MovableClock) -> None:
    since = clock().isoformat()
    doomed = api.invoice()
    clock.advance(seconds=5)
    api.write("Invoice", {"Id": doomed["Id"], "SyncToken": "0"}, "?operation=delete")
    clock.advance(seconds=5)
    later = api.invoice()
    (slot,) = changes(api, "Invoice", since)
    assert [one["Id"] for one in slot["Invoice"]] == [later["Id"], doomed["Id"]]
    assert slot["Invoice"][1] == {
        "domain": "QBO",
        "status": "Deleted",
        "Id": doomed["Id"],
        "MetaData": {"LastUpdatedTime": "2026-11-20T10:00:05-08:00"},
    }
    assert slot["maxResults"] == 2


def test_a_void_is_told_as_a_living_object(api: Api, clock: MovableClock) -> None:
    made = api.invoice()
    clock.advance(minutes=1)
    since = clock().isoformat()
    api.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, "?operation=void")
    (slot,) = changes(api, "Invoice", since)
    (told,) = slot["Invoice"]
    assert told["TotalAmt"] == 0
    assert "status" not in told


def test_a_payment_tells_of_its_invoice_as_well(api: Api, clock: MovableClock) -> None:
    made = api.invoice()
    clock.advance(minutes=1)
    since = clock().isoformat()
    api.pay(made, "10")
    invoices, payments = changes(api, "Invoice,Payment", since)
    assert invoices["Invoice"][0]["Balance"] == 90
    assert len(payments["Payment"]) == 1


@pytest.mark.parametrize(
    "since", ["2026-11-20T18:00:00Z", "2026-11-20T10:00:00-08:00", "2026-11-20T10:00:00", "2026-11-20"]
)
def test_the_moment_may_be_written_in_every_way(api: Api, since: str) -> None:
    made = api.invoice()
    (slot,) = changes(api, "Invoice", since)
    assert slot["Invoice"][-1]["Id"] == made["Id"]


def test_the_answer_is_cut_at_a_thousand_objects_without_a_word(api: Api, store: Store, clock: MovableClock) -> None:
    generate.add_invoices(store, realm=REALM, count=1100, at=clock())
    for position, customer in enumerate(api.query("select * from Customer maxresults 5")["Customer"]):
        body = {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True, "Notes": f"{position}"}
        api.write("Customer", body)
    api.client.application.extensions["sandbox"].faults.set_rule("changes_for_30_days_only", on=False)
    customers, invoices = changes(api, "Customer,Invoice", "2020-01-01")
    assert len(customers["Customer"]) + len(invoices["Invoice"]) == 1000
    assert changes(api, "Invoice,Customer", "2020-01-01")[1] == {}


def test_it_looks_back_thirty_days_unless_the_rule_is_off(api: Api, faults: Faults) -> None:
    (recent,) = changes(api, "Term", "2020-01-01")
    assert recent == {}
    faults.set_rule("changes_for_30_days_only", on=False)
    (every,) = changes(api, "Term", "2020-01-01")
    assert len(every["Term"]) == 5


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"changedSince": "2026-11-20"}, "2020"),
        ({"entities": "Invoice"}, "2020"),
        ({"entities": "Invoice", "changedSince": "lately"}, "2080"),
        ({"entities": "Invoyce", "changedSince": "2026-11-20"}, "4001"),
    ],
)
def test_a_wrong_question_is_refused(api: Api, query: dict[str, str], code: str) -> None:
    answer = api.get("/cdc", query_string=query)
    assert answer.get_json()["Fault"]["Error"][0]["code"] == code


def test_another_company_hears_nothing_of_it(
    client: FlaskClient, api: Api, give_tokens: Any, clock: MovableClock
) -> None:
    since = clock().isoformat()
    api.invoice()
    other = Api(client=client, token=give_tokens(realm=generate.SECOND_REALM).access, realm=generate.SECOND_REALM)
    assert changes(other, "Invoice", since) == [{}]
