"""No supplier sees another supplier's data, and hostile text from QuickBooks is escaped."""

import pytest
from django.test import Client
from django.urls import reverse

from infactor.invoices.models import Invoice, InvoiceChange
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory

pytestmark = pytest.mark.django_db
CANARY = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
HOSTILE = f"{CANARY}\u202egnp.exe\u200f\N{HOT BEVERAGE}"


@pytest.mark.parametrize("page_name", ["dashboard:home", "dashboard:home_figures", "dashboard:invoices", "detail"])
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
    # Characters that change the writing direction are inside their own <bdi> element.
    before = page.partition("\u202e")[0]
    assert before.rfind("<bdi") > before.rfind("</bdi") or "\u202e" not in page


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
