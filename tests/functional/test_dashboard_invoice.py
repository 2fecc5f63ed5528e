"""One invoice: every field of the mapping table, lines of every kind, inert text, and nobody else's eyes."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.dashboard import lines
from infactor.dashboard.details import stages
from infactor.invoices.lifecycle import State
from infactor.invoices.models import Invoice, InvoiceChange
from infactor.suppliers.models import Supplier
from tests.factories import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
CANARY = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
HOSTILE = f"{CANARY}\u202egnp.exe\u200f\N{HOT BEVERAGE}"


def page_of(member: Client, supplier: Supplier, **fields: Any) -> str:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier), name="Northwind Grocers")
    invoice = InvoiceFactory(buyer=buyer, **fields)
    response = member.get(reverse("dashboard:invoice", args=[invoice.public_id]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_holds_every_field_of_the_mapping_table(member: Client, supplier: Supplier) -> None:
    page = page_of(
        member,
        supplier,
        invoice_no="INV-4711",
        invoice_amount=Decimal("1080.00"),
        tax_amount=Decimal("80.00"),
        invoice_date=datetime(2026, 10, 1, 17, 0, tzinfo=UTC),
        contact_name="Ada Contact",
        buyer_email="ap@northwind.example",
        company_email="books@northwind.example",
        qbk_invoice_id="QB-99",
        tax_details={
            "TotalTax": 80,
            "TaxLine": [
                {"Amount": 80, "TaxLineDetail": {"PercentBased": True, "TaxPercent": 8, "NetAmountTaxable": 1000}}
            ],
        },
        linked_txn=[{"TxnId": "77", "TxnType": "Payment"}],
        sales_term="Net 30",
        private_note="Back door",
        email_status="EmailSent",
    )
    names = (
        "Invoice number",
        "Invoice amount",
        "Invoice date",
        "Payable date",
        "Tax amount",
        "Invoice items",
        "Tax details",
        "Company name",
        "Buyer&#x27;s e-mail",
        "Contact name",
        "Company e-mail",
        "Purchase date",
        "Invoice state",
        "QuickBooks reference",
        "Source",
    )
    told = page.replace("Buyer's e-mail", "Buyer&#x27;s e-mail")
    assert [name for name in names if name not in told] == []
    shown = (
        "INV-4711",
        "$1,080.00",
        "$80.00",
        "Oct 1, 2026, 10:00 PDT",
        "Nov 30, 2026",
        "Roasted beans",
        "8 %",
        "$1,000.00",
        "Northwind Grocers",
        "Ada Contact",
        "ap@northwind.example",
        "books@northwind.example",
        "Awaiting approval",
        "QB-99",
        "QuickBooks",
        "Payment 77",
        "Net 30",
        "Back door",
    )
    assert [text for text in shown if text not in page] == []


def test_what_is_missing_is_said_in_plain_words(member: Client, supplier: Supplier) -> None:
    page = page_of(
        member,
        supplier,
        invoice_no="",
        invoice_amount=None,
        balance=None,
        payable_date=None,
        buyer_email="",
        currency="",
        items=[],
        tax_details={},
        tax_amount=None,
        invoice_date=None,
        txn_date=None,
    )
    for problem in ("Amount cannot be read", "No number", "No due date", "No currency", "QuickBooks sent no lines"):
        assert problem in page
    assert "None" not in page.replace("None given", "").replace(">None<", "")


def test_an_invoice_without_a_customer_says_so(member: Client, supplier: Supplier) -> None:
    company_file = CompanyFileFactory(supplier=supplier)
    invoice = InvoiceFactory(
        buyer=None,
        company_file=company_file,
        supplier=supplier,
        company_name="",
        contact_name="",
        customer_reference="",
    )
    assert "No customer" in member.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()


@pytest.mark.parametrize("page_name", ["dashboard:home", "dashboard:figures", "dashboard:invoices", "detail"])
def test_hostile_text_stays_text(member: Client, supplier: Supplier, page_name: str) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier, name=HOSTILE), name=HOSTILE)
    invoice = InvoiceFactory(
        buyer=buyer,
        invoice_no=HOSTILE[:100],
        private_note=HOSTILE,
        buyer_email=HOSTILE,
        company_email=HOSTILE,
        sales_term=HOSTILE[:64],
        email_status=CANARY[:30],
        qbk_invoice_id=HOSTILE[:64],
        source="<b>QB</b>",
        items=[{"Description": HOSTILE, "DetailType": HOSTILE, "Amount": HOSTILE}],
        tax_details={"TaxLine": [{"TaxLineDetail": {"TaxRateRef": {"value": HOSTILE}}}]},
        linked_txn=[{"TxnType": HOSTILE, "TxnId": HOSTILE}],
    )
    InvoiceChange.objects.create(
        invoice=invoice, at=invoice.created_at, changes=[{"field": CANARY, "from": CANARY, "to": HOSTILE}]
    )
    supplier.name = CANARY
    supplier.save()
    detail = page_name == "detail"
    address = reverse("dashboard:invoice", args=[invoice.public_id]) if detail else reverse(page_name)
    page = member.get(address).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>QB" not in page
    # Whatever turns the writing direction is shut into an element of its own.
    before = page.partition("\u202e")[0]
    assert before.rfind("<bdi") > before.rfind("</bdi") or "\u202e" not in page


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
        [("Discount 10 %", Decimal(-1), 0)],
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
    found = lines.lines([item]).shown
    assert [(line.title, line.amount, line.depth) for line in found] == expected


@pytest.mark.parametrize("items", [None, {}, "x", 5, [], {"Line": []}, True], ids=str)
def test_lines_that_are_no_list_are_no_lines(items: Any) -> None:
    assert lines.lines(items) == lines.Lines((), 0)
    assert lines.tax_lines(items) == lines.linked(items) == []


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


def test_the_history_tells_what_changed_from_what_to_what(member: Client, supplier: Supplier) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    invoice = InvoiceFactory(buyer=buyer)
    InvoiceChange.objects.create(
        invoice=invoice,
        at=datetime(2026, 11, 18, 10, 1, tzinfo=UTC),
        books_at=datetime(2026, 11, 18, 10, 0, tzinfo=UTC),
        changes=[
            {"field": "balance", "from": "1080.00", "to": "540.00"},
            {"field": "payable_date", "from": "2026-10-01", "to": ""},
            {"field": "books_status", "from": "open", "to": "partly_paid"},
            {"field": "made_up", "from": "", "to": "x"},
            "nonsense",
        ],
    )
    page = member.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()
    for text in (
        "Open amount",
        "$1,080.00",
        "$540.00",
        "Oct 1, 2026",
        "Partly paid",
        "made_up",
        "Imported from QuickBooks",
    ):
        assert text in page


def test_stages_follow_the_state() -> None:
    found = {state: [stage.status for stage in stages(state)].count("done") for state in State.values}
    assert found[State.CREATED] == 1
    assert found[State.ACCEPTED] == 2
    assert found[State.PREPAID] == 4
    assert found[State.COMPLETED] == 5
    assert all(0 <= count <= 5 for count in found.values())


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
def test_another_suppliers_invoice_is_not_there_by_any_method(member: Client, method: str) -> None:
    theirs = InvoiceFactory(invoice_no="THEIRS-1")
    response = getattr(member, method)(reverse("dashboard:invoice", args=[theirs.public_id]))
    assert response.status_code in (404, 405)
    assert b"THEIRS-1" not in response.content
    assert Invoice.objects.get() == theirs


def test_nothing_of_another_supplier_shows_anywhere(member: Client, supplier: Supplier) -> None:
    theirs = MembershipFactory(supplier__name="THEIRS Company").supplier
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=theirs), name="THEIRS Buyer")
    InvoiceFactory(buyer=buyer, invoice_no="THEIRS-1", currency="THB")
    mine = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    InvoiceFactory(buyer=mine, invoice_no="MINE-1")
    for address in ("/", "/figures/", "/invoices/", "/invoices/?q=theirs", f"/invoices/?buyer={buyer.public_id}"):
        page = member.get(address).content.decode()
        assert "THEIRS-" not in page
        assert "THEIRS Buyer" not in page
        assert "THB" not in page
    csv = b"".join(member.get("/invoices.csv")).decode()
    assert "MINE-1" in csv
    assert "THEIRS" not in csv


def test_an_id_that_is_none_leads_to_a_plain_page(member: Client) -> None:
    response = member.get(reverse("dashboard:invoice", args=[uuid.uuid4()]))
    assert response.status_code == 404
    assert "There is no such page here" in response.content.decode()
