"""The invoice page shows lines and taxes of every shape that QuickBooks sends."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.invoices import line_items
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


def page_of(member: Client, supplier: Supplier, **fields: Any) -> str:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier), name="Northwind Grocers")
    invoice = InvoiceFactory(buyer=buyer, **fields)
    response = member.get(reverse("dashboard:invoice", args=[invoice.public_id]))
    assert response.status_code == 200
    return response.content.decode()


LINES: list[tuple[Any, list[tuple[str, Decimal | None, int]]]] = [
    (
        {
            "DetailType": "SALES_ITEM_LINE_DETAIL",
            "Amount": Decimal("20.10"),
            "SalesItemLineDetail": {"ItemRef": {"name": "Beans"}, "Qty": 2, "UnitPrice": Decimal("10.05")},
        },
        [("Beans", Decimal("20.10"), 0)],
    ),
    (
        {
            "DetailType": "SalesItemLineDetail",
            "Amount": 5,
            "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
        },
        [("Shipping", Decimal(5), 0)],
    ),
    (
        {
            "DetailType": "GroupLineDetail",
            "GroupLineDetail": {
                "GroupItemRef": {"name": "Set"},
                "Line": [{"DetailType": "SalesItemLineDetail", "Description": "Part", "Amount": 3}],
            },
        },
        [("Set", None, 0), ("Part", Decimal(3), 1)],
    ),
    ({"DetailType": "DiscountLineDetail", "Amount": Decimal("7.50")}, [("Discount", Decimal("-7.50"), 0)]),
    (
        {
            "DetailType": "DISCOUNT_LINE_DETAIL",
            "Amount": 1,
            "DiscountLineDetail": {"DiscountPercent": Decimal("10.00")},
        },
        [("Discount 10%", Decimal(-1), 0)],
    ),
    ({"DetailType": "SubTotalLineDetail", "Amount": 100}, [("Subtotal", Decimal(100), 0)]),
    ({"DetailType": "DescriptionOnly", "Description": "Thank you"}, [("Thank you", None, 0)]),
    ({"DetailType": "BrandNewDetail", "Amount": 4}, [("Other line", Decimal(4), 0)]),
    ({}, [("Other line", None, 0)]),
    (None, [("A line that cannot be read", None, 0)]),
    ("text", [("A line that cannot be read", None, 0)]),
    ([[]], [("A line that cannot be read", None, 0)]),
    ({"DetailType": 7, "Description": ["x"], "Amount": {"a": 1}}, [("Other line", None, 0)]),
    ({"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": "x", "Amount": "NaN"}, [("Item", None, 0)]),
    ({"DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": {"not": "a list"}}}, [("Bundle", None, 0)]),
    ({"DetailType": "SalesItemLineDetail", "Amount": Decimal("1e999999")}, [("Item", None, 0)]),
    ({"DetailType": "SalesItemLineDetail", "Amount": True}, [("Item", None, 0)]),
]


@pytest.mark.parametrize(("item", "expected"), LINES, ids=str)
def test_a_line_of_any_shape_is_shown(member: Client, supplier: Supplier, item: Any, expected: list) -> None:
    found = line_items.parse_lines([item]).shown
    assert [(line.title, line.amount, line.depth) for line in found] == expected


@pytest.mark.parametrize("items", [None, {}, "x", 5, [], {"Line": []}, True], ids=str)
def test_lines_that_are_no_list_are_no_lines(items: Any) -> None:
    assert line_items.parse_lines(items) == line_items.Lines((), 0)
    assert line_items.parse_tax_lines(items) == line_items.parse_linked_transactions(items) == []


def test_strange_json_does_not_break_the_page(member: Client, supplier: Supplier) -> None:
    deep: Any = []
    for _ in range(60):
        deep = [{"DetailType": "GroupLineDetail", "GroupLineDetail": {"Line": deep}}]
    page = page_of(
        member,
        supplier,
        items=json.loads(json.dumps([item for item, _ in LINES], default=str)) + deep,
        tax_details={"TaxLine": [None, 5, {"TaxLineDetail": 7, "Amount": "x"}], "TotalTax": "?"},
        linked_txn=[None, "x", {"TxnId": 5}],
    )
    assert "A line that cannot be read" in page


def test_twenty_thousand_lines_are_cut_and_counted(member: Client, supplier: Supplier) -> None:
    page = page_of(member, supplier, items=[{"DetailType": "DescriptionOnly", "Description": "x"}] * 20_000)
    assert "and 19,000 more lines" in page
