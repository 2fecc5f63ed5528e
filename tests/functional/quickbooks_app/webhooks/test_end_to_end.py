"""An edit in QuickBooks reaches the invoice by webhook, over HTTP: sandbox, infactor, worker."""

import time
from collections.abc import Callable, Iterator

import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_format
from pytest_django.live_server_helper import LiveServer

from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from quickbooks_app.models import Connection, WebhookEvent
from quickbooks_app.sandbox.webhooks.deliveries import Sender
from quickbooks_app.webhooks import processing
from tests.functional.quickbooks_app.webhooks.conftest import REALM, Company, reads
from tests.support.admin_client import visible_text
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sending(company: Company, live_server: LiveServer, notified: list[int]) -> Iterator[Company]:
    """The sandbox, sending webhooks to a real infactor with the shortest delays."""
    webhooks = company.running.webhooks
    webhooks.url = f"{live_server.url}/quickbook/webhook"
    webhooks.written = webhooks.written.changed(speed_up=1000)
    sender = Sender(store=company.store, webhooks=webhooks)
    sender.start()
    yield company
    sender.stop()


def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def follow(connection: Connection) -> None:
    while processing.process_pending(connection_id=connection.pk, now=timezone.now):
        pass


@pytest.mark.parametrize("older", [False, True], ids=["cloud events", "older envelope"])
def test_what_happens_in_the_books_is_here_however_often_and_in_whatever_order_it_is_told(
    sending: Company, connection: Connection, notified: list[int], older: bool
) -> None:
    webhooks = sending.running.webhooks
    webhooks.written = webhooks.written.changed(older=older, duplicated=True, shuffled=True)
    edited, voided, deleted, paid = sending.invoices()[:4]
    sending.edit(edited, DocNumber="FIRST")
    sending.edit(edited, DocNumber="LAST")
    sending.remove(voided, "void")
    sending.edit(deleted, DocNumber="SOON-GONE")
    sending.remove(deleted)
    sending.pay(paid, 1)
    until(lambda: webhooks.recent() and {one.state for one in webhooks.recent()} == {"delivered"})
    told = WebhookEvent.objects.count()
    assert told == len({event.event_id for one in webhooks.recent() for event in one.events}) or older
    assert len(webhooks.recent()) == 2 * 7
    follow(connection)
    ours = {invoice.qbk_invoice_id: invoice for invoice in Invoice.objects.all()}
    assert ours[edited["Id"]].invoice_no == "LAST"
    assert ours[voided["Id"]].books_status == BooksStatus.VOIDED
    assert ours[paid["Id"]].books_status == BooksStatus.PARTLY_PAID
    assert deleted["Id"] not in ours or ours[deleted["Id"]].books_status == BooksStatus.DELETED
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"handled"}
    assert reads(connection) <= 8
    assert notified == [connection.pk]


def test_what_was_refused_while_the_door_was_closed_arrives_once_it_is_open(
    sending: Company, connection: Connection
) -> None:
    webhooks = sending.running.webhooks
    right, webhooks.verifier = webhooks.verifier, "another token"
    first, second = sending.invoices()[:2]
    sending.edit(first, DocNumber="REFUSED")
    until(lambda: webhooks.recent() and webhooks.recent()[0].attempts)
    assert webhooks.recent()[0].attempts[0].status == 401
    assert not WebhookEvent.objects.exists()
    webhooks.verifier = right
    sending.edit(second, DocNumber="TAKEN")
    until(lambda: WebhookEvent.objects.exists())
    assert WebhookEvent.objects.get().qbk_id == second["Id"]


def test_an_event_that_is_sent_again_after_a_failure_is_taken(
    sending: Company, connection: Connection, live_server: LiveServer
) -> None:
    webhooks = sending.running.webhooks
    webhooks.url = "http://127.0.0.1:9/quickbook/webhook"  # nobody listens there
    invoice = sending.invoices()[0]
    sending.edit(invoice, DocNumber="LATE")
    until(lambda: webhooks.recent() and len(webhooks.recent()[0].attempts) > 1)
    assert webhooks.recent()[0].attempts[0].status is None
    webhooks.url = f"{live_server.url}/quickbook/webhook"
    until(lambda: webhooks.recent()[0].state == "delivered")
    follow(connection)
    assert Invoice.objects.get().invoice_no == "LATE"
    assert (WebhookEvent.objects.get().connection, REALM) == (connection, connection.realm_id)


def test_a_sent_invoice_is_here_as_sent_after_its_webhook(
    sending: Company, connection: Connection, client: Client
) -> None:
    webhooks = sending.running.webhooks
    invoice = sending.invoices()[0]
    sending.edit(invoice, PrivateNote="before")
    until(lambda: webhooks.recent() and {one.state for one in webhooks.recent()} == {"delivered"})
    follow(connection)
    address = f"http://127.0.0.1:{sending.port}/v3/company/{REALM}/invoice/{invoice['Id']}/send"
    headers = {"Authorization": f"Bearer {connection.access_token}", "Content-Type": "application/octet-stream"}
    sent = requests.post(address, params={"sendTo": "ap@buyer.example"}, headers=headers, timeout=10)
    assert sent.status_code == 200, sent.text
    until(lambda: WebhookEvent.objects.filter(operation="emailed").exists())
    follow(connection)
    event = WebhookEvent.objects.get(operation="emailed")
    assert (event.entity, event.qbk_id, event.state) == ("Invoice", invoice["Id"], "handled")
    ours = Invoice.objects.get(qbk_invoice_id=invoice["Id"])
    assert (ours.email_status, ours.company_email) == ("EmailSent", "ap@buyer.example")
    client.force_login(MembershipFactory(supplier=connection.supplier).user)
    page = visible_text(client.get(reverse("dashboard:invoice", args=[ours.public_id])))  # type: ignore[arg-type]
    assert ours.emailed_at is not None
    said = date_format(ours.emailed_at.astimezone(connection.supplier.zone), "M j, Y, H:i")
    assert f"Email status Sent, {said}" in page
