"""What may be made inactive, what becomes of it, and what only people do: merging."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.sandbox.accounting import merging
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.runtime import events
from quickbooks_app.sandbox.runtime.errors import BusinessFault
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import REALM, Api, MovableClock
from tests.functional.quickbooks_app.sandbox.objects.bodies import STOCK, by_account
from tests.functional.quickbooks_app.sandbox.reports.test_agreement import total


def ending(api: Api, entity: str, id: str) -> dict[str, Any]:
    return {"Id": id, "SyncToken": api.read(entity, id)["SyncToken"], "sparse": True, "Active": False}


@pytest.mark.parametrize("id", ["33", "84", "4", "35", "2"])
def test_an_account_that_quickbooks_uses_stays_active(api: Api, id: str) -> None:
    assert api.refused("/account", ending(api, "Account", id))["code"] == "6000"


def test_what_has_an_open_balance_stays_active(api: Api) -> None:
    api.invoice(customer="1")
    error = api.refused("/customer", ending(api, "Customer", "1"))
    assert (error["code"], error["Message"]) == ("6220", "Delete List Has Balance Error")
    assert error["Detail"].endswith("This customer cannot be deleted because it has a non-zero balance")
    api.write("Bill", {"VendorRef": {"value": "35"}, "Line": [by_account(5)]})
    assert api.refused("/vendor", ending(api, "Vendor", "35"))["code"] == "6220"
    loan = next(one for one in api.query("SELECT * FROM Account MAXRESULTS 200")["Account"] if one["Id"] == "43")
    assert loan["CurrentBalance"]
    assert api.refused("/account", ending(api, "Account", "43"))["code"] == "6220"
    # Income and expenses begin anew each year: what they have is no balance.
    assert api.write("Account", ending(api, "Account", "11"))["Active"] is False


def test_a_customer_with_charges_that_nobody_billed_stays_active(api: Api) -> None:
    customer = api.write("Customer", {"DisplayName": "Unbilled Ltd"})["Id"]
    line = by_account(5, CustomerRef={"value": customer}, BillableStatus="Billable")
    api.write("Bill", {"VendorRef": {"value": "35"}, "Line": [line]})
    assert api.refused("/customer", ending(api, "Customer", customer))["code"] == "6280"


def test_an_account_in_use_stays_active(api: Api) -> None:
    parent = api.write("Account", {"Name": "Fees", "AccountType": "Income"})["Id"]
    child = {"Name": "Late fees", "AccountType": "Income", "SubAccount": True, "ParentRef": {"value": parent}}
    child_id = api.write("Account", child)["Id"]
    assert api.refused("/account", ending(api, "Account", parent))["code"] == "6000"
    item = api.write("Item", {"Name": "Late fee", "Type": "Service", "IncomeAccountRef": {"value": child_id}})["Id"]
    assert api.refused("/account", ending(api, "Account", child_id))["code"] == "6000"
    api.write("Item", ending(api, "Item", item))
    api.write("Account", ending(api, "Account", child_id))
    assert api.write("Account", ending(api, "Account", parent))["Name"] == "Fees (deleted)"


def test_an_item_of_a_bundle_stays_active_and_one_in_stock_leaves_it(api: Api) -> None:
    stock = api.write("Item", STOCK)
    lines = [{"ItemRef": {"value": stock["Id"]}, "Qty": 1}]
    bundle = {"Name": "Starter", "Type": "Group", "ItemGroupDetail": {"ItemGroupLine": lines}}
    bundle_id = api.write("Item", bundle)["Id"]
    assert api.refused("/item", ending(api, "Item", stock["Id"]))["code"] == "6000"
    api.write("Item", ending(api, "Item", bundle_id))
    assert api.write("Item", ending(api, "Item", stock["Id"]))["QtyOnHand"] == 0
    (taken,) = api.query("SELECT * FROM InventoryAdjustment ORDERBY MetaData.CreateTime DESC MAXRESULTS 1")[
        "InventoryAdjustment"
    ]
    assert taken["Line"][0]["ItemAdjustmentLineDetail"]["QtyDiff"] == -10


@pytest.mark.parametrize(
    ("entity", "body", "taken"),
    [
        ("Vendor", {"DisplayName": "Twin"}, "30"),
        ("Customer", {"DisplayName": "Twin"}, "1"),
        ("Account", {"Name": "Twin", "AccountType": "Expense"}, "7"),
    ],
)
def test_the_api_merges_nothing(api: Api, entity: str, body: dict[str, str], taken: str) -> None:
    key = next(iter(body))
    twin = api.write(entity, body)["Id"]
    changed = {"Id": twin, "SyncToken": "0", "sparse": True, key: api.read(entity, taken)[key]}
    assert api.refused(f"/{entity.lower()}", changed)["code"] == "6240"


@pytest.fixture
def books(store: Store, clock: MovableClock) -> Iterator[Books]:
    with store.transaction() as connection:
        yield Books(connection, realm=REALM, at=clock())


def test_a_person_merges_vendors_with_their_bills_and_balances(api: Api, store: Store, clock: MovableClock) -> None:
    twin = api.write("Vendor", {"DisplayName": "Altura Green"})["Id"]
    bill = api.write("Bill", {"VendorRef": {"value": twin}, "Line": [by_account(80)]})
    before = api.read("Vendor", "30")["Balance"]
    owed = total(api.report("AgedPayables"), "GrandTotal")
    with store.transaction() as connection:
        merging.merge_into(Books(connection, realm=REALM, at=clock()), "Vendor", kept="30", merged=twin)
    assert api.read("Bill", bill["Id"])["VendorRef"] == {"value": "30", "name": api.read("Vendor", "30")["DisplayName"]}
    assert api.read("Bill", bill["Id"])["SyncToken"] == bill["SyncToken"]
    assert api.read("Vendor", "30")["Balance"] == before + 80
    gone = api.read("Vendor", twin)
    assert (gone["Active"], gone["DisplayName"], gone["Balance"]) == (False, "Altura Green (deleted)", 0)
    assert total(api.report("AgedPayables"), "GrandTotal") == owed
    told = events.pending_after(store.connection(), number=0)[-1]
    assert (told.entity, told.id, told.operation, told.merged_id) == ("Vendor", "30", "Merge", twin)


def test_a_person_merges_accounts_with_what_was_posted_to_them(api: Api, store: Store, clock: MovableClock) -> None:
    twin = api.write(
        "Account", {"Name": "Adverts", "AccountType": "Expense", "AccountSubType": "AdvertisingPromotional"}
    )
    api.write("Bill", {"VendorRef": {"value": "35"}, "Line": [by_account(80, twin["Id"])]})
    before = Decimal(api.read("Account", "7")["CurrentBalance"])
    with store.transaction() as connection:
        merging.merge_into(Books(connection, realm=REALM, at=clock()), "Account", kept="7", merged=twin["Id"])
    assert api.read("Account", "7")["CurrentBalance"] == before + 80
    assert api.read("Account", twin["Id"])["Active"] is False


@pytest.mark.parametrize(
    ("entity", "kept", "merged"), [("Account", "35", "7"), ("Account", "36", "35"), ("Vendor", "30", "30")]
)
def test_what_is_not_alike_is_not_merged(books: Books, entity: str, kept: str, merged: str) -> None:
    with pytest.raises(BusinessFault) as caught:
        merging.merge_into(books, entity, kept=kept, merged=merged)
    assert caught.value.code == "6000"
