"""The sandbox delivers webhooks as Intuit does: signed, in both formats, with retries."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.oauth import tokens
from quickbooks_app.sandbox.webhooks.deliveries import Sender
from quickbooks_app.webhooks import parsing
from quickbooks_app.webhooks.signature import is_valid_signature
from tests.functional.quickbooks_app.webhooks.conftest import OTHER_REALM, REALM, Company, give_tokens
from tests.support.fakes.signed_webhooks import VERIFIER


@dataclass
class Receiver:
    """A server that receives webhooks; it gives `answers` first, then 200."""

    answers: list[int] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stall: float = 0
    port: int = 0

    def events(self) -> list[parsing.Event]:
        return [event for body in self.bodies for event in parsing.parse(body).events]

    def notified(self) -> list[tuple[str, str, str]]:
        return [(event.entity, event.qbk_id, event.operation) for event in self.events()]


@pytest.fixture
def receiver(company: Company) -> Iterator[Receiver]:
    """The server that the sandbox sends to; the sender runs until the test ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(receiver.stall)
            receiver.bodies.append(body)
            receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    company.running.webhooks.url = f"http://127.0.0.1:{receiver.port}/quickbook/webhook"
    give_tokens(company)
    sender = Sender(store=company.store, webhooks=company.running.webhooks)
    sender.start()
    yield receiver
    sender.stop()
    server.shutdown()
    server.server_close()
    thread.join()


def until(is_so: Callable[[], object], seconds: float = 8) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def choose(company: Company, name: str, value: str) -> None:
    answer = requests.post(
        f"http://127.0.0.1:{company.port}/control/webhooks", data={"name": name, "value": value}, timeout=5
    )
    assert answer.status_code == 200, answer.text


def states(company: Company) -> list[str]:
    answer = requests.get(f"http://127.0.0.1:{company.port}/control/webhooks", timeout=5)
    return [delivery["state"] for delivery in answer.json()["deliveries"]]


def test_an_edit_is_told_as_a_signed_cloud_event(company: Company, receiver: Receiver) -> None:
    invoice = company.invoices()[0]
    company.edit(invoice, PrivateNote="Call first")
    until(lambda: receiver.bodies)
    body, headers = receiver.bodies[0], receiver.headers[0]
    assert is_valid_signature(body=body, signature=headers["intuit-signature"], verifier=VERIFIER)
    assert isinstance(json.loads(body), list)
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["user-agent"] == "intuit_notification_server/0.1"
    assert headers["intuit-notification-schema-version"] == "1.0"
    (event,) = receiver.events()
    assert (event.realm_id, event.entity, event.qbk_id, event.operation) == (REALM, "Invoice", invoice["Id"], "update")
    assert event.changed_at is not None


def test_a_payment_is_told_with_the_invoice_that_it_pays_and_not_with_its_customer(
    company: Company, receiver: Receiver
) -> None:
    invoice = company.invoices()[0]
    payment = company.pay(invoice, 10)
    until(lambda: len(receiver.events()) == 2)
    assert set(receiver.notified()) == {("Payment", payment["Id"], "create"), ("Invoice", invoice["Id"], "update")}


@pytest.mark.parametrize("spelling", ["void", "voided"])
def test_voids_and_deletes_are_told_by_their_names(company: Company, receiver: Receiver, spelling: str) -> None:
    choose(company, "voided", "on" if spelling == "voided" else "off")
    first, second = company.invoices()[:2]
    company.remove(first, "void")
    company.remove(second)
    until(lambda: len(receiver.events()) == 2)
    assert receiver.notified() == [("Invoice", first["Id"], "void"), ("Invoice", second["Id"], "delete")]
    assert f"qbo.invoice.{spelling}.v1".encode() in b"".join(receiver.bodies)


def test_the_older_envelope_and_mixed_case_can_be_chosen(company: Company, receiver: Receiver) -> None:
    first, second = company.invoices()[:2]
    choose(company, "older", "on")
    company.edit(first, PrivateNote="1")
    until(lambda: receiver.bodies)
    assert list(json.loads(receiver.bodies[0])) == ["eventNotifications"]
    assert receiver.headers[0]["intuit-notification-schema-version"] == "0.1"
    choose(company, "older", "off")
    choose(company, "mixed_case", "on")
    company.edit(second, PrivateNote="2")
    until(lambda: len(receiver.bodies) == 2)
    assert b"qbo.Invoice.Updated.v1" in receiver.bodies[1]
    assert receiver.notified() == [("Invoice", first["Id"], "update"), ("Invoice", second["Id"], "update")]


def test_only_companies_that_an_app_is_connected_to_are_told_of(company: Company, receiver: Receiver) -> None:
    unconnected = Company(store=company.store, running=company.running, port=company.port, realm=OTHER_REALM)
    unconnected.edit(unconnected.invoices()[0], PrivateNote="nobody hears this")
    invoice = company.invoices()[0]
    company.edit(invoice, PrivateNote="somebody does")
    until(lambda: receiver.bodies)
    tokens.revoke_all_grants(company.store, at=company.at())
    company.edit(invoice, PrivateNote="nobody any longer")
    time.sleep(0.5)
    assert [event.realm_id for event in receiver.events()] == [REALM]


def test_one_body_tells_of_several_companies(company: Company, receiver: Receiver) -> None:
    give_tokens(company, realm=OTHER_REALM)
    with company.store.transaction() as connection:
        for realm in (REALM, OTHER_REALM):
            books = Books(connection, realm=realm, at=company.at())
            books.update("Customer", books.get("Customer", "1"))
    until(lambda: receiver.bodies)
    assert [event.realm_id for event in receiver.events()] == [REALM, OTHER_REALM]
    assert len(receiver.bodies) == 1


def test_what_is_not_taken_is_sent_again_and_then_given_up(company: Company, receiver: Receiver) -> None:
    choose(company, "speed_up", "1000")
    receiver.answers = [500, 503]
    company.edit(company.invoices()[0], PrivateNote="1")
    until(lambda: states(company) == ["delivered"])
    assert len(receiver.bodies) == 3
    assert len(set(receiver.bodies)) == 1


def test_a_change_that_was_rolled_back_is_not_told(company: Company, receiver: Receiver) -> None:
    def change_and_fail() -> None:
        with company.store.transaction() as connection:
            books = Books(connection, realm=REALM, at=company.at())
            books.update("Customer", books.get("Customer", "1"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    company.edit(company.invoices()[0], PrivateNote="1")
    until(lambda: receiver.bodies)
    assert [event.entity for event in receiver.events()] == ["Invoice"]


def test_duplicates_and_disorder_come_on_request(company: Company, receiver: Receiver) -> None:
    choose(company, "duplicated", "on")
    choose(company, "shuffled", "on")
    invoices = company.invoices()[:8]
    for invoice in invoices:
        company.edit(invoice, PrivateNote="1")
    until(lambda: len(receiver.events()) == 16)
    ids = [event.qbk_id for event in receiver.events()]
    assert sorted(ids) == sorted(2 * [invoice["Id"] for invoice in invoices])
    assert len({event.event_id for event in receiver.events()}) == 8
    assert all(len(parsing.parse(body).events) == 1 for body in receiver.bodies)


def test_switched_off_nothing_is_sent_and_nothing_is_caught_up_on(company: Company, receiver: Receiver) -> None:
    choose(company, "enabled", "off")
    first, second = company.invoices()[:2]
    company.edit(first, PrivateNote="lost")
    until(lambda: not company.store.connection().execute("SELECT * FROM events").fetchall())
    choose(company, "enabled", "on")
    company.edit(second, PrivateNote="told")
    until(lambda: receiver.bodies)
    assert [event.qbk_id for event in receiver.events()] == [second["Id"]]


def test_what_was_not_delivered_is_sent_by_the_next_process(company: Company, receiver: Receiver) -> None:
    receiver.answers = [500] * 3
    invoice = company.invoices()[0]
    company.edit(invoice, PrivateNote="1")
    until(lambda: receiver.bodies)
    following = Sender(store=company.store, webhooks=company.running.webhooks)
    following.start()
    until(lambda: "delivered" in states(company))
    following.stop()
    assert {event.event_id for event in receiver.events()} == {receiver.events()[0].event_id}


def test_nobody_waits_for_a_receiver_that_stalls(company: Company, receiver: Receiver) -> None:
    receiver.stall = 2
    invoice = company.invoices()[0]
    began = time.monotonic()
    for number in range(5):
        company.edit(invoice, PrivateNote=str(number))
        assert requests.get(f"http://127.0.0.1:{company.port}/webhooks", timeout=5).status_code == 200
    assert time.monotonic() - began < 2


def test_the_page_shows_what_became_of_each(company: Company, receiver: Receiver) -> None:
    receiver.answers = [503]
    choose(company, "speed_up", "1000")
    invoice = company.invoices()[0]
    company.edit(invoice, PrivateNote="1")
    until(lambda: states(company) == ["delivered"])
    text = requests.get(f"http://127.0.0.1:{company.port}/webhooks", timeout=5).text
    assert f"Invoice {invoice['Id']}, Update" in text
    assert ": 503, " in text
    assert ": 200, " in text
    assert company.running.webhooks.url in text


@pytest.mark.parametrize(
    ("name", "value"), [("", "on"), ("duplicated", "maybe"), ("delay", "-1"), ("delay", "301"), ("speed_up", "0")]
)
def test_a_choice_that_is_none_is_refused(company: Company, name: str, value: str) -> None:
    answer = requests.post(
        f"http://127.0.0.1:{company.port}/control/webhooks", data={"name": name, "value": value}, timeout=5
    )
    assert answer.status_code == 400
