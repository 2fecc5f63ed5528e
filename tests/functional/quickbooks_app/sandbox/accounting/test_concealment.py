"""Planted faults that only the comparison with a report can find."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock


@pytest.fixture
def customer(api: Api, clock: MovableClock) -> str:
    made = str(api.write("Customer", {"DisplayName": "Quiet Ltd"})["Id"])
    clock.advance(minutes=1)
    return made


def switch(client: FlaskClient, name: str, on: str = "on") -> None:
    assert client.post("/control/rules", data={"name": name, "on": on}).status_code == 200


def reported(api: Api, since: str) -> set[tuple[str, str]]:
    """What change data capture tells of."""
    names = "Customer,Invoice,Payment,CreditMemo,JournalEntry"
    answer = api.get("/cdc", query_string={"entities": names, "changedSince": since}).get_json()
    slots = answer["CDCResponse"][0]["QueryResponse"]
    return {(name, one["Id"]) for slot in slots for name in names.split(",") for one in slot.get(name, [])}


def changed_since(api: Api, entity: str, since: str) -> list[str]:
    statement = f"select * from {entity} where MetaData.LastUpdatedTime >= '{since}'"
    return [one["Id"] for one in api.query(statement).get(entity, [])]


def events(store: Store) -> list[Any]:
    return [tuple(row) for row in store.connection().execute("SELECT entity, id FROM events")]


def test_a_balance_changes_and_nothing_but_the_report_shows_it(
    client: FlaskClient, api: Api, store: Store, clock: MovableClock, customer: str
) -> None:
    bill = api.invoice("1000", customer=customer)
    store.connection().execute("DELETE FROM events")
    clock.advance(minutes=1)
    since = clock().isoformat()
    for name in ("changes_keep_old_times", "new_documents_unreported"):
        switch(client, name)
    paid = api.pay(bill, "400")
    assert reported(api, since) == set()
    assert changed_since(api, "Invoice", since) == changed_since(api, "Customer", since) == []
    assert events(store) == []
    now = api.read("Invoice", bill["Id"])
    assert (now["Balance"], now["MetaData"]) == (600, bill["MetaData"])
    report = api.report("AgedReceivableDetail", customer=customer)
    assert report["Rows"]["Row"][-1]["Summary"]["ColData"][-1]["value"] == "600.00"
    assert api.read("Payment", paid["Id"])["TotalAmt"] == 400


def test_an_edit_keeps_its_old_time_until_the_switch_is_off(
    client: FlaskClient, api: Api, store: Store, clock: MovableClock, customer: str
) -> None:
    bill = api.invoice("100", customer=customer)
    clock.advance(minutes=1)
    since = clock().isoformat()
    switch(client, "changes_keep_old_times")
    bill = api.write("Invoice", {**bill, "PrivateNote": "in silence"})
    assert (bill["SyncToken"], changed_since(api, "Invoice", since)) == ("1", [])
    switch(client, "changes_keep_old_times", "off")
    api.write("Invoice", {**bill, "PrivateNote": "aloud"})
    assert changed_since(api, "Invoice", since) == [bill["Id"]]


def test_a_deletion_keeps_its_old_time_too(
    client: FlaskClient, api: Api, store: Store, clock: MovableClock, customer: str
) -> None:
    bill = api.invoice("100", customer=customer)
    store.connection().execute("DELETE FROM events")
    clock.advance(minutes=1)
    switch(client, "changes_keep_old_times")
    api.write("Invoice", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}, "?operation=delete")
    assert (reported(api, clock().isoformat()), events(store)) == (set(), [])
    assert api.report("AgedReceivableDetail", customer=customer)["Rows"] == {}


def test_a_document_is_never_told_of_by_change_data_capture_even_when_it_changes_or_goes(
    client: FlaskClient, api: Api, store: Store, clock: MovableClock, customer: str
) -> None:
    since = clock().isoformat()
    store.connection().execute("DELETE FROM events")
    switch(client, "new_documents_unreported")
    bill = api.invoice("250", customer=customer)
    switch(client, "new_documents_unreported", "off")
    assert ("Invoice", bill["Id"]) not in [*reported(api, since), *events(store)]
    # Whoever asks for it by time finds it.
    assert changed_since(api, "Invoice", since) == [bill["Id"]]
    other = api.invoice("10", customer=customer)
    bill = api.write("Invoice", {**bill, "PrivateNote": "later"})
    assert [key for key in reported(api, since) if key[0] == "Invoice"] == [("Invoice", other["Id"])]
    api.write("Invoice", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}, "?operation=delete")
    assert ("Invoice", bill["Id"]) not in reported(api, since)


def test_a_journal_entry_on_receivables_shows_in_the_report_alone(
    client: FlaskClient, api: Api, clock: MovableClock, customer: str
) -> None:
    since = clock().isoformat()
    form = {"customer": customer, "amount": "75", "effect": "raises"}
    assert client.post("/control/journal-entry", data=form).status_code == 200
    assert {key for key in reported(api, since) if key[0] not in ("Customer", "JournalEntry")} == set()
    report = api.report("AgedReceivableDetail", customer=customer)
    row = report["Rows"]["Row"][0]["Rows"]["Row"][0]["ColData"]
    assert (row[1]["value"], row[-1]["value"]) == ("Journal Entry", "75.00")


@pytest.mark.parametrize(
    "form",
    [
        {"customer": "4", "amount": "much"},
        {"customer": "4", "amount": "0"},
        {"customer": "999999", "amount": "5"},
        {"amount": "5"},
    ],
)
def test_a_journal_entry_that_makes_no_sense_is_refused(client: FlaskClient, form: dict[str, str]) -> None:
    assert client.post("/control/journal-entry", data=form).status_code == 400
