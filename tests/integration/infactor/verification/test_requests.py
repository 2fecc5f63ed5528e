"""A verification request sends an approved text to the right buyer once, and ends without an answer."""

import base64
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.core.transitions import TransitionNotAllowed
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus, State
from infactor.suppliers.models import Application, Owner
from infactor.users.roles import NotAllowed
from infactor.verification import (
    email_texts,
    links,
    rate_limits,
    recipients,
    reminders,
    requests,
)
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from infactor.verification.rate_limits import INVOICE_WINDOW, MAX_REQUESTS_PER_INVOICE, RateLimitExceeded
from tests.support.factories.suppliers import EveryPermissionFactory, InvoiceFactory, MembershipFactory, UserFactory
from tests.support.scenarios.verification import NOON, ask, draft, member_of, token_of

pytestmark = pytest.mark.django_db
Status = Verification.Status


@pytest.fixture
def invoice() -> Invoice:
    return InvoiceFactory(invoice_no="INV-77", buyer_email="nonsense, ap@buyer.example, boss@buyer.example")


def approve(drafted: Verification, **changes: object) -> Verification:
    said = {"subject": drafted.subject, "body": drafted.body, "to": drafted.to, **changes}
    return requests.approve_and_send(verification=drafted, by=member_of(drafted.invoice), at=NOON, **said)  # type: ignore[arg-type]


def test_a_draft_is_written_to_the_first_address_that_is_one_and_sends_nothing(invoice: Invoice) -> None:
    drafted = draft(invoice)
    assert (drafted.status, drafted.to) == (Status.DRAFTED, "ap@buyer.example")
    assert "INV-77" in drafted.subject
    assert drafted.body.count(email_texts.PLACEHOLDER) == 1
    assert not OutgoingMail.objects.exists()


def test_drafting_twice_gives_the_same_question(invoice: Invoice) -> None:
    assert draft(invoice) == draft(invoice)


def test_the_database_itself_takes_no_second_open_question(invoice: Invoice) -> None:
    first = draft(invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.create(
            supplier=invoice.supplier,
            invoice=invoice,
            drafted_by=first.drafted_by,
            drafted_at=NOON,
            **requests.snapshot_fields(invoice=invoice),
        )


def test_approving_sends_one_mail_with_the_text_and_the_link_and_no_account(invoice: Invoice) -> None:
    sent = ask(invoice)
    mail = OutgoingMail.objects.get()
    assert (sent.status, sent.sent_at, sent.expires_at) == (Status.SENT, NOON, NOON + requests.LINK_LIFETIME)
    assert (mail.to, mail.subject) == ("ap@buyer.example", sent.subject)
    assert email_texts.PLACEHOLDER not in mail.body
    assert "000000000000" not in mail.body
    assert "pay" not in mail.body.casefold()
    assert "IF-" not in mail.body
    assert links.find_link(token=token_of(sent)).verification == sent
    assert not sent.address_changed


def test_the_row_alone_opens_no_page(invoice: Invoice) -> None:
    token = token_of(ask(invoice))
    row = str(Verification.objects.values().get())
    assert token[24:40] not in row  # inside the nonce
    assert base64.urlsafe_b64decode(token)[16:32].hex() not in row


def test_approving_twice_is_refused_and_sends_nothing_more(invoice: Invoice) -> None:
    sent = ask(invoice)
    with pytest.raises(TransitionNotAllowed):
        approve(sent)
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    ["no link", "{link} {link}", "{link} https://evil.example", "{link} www.evil.example", "{link}" + "x" * 5000],
)
def test_a_text_without_our_link_or_with_another_is_refused(invoice: Invoice, body: str) -> None:
    with pytest.raises(email_texts.InvalidText) as refused:
        approve(draft(invoice), body=body)
    assert refused.value.field == "body"


def test_signs_that_nobody_sees_do_not_go_out(invoice: Invoice) -> None:
    sent = approve(draft(invoice), subject="Please\r\nBcc: x@y.example \u202egnp", body="Hi\x00 \u200b{link}")
    mail = OutgoingMail.objects.get()
    assert mail.subject == "Please Bcc: x@y.example gnp"
    assert sent.body == "Hi {link}"


@pytest.mark.parametrize(
    ("member", "to", "is_refused"),
    [
        ("me@roaster.example", "me@roaster.example", True),
        ("me@roaster.example", "Other@Roaster.example", True),
        ("me@roaster.example", "ap@mail.roaster.example", True),
        ("me@mail.roaster.example", "ap@roaster.example", True),
        ("me@roaster.example", "ap@notroaster.example", False),
        ("me@gmail.com", "m.e+buyer@googlemail.com", True),
        ("me@gmail.com", "buyer@gmail.com", False),
        ("me@roaster.example", "no address", True),
        ("me@roaster.example", "a@b.example, c@d.example", True),
        ("me@roaster.example", "", True),
    ],
)
def test_nobody_confirms_an_invoice_of_their_own(invoice: Invoice, member: str, to: str, is_refused: bool) -> None:
    MembershipFactory(supplier=invoice.supplier, user__email=member)
    drafted = draft(invoice)
    if not is_refused:
        assert approve(drafted, to=to).address_changed
        return
    with pytest.raises(recipients.InvalidRecipient):
        approve(drafted, to=to)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("to", ["robin@larkspur.example", "ap@larkspur.example", '"robin"@larkspur.example'])
def test_nor_does_who_owns_the_company(invoice: Invoice, to: str) -> None:
    application = Application.objects.get(supplier=invoice.supplier)
    Owner.objects.create(application=application, name="Robin", share=100, email="robin@larkspur.example")
    drafted = draft(invoice)
    with pytest.raises(recipients.InvalidRecipient):
        approve(drafted, to=to)


@pytest.mark.parametrize(
    ("member", "to"),
    [("me@gmail.com", '"m.e"@gmail.com'), ("me@bücher.example", "ap@xn--bcher-kva.example")],
)
def test_nor_by_another_spelling_of_the_address(invoice: Invoice, member: str, to: str) -> None:
    MembershipFactory(supplier=invoice.supplier, user__email=member)
    drafted = draft(invoice)
    with pytest.raises(recipients.InvalidRecipient):
        approve(drafted, to=to)


def test_a_draft_passes_over_an_address_of_the_supplier_in_its_own_books(invoice: Invoice) -> None:
    MembershipFactory(supplier=invoice.supplier, user__email="me@buyer.example")
    assert draft(invoice).to == ""


def test_only_a_member_of_the_supplier_asks(invoice: Invoice) -> None:
    drafted = draft(invoice)
    stranger, staff = MembershipFactory().user, EveryPermissionFactory()
    for by in (stranger, staff):
        with pytest.raises(NotAllowed):
            requests.draft(invoice=invoice, by=by, at=NOON)
        with pytest.raises(NotAllowed):
            requests.approve_and_send(verification=drafted, by=by, subject="x", body="{link}", to=drafted.to, at=NOON)
    with pytest.raises(NotAllowed):
        requests.withdraw(verification=drafted, by=stranger, at=NOON)


@pytest.mark.parametrize(
    "columns",
    [
        {"books_status": BooksStatus.PAID},
        {"books_status": BooksStatus.VOIDED},
        {"books_status": BooksStatus.DELETED},
        {"balance": None},
        {"currency": ""},
        {"state": State.REJECTED},
        {"state": State.COMPLETED},
    ],
)
def test_what_nobody_owes_is_not_asked_about(columns: dict[str, object]) -> None:
    with pytest.raises(NotVerifiable):
        draft(InvoiceFactory(**columns))


def test_what_is_sent_is_the_invoice_of_that_moment(invoice: Invoice) -> None:
    drafted = draft(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(balance="500.00", invoice_no="INV-78")
    sent = approve(drafted)
    assert (str(sent.balance_asked), sent.facts["number"]) == ("500.00", "INV-78")


def test_a_buyer_is_not_written_to_more_than_three_times_a_week(invoice: Invoice) -> None:
    for _ in range(MAX_REQUESTS_PER_INVOICE):
        requests.withdraw(verification=ask(invoice), by=member_of(invoice), at=NOON)
    with pytest.raises(RateLimitExceeded):
        ask(invoice)
    assert ask(invoice, at=NOON + INVOICE_WINDOW).status == Status.SENT


def test_nobody_is_flooded_with_questions_about_ever_other_invoices(
    invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_EMAILS_PER_ADDRESS", 2)
    others = [InvoiceFactory(buyer=invoice.buyer) for _ in range(3)]
    for other, to in zip(others, ("victim@else.example", "Victim@else.example"), strict=False):
        ask(other, to=to)
    with pytest.raises(RateLimitExceeded):
        ask(invoice, to="victim@else.example")
    assert ask(invoice, to="ap@buyer.example").status == Status.SENT
    assert ask(others[2], to="victim@else.example", at=NOON + timedelta(days=1)).status == Status.SENT


def test_a_number_adds_no_line_to_the_mail(invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(invoice_no="77\nAccount: 999")
    ask(Invoice.objects.get(pk=invoice.pk))
    body = OutgoingMail.objects.get().body
    assert "77 Account: 999" in body


def test_a_reminder_goes_once_and_both_links_work(invoice: Invoice) -> None:
    sent = ask(invoice)
    after = timedelta(days=4)
    assert reminders.remind_due(at=NOON + after - timedelta(seconds=1), after=after) == 0
    assert reminders.remind_due(at=NOON + after, after=after) == 1
    assert reminders.remind_due(at=NOON + after, after=after) == 0
    mails = OutgoingMail.objects.filter(to="ap@buyer.example").order_by("pk")
    assert [mail.subject.startswith("Reminder: ") for mail in mails] == [False, True]
    assert {links.find_link(token=token_of(sent, mail=number)).verification.pk for number in (0, 1)} == {sent.pk}
    assert AuditEvent.objects.filter(event="verification.reminder").count() == 1


def test_a_question_that_cannot_be_followed_keeps_no_other_from_it(invoice: Invoice) -> None:
    bad, good = ask(invoice), ask(InvoiceFactory())
    with connection.cursor() as cursor:  # a fault that nobody thought of
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE verification_verification ADD CONSTRAINT unthought_of"
            f" CHECK (id <> {bad.pk} OR (status = 'sent' AND reminded_at IS NULL)) NOT VALID"
        )
    with capture_logs() as logs:
        assert reminders.remind_due(at=NOON + timedelta(days=5)) == 1
        assert requests.expire_due(at=NOON + requests.LINK_LIFETIME) == 1
    assert [(line["event"], line["verification"]) for line in logs] == [("verification_step_failed", bad.pk)] * 2
    good.refresh_from_db()
    assert good.status == Status.EXPIRED


@pytest.mark.parametrize("columns", [{"invoice_amount": "9.00"}, {"books_status": BooksStatus.PAID}])
def test_nobody_is_reminded_of_what_is_no_longer_so(invoice: Invoice, columns: dict[str, object]) -> None:
    ask(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**columns)
    assert reminders.remind_due(at=NOON + timedelta(days=5)) == 0


def test_a_question_expires_by_the_clock_and_its_owners_are_told_once(invoice: Invoice) -> None:
    sent = ask(invoice, life=timedelta(days=2))
    assert requests.expire_due(at=NOON + timedelta(days=2) - timedelta(seconds=1)) == 0
    assert requests.expire_due(at=NOON + timedelta(days=2)) == 1
    assert requests.expire_due(at=NOON + timedelta(days=2)) == 0
    sent.refresh_from_db()
    assert sent.status == Status.EXPIRED
    assert reminders.remind_due(at=NOON + timedelta(days=5)) == 0
    told = OutgoingMail.objects.filter(key__startswith="verification.expired:")
    assert [mail.to for mail in told] == [member_of(invoice).email]
    assert ask(invoice, at=NOON + timedelta(days=3)).status == Status.SENT


def test_staff_who_may_send_the_mail_once_more_and_others_not(invoice: Invoice) -> None:
    sent = ask(invoice)
    with pytest.raises(NotAllowed):
        reminders.resend(verification=sent, by=UserFactory(is_staff=True), at=NOON)
    reminders.resend(verification=sent, by=EveryPermissionFactory(), at=NOON)
    assert links.find_link(token=token_of(sent, mail=1)).verification == sent
    requests.withdraw(verification=sent, by=EveryPermissionFactory(), at=NOON, reason="By mistake")
    with pytest.raises(NotVerifiable):
        reminders.resend(verification=sent, by=EveryPermissionFactory(), at=NOON)


def test_a_buyers_link_survives_the_rotation_of_both_keys_until_the_old_signing_key_is_dropped(
    invoice: Invoice, settings: Settings
) -> None:
    token = token_of(ask(invoice))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [settings.SECRET_KEY]
    settings.FINGERPRINT_KEY = "another"
    assert links.find_link(token=token).verification.invoice == invoice
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(links.UnknownLink):
        links.find_link(token=token)
