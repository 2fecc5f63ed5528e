"""The PDF that QuickBooks prints: downloaded by its supplier, and kept for the buyer when it is asked."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.documents.models import Document, Kind
from infactor.invoices.models import Attachment, Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.suppliers.models import Membership
from infactor.verification import bulk_requests, requests, tasks
from infactor.verification.models import Verification
from quickbooks_app import attachments, pulls
from quickbooks_app.api.session import ApiSession
from quickbooks_app.api.writes import files
from quickbooks_app.models import Connection
from quickbooks_app.sandbox.formats.pdf import print_transaction
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import object_pulls
from tests.functional.quickbooks_app.sandbox.objects.bodies import ref, sold
from tests.functional.quickbooks_app.sync.conftest import Company, read
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory, approve_directly
from tests.support.scenarios.verification import token_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Any]:
    """An invoice with a file."""

    def make(company: Company, connection: Connection) -> dict[str, str]:
        item = company.all("Item")[4]
        customer = {"CustomerRef": ref("1"), "BillEmail": {"Address": "ap@buyer.example"}}
        invoice = company.write("Invoice", {**customer, "Line": [sold(100, item["Id"])]})
        session = ApiSession(connection=connection, now=company.clock)
        info = company.read("CompanyInfo", "1")
        paper = io.BytesIO(print_transaction("Invoice", invoice, company=info, at=company.clock()))
        session.client.upload(
            files.Upload("delivery.pdf", "application/pdf", paper, [files.Attached("Invoice", invoice["Id"])]),
            key="delivery.pdf",
        )
        session.close()
        company.clock.advance(hours=1)
        read(connection, company.clock)
        pulls.enable(connection=connection, entities=["Attachable"])
        while due := list(pulls.due(at=company.clock()).values_list("pk", flat=True)):
            for pull_id in due:
                object_pulls.pull_objects(pull_id=pull_id, owner="me", now=company.clock)
        return {"invoice": invoice["Id"]}

    return make


@pytest.fixture
def invoice(imported: Connection, module_import: Any) -> Invoice:
    return Invoice.objects.get(qbk_invoice_id=module_import.prepared["invoice"])


@pytest.fixture
def member(client: Client, imported: Connection) -> Client:
    approve_directly(imported.supplier)
    client.force_login(MembershipFactory(supplier=imported.supplier).user)
    return client


def address(invoice: Invoice) -> str:
    return reverse("quickbooks:printed_invoice", args=[invoice.public_id])


def ask(member: Client, invoice: Invoice) -> Any:
    member.post(reverse("dashboard:verification_request", args=[invoice.public_id]))
    draft = Verification.objects.get(invoice=invoice)
    said = {"to": draft.to, "subject": draft.subject, "body": draft.body, "lifetime_days": "14"}
    page = member.post(
        reverse("dashboard:verification_approve", args=[invoice.public_id]), said, follow=True
    ).content.decode()
    assert not Document.objects.filter(kind=Kind.INVOICE).exists(), "the supplier waited for QuickBooks"
    tasks.keep_pdfs()
    return Verification.objects.get(invoice=invoice), page


def test_a_supplier_downloads_the_pdf_and_nothing_is_kept(member: Client, company: Company, invoice: Invoice) -> None:
    page = member.get(reverse("dashboard:invoice", args=[invoice.public_id])).content.decode()
    assert "Download the PDF from QuickBooks" in page
    answer = member.get(address(invoice))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not Document.objects.exists()


def test_nobody_else_gets_it_and_an_invoice_by_hand_has_none(
    client: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    stranger = MembershipFactory()
    client.force_login(stranger.user)
    assert client.get(address(invoice)).status_code == 404
    own = InvoiceFactory(buyer__company_file__supplier=stranger.supplier, buyer__company_file__source=BY_HAND)
    assert client.get(address(own)).status_code == 404


def test_the_buyer_sees_the_pdf_as_it_was_when_it_was_asked(
    member: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    asked, page = ask(member, invoice)
    assert "We have sent the email" in page
    kept = Document.objects.get()
    assert (kept.kind, kept.object_id) == (Kind.INVOICE, invoice.pk)
    link = f"/buyer/{token_of(asked)}/"
    assert kept.name in Client().get(link).content.decode()
    file = Client().get(reverse("buyer:document", args=[token_of(asked), kept.public_id]))
    assert file.content.startswith(b"%PDF-")


def test_without_quickbooks_the_buyer_is_asked_all_the_same(
    member: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    company.faults.switch_on(Fault(kind="unavailable", remaining=9))
    assert str(attachments.NOT_REACHED) in member.get(address(invoice)).content.decode()
    asked, page = ask(member, invoice)
    assert asked.status == Verification.Status.SENT
    assert "We have sent the email" in page
    assert not Document.objects.exists()
    company.faults.clear()


def test_what_is_no_pdf_is_not_handed_on(
    member: Client, company: Company, imported: Connection, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "in_session", lambda **_: b"<html>an error</html>")
    answer = member.get(address(invoice))
    assert (answer.status_code, "is no PDF" in answer.content.decode()) == (503, True)
    monkeypatch.setattr(attachments, "in_session", lambda **_: b"%PDF-" + b"x" * 40)
    monkeypatch.setattr(attachments, "MAX_BYTES", 10)
    assert member.get(address(invoice)).status_code == 503


def test_a_worker_keeps_the_pdfs_of_many_and_a_second_run_adds_nothing(
    member: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    by = Membership.objects.get(supplier=imported.supplier, user__is_staff=False).user
    rows = [Invoice.objects.select_related("buyer__company_file", "company_file", "supplier").get(pk=invoice.pk)]
    done = bulk_requests.send(supplier=imported.supplier, invoices=rows, by=by, at=timezone.now())
    assert done.count == 1
    tasks.keep_pdfs()
    tasks.keep_pdfs()
    assert Document.objects.count() == 1
    assert requests.open_verification(invoice=invoice) is not None


def test_an_attached_file_is_shown_to_the_buyer_only_if_the_supplier_chose_it(
    member: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    asked, _page = ask(member, invoice)
    link = f"/buyer/{token_of(asked)}/"
    assert "delivery.pdf" not in Client().get(link).content.decode()
    file = Attachment.objects.get(file_name="delivery.pdf")
    show = reverse("quickbooks:show_buyer", args=[invoice.public_id, file.pk])
    assert "Choose from the list" in member.post(show, {"kind": "other"}, follow=True).content.decode()
    assert "sees a copy of this file" in member.post(show, {"kind": "delivery"}, follow=True).content.decode()
    member.post(show, {"kind": "delivery"})
    assert Document.objects.filter(kind=Kind.DELIVERY).count() == 1
    assert "delivery.pdf" in Client().get(link).content.decode()
    stranger = Client()
    stranger.force_login(MembershipFactory().user)
    assert stranger.post(show, {"kind": "delivery"}).status_code == 404
