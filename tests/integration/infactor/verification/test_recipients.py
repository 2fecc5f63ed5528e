"""Whom a request goes to: the buyer as the books mean it, and nobody else."""

import pytest

from infactor.invoices.models import Buyer, Invoice
from infactor.verification import requests
from infactor.verification.preconditions import NotVerifiable
from tests.support.factories.suppliers import InvoiceFactory
from tests.support.scenarios.verification import draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice() -> Invoice:
    return InvoiceFactory(invoice_no="INV-77")


def test_a_buyer_that_is_inactive_in_the_books_is_not_asked(invoice: Invoice) -> None:
    Buyer.objects.filter(pk=invoice.buyer_id).update(is_active=False)
    with pytest.raises(NotVerifiable, match="inactive in QuickBooks"):
        draft(Invoice.objects.get(pk=invoice.pk))


def test_a_buyer_never_reads_that_it_is_deleted(invoice: Invoice) -> None:
    invoice.company_name = "Acme Ltd (deleted)"
    assert requests.snapshot_fields(invoice=invoice)["facts"]["buyer"] == "Acme Ltd"


@pytest.mark.parametrize(
    ("of_invoice", "of_customer", "to"),
    [
        ("Jane Doe <jane@buyer.example>", "ap@buyer.example", "jane@buyer.example"),
        ("jane@buyer.example cfo@buyer.example", "ap@buyer.example", "jane@buyer.example"),
        ("", "AP <ap@buyer.example>", "ap@buyer.example"),
        ("jane@@buyer.example", "ap@buyer.example", ""),
        ("jane@@buyer.example; cfo@buyer.example", "ap@buyer.example", ""),
    ],
)
def test_a_draft_goes_to_the_address_that_is_meant_and_to_no_other(
    invoice: Invoice, of_invoice: str, of_customer: str, to: str
) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(buyer_email=of_invoice)
    Buyer.objects.filter(pk=invoice.buyer_id).update(email=of_customer)
    assert draft(Invoice.objects.get(pk=invoice.pk)).to == to
