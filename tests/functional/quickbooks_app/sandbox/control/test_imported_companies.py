"""A program writes a company with its history: it is in the books with its ids and moments, or nothing is."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, START

NEW = "9341457021729999"
ADDRESS = f"/control/companies/{NEW}"


def entry(entity: str, id: str, at: str = "2026-10-02T09:30:00-07:00", **body: object) -> dict[str, Any]:
    return {"at": at, "entity": entity, "id": id, "body": body}


def history(*entries: dict[str, Any], **changes: object) -> bytes:
    whole = {
        "realm": NEW,
        "name": "Alder & Rye",
        "email": "office@alderandrye.example",
        "address": {"Line1": "1 Mill Road", "City": "Reno"},
        "opened_at": "2025-01-01T08:00:00-08:00",
        "entries": list(entries),
    }
    return json.dumps({**whole, **changes}).encode()


SOLD = {"Amount": 90, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
PAID = {"Amount": 40, "LinkedTxn": [{"TxnId": "1500", "TxnType": "Invoice"}]}
WHOLE = (
    entry("Customer", "70", DisplayName="Quay Books"),
    entry("Invoice", "1500", CustomerRef={"value": "70"}, DocNumber="1500", Line=[SOLD]),
    entry("Payment", "1600", "2026-11-03T10:00:00-08:00", CustomerRef={"value": "70"}, TotalAmt=40, Line=[PAID]),
)


def test_its_objects_have_their_ids_moments_and_balances(client: FlaskClient, store: Store) -> None:
    assert client.get(ADDRESS).status_code == 404
    for _ in range(2):  # the second one replaces the first
        assert client.put(ADDRESS, data=history(*WHOLE)).status_code == 200
    assert client.get(ADDRESS).status_code == 200
    books = Books(store.connection(), realm=NEW, at=START)
    invoice = books.get("Invoice", "1500")
    assert (invoice["DocNumber"], float(invoice["Balance"]), invoice["SyncToken"]) == ("1500", 50.0, "0")
    assert invoice["MetaData"]["CreateTime"] == "2026-10-02T09:30:00-07:00"
    assert invoice["MetaData"]["LastUpdatedTime"] == "2026-11-03T10:00:00-08:00"
    assert float(books.get("Customer", "70")["Balance"]) == 50.0
    assert len(books.list_all("Invoice")) == 1


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "This is not the history of a company"),
        (history(entry("Account", "1")), "Entry 1: a history creates Term, Item"),
        (history(entry("Customer", "x")), "Entry 1: the id of an object is a number."),
        (history(entry("Customer", "1", "2026-10-02T09:30:00")), "needs its offset from UTC"),
        (history(*WHOLE[1:]), "Entry 1: "),
        (history(realm="1"), "another realm"),
    ],
)
def test_what_cannot_be_carried_out_changes_nothing_and_says_why(
    client: FlaskClient, store: Store, body: bytes, said: str
) -> None:
    answer = client.put(ADDRESS, data=body)
    assert answer.status_code == 400
    assert said in answer.text
    assert NEW not in store.realms()
    assert REALM in store.realms()
