"""A customer that was erased on request is not brought back by the next reading of its supplier's books."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from infactor.invoices.models import Attachment, Buyer, Invoice, InvoiceVersion, Order, Vendor
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.models import Connection, Document, DocumentVersion
from quickbooks_app.sync.apply_page import apply_page
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.payloads import NOON, customer, fetched, invoice

pytestmark = pytest.mark.django_db


def read(connection: Connection) -> None:
    """A full reading: a customer, its job, another customer, and an invoice of each."""
    customers = [
        customer("1", DisplayName="Wilhelmina Quendel"),
        customer("2", DisplayName="Garden", ParentRef={"value": "1"}, Job=True),
        customer("3", DisplayName="Sorrel Ltd"),
    ]
    invoices = [invoice(f"9{pk}", CustomerRef={"value": pk, "name": f"Name {pk}"}) for pk in "123"]
    estimates = [invoice(f"8{pk}", CustomerRef={"value": pk, "name": f"Name {pk}"}) for pk in "123"]
    for entity, objects in (("Customer", customers), ("Invoice", invoices), ("Estimate", estimates)):
        apply_page(connection=connection, entity=entity, objects=fetched(entity, *objects), at=NOON)


def test_an_erased_customer_its_jobs_and_their_documents_stay_away() -> None:
    connection = ConnectionFactory()
    read(connection)
    assert Document.objects.count() == 9
    erased = Buyer.objects.get(reference="1")
    call_command("erase_subject", "buyer", str(erased.public_id), reason="Request 7", yes=True, stdout=StringIO())

    read(connection)
    kept = {("Customer", "3"), ("Invoice", "93"), ("Estimate", "83")}
    assert set(Document.objects.values_list("entity", "qbk_id")) == kept
    assert dict(Buyer.objects.values_list("reference", "name")) == {"1": "(erased)", "2": "(erased)", "3": "Sorrel Ltd"}
    assert dict(Invoice.objects.values_list("qbk_invoice_id", "company_name")) == {"91": "", "92": "", "93": "Name 3"}
    assert not Buyer.objects.get(reference="1").is_active  # an inactive customer is not financed


def test_an_invoice_that_was_an_erased_customers_keeps_nothing_of_it() -> None:
    connection = ConnectionFactory()
    read(connection)
    moved = invoice("91", SyncToken="9", CustomerRef={"value": "3", "name": "Sorrel Ltd"})
    apply_page(connection=connection, entity="Invoice", objects=fetched("Invoice", moved), at=NOON)
    assert (DocumentVersion.objects.count(), InvoiceVersion.objects.count()) == (1, 1)
    erased = Buyer.objects.get(reference="1")
    call_command("erase_subject", "buyer", str(erased.public_id), reason="Request 7", yes=True, stdout=StringIO())
    assert not DocumentVersion.objects.exists()
    assert not InvoiceVersion.objects.exists()
    assert Document.objects.filter(entity="Invoice", qbk_id="91").exists()
    assert Invoice.objects.get(qbk_invoice_id="91").company_name == "Sorrel Ltd"


def test_a_customer_that_is_a_vendor_too_is_erased_in_both_lists_with_its_bills_and_files() -> None:
    connection = ConnectionFactory()

    def read_again() -> None:
        read(connection)
        vendors = [{"Id": "1", "DisplayName": "Wilhelmina Quendel (vendor)"}, {"Id": "2", "DisplayName": "Post Office"}]
        bills = [{"Id": f"7{pk}", "VendorRef": {"value": pk}, "TotalAmt": 5, "Balance": 5} for pk in "12"]
        orders = [{"Id": f"6{pk}", "CustomerRef": {"value": pk}, "AcceptedBy": f"Person {pk}"} for pk in "13"]
        files = [attachable("51", "91"), attachable("52", "91", "93"), attachable("53", "93"), attachable("54")]
        further = {"Vendor": vendors, "Bill": bills, "Estimate": orders, "Attachable": files}
        for entity, objects in further.items():
            raws = [FetchedObject.from_bytes(json.dumps(one).encode()) for one in objects]
            apply_page(connection=connection, entity=entity, objects=raws, at=NOON)

    read_again()
    erased = Buyer.objects.get(reference="1")
    assert erased.vendor_matches.get().vendor.reference == "1"
    call_command("erase_subject", "buyer", str(erased.public_id), reason="Request 7", yes=True, stdout=StringIO())
    read_again()
    assert set(Document.objects.exclude(entity__in=["Customer", "Invoice"]).values_list("entity", "qbk_id")) == {
        ("Vendor", "2"),
        ("Bill", "72"),
        ("Estimate", "63"),
        ("Estimate", "83"),
        *(("Attachable", pk) for pk in ("52", "53", "54")),
    }
    assert dict(Vendor.objects.values_list("reference", "name")) == {"1": "(erased)", "2": "Post Office"}
    assert set(Attachment.objects.values_list("reference", flat=True)) == {"52", "53", "54"}
    assert set(Order.objects.exclude(reference__startswith="8").values_list("reference", "accepted_by")) == {
        ("61", ""),
        ("63", "Person 3"),
    }


def attachable(pk: str, *invoices: str) -> dict[str, Any]:
    links = [{"EntityRef": {"type": "Invoice", "value": one}} for one in invoices]
    return {"Id": pk, "FileName": f"{pk}.pdf", "AttachableRef": links}
