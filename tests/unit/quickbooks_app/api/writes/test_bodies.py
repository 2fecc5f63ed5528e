"""Bodies of writes leave out what would silently change the books."""

import json
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.api.writes import bodies
from quickbooks_app.errors import ForbiddenWrite

HEAD: dict[str, Any] = {"qbk_id": "11", "sync_token": "3"}


def test_quantities_and_inventory_dates_are_never_sent_back() -> None:
    read = {"Id": "11", "SyncToken": "2", "UnitPrice": 15, "QtyOnHand": 25, "InvStartDate": "2026-04-08"}
    body, _ = bodies.update_body(entity="Item", fields=read, **HEAD)
    assert body == {"Id": "11", "SyncToken": "3", "sparse": True, "UnitPrice": 15}


@pytest.mark.parametrize(
    ("entity", "field"),
    [(entity, field) for entity, fields in bodies.NEVER_SENT_BACK.items() for field in sorted(fields)],
)
def test_a_balance_or_an_opening_is_never_sent_back(entity: str, field: str) -> None:
    body, _ = bodies.update_body(entity=entity, fields={field: 1, "Active": True}, **HEAD)
    assert set(body) == {"Id", "SyncToken", "sparse", "Active"}


@pytest.mark.parametrize("account", sorted(bodies.ITEM_ACCOUNTS))
def test_a_new_account_of_an_item_leaves_its_history(account: str) -> None:
    _, parameters = bodies.update_body(entity="Item", fields={account: {"value": "80"}}, **HEAD)
    assert parameters == {"include": "donotupdateaccountontxns"}
    assert bodies.update_body(entity="Item", fields={"Name": "Pump"}, **HEAD)[1] == {}
    assert bodies.update_body(entity="Vendor", fields={account: {"value": "80"}}, **HEAD)[1] == {}


def test_amounts_are_sent_as_they_are_to_the_last_digit() -> None:
    sent = bodies.encode({"Amount": Decimal("123456789012345.67"), "Qty": Decimal("0.1000000")})
    assert sent == b'{"Amount":123456789012345.67,"Qty":0.1000000}'
    assert bodies.decode(sent)["Amount"] == Decimal("123456789012345.67")


@pytest.mark.parametrize("line", [{"Amount": 5}, {"Amount": 5, "LinkedTxn": []}, {"LinkedTxn": [{"TxnId": "1"}]}])
def test_a_line_of_a_payment_that_pays_nothing_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(ForbiddenWrite):
        bodies.merged_lines([], [line])


def test_a_key_names_its_write_for_ever_within_quickbooks_length() -> None:
    key = "push:" + "x" * 500
    assert bodies.request_id(key) == bodies.request_id(key) != bodies.request_id(key + "1")
    assert len(bodies.request_id(key)) + len(bodies.item_id(key)) <= 50


def test_the_body_of_a_void_is_that_of_its_object() -> None:
    assert bodies.void_body(entity="Invoice", **HEAD)[1] == {"operation": "void"}
    assert bodies.void_body(entity="Payment", **HEAD) == (
        {"Id": "11", "SyncToken": "3", "sparse": True},
        {"operation": "update", "include": "void"},
    )
    assert json.loads(bodies.encode(bodies.void_body(entity="Invoice", **HEAD)[0])) == {"Id": "11", "SyncToken": "3"}
