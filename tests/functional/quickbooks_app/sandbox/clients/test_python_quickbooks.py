"""python-quickbooks works unchanged with every object it knows, in batches, with files, PDF, email and reports."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest
import requests
from quickbooks import QuickBooks, objects
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.exceptions import ObjectNotFoundException
from quickbooks.mixins import DeleteMixin, SendMixin, UpdateMixin, VoidMixin
from quickbooks.objects.attachable import Attachable
from quickbooks.objects.base import AttachableRef, Ref
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.customer import Customer
from quickbooks.objects.estimate import Estimate
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.purchaseorder import PurchaseOrder

from quickbooks_app.sandbox.reports.catalogue import REPORTS
from quickbooks_app.sandbox.runtime.entities import ENTITIES
from tests.functional.quickbooks_app.sandbox.conftest import REALM
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, SALE, filled

# InventoryAdjustment has no class, and Budget none that saves.
UNKNOWN = {"InventoryAdjustment", "Budget"}
PDF = b"%PDF-1.4\r\n\x00\xff proof of delivery"


def classes() -> dict[str, Any]:
    """Every class of an object by its name at QuickBooks."""
    found = {}
    for module in pkgutil.iter_modules(objects.__path__):
        for one in vars(importlib.import_module(f"{objects.__name__}.{module.name}")).values():
            if isinstance(one, type) and getattr(one, "qbo_object_name", "") in ENTITIES:
                found[one.qbo_object_name] = one
    return found


def test_every_object_is_created_read_found_changed_and_voided_or_deleted(books: QuickBooks) -> None:
    known = classes()
    assert set(BODIES) - set(known) <= UNKNOWN
    ids: dict[str, str] = {}
    for name, body in BODIES.items():
        if name in UNKNOWN:
            continue
        made = known[name].from_json(filled(body, ids)).save(qb=books)
        ids[name] = made.Id
        read = known[name].get(made.Id, qb=books)
        assert read.SyncToken == made.SyncToken, name
        assert [one.Id for one in known[name].where(f"Id = '{made.Id}'", qb=books)] == [made.Id], name
        if ENTITIES[name].can("U"):
            assert issubclass(known[name], UpdateMixin), name
            assert read.save(qb=books).Id == made.Id, name
    for name in reversed(ids):
        if issubclass(known[name], VoidMixin):
            voided = known[name].from_json(filled(BODIES[name], ids)).save(qb=books)
            voided.void(qb=books)
            assert known[name].get(voided.Id, qb=books).TotalAmt == 0, name
        if issubclass(known[name], DeleteMixin):
            known[name].get(ids[name], qb=books).delete(qb=books)
            with pytest.raises(ObjectNotFoundException):
                known[name].get(ids[name], qb=books)


def test_batches_create_change_and_delete_with_one_bad_item(books: QuickBooks) -> None:
    invoices = [Invoice.from_json(SALE) for _ in range(3)]
    invoices.append(Invoice.from_json({**SALE, "CustomerRef": {"value": "99999"}}))
    made = batch_create(invoices, qb=books)
    assert (len(made.successes), len(made.faults)) == (3, 1)
    assert made.faults[0].Error[0].code == "2500"
    for invoice in made.successes:
        invoice.PrivateNote = "By a batch"
    changed = batch_update(made.successes, qb=books)
    assert {invoice.PrivateNote for invoice in changed.successes} == {"By a batch"}
    assert len(batch_delete(changed.successes, qb=books).successes) == 3


def test_files_go_up_and_come_down(books: QuickBooks, tmp_path: Path) -> None:
    invoice = Invoice.from_json(SALE).save(qb=books)
    file = tmp_path / "proof.pdf"
    file.write_bytes(PDF)
    attached = Attachable()
    link = AttachableRef()
    link.EntityRef = Ref()
    link.EntityRef.type, link.EntityRef.value = "Invoice", invoice.Id
    attached.AttachableRef.append(link)
    attached.FileName, attached._FilePath, attached.ContentType = "proof.pdf", str(file), "application/pdf"
    attached.save(qb=books)
    where = f"AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '{invoice.Id}'"
    (found,) = Attachable.where(where, qb=books)
    assert (found.Id, found.Size) == (attached.Id, len(PDF))
    assert requests.get(found.TempDownloadUri, timeout=20).content == PDF
    found.delete(qb=books)


def test_sales_forms_are_printed_and_sent(books: QuickBooks) -> None:
    invoice = Invoice.from_json(SALE).save(qb=books)
    assert invoice.download_pdf(qb=books).startswith(b"%PDF-")
    for kind in (Invoice, Estimate):
        assert issubclass(kind, SendMixin)
        form = kind.from_json(SALE).save(qb=books)
        form.send(qb=books, send_to="ap@buyer.example")
        assert kind.get(form.Id, qb=books).EmailStatus == "EmailSent"
    assert issubclass(PurchaseOrder, SendMixin)


def test_the_company_and_its_preferences_are_read_and_changed(books: QuickBooks) -> None:
    preferences = Preferences.get(qb=books)
    assert preferences.VendorAndPurchasesPrefs.TrackingByCustomer
    preferences.EmailMessagesPrefs.InvoiceMessage.Subject = "Your invoice"
    preferences.save(qb=books)
    assert Preferences.get(qb=books).EmailMessagesPrefs.InvoiceMessage.Subject == "Your invoice"
    company = CompanyInfo.get(REALM, qb=books)
    company.LegalName = "Larkspur, Inc."
    company.save(qb=books)
    assert CompanyInfo.get(REALM, qb=books).LegalName == "Larkspur, Inc."


def test_every_report_is_read(books: QuickBooks) -> None:
    for name in REPORTS:
        report = books.get_report(name, {"start_date": "2026-01-01", "end_date": "2026-12-31"})
        assert report["Header"]["ReportName"] == name
    assert Customer.count(qb=books) >= 14
