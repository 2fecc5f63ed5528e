"""Keyset paging over many invoices in the sandbox loses none, and uses an index."""

from datetime import datetime

import pytest

from quickbooks_app.sandbox.api.query_grammar import parse
from quickbooks_app.sandbox.api.query_run import Page, run
from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api, MovableClock

MANY = 2500


@pytest.fixture
def many(store: Store, clock: MovableClock) -> None:
    generate.add_invoices(store, realm=REALM, count=MANY, at=clock())


@pytest.mark.usefixtures("many")
def test_a_keyset_over_the_creation_time_meets_every_invoice_once(api: Api) -> None:
    expected = api.query("select count(*) from Invoice")["totalCount"]
    assert expected > MANY
    seen: list[str] = []
    since = "2000-01-01T00:00:00Z"
    while True:
        page = api.query(
            f"select * from Invoice where MetaData.CreateTime >= '{since}'"
            " ORDERBY MetaData.CreateTime ASC STARTPOSITION 1 MAXRESULTS 1000"
        )["Invoice"]
        fresh = [one for one in page if one["Id"] not in set(seen)]
        seen += [one["Id"] for one in fresh]
        times = [datetime.fromisoformat(one["MetaData"]["CreateTime"]) for one in page]
        assert times == sorted(times)
        since = page[-1]["MetaData"]["CreateTime"]
        if len(page) < 1000:
            break
    assert len(seen) == len(set(seen)) == expected


@pytest.mark.usefixtures("many")
def test_paging_by_position_over_the_default_order_loses_a_row_that_others_overtake(api: Api) -> None:
    first = api.query("select * from Invoice startposition 1 maxresults 1000")["Invoice"]
    late = api.query("select * from Invoice where Balance > '0' orderby MetaData.LastUpdatedTime maxresults 1")
    edited = late["Invoice"][0]
    api.write(
        "Invoice", {"Id": edited["Id"], "SyncToken": edited["SyncToken"], "sparse": True, "DueDate": "2027-03-01"}
    )
    second = api.query("select * from Invoice startposition 1001 maxresults 1000")["Invoice"]
    third = api.query("select * from Invoice startposition 2001 maxresults 1000")["Invoice"]
    seen = {one["Id"] for one in (*first, *second, *third)}
    assert edited["Id"] not in seen


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (
            "select * from Invoice where MetaData.CreateTime >= '2026-01-01' orderby MetaData.CreateTime",
            "objects_by_create",
        ),
        ("select * from Invoice where MetaData.LastUpdatedTime >= '2026-01-01'", "objects_by_update"),
        ("select * from Invoice where Id in ('1', '2')", "sqlite_autoindex_objects_1"),
        ("select * from Invoice where CustomerRef = '1'", "objects_by_customer"),
    ],
)
def test_the_queries_of_a_sync_are_answered_from_an_index(
    store: Store, clock: MovableClock, statement: str, index: str
) -> None:
    connection = store.connection()
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    page = run(connection, realm=REALM, statement=parse(statement), at=clock())
    connection.set_trace_callback(None)
    assert isinstance(page, Page)
    assert page.bodies
    reading = next(sql for sql in asked if sql.startswith("SELECT body"))
    plan = [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {reading}")]
    assert index in plan[0]


@pytest.mark.usefixtures("many")
def test_generated_invoices_add_up_and_carry_their_payments(api: Api) -> None:
    invoices = api.query("select * from Invoice where DocNumber like 'B%' maxresults 1000")["Invoice"]
    assert {bool(one["Balance"]) for one in invoices} == {True, False}
    for one in invoices:
        subtotal = next(line["Amount"] for line in one["Line"] if line["DetailType"] == "SubTotalLineDetail")
        assert one["TotalAmt"] == subtotal
        assert (one["Balance"] < one["TotalAmt"]) is bool(one["LinkedTxn"])
    paid = next(one for one in invoices if one["LinkedTxn"])
    payment = api.read("Payment", paid["LinkedTxn"][0]["TxnId"])
    assert payment["TotalAmt"] == paid["TotalAmt"] - paid["Balance"]
    customer = api.read("Customer", paid["CustomerRef"]["value"])
    owed = api.query(f"select * from Invoice where CustomerRef = '{customer['Id']}' maxresults 1000")["Invoice"]
    assert customer["Balance"] == sum(one["Balance"] for one in owed)
