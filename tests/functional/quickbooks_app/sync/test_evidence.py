"""What backs an invoice, read over HTTP: its items, its order, its files, and where its payments were banked."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.core.models import AuditEvent
from infactor.invoices.models import Attachment, BooksPayment, Deposit, Invoice, Order
from infactor.users import roles
from quickbooks_app import attachments, pulls
from quickbooks_app.api.keyset_pagination import FetchedObject
from quickbooks_app.api.session import ApiSession
from quickbooks_app.api.writes import files
from quickbooks_app.models import ApiCall, Connection, ImportIssue
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import object_pulls
from quickbooks_app.sync.apply_page import apply_page
from tests.functional.quickbooks_app.sandbox.objects.bodies import ref, sold
from tests.functional.quickbooks_app.sync.conftest import Company, read
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db
OBJECTS = ["Account", "Deposit", "Item", "Attachable", "Estimate", "PurchaseOrder"]
CONTENT = b"%PDF-1.7 a delivery note"


@pytest.fixture(scope="module")
def prepare() -> Callable[[Company, Connection], Any]:
    """An invoice for an accepted estimate, with a file, a note, and a payment that was banked."""

    def make(company: Company, connection: Connection) -> dict[str, str]:
        item = company.all("Item")[4]
        company.edit("Item", item["Id"], Sku="KEG-19")
        estimate = company.write(
            "Estimate",
            {
                "CustomerRef": ref("1"),
                "Line": [sold(100, item["Id"])],
                "DocNumber": "E-77",
                "TxnStatus": "Accepted",
                "AcceptedBy": "Ana Ruiz",
            },
        )
        link = [{"TxnId": estimate["Id"], "TxnType": "Estimate"}]
        invoice = company.write(
            "Invoice", {"CustomerRef": ref("1"), "Line": [sold(100, item["Id"])], "LinkedTxn": link}
        )
        payment = company.pay(invoice, "40", DepositToAccountRef=ref("4"))
        line = {"Amount": 40, "LinkedTxn": [{"TxnId": payment["Id"], "TxnType": "Payment", "TxnLineId": "0"}]}
        deposit = company.write("Deposit", {"DepositToAccountRef": ref("35"), "Line": [line]})
        upload(company, connection, "delivery note.pdf", invoice["Id"])
        upload(company, connection, "logo.eps", invoice["Id"])
        note = {"Note": "Left at gate B", "AttachableRef": [{"EntityRef": {"type": "Invoice", "value": invoice["Id"]}}]}
        company.write("Attachable", note)
        company.clock.advance(hours=1)
        read(connection, company.clock)
        pulls.enable(connection=connection, entities=OBJECTS)
        work(company)
        return {"invoice": invoice["Id"], "deposit": deposit["Id"], "estimate": estimate["Id"]}

    return make


def upload(company: Company, connection: Connection, name: str, invoice: str) -> None:
    session = ApiSession(connection=connection, now=company.clock)
    file = files.Upload(name, "application/pdf", io.BytesIO(CONTENT), [files.Attached("Invoice", invoice)])
    session.client.upload(file, key=name)
    session.close()


def work(company: Company) -> None:
    while due := list(pulls.due(at=company.clock()).values_list("pk", flat=True)):
        for pull_id in due:
            object_pulls.pull_objects(pull_id=pull_id, owner="me", now=company.clock)


@pytest.fixture
def invoice(imported: Connection, module_import: Any) -> Invoice:
    return Invoice.objects.get(qbk_invoice_id=module_import.prepared["invoice"])


@pytest.fixture
def member(client: Client, imported: Connection) -> Client:
    client.force_login(MembershipFactory(supplier=imported.supplier).user)
    return client


@pytest.fixture
def staff_client(client: Client) -> Client:
    client.force_login(staff_member(roles.UNDERWRITER))
    return client


def address(invoice: Invoice, name: str) -> str:
    return reverse("quickbooks:attachment", args=[invoice.public_id, Attachment.objects.get(file_name=name).pk])


def test_a_supplier_reads_items_order_and_files_on_the_page_of_its_invoice(member: Client, invoice: Invoice) -> None:
    page = visible_text(member.get(reverse("dashboard:invoice", args=[invoice.public_id])))
    for text in ("SKU KEG-19", "Estimate E-77", "closed", "delivery note.pdf", "24 bytes", "Left at gate B"):
        assert text in page.replace("\xa0", " "), text


def test_staff_read_where_the_payment_was_banked_too(staff_client: Client, invoice: Invoice) -> None:
    page = visible_text(staff_client.get(reverse("admin:invoices_invoice_change", args=[invoice.pk])))
    for text in ("KEG-19", "E-77", "Closed", "Ana Ruiz", "delivery note.pdf", "Deposited into Checking"):
        assert text in page, text
    deposit = Deposit.objects.get(lines__reference=BooksPayment.objects.get(allocations__invoice=invoice).reference)
    Invoice.objects.filter(pk=invoice.pk).update(state="ifactor_prepaid")
    of_deposit = visible_text(staff_client.get(reverse("admin:invoices_deposit_change", args=[deposit.pk])))
    assert f"{invoice} yes" in of_deposit, "a deposit that holds a payment of a financed invoice is named"


def test_a_payment_in_undeposited_funds_is_not_banked(company: Company, staff_client: Client, invoice: Invoice) -> None:
    Deposit.objects.update(deleted_at=company.clock())
    page = visible_text(staff_client.get(reverse("admin:invoices_invoice_change", args=[invoice.pk])))
    assert "Not deposited yet" in page


def test_a_file_is_handed_on_to_be_saved_and_nothing_tells_where_it_lies(
    company: Company, imported: Connection, member: Client, invoice: Invoice
) -> None:
    answer = member.get(address(invoice, "delivery note.pdf"))
    assert (answer.status_code, b"".join(answer)) == (200, CONTENT)
    assert answer["Content-Disposition"] == 'attachment; filename="delivery note.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert not {"Location", "Refresh"} & set(answer.headers)
    assert ApiCall.objects.filter(operation="download").count() == 1


def test_nobody_else_gets_the_file(client: Client, company: Company, imported: Connection, invoice: Invoice) -> None:
    stranger = MembershipFactory()
    client.force_login(stranger.user)
    other = InvoiceFactory(buyer__company_file__supplier=stranger.supplier, qbk_invoice_id=invoice.qbk_invoice_id)
    file = Attachment.objects.get(file_name="delivery note.pdf")
    for owner in (invoice, other):
        found = client.get(reverse("quickbooks:attachment", args=[owner.public_id, file.pk]))
        assert found.status_code == 404
    client.force_login(staff_member(roles.READ_ONLY))
    assert client.get(reverse("admin:quickbooks_app_attachment", args=[other.pk, file.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("quickbooks:attachment", args=[invoice.public_id, file.pk])).status_code == 302
    assert not ApiCall.objects.filter(operation="download").exists()


def test_a_page_or_a_note_is_no_file(member: Client, company: Company, invoice: Invoice) -> None:
    answer = member.get(address(invoice, "logo.eps"))
    assert (answer.status_code, str(attachments.OTHER_KIND) in answer.content.decode()) == (503, True)
    assert str(attachments.NO_FILE) in member.get(address(invoice, "")).content.decode()
    assert not ApiCall.objects.filter(operation="download").exists()


def test_a_large_file_is_refused_before_and_while_it_is_read(
    member: Client, company: Company, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_BYTES", 10)
    where = address(invoice, "delivery note.pdf")
    assert str(attachments.TOO_LARGE) in member.get(where).content.decode()
    assert not ApiCall.objects.filter(operation="download").exists()
    Attachment.objects.update(size=5)  # QuickBooks says less than there is
    assert str(attachments.TOO_LARGE) in member.get(where).content.decode()


def test_without_quickbooks_a_sentence_says_what_to_do(
    member: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    company.faults.switch_on(Fault(kind="unavailable", remaining=9))
    answer = member.get(address(invoice, "delivery note.pdf"))
    assert (answer.status_code, str(attachments.NOT_REACHED) in answer.content.decode()) == (503, True)
    company.faults.clear()
    Connection.objects.update(status=Connection.Status.DISCONNECTED, access_token="", refresh_token="")
    assert str(attachments.NOT_CONNECTED) in member.get(address(invoice, "delivery note.pdf")).content.decode()


def test_staff_fetch_a_file_and_the_audit_log_says_so(
    staff_client: Client, company: Company, imported: Connection, invoice: Invoice
) -> None:
    file = Attachment.objects.get(file_name="delivery note.pdf")
    answer = staff_client.get(reverse("admin:quickbooks_app_attachment", args=[invoice.pk, file.pk]))
    assert b"".join(answer) == CONTENT
    assert AuditEvent.objects.get(event="attachment.downloaded").subject_id == str(file.pk)


def test_a_file_or_an_estimate_that_is_deleted_in_the_books_is_gone(
    company: Company, imported: Connection, member: Client, invoice: Invoice, module_import: Any
) -> None:
    where = address(invoice, "delivery note.pdf")
    file = Attachment.objects.get(file_name="delivery note.pdf")
    company.delete("Attachable", file.reference)
    company.clock.advance(hours=1)
    assert read(imported, company.clock).api_calls == 1
    assert member.get(where).status_code == 404
    assert "delivery note.pdf" not in visible_text(member.get(reverse("dashboard:invoice", args=[invoice.public_id])))


BAD: list[tuple[str, dict[str, Any], set[str]]] = [
    ("Attachable", {"Size": 104857600, "FileName": "a" * 600}, {"FileName"}),
    ("Attachable", {"Size": -1, "AttachableRef": "x"}, {"Size", "AttachableRef"}),
    ("Attachable", {"Size": 10**30, "AttachableRef": [{"EntityRef": None}, {}]}, {"Size"}),
    (
        "Deposit",
        {"TotalAmt": 5, "Line": [{"Amount": "5", "LinkedTxn": [{"TxnId": "1", "TxnType": "Payment"}]}]},
        {"Line.Amount"},
    ),
    ("Deposit", {"TotalAmt": -5, "Line": {}}, {"TotalAmt", "Line"}),
    ("Estimate", {"TotalAmt": 5, "ExpirationDate": "soon", "TxnStatus": 7}, {"ExpirationDate", "TxnStatus"}),
    ("Item", {"Name": "\u0000", "Sku": "s" * 200}, {"", "Sku"}),
    ("Account", {"Name": None, "AccountType": ["Bank"]}, {"AccountType"}),
]


@pytest.mark.parametrize(("entity", "changes", "fields"), BAD)
def test_a_bad_object_is_noted_and_spoils_no_page(
    company: Company,
    imported: Connection,
    member: Client,
    invoice: Invoice,
    entity: str,
    changes: dict[str, Any],
    fields: set[str],
) -> None:
    item = FetchedObject.from_bytes(json.dumps({"Id": "9001", "SyncToken": "0", **changes}).encode())
    apply_page(connection=imported, entity=entity, objects=[item], at=company.clock())
    assert set(ImportIssue.objects.filter(entity=entity).values_list("field", flat=True)) == fields
    assert member.get(reverse("dashboard:invoice", args=[invoice.public_id])).status_code == 200


def test_an_order_that_is_not_read_is_said_to_be(member: Client, invoice: Invoice) -> None:
    Order.objects.all().delete()
    assert "Not read from QuickBooks yet" in visible_text(
        member.get(reverse("dashboard:invoice", args=[invoice.public_id]))
    )
