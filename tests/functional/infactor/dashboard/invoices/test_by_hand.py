"""The pages of invoices by hand: enter, upload, prove, change, delete; and other people's are not found."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.invoices.models import Invoice, InvoiceUpload
from infactor.invoices.models.company_file import BY_HAND
from infactor.suppliers.models import Supplier
from infactor.verification import answers
from infactor.verification.submitted import Answer, SubmittedAnswer
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios.verification import ask, token_of

pytestmark = pytest.mark.django_db
NEW = "/invoices/new/"


def form(**given: str) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "key": str(uuid.uuid4()),
        "number": "H-1",
        "buyer": "Cedar Inc",
        "email": "ap@cedar.example",
        "issued": today.isoformat(),
        "due": (today + timedelta(days=30)).isoformat(),
        "currency": "USD",
        "amount": "$1,200.00",
        "tax": "0",
        "paid": "",
        "purchase_order": "",
        "description": "Chairs",
        **given,
    }


def test_an_invoice_is_entered_proved_and_shown_without_quickbooks(member: Client) -> None:
    sent = form()
    response = member.post(NEW, sent)
    invoice = Invoice.objects.get(source=BY_HAND)
    documents = reverse("dashboard:invoice_documents", args=[invoice.public_id])
    assert response["Location"] == documents
    assert member.post(NEW, sent)["Location"] == documents, "sent twice"
    assert Invoice.objects.count() == 1
    assert "Add the invoice itself, and a purchase order" in member.get(documents).content.decode()
    for kind in ("invoice", "delivery"):
        file = SimpleUploadedFile(f"{kind}.pdf", PDF + kind.encode())
        assert member.post(documents, {"kind": kind, "file": file}).status_code == 302
    page = member.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()
    assert "delivery.pdf" in page
    assert "Documents missing" not in page
    assert "Entered by hand" in page
    link = reverse("dashboard:invoice_document", args=[invoice.public_id, _document_id(invoice)])
    assert member.get(link).content == PDF + b"invoice"


def _document_id(invoice: Invoice) -> uuid.UUID:
    from infactor.invoices import invoice_documents

    found: uuid.UUID = invoice_documents.of_supplier(invoice).get(kind="invoice").public_id
    return found


def content(client: Client, invoice: Invoice) -> str:
    """What the page of the invoice says, without the menu."""
    page = client.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()
    return re.sub(r"\s+", " ", page[page.index("<main") : page.index("</main>")])


def test_the_page_of_an_invoice_by_hand_never_speaks_of_quickbooks(member: Client) -> None:
    member.post(NEW, form(description=""))
    entered = content(member, Invoice.objects.get())
    assert "QuickBooks" not in entered
    for words in ("Open, entered by hand", "Submitted", "No payment is recorded yet.", "You entered no items."):
        assert words in entered, words
    member.post(NEW, form(number="", buyer="", email="", due="", amount="", draft="yes"))
    draft = Invoice.objects.get(invoice_no="")
    unfinished = content(member, draft)
    edit = reverse("dashboard:invoice_edit", args=[draft.public_id])
    assert "QuickBooks" not in unfinished
    assert "Enter the invoice number here. Buyers need it for their payment." in unfinished
    assert unfinished.count(f'href="{edit}"') > 1, "what is missing leads to where it is entered"


def test_a_buyer_that_disputes_an_invoice_by_hand_sends_its_supplier_here_to_correct_it(member: Client) -> None:
    member.post(NEW, form())
    invoice, at = Invoice.objects.get(), timezone.now()
    said = SubmittedAnswer(Answer.DISPUTE, "Ann Lee", reason="Never delivered")
    answers.submit_answer(token=token_of(ask(invoice, at=at)), submitted=said, ip=None, at=at)
    mail = OutgoingMail.objects.get(key__startswith="verification.answered:")
    assert "correct the invoice here" in mail.body
    assert "QuickBooks" not in mail.body
    shown = content(member, invoice)
    assert "QuickBooks" not in shown
    assert reverse("dashboard:invoice_edit", args=[invoice.public_id]) in shown


def test_what_was_typed_stays_and_each_fault_is_said(member: Client) -> None:
    response = member.post(NEW, form(number="", amount="lots", due="2020-01-01"))
    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter an amount, for example 1,250.00" in page
    assert 'value="lots"' in page
    response = member.post(NEW, form(number="", due="2020-01-01"))
    assert "Enter the invoice number." in response.content.decode()
    assert "The due date is before the invoice date." in response.content.decode()


def test_the_same_invoice_is_refused_and_a_like_one_is_asked_about(member: Client) -> None:
    member.post(NEW, form())
    response = member.post(NEW, form())
    assert response.status_code == 409
    assert "You already have this invoice." in response.content.decode()
    doubted = member.post(NEW, form(amount="900"))
    assert "This is a different invoice" in doubted.content.decode()
    assert member.post(NEW, form(amount="900", is_another="on")).status_code == 302


def test_a_draft_is_completed_and_an_invoice_is_deleted_and_gone(member: Client) -> None:
    member.post(NEW, form(number="", amount="", draft="yes"))
    draft = Invoice.objects.get()
    edit = reverse("dashboard:invoice_edit", args=[draft.public_id])
    assert "Complete and submit" in member.get(reverse("dashboard:invoice", args=[draft.public_id])).content.decode()
    assert member.post(edit, form()).status_code == 302
    delete = reverse("dashboard:invoice_delete", args=[draft.public_id])
    assert "Delete invoice" in member.get(delete).content.decode()
    assert member.post(delete)["Location"] == "/invoices/"
    assert member.get(reverse("dashboard:invoice", args=[draft.public_id])).status_code == 404
    assert "No invoices yet" in member.get("/invoices/").content.decode()


def test_nobody_reaches_another_suppliers_invoices_documents_and_uploads(member: Client, supplier: Supplier) -> None:
    theirs = MembershipFactory()
    invoice = InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=theirs.supplier)))
    for name in ("invoice_edit", "invoice_delete", "invoice_documents"):
        address = reverse(f"dashboard:{name}", args=[invoice.public_id])
        assert member.get(address).status_code == member.post(address, form()).status_code == 404, name
    upload = InvoiceUpload.objects.create(supplier=theirs.supplier, user=theirs.user, at=timezone.now(), name="a")
    assert member.post(f"/invoices/uploads/{upload.public_id}/", {"import": "yes"}).status_code == 404


def test_a_table_is_checked_and_imported_and_a_broken_one_says_why(member: Client) -> None:
    today = timezone.localdate().isoformat()
    later = (timezone.localdate() + timedelta(days=30)).isoformat()
    heading = "Invoice number,Buyer,Buyer email,Invoice date,Due date,Amount"
    text = f"{heading}\nT-1,Cedar,a@b.example,{today},{later},100\nT-2,,,,,"
    refused = member.post("/invoices/upload/", {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2"), "currency": "USD"})
    assert "The first row must name the columns." in refused.content.decode()
    sent = member.post("/invoices/upload/", {"file": SimpleUploadedFile("a.csv", text.encode()), "currency": "USD"})
    page = member.get(sent["Location"]).content.decode()
    assert "1 of 2 rows can be imported." in page
    assert "Enter the buyer." in page
    assert not Invoice.objects.exists()
    assert member.post(sent["Location"], {"import": "yes"}).status_code == 302
    assert member.post(sent["Location"], {"import": "yes"}).status_code == 302
    assert Invoice.objects.get().invoice_no == "T-1"
    assert b"Invoice number" in member.get("/invoices/template.csv").content
    assert member.get("/invoices/template.xlsx").content.startswith(b"PK")
