"""Documents on the pages of staff and suppliers: who sees, adds, replaces, downloads and deletes which."""

import html
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.business_day import business_day
from infactor.core.models import AuditEvent
from infactor.documents import document_panel, storage
from infactor.documents.models import Document, Kind
from infactor.financing import approvals
from infactor.financing.models import Approval, Collection
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User
from tests.support.admin_client import PREVIEW_TOKEN, confirm
from tests.support.factories.suppliers import InvoiceFactory, MembershipFactory
from tests.support.files import PDF
from tests.support.scenarios import money_out, onboarding
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def supplier(db: None) -> Supplier:
    return MembershipFactory(supplier__name="Larkspur").supplier


def sign_in(client: Client, role: str) -> User:
    user = onboarding.staff_member(role)
    client.force_login(user)
    return user


def sent(name: str = "paper.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/html")


def given(supplier: Supplier, kind: Kind, name: str = "paper.pdf") -> Document:
    by = onboarding.staff_member(roles.UNDERWRITER)
    return storage.add(subject=supplier, kind=kind, file=storage.File(name, PDF), by=by, at=timezone.now())


def post(client: Client, address: str, **form: object) -> object:
    found = PREVIEW_TOKEN.search(client.get(address).content.decode())
    return client.post(address, {**form, "preview_token": found[1] if found else ""})


def page(client: Client, name: str, pk: int) -> str:
    return html.unescape(client.get(reverse(f"admin:{name}", args=[pk])).content.decode())


def test_staff_add_a_document_to_an_invoice_and_find_it_beside_the_files_of_the_books(client: Client) -> None:
    invoice = InvoiceFactory()
    underwriter = sign_in(client, roles.UNDERWRITER)
    address = document_panel.upload_url(invoice)
    shown = page(client, "invoices_invoice_change", invoice.pk)
    assert address in shown
    assert shown.index("Files attached in the books") < shown.index("No documents yet.")
    assert "Proof of identity" not in client.get(address).content.decode()
    refused = post(client, address, kind="delivery", file=sent("note.pdf", b"<html>,</html>"))
    assert "holds a page, a program or other data" in refused.content.decode()  # type: ignore[attr-defined]
    assert post(client, address, kind="delivery", file=sent("../note.exe")).status_code == 302  # type: ignore[attr-defined]
    document = Document.objects.get()
    assert (document.name, document.subject, document.uploaded_by) == ("note.exe.pdf", invoice, underwriter)
    assert "note.exe.pdf" in page(client, "invoices_invoice_change", invoice.pk)


def test_a_remittance_advice_on_a_payment_or_its_statement_line_is_seen_on_both(
    client: Client, scenario: Scenario
) -> None:
    account = money_out.account_for("USD", by=scenario.operations, at=scenario.now)
    line = money_out.line_on(account, Decimal(300), on=scenario.today, at=scenario.now)
    payment = scenario.arrive("300", targets=[])
    Collection.objects.filter(pk=payment.pk).update(statement_line=line, source="statement")
    client.force_login(scenario.operations)
    pages = ("financing_collection_change", payment.pk), ("banking_statementline_change", line.pk)
    for row, name in ((payment, "advice.pdf"), (line, "letter.pdf")):
        assert document_panel.upload_url(row) in page(client, *pages[row is line])
        added = post(client, document_panel.upload_url(row), kind="remittance", file=sent(name))
        assert added.status_code == 302  # type: ignore[attr-defined]
    for shown in pages:
        assert "advice.pdf" in page(client, *shown)
        assert "letter.pdf" in page(client, *shown)


def test_a_download_is_saved_never_shown_and_audited(client: Client, supplier: Supplier) -> None:
    document = given(supplier, Kind.REGISTRATION, 'Ex"tract €.pdf')
    reader = sign_in(client, roles.READ_ONLY)
    answer = client.get(reverse("admin:documents_document_download", args=[document.pk]))
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Extract%20%E2%82%AC.pdf")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(event="document.downloaded")
    assert (event.actor, event.subject_id, event.supplier_id) == (reader, str(document.pk), supplier.pk)


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        (Kind.IDENTITY, {roles.UNDERWRITER}),
        (Kind.BANK_LETTER, {roles.UNDERWRITER, roles.OPERATIONS}),
        (Kind.REGISTRATION, {roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY}),
    ],
)
def test_who_reads_what(client: Client, supplier: Supplier, kind: Kind, may: set[str]) -> None:
    document = given(supplier, kind, "secret-name.pdf")
    for role in (roles.UNDERWRITER, roles.OPERATIONS, roles.READ_ONLY):
        sign_in(client, role)
        shown = page(client, "suppliers_supplier_change", supplier.pk)
        assert ("secret-name" in shown) == (role in may), role
        assert ("secret-name" in client.get(reverse("admin:documents_document_changelist")).content.decode()) == (
            role in may
        )
        for name in ("download", "replace", "remove", "change"):
            answer = client.get(reverse(f"admin:documents_document_{name}", args=[document.pk]))
            keeps = role in may and (name in ("download", "change") or role != roles.READ_ONLY)
            assert (answer.status_code == 200) == keeps, (role, name)


def test_a_document_is_replaced_and_deleted_with_a_reason(client: Client, supplier: Supplier) -> None:
    document = given(supplier, Kind.OTHER)
    sign_in(client, roles.OPERATIONS)
    answer = post(client, reverse("admin:documents_document_replace", args=[document.pk]), file=sent("new.pdf"))
    newest = Document.objects.get(version=2)
    assert answer["Location"] == reverse("admin:documents_document_change", args=[newest.pk])  # type: ignore[index]
    shown = page(client, "documents_document_change", document.pk)
    assert "Version 2" in shown
    assert reverse("admin:documents_document_replace", args=[document.pk]) not in shown
    address = reverse("admin:documents_document_remove", args=[newest.pk])
    assert confirm(client, address, reason="").status_code == 200
    assert confirm(client, address, reason="Another company's.").status_code == 302
    assert "Another company's." in page(client, "documents_document_change", newest.pk)
    answer = client.get(reverse("admin:documents_document_download", args=[newest.pk]))
    assert answer.status_code == 302, "there is nothing to download any more"


def test_a_document_is_about_rows_that_may_have_some(client: Client, supplier: Supplier) -> None:
    sign_in(client, roles.UNDERWRITER)
    for row in (supplier.memberships.get(), onboarding.owner_of(supplier)):
        assert client.get(document_panel.upload_url(row)).status_code == 404


def test_an_owner_uploads_the_papers_of_the_application_and_reads_what_is_missing(
    client: Client, supplier: Supplier
) -> None:
    application = onboarding.applied(supplier)
    owner = onboarding.owner_of(supplier)
    client.force_login(owner)
    address = reverse("dashboard:documents")
    first = client.get(address).content.decode()
    assert "An identity document of each owner" in first
    assert "whose proof of identity" in client.post(address, {"kind": "identity", "file": sent()}).content.decode()
    refused = client.post(address, {"kind": "registration", "file": sent("x.pdf", b"MZ\x90\x00")})
    assert "none of PDF" in refused.content.decode()
    assert (
        "This file is empty" in client.post(address, {"kind": "registration", "file": sent(data=b"")}).content.decode()
    )
    assert not Document.objects.exists()
    said = {"kind": "identity", "owner": "Robin Larkspur", "file": sent("passport.pdf")}
    followed = client.post(address, said, follow=True).content.decode()
    assert "We have received passport.pdf." in followed
    document = Document.objects.get()
    assert (document.note, document.subject, document.uploaded_by) == ("Robin Larkspur", supplier, owner)
    assert "passport.pdf" in client.get(reverse("dashboard:application")).content.decode()
    assert client.get(reverse("admin:documents_document_download", args=[document.pk])).status_code == 302
    sign_in(client, roles.UNDERWRITER)
    assert "passport.pdf" in page(client, "suppliers_application_change", application.pk)


def test_another_company_and_a_member_who_is_no_owner_upload_nothing(client: Client, supplier: Supplier) -> None:
    given(supplier, Kind.REGISTRATION, "larkspur.pdf")
    helper = MembershipFactory(supplier=supplier, role="finance").user
    client.force_login(helper)
    address = reverse("dashboard:documents")
    assert "Only an owner" in client.get(address).content.decode()
    assert client.post(address, {"kind": "registration", "file": sent()}).status_code == 403
    client.force_login(MembershipFactory().user)
    assert "larkspur.pdf" not in client.get(address).content.decode()
    assert Document.objects.count() == 1


def test_an_underwriter_records_a_check_on_the_application(client: Client, supplier: Supplier) -> None:
    application = onboarding.applied(supplier)
    document = given(supplier, Kind.IDENTITY, "passport.pdf")
    underwriter = sign_in(client, roles.UNDERWRITER)
    address = reverse("admin:suppliers_application_check", args=[application.pk])
    assert address in page(client, "suppliers_application_change", application.pk)
    today = business_day(timezone.now())
    form = {"kind": "identity", "outcome": "passed", "made_on": f"{today}", "expires_on": "", "document": document.pk}
    assert "for the last time" in post(client, address, **form).content.decode()  # type: ignore[attr-defined]
    done = post(client, address, **{**form, "expires_on": f"{today.replace(year=today.year + 1, day=1)}"})
    assert done.status_code == 302  # type: ignore[attr-defined]
    check = supplier.checks.get()
    assert (check.kind, check.document, check.recorded_by) == ("identity", document, underwriter)
    shown = page(client, "suppliers_supplier_change", supplier.pk)
    assert "Identity of the owners" in shown
    assert "Not made yet" in shown
    assert "passport.pdf" in page(client, "suppliers_check_change", check.pk)
    client.get(reverse("admin:suppliers_checkrequirement_add"))
    said = {"kind": "liens", "is_required": "no", "reason": "No register there"}
    assert confirm(client, reverse("admin:suppliers_checkrequirement_add"), **said).status_code == 302
    assert "register search: not made yet" in page(client, "suppliers_application_approve", application.pk)
    approvals.approve(approval=Approval.objects.get(), by=onboarding.staff_member(roles.UNDERWRITER), at=timezone.now())
    assert "register search: not made yet" not in page(client, "suppliers_application_approve", application.pk)
