"""The sandbox's seed company holds every kind of invoice that an importer must handle."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quickbooks_app.sandbox.data import generate
from quickbooks_app.sandbox.runtime.store import Store
from tests.functional.quickbooks_app.sandbox.conftest import START, Api

Invoice = dict[str, Any]
TODAY = "2026-11-20"


@pytest.fixture
def invoices(api: Api) -> list[Invoice]:
    found: list[Invoice] = api.query("select * from Invoice maxresults 1000")["Invoice"]
    return found


@pytest.fixture
def customers(api: Api) -> dict[str, dict[str, Any]]:
    found = api.query("select * from Customer where Active in (true, false) maxresults 1000")["Customer"]
    return {one["Id"]: one for one in found}


def lines_of(invoice: Invoice, kind: str) -> list[dict[str, Any]]:
    return [line for line in invoice["Line"] if line["DetailType"] == kind]


def is_void(invoice: Invoice) -> bool:
    return bool(invoice["TotalAmt"] == 0 and str(invoice.get("PrivateNote", "")).startswith("Voided"))


def has_shipping(invoice: Invoice) -> bool:
    refs = [line["SalesItemLineDetail"].get("ItemRef", {}) for line in lines_of(invoice, "SalesItemLineDetail")]
    return any(ref.get("value") == "SHIPPING_ITEM_ID" for ref in refs)


def has_discount(invoice: Invoice, *, percent: bool) -> bool:
    found = lines_of(invoice, "DiscountLineDetail")
    return any(line["DiscountLineDetail"]["PercentBased"] is percent and line["Amount"] > 0 for line in found)


KINDS: dict[str, Callable[[Invoice], bool]] = {
    "open": lambda one: one["Balance"] == one["TotalAmt"] > 0 and one["DueDate"] >= TODAY,
    "partly paid": lambda one: 0 < one["Balance"] < one["TotalAmt"],
    "paid": lambda one: one["Balance"] == 0 < one["TotalAmt"],
    "overdue": lambda one: one["Balance"] > 0 and one["DueDate"] < TODAY,
    "voided": is_void,
    "free of charge, not voided": lambda one: one["TotalAmt"] == 0 and not is_void(one),
    "discounted by percent": lambda one: has_discount(one, percent=True),
    "discounted by amount": lambda one: has_discount(one, percent=False),
    "bundled": lambda one: bool(lines_of(one, "GroupLineDetail")),
    "shipped": has_shipping,
    "with a line of words alone": lambda one: bool(lines_of(one, "DescriptionOnly")),
    "without item lines": lambda one: (
        one["TotalAmt"] > 0
        and [line["DetailType"] for line in one["Line"]] == ["SubTotalLineDetail"]
        and one["LinkedTxn"][0]["TxnType"] == "StatementCharge"
    ),
    "taxed": lambda one: one["TxnTaxDetail"]["TotalTax"] > 0 and bool(one["TxnTaxDetail"]["TaxLine"]),
    "untaxed": lambda one: one["TxnTaxDetail"] == {"TotalTax": 0},
    "with a tax line of zero": lambda one: [line["Amount"] for line in one["TxnTaxDetail"].get("TaxLine", [])] == [0],
    "without a number": lambda one: "DocNumber" not in one,
    "in another currency": lambda one: (
        one["CurrencyRef"]["value"] == "EUR"
        and one["HomeTotalAmt"] == round(one["TotalAmt"] * one["ExchangeRate"], 2) != one["TotalAmt"]
    ),
    "due on receipt": lambda one: one["DueDate"] == one["TxnDate"],
    "of long terms": lambda one: one.get("SalesTermRef", {}).get("name") == "Net 90" and one["Balance"] > 0,
    "with several addresses in one email field": lambda one: "," in one.get("BillEmail", {}).get("Address", ""),
}


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_an_invoice(invoices: list[Invoice], kind: str) -> None:
    matching = [one["Id"] for one in invoices if KINDS[kind](one)]
    assert 0 < len(matching) < len(invoices)


def test_there_are_enough_invoices_to_fill_a_dashboard(invoices: list[Invoice]) -> None:
    assert len(invoices) >= 60
    totals = [one["TotalAmt"] for one in invoices if one["TotalAmt"]]
    assert min(totals) >= 100
    assert 20_000 <= max(totals) <= 30_000
    assert "2026-07-20" <= min(one["TxnDate"] for one in invoices) <= max(one["TxnDate"] for one in invoices) <= TODAY


def test_two_invoices_carry_one_number(invoices: list[Invoice]) -> None:
    numbers = [one["DocNumber"] for one in invoices if "DocNumber" in one]
    assert sorted(number for number in set(numbers) if numbers.count(number) == 2) == ["PO-7781"]
    assert len(numbers) == len(set(numbers)) + 1


def test_an_e_mail_may_be_on_the_customer_alone_or_nowhere(
    invoices: list[Invoice], customers: dict[str, dict[str, Any]]
) -> None:
    bare = [customers[one["CustomerRef"]["value"]] for one in invoices if "BillEmail" not in one]
    assert {"PrimaryEmailAddr" in customer for customer in bare} == {True, False}


def test_every_invoice_adds_up(invoices: list[Invoice]) -> None:
    for one in invoices:
        (subtotal,) = lines_of(one, "SubTotalLineDetail")
        discounts = sum((line["Amount"] for line in lines_of(one, "DiscountLineDetail")), Decimal(0))
        assert one["TotalAmt"] == subtotal["Amount"] - discounts + one["TxnTaxDetail"]["TotalTax"]
        assert 0 <= one["Balance"] <= one["TotalAmt"]


def test_customers_are_of_every_kind(customers: dict[str, dict[str, Any]]) -> None:
    names = [one["DisplayName"] for one in customers.values()]
    assert len(names) >= 12
    assert any("'" in name for name in names)
    assert any("ô" in name for name in names)
    assert any("🦉" in name for name in names)
    assert any(one["Job"] and one["ParentRef"]["value"] in customers for one in customers.values())
    assert [one["DisplayName"] for one in customers.values() if not one["Active"]] == ["Hollyhock Bakery (deleted)"]


def test_customers_owe_what_their_invoices_say(
    api: Api, invoices: list[Invoice], customers: dict[str, dict[str, Any]]
) -> None:
    payments = api.query("select * from Payment maxresults 1000")["Payment"]
    credits = api.query("select * from CreditMemo maxresults 1000")["CreditMemo"]
    for id, customer in customers.items():
        owed = sum((one["Balance"] for one in invoices if one["CustomerRef"]["value"] == id), Decimal(0))
        owed -= sum((one["UnappliedAmt"] for one in payments if one["CustomerRef"]["value"] == id), Decimal(0))
        owed -= sum((one["Balance"] for one in credits if one["CustomerRef"]["value"] == id), Decimal(0))
        assert customer["Balance"] == owed, customer["DisplayName"]


def test_payments_are_of_every_kind(api: Api) -> None:
    payments = api.query("select * from Payment maxresults 1000")["Payment"]
    assert any(len(one["Line"]) == 2 and one["TotalAmt"] > 0 for one in payments)
    assert any(one["UnappliedAmt"] > 0 for one in payments)
    (credit,) = [one for one in payments if one["TotalAmt"] == 0]
    assert credit["PrivateNote"] == "Created by QB Online to link credits to charges."
    assert {line["LinkedTxn"][0]["TxnType"] for line in credit["Line"]} == {"Invoice", "CreditMemo"}


def test_invoices_were_created_in_the_order_of_their_ids(invoices: list[Invoice]) -> None:
    by_id = sorted(invoices, key=lambda one: int(one["Id"]))
    created = [one["MetaData"]["CreateTime"][:19] for one in by_id]
    assert created == sorted(created)
    assert all(one["MetaData"]["CreateTime"][:10] == one["TxnDate"] for one in invoices)


def test_an_invoice_was_deleted_within_thirty_days(api: Api) -> None:
    slots = api.get("/cdc?entities=Invoice&changedSince=2026-10-25").get_json()["CDCResponse"][0]["QueryResponse"]
    assert [one["status"] for one in slots[0]["Invoice"] if "status" in one] == ["Deleted"]


def test_the_same_seed_and_day_make_the_same_books(tmp_path: Path) -> None:
    bodies = []
    for name in ("one", "other"):
        store = Store(tmp_path / name)
        assert generate.seed_if_empty(store, at=START)
        assert not generate.seed_if_empty(store, at=START)
        bodies.append([tuple(row) for row in store.connection().execute("SELECT * FROM objects ORDER BY rowid")])
        store.close()
    assert bodies[0] == bodies[1]
