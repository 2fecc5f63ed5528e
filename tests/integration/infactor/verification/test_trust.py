"""Who may have infactor write to a buyer, where the buyer's replies go, and the receipt of its answer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import OutgoingMail
from infactor.invoices.models import Invoice
from infactor.suppliers.models import AgreementText, Application
from infactor.users.models import User
from infactor.verification import answers, reminders, requests
from infactor.verification.answers import Answer, SubmittedAnswer
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    EveryPermissionFactory,
    InvoiceFactory,
    MembershipFactory,
)
from tests.support.scenarios.verification import NOON, ask, draft, member_of, token_of

pytestmark = pytest.mark.django_db
ALL = SubmittedAnswer(answer=Answer.ALL, name="Ann Payable")
PART = SubmittedAnswer(answer=Answer.PART, name="Ann Payable", amount=Decimal("900.00"), reason="One box is missing")
DISPUTE = SubmittedAnswer(answer=Answer.DISPUTE, name="Ann Payable", reason="Never delivered", lines=(0,))


@pytest.fixture
def invoice() -> Invoice:
    return InvoiceFactory()


@pytest.fixture
def staff() -> User:
    return EveryPermissionFactory()


def test_a_supplier_that_never_applied_cannot_have_us_write_to_a_buyer() -> None:
    supplier = MembershipFactory().supplier
    invoice = InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)))
    with pytest.raises(NotVerifiable, match="Finish your application"):
        requests.draft(invoice=invoice, by=member_of(invoice), at=NOON)
    assert not Verification.objects.exists()


def test_a_draft_is_not_sent_once_the_supplier_may_no_longer_ask(invoice: Invoice) -> None:
    drafted = draft(invoice)
    AgreementText.objects.create(version=99, title="A new agreement", body="Text.", published_at=NOON)
    with pytest.raises(NotVerifiable, match="agreement is not accepted"):
        requests.approve_and_send(
            verification=drafted,
            by=member_of(invoice),
            subject=drafted.subject,
            body=drafted.body,
            to=drafted.to,
            at=NOON,
        )
    assert not OutgoingMail.objects.exists()


def test_nobody_reminds_a_buyer_for_a_supplier_that_was_put_on_hold(invoice: Invoice) -> None:
    asked = ask(invoice)
    Application.objects.filter(supplier=invoice.supplier).update(status="on_hold", reason="A question is open.")
    assert reminders.remind_due(at=NOON + timedelta(days=5)) == 0
    staff = EveryPermissionFactory()
    with pytest.raises(NotVerifiable, match="Finish your application"):
        reminders.resend(verification=asked, by=staff, at=NOON)
    assert OutgoingMail.objects.filter(to=asked.to).count() == 1


def test_the_buyer_replies_to_the_person_who_approved_the_text(invoice: Invoice) -> None:
    sent = ask(invoice)
    assert OutgoingMail.objects.get(to=sent.to).reply_to == member_of(invoice).email


def test_no_mail_to_a_buyer_holds_a_mark_that_turns_the_direction() -> None:
    invoice = InvoiceFactory(invoice_no="INV-\u202e77\u2066")
    mail = OutgoingMail.objects.get(to=ask(invoice).to)
    assert "INV-77" in mail.subject
    assert "INV-77" in mail.body
    assert not {"\u202e", "\u2066"} & set(mail.subject + mail.body)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (ALL, "Response: Approved in full\n  Amount approved: $1,080.00"),
        (PART, "Amount approved: $900.00\n  Amount open: $1,080.00"),
        (DISPUTE, "Reason:\n> Never delivered"),
    ],
)
def test_the_buyer_gets_a_receipt_of_what_it_answered(invoice: Invoice, given: SubmittedAnswer, said: str) -> None:
    answered = answers.submit_answer(token=token_of(ask(invoice)), submitted=given, ip="203.0.113.9", at=NOON)
    receipt = OutgoingMail.objects.get(key=f"verification.receipt:{answered.pk}")
    assert (receipt.to, receipt.reply_to) == (answered.to, member_of(invoice).email)
    assert said in receipt.body
    assert "Responded by: Ann Payable" in receipt.body
    assert "/buyer/" not in receipt.body


def test_an_answer_by_phone_without_a_request_sends_no_receipt(invoice: Invoice, staff: User) -> None:
    answers.record_phone_answer(invoice=invoice, by=staff, submitted=ALL, at=NOON)
    assert not OutgoingMail.objects.filter(key__startswith="verification.receipt").exists()
