"""Staff find what waits, answer it, give it to one of them, and write to a supplier first."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import AuditEvent
from infactor.correspondence import threads, writing
from infactor.correspondence.models import Message, Thread
from infactor.users.models import User
from tests.support.admin_client import PREVIEW_TOKEN
from tests.support.delivery import delivered
from tests.support.factories.suppliers import EveryPermissionFactory, InvoiceFactory, MembershipFactory
from tests.support.files import PDF

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread() -> Thread:
    invoice = InvoiceFactory(invoice_no="1081")
    member = MembershipFactory(supplier=invoice.supplier)
    at = timezone.now() - timedelta(days=2)
    message = writing.write(
        supplier=invoice.supplier, about=invoice, key=uuid.uuid4(), text="Where is it?", by=member.user, at=at
    )
    return message.thread


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def token_of(client: Client, address: str) -> str:
    found = PREVIEW_TOKEN.search(client.get(address).content.decode())
    assert found is not None
    return found[1]


def confirm(client: Client, address: str, **values: object) -> str:
    page = client.post(address, {"preview_token": token_of(client, address), **values}, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def page_of(thread: Thread, decision: str = "") -> str:
    return reverse("admin:correspondence_thread_change", args=[thread.pk]).replace("change/", decision)


def test_what_waits_is_on_the_home_page_with_its_age(desk: Client, thread: Thread) -> None:
    home = desk.get("/admin/").content.decode()
    assert "Messages to answer" in home
    assert "/admin/correspondence/thread/?waiting=yes" in home
    waiting = desk.get("/admin/correspondence/thread/?waiting=yes").content.decode()
    assert "Invoice 1081" in waiting
    assert "2\xa0days" in waiting


def test_an_answer_reaches_the_supplier_and_empties_the_queue(desk: Client, thread: Thread, staff: User) -> None:
    address = page_of(thread, "answer/")
    assert "Where is it?" in desk.get(address).content.decode()
    page = confirm(desk, address, text="Tomorrow.", key=uuid.uuid4(), attachments=[SimpleUploadedFile("slip.pdf", PDF)])
    assert "Tomorrow." in page
    assert "slip.pdf" in page
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.assigned_to) == (None, staff)
    assert any("Read and answer" in one.body for one in delivered())
    assert AuditEvent.objects.filter(event="message.written").count() == 2


def test_a_double_click_answers_once(desk: Client, thread: Thread) -> None:
    address, key = page_of(thread, "answer/"), uuid.uuid4()
    values = {"preview_token": token_of(desk, address), "text": "Tomorrow.", "key": key}
    for _ in range(2):
        assert desk.post(address, values).status_code == 302
    assert Message.objects.filter(is_from_staff=True).count() == 1


def test_an_answer_to_what_was_not_seen_is_asked_again(desk: Client, thread: Thread) -> None:
    address = page_of(thread, "answer/")
    token = token_of(desk, address)
    member = thread.supplier.members.get()
    writing.write(
        supplier=thread.supplier, about=thread.about, key=uuid.uuid4(), text="Found it", by=member, at=timezone.now()
    )
    page = desk.post(address, {"preview_token": token, "text": "Tomorrow.", "key": uuid.uuid4()})
    assert "Found it" in page.content.decode()
    assert "Tomorrow." in page.content.decode()
    assert not Message.objects.filter(is_from_staff=True).exists()


def test_only_the_one_who_is_responsible_is_mailed(desk: Client, thread: Thread, staff: User) -> None:
    other = EveryPermissionFactory()
    delivered().clear()
    confirm(desk, page_of(thread, "assign/"), person=str(other.pk))
    thread.refresh_from_db()
    assert thread.assigned_to == other
    threads.settle(thread=thread, by=staff, at=timezone.now())
    member = thread.supplier.members.get()
    writing.write(
        supplier=thread.supplier, about=thread.about, key=uuid.uuid4(), text="Hello?", by=member, at=timezone.now()
    )
    assert [one.to for one in delivered() if "waits for an answer" in one.body] == [[other.email]]


def test_what_needs_no_answer_waits_no_more(desk: Client, thread: Thread) -> None:
    assert "Nothing waits here any more" in confirm(desk, page_of(thread, "settle/"))
    thread.refresh_from_db()
    assert thread.waiting_since is None
    assert desk.get(page_of(thread, "settle/")).status_code == 302


def test_a_message_that_arrives_meanwhile_is_not_settled_unseen(thread: Thread, staff: User) -> None:
    seen = Thread.objects.get(pk=thread.pk)
    Thread.objects.filter(pk=thread.pk).update(waiting_since=timezone.now())
    with pytest.raises(threads.MessageRefused):
        threads.settle(thread=seen, by=staff, at=timezone.now())


def test_staff_write_first_from_the_page_of_a_row(desk: Client) -> None:
    invoice = InvoiceFactory(invoice_no="1082")
    page = desk.get(reverse("admin:invoices_invoice_change", args=[invoice.pk])).content.decode()
    address = f"/admin/correspondence/thread/add/?about=invoice%3A{invoice.pk}"
    assert address in page
    assert "Please send the order." in confirm(desk, address, text="Please send the order.", key=uuid.uuid4())
    assert Thread.objects.get().invoice == invoice
    general = f"/admin/correspondence/thread/add/?about=supplier:{invoice.supplier_id}"
    confirm(desk, general, text="Welcome.", key=uuid.uuid4())
    assert Thread.objects.filter(supplier=invoice.supplier, invoice=None).count() == 1


@pytest.mark.parametrize("about", ["", "invoice:0", "invoice:x", "user:1", "advance:999999"])
def test_an_address_that_names_no_row_is_not_found(desk: Client, about: str) -> None:
    assert desk.get(f"/admin/correspondence/thread/add/?about={about}").status_code == 404
