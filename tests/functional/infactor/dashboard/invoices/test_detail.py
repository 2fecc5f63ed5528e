"""The invoice page shows every mapped field and every kind of line, escapes text, and is private to its supplier."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.dashboard.invoices.progress_bar import GIVEN, build_stages
from infactor.invoices.models import InvoiceChange
from infactor.invoices.states import State
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


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
        "Buyer&#x27;s email",
        "Contact name",
        "Company email",
        "Purchase date",
        "Invoice state",
        "QuickBooks reference",
        "Source",
    )
    told = page.replace("Buyer's email", "Buyer&#x27;s email")
    assert [name for name in names if name not in told] == []
    shown = (
        "INV-4711",
        "$1,080.00",
        "$80.00",
        "Oct 1, 2026, 10:00 PDT",
        "Nov 30, 2026",
        "Roasted beans",
        "8%",
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
    for problem in ("Unreadable amount", "No number", "No due date", "No currency", "QuickBooks sent no lines"):
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
    found = {
        state: [one.status for one in build_stages(state, confirmation=GIVEN)].count("done") for state in State.values
    }
    assert found[State.CREATED] == 1
    assert found[State.ACCEPTED] == 2
    assert found[State.PREPAID] == 4
    assert found[State.COMPLETED] == 5
    assert all(0 <= count <= 5 for count in found.values())


def test_an_id_that_is_none_leads_to_a_plain_page(member: Client) -> None:
    response = member.get(reverse("dashboard:invoice", args=[uuid.uuid4()]))
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
