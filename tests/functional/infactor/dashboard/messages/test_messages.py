"""A supplier writes to staff and reads the answers: once for each form, its own only, and never more than it may."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.correspondence import writing
from infactor.correspondence.models import Message, Thread
from infactor.documents.models import Document
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership, Notification, NotificationKind, Supplier
from infactor.users.models import User
from tests.support.delivery import delivered
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    InvoiceFactory,
    MembershipFactory,
    SupplierFactory,
)
from tests.support.files import PDF

pytestmark = pytest.mark.django_db
SECRET = "The key is under the mat"


@pytest.fixture
def invoice(supplier: Supplier) -> Invoice:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    return InvoiceFactory(buyer=buyer, invoice_no="1081")


def send(client: Client, address: str = "/messages/new/", **values: Any) -> HttpResponse:
    posted = {"text": "Where is my money?", "key": uuid.uuid4(), **values}
    return client.post(address, posted, follow=True)  # type: ignore[return-value]


def answered(supplier: Supplier, staff: User, **given: Any) -> Message:
    values: dict[str, Any] = {"about": None, "key": uuid.uuid4(), "text": SECRET, "by": staff, "at": timezone.now()}
    return writing.answer(supplier=supplier, **{**values, **given})


def test_a_message_and_its_answer_stand_in_one_thread(member: Client, supplier: Supplier, staff: User) -> None:
    assert "Where is my money?" in send(member).content.decode()
    thread = Thread.objects.get()
    assert thread.waiting_since is not None
    answered(supplier, staff)
    page = member.get(f"/messages/{thread.public_id}/").content.decode()
    assert page.index("Where is my money?") < page.index(SECRET)
    assert staff.email not in page
    thread.refresh_from_db()
    assert thread.waiting_since is None


def test_what_staff_wrote_counts_as_unread_until_this_person_opens_it(
    member: Client, supplier: Supplier, staff: User
) -> None:
    message = answered(supplier, staff)
    assert member.get("/settings/").context["unread_messages"] == 1
    assert "1 unread" in member.get("/messages/").content.decode()
    member.head(f"/messages/{message.thread.public_id}/")
    assert member.get("/settings/").context["unread_messages"] == 1
    member.get(f"/messages/{message.thread.public_id}/")
    assert member.get("/settings/").context["unread_messages"] == 0
    colleague = Client()
    colleague.force_login(MembershipFactory(supplier=supplier, role="finance").user)
    answered(supplier, staff)
    assert colleague.get("/settings/").context["unread_messages"] == 1


def test_what_was_written_before_a_colleague_joined_is_not_new_to_them(supplier: Supplier, staff: User) -> None:
    message = answered(supplier, staff)
    colleague = Client()
    colleague.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    assert colleague.get("/settings/").context["unread_messages"] == 0
    assert "unread" not in colleague.get("/messages/").content.decode().partition("<main")[2]
    assert SECRET in colleague.get(f"/messages/{message.thread.public_id}/").content.decode()


def test_all_are_marked_as_read_that_the_list_showed(supplier: Supplier, staff: User, invoice: Invoice) -> None:
    reader = Client()
    reader.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    shown = [answered(supplier, staff, about=about) for about in (None, invoice, invoice)]
    page = reader.get("/messages/").content.decode()
    assert "Mark all as read" in page
    assert f'name="last" value="{shown[-1].pk}"' in page
    answered(supplier, staff)
    for value in ("x", "", "9" * 40, "-1"):
        reader.post("/messages/read", {"last": value})
        assert reader.get("/settings/").context["unread_messages"] == 4
    for _ in range(2):
        assert reader.post("/messages/read", {"last": shown[-1].pk})["Location"] == "/messages/"
        assert reader.get("/settings/").context["unread_messages"] == 1
    reader.post("/messages/read", {"last": shown[0].pk})
    assert reader.get("/settings/").context["unread_messages"] == 1
    reader.post("/messages/read", {"last": 10**17})
    assert reader.get("/settings/").context["unread_messages"] == 0
    assert "Mark all as read" not in reader.get("/messages/").content.decode()


def test_who_writes_has_not_read_what_they_were_not_shown(
    member: Client, supplier: Supplier, staff: User, invoice: Invoice
) -> None:
    message = answered(supplier, staff, about=invoice)
    user = supplier.members.get()
    Membership.objects.filter(user=user).update(created_at=timezone.now() - timedelta(hours=1))
    writing.write(supplier=supplier, about=invoice, key=uuid.uuid4(), text="Hi", by=user, at=timezone.now())
    assert member.get("/settings/").context["unread_messages"] == 1
    member.get(f"/messages/{message.thread.public_id}/")
    earlier = message.written_at - timedelta(minutes=1)  # begun before the page was opened, and committed after it
    answered(supplier, staff, about=invoice, at=earlier)
    assert member.get("/settings/").context["unread_messages"] == 1


def test_who_sends_very_many_files_waits(member: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "upload": "2/m/user"}
    assert send(member).status_code == 200
    address = f"/messages/{Thread.objects.get().public_id}/"
    assert send(member, address).status_code == 200
    assert send(member, address).status_code == 429
    assert member.get(address).status_code == 200


def test_the_form_says_how_many_files_and_how_large(member: Client) -> None:
    assert "Up to 5 files, 10 MB together" in member.get("/messages/new/").content.decode()


def test_an_invoice_without_a_number_has_its_link(member: Client, supplier: Supplier) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    unnamed = InvoiceFactory(buyer=buyer, invoice_no="")
    assert (
        f"/invoices/{unnamed.public_id}/" in member.get(f"/messages/new/?invoice={unnamed.public_id}").content.decode()
    )


def test_the_people_are_notified_without_the_text(member: Client, supplier: Supplier, staff: User) -> None:
    message = answered(supplier, staff)
    (mail,) = [one for one in delivered() if one.to == [supplier.members.get().email]]
    assert f"/messages/{message.thread.public_id}/" in mail.body
    assert SECRET not in mail.body + mail.subject
    note = Notification.objects.get(kind=NotificationKind.MESSAGES)
    assert SECRET not in note.title
    assert note.path == f"/messages/{message.thread.public_id}/"


def test_staff_are_mailed_once_until_somebody_answers(member: Client, supplier: Supplier, staff: User) -> None:
    for text in (SECRET, "And another thing"):
        send(member, text=text)
    (mail,) = [one for one in delivered() if one.to == [staff.email]]
    assert SECRET not in mail.body + mail.subject
    answered(supplier, staff)
    send(member)
    assert len([one for one in delivered() if one.to == [staff.email]]) == 2


def test_a_double_click_sends_one_message(member: Client) -> None:
    key = uuid.uuid4()
    first, second = (send(member, key=key) for _ in range(2))
    assert first.redirect_chain == second.redirect_chain  # type: ignore[attr-defined]
    assert Message.objects.count() == Document.objects.count() + 1 == 1
    assert AuditEvent.objects.filter(event="message.written").count() == 1


def test_a_key_of_somebody_else_is_refused_and_the_text_stays(member: Client) -> None:
    stranger = MembershipFactory()
    theirs = writing.write(
        supplier=stranger.supplier, about=None, key=uuid.uuid4(), text="Hi", by=stranger.user, at=timezone.now()
    )
    page = send(member, key=theirs.public_id)
    assert page.status_code == 422
    assert "Where is my money?" in page.content.decode()
    assert Message.objects.count() == 1


def test_files_come_with_it_and_are_downloaded_by_its_company_only(member: Client, supplier: Supplier) -> None:
    files = [SimpleUploadedFile(f"order{number}.pdf", PDF + b"%" * number) for number in (1, 2)]
    page = send(member, attachments=files).content.decode()
    assert "order1.pdf" in page
    kept = Document.objects.order_by("pk").first()
    assert kept is not None
    address = f"/messages/files/{kept.public_id}/"
    saved = member.get(address)
    assert saved.content == PDF + b"%"
    assert saved["Content-Disposition"].startswith("attachment")
    stranger = Client()
    stranger.force_login(MembershipFactory().user)
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"text": "  \u200b "}, "Write a message."),
        ({"text": "x" * 4001}, "at most 4000 characters"),
        ({"attachments": [SimpleUploadedFile("a.exe", b"MZ\x90\x00")]}, "a.exe"),
        ({"attachments": [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)]}, "at most 5 files"),
    ],
)
def test_what_cannot_be_kept_is_refused_as_a_whole(member: Client, values: dict[str, Any], sentence: str) -> None:
    page = send(member, **values)
    assert page.status_code == 422
    if "a.exe" not in sentence:
        assert sentence in page.content.decode()
    assert not Message.objects.exists()
    assert not Document.objects.exists()
    assert not Thread.objects.exists()


def test_files_that_are_too_large_together_are_refused(member: Client, settings: Any) -> None:
    settings.DOCUMENT_MAX_BYTES = 2 * len(PDF) - 1
    files = [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(2)]
    page = send(member, attachments=files)
    assert page.status_code == 422
    assert "together" in page.content.decode()


def test_a_company_that_has_written_very_much_today_waits(member: Client, supplier: Supplier) -> None:
    thread = Thread.objects.create(supplier=supplier, last_written_at=timezone.now())
    Message.objects.bulk_create(
        Message(
            public_id=uuid.uuid4(),
            thread=thread,
            supplier=supplier,
            author=supplier.members.get(),
            is_from_staff=False,
            text="More",
            written_at=timezone.now(),
        )
        for _ in range(settings.MESSAGES_PER_DAY)
    )
    page = send(member, f"/messages/{thread.public_id}/")
    assert page.status_code == 422
    assert "Where is my money?" in page.content.decode()
    assert Message.objects.count() == settings.MESSAGES_PER_DAY


def test_a_reader_reads_and_cannot_write(supplier: Supplier, staff: User) -> None:
    message = answered(supplier, staff)
    reader = Client()
    reader.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    page = reader.get(f"/messages/{message.thread.public_id}/").content.decode()
    assert SECRET in page
    assert "<textarea" not in page
    assert send(reader, f"/messages/{message.thread.public_id}/").status_code == 403
    assert Message.objects.count() == 1


def test_one_thread_for_each_invoice(member: Client, invoice: Invoice) -> None:
    address = f"/messages/new/?invoice={invoice.public_id}"
    assert "Messages about <bdi>invoice 1081</bdi>" in member.get(address).content.decode()
    send(member, address)
    assert member.get(address).status_code == 302
    send(member, address, text="Again")
    assert Thread.objects.get().invoice == invoice


@pytest.mark.parametrize("name", ["invoice", "request", "advance"])
@pytest.mark.parametrize("value", ["x", "7a0e9f52-2f0c-4f0b-9d63-d2a3c1b8e4f6"])
def test_a_row_that_is_not_there_is_not_found(member: Client, name: str, value: str) -> None:
    assert member.get(f"/messages/new/?{name}={value}").status_code == 404


def test_nothing_of_another_company_is_there(member: Client, invoice: Invoice, staff: User) -> None:
    other = SupplierFactory()
    theirs = answered(other, staff).thread
    foreign = InvoiceFactory()
    assert member.get(f"/messages/{theirs.public_id}/").status_code == 404
    assert send(member, f"/messages/{theirs.public_id}/").status_code == 404
    assert member.get(f"/messages/new/?invoice={foreign.public_id}").status_code == 404
    assert send(member, f"/messages/new/?invoice={foreign.public_id}").status_code == 404
    assert SECRET not in member.get("/messages/").content.decode()
    assert Message.objects.count() == 1


def test_hostile_text_stays_text(member: Client) -> None:
    page = send(member, text="<script>alert(1)</script>\u202e").content.decode()
    assert "<script>alert(1)" not in page
