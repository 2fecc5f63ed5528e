"""A supplier previews, approves and withdraws a verification request; no other supplier can."""

import html
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.documents import storage
from infactor.documents.models import Document, Kind
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import applications
from infactor.suppliers.models import Supplier
from infactor.verification import answers, invoice_card
from infactor.verification.answers import Answer, SubmittedAnswer
from infactor.verification.models import Verification
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    EveryPermissionFactory,
    InvoiceFactory,
    approve_directly,
)
from tests.support.scenarios import onboarding
from tests.support.scenarios.verification import NOON, ask, draft, token_of

pytestmark = pytest.mark.django_db
Status = Verification.Status
PDF = b"%PDF-1.7\n%%EOF\n"
CANARY = '"><script>alert(1)</script>'


@pytest.fixture
def invoice(supplier: Supplier) -> Invoice:
    return InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)), invoice_no="INV-77")


def to(name: str, invoice: Invoice) -> str:
    return reverse(f"dashboard:{name}", args=[invoice.public_id])


def page(client: Client, invoice: Invoice) -> str:
    return html.unescape(client.get(to("verification_approve", invoice)).content.decode())


def test_a_supplier_drafts_approves_and_sends(member: Client, invoice: Invoice) -> None:
    approve_directly(invoice.supplier)
    assert member.post(to("verification_request", invoice))["Location"] == to("verification_approve", invoice)
    shown = page(member, invoice)
    assert 'value="ap@buyer.example"' in shown
    assert "{link}" in shown
    assert "000000000000" not in shown  # nothing is bought, so nobody is told where to pay
    assert not OutgoingMail.objects.exists()
    body = "Dear friends, please: {link}"
    said = {"to": "ap@buyer.example", "subject": "Our INV-77", "body": body, "lifetime_days": "7"}
    assert member.post(to("verification_approve", invoice), said)["Location"] == to("invoice", invoice)
    mail, sent = OutgoingMail.objects.get(), Verification.objects.get()
    assert (mail.subject, sent.status) == ("Our INV-77", Status.SENT)
    assert mail.body.startswith("Dear friends, please: http")
    assert (sent.expires_at - sent.sent_at).days == 7


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "nothing"}, "to"),
        ({"to": ""}, "to"),
        ({"body": "no place for it"}, "body"),
        ({"body": "{link} http://evil.example"}, "body"),
        ({"subject": ""}, "subject"),
        ({"lifetime_days": "3000"}, "lifetime_days"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_is_not_lost(
    member: Client, invoice: Invoice, changes: dict[str, str], field: str
) -> None:
    draft(invoice)
    said = {
        "to": "ap@buyer.example",
        "subject": "My own subject",
        "body": "{link} my words",
        "lifetime_days": "14",
        **changes,
    }
    shown = html.unescape(member.post(to("verification_approve", invoice), said).content.decode())
    assert f'id="id_{field}_error"' in shown
    assert "my words" in shown or field == "body"
    assert Verification.objects.get().status == Status.DRAFTED


def test_a_supplier_cannot_ask_itself(member: Client, invoice: Invoice, supplier: Supplier) -> None:
    draft(invoice)
    own = supplier.members.get().email
    said = {"to": own, "subject": "x", "body": "{link}", "lifetime_days": "14"}
    assert "your own company" in html.unescape(member.post(to("verification_approve", invoice), said).content.decode())
    assert not OutgoingMail.objects.exists()


def test_a_question_is_taken_back(member: Client, invoice: Invoice) -> None:
    ask(invoice)
    member.post(to("verification_withdraw", invoice))
    member.post(to("verification_withdraw", invoice))
    assert Verification.objects.get().status == Status.WITHDRAWN


def test_a_rejected_invoice_is_submitted_again(member: Client, invoice: Invoice) -> None:
    given = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="Wrong price")
    answers.submit_answer(token=token_of(ask(invoice)), submitted=given, ip=None, at=NOON)
    member.post(to("invoice_resubmit", invoice))
    invoice.refresh_from_db()
    assert invoice.state == State.CREATED
    member.post(to("invoice_resubmit", invoice))
    invoice.refresh_from_db()
    assert invoice.state == State.CREATED


@pytest.mark.parametrize(
    "name", ["verification_approve", "verification_request", "verification_withdraw", "invoice_resubmit"]
)
def test_another_suppliers_invoice_is_not_there(member: Client, name: str) -> None:
    theirs = InvoiceFactory()
    ask(theirs, at=timezone.now())
    for method in ("get", "post"):
        assert getattr(member, method)(to(name, theirs)).status_code in (404, 405)
    assert Verification.objects.get().status == Status.SENT


@pytest.mark.parametrize("name", ["verification_request", "verification_withdraw", "invoice_resubmit"])
def test_nothing_is_done_by_looking_or_from_another_site(invoice: Invoice, supplier: Supplier, name: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(supplier.members.get())
    assert strict.get(to(name, invoice)).status_code == 405
    assert strict.post(to(name, invoice)).status_code == 403
    assert not Verification.objects.exists()


def test_the_page_of_the_text_without_a_draft_leads_back(member: Client, invoice: Invoice) -> None:
    assert member.get(to("verification_approve", invoice))["Location"] == to("invoice", invoice)
    assert not Verification.objects.exists()


def test_why_a_buyer_cannot_be_asked_is_said(member: Client, invoice: Invoice) -> None:
    approve_directly(invoice.supplier)
    Invoice.objects.filter(pk=invoice.pk).update(books_status="paid")
    shown = member.post(to("verification_request", invoice), follow=True).content.decode()
    assert "Nothing is owed" in shown


@pytest.mark.parametrize("decide", [None, onboarding.approve, applications.hold, applications.refuse])
def test_only_an_approved_company_asks_a_buyer_in_its_name(
    member: Client, invoice: Invoice, supplier: Supplier, decide: Callable[..., object] | None
) -> None:
    application, is_asked = onboarding.applied(supplier), decide is onboarding.approve
    if decide is not None:
        staff = EveryPermissionFactory()
        reason = {} if is_asked else {"reason": "Something is odd."}
        decide(application=application, by=staff, at=onboarding.AT, **reason)
    shown = html.unescape(member.post(to("verification_request", invoice), follow=True).content.decode())
    assert Verification.objects.exists() == is_asked
    assert ("Finish your application: before that we do not contact your buyers" in shown) != is_asked


@pytest.mark.parametrize("is_drafted", [True, False])
def test_a_forged_post_asks_nobody_about_what_is_bought_already(
    member: Client, invoice: Invoice, is_drafted: bool
) -> None:
    if is_drafted:
        draft(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(state=State.PREPAID)
    shown = member.post(to("verification_request", invoice), follow=True).content.decode()
    assert "your buyer no longer needs to confirm it" in html.unescape(shown)
    said = {"to": "ap@buyer.example", "subject": "x", "body": "{link}", "lifetime_days": "14"}
    member.post(to("verification_approve", invoice), said)
    assert Verification.objects.filter(status=Status.DRAFTED).count() == is_drafted
    assert not Verification.objects.exclude(status=Status.DRAFTED).exists()
    assert not OutgoingMail.objects.exists()
    staff = EveryPermissionFactory()
    given = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="Wrong price")
    assert answers.record_phone_answer(invoice=invoice, by=staff, submitted=given, at=NOON).status == Status.DISPUTED


def sent_by_buyer(invoice: Invoice, name: str) -> Document:
    return storage.receive(
        subject=invoice,
        kind=Kind.CREDIT_NOTE,
        file=storage.File(name, PDF + name.encode()),
        by=None,
        sent_by="Kim <ap@buyer.example>",
        at=NOON,
    )


def test_the_supplier_opens_what_its_buyer_sent_and_nothing_of_others(member: Client, invoice: Invoice) -> None:
    def address(of: Invoice, document: Document) -> str:
        return reverse("dashboard:invoice_document", args=[of.public_id, document.public_id])

    note = sent_by_buyer(invoice, "note.pdf")
    ask(invoice, at=timezone.now())
    card = member.get(to("invoice", invoice)).content.decode()
    assert f'<a href="{address(invoice, note)}" download>' in card, "also before the buyer has answered"
    assert 'popovertarget="term-confirmation"' in card
    opened = member.get(address(invoice, note))
    assert (opened.content, opened.status_code) == (PDF + b"note.pdf", 200)
    assert AuditEvent.objects.filter(event="document.read", subject_id=note.pk).exists()
    assert member.post(f"{address(invoice, note)}delete").status_code == 404, "what a buyer sent is not the supplier's"
    theirs = InvoiceFactory()
    foreign = sent_by_buyer(theirs, "foreign.pdf")
    file = storage.File("staff.pdf", PDF)
    staffs = storage.receive(subject=invoice, kind=Kind.CREDIT_NOTE, file=file, by=EveryPermissionFactory(), at=NOON)
    for of, document in ((theirs, foreign), (invoice, foreign), (invoice, staffs)):
        assert member.get(address(of, document)).status_code == 404
    assert "staff.pdf" not in member.get(to("invoice", invoice)).content.decode()


def test_the_card_says_what_may_be_done_now(invoice: Invoice) -> None:
    today = NOON.date()
    assert "Finish your application" in invoice_card.card(invoice=invoice, today=today).blocker
    approve_directly(invoice.supplier)
    assert invoice_card.card(invoice=invoice, today=today).can_request
    sent = ask(invoice)
    open_card = invoice_card.card(invoice=invoice, today=today)
    assert (open_card.can_request, open_card.is_open, open_card.days_left) == (False, True, 14)
    Invoice.objects.filter(pk=invoice.pk).update(invoice_no="INV-78")
    invoice.refresh_from_db()
    assert invoice_card.card(invoice=invoice, today=today).is_stale
    Invoice.objects.filter(pk=invoice.pk).update(invoice_no="INV-77")
    given = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="Wrong", lines=(0,))
    answers.submit_answer(token=token_of(sent), submitted=given, ip=None, at=NOON)
    invoice.refresh_from_db()
    disputed = invoice_card.card(invoice=invoice, today=today)
    assert (disputed.can_resubmit, disputed.can_request, disputed.disputed) == (True, False, (("Beans", ""),))
    assert disputed.confirmation is not None


def test_what_a_buyer_writes_stays_text_on_the_suppliers_page(member: Client, invoice: Invoice) -> None:
    given = SubmittedAnswer(answer=Answer.PART, name=f"Ann {CANARY}", reason=CANARY, amount=Decimal("5.00"))
    answers.submit_answer(token=token_of(ask(invoice)), submitted=given, ip=None, at=NOON)
    shown = member.get(to("invoice", invoice)).content.decode()
    assert "Partly confirmed" in shown
    assert "<script>alert" not in shown


def test_the_page_of_the_invoice_leads_from_question_to_answer(member: Client, invoice: Invoice) -> None:
    approve_directly(invoice.supplier)
    address = to("invoice", invoice)
    assert "Ask buyer to confirm" in member.get(address).content.decode()
    draft(invoice)
    assert "Review draft" in member.get(address).content.decode()
    sent = ask(invoice)
    assert "Cancel request" in member.get(address).content.decode()
    given = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann", reason="Wrong price")
    answers.submit_answer(token=token_of(sent), submitted=given, ip=None, at=NOON)
    shown = member.get(address).content.decode()
    assert "Wrong price" in shown
    assert "ve fixed it, resubmit" in shown


def test_every_address_in_quickbooks_is_offered(member: Client, invoice: Invoice) -> None:
    approve_directly(invoice.supplier)
    invoice.buyer_email = "ap@northwind.example, controller@northwind.example"
    invoice.save()
    draft(invoice)
    shown = page(member, invoice)
    assert 'value="ap@northwind.example"' in shown
    assert 'value="controller@northwind.example"' in shown
    said = {"to": "other", "other_to": "", "subject": "x", "body": "{link}", "lifetime_days": "14"}
    assert "Enter the address" in member.post(to("verification_approve", invoice), said).content.decode()
    member.post(to("verification_approve", invoice), {**said, "to": "controller@northwind.example"})
    assert Verification.objects.get().to == "controller@northwind.example"
    assert not Verification.objects.get().address_changed
