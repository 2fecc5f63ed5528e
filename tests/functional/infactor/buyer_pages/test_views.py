"""The buyer's page needs no account, offers three answers, and reveals nothing but the one invoice."""

import html
import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from structlog.stdlib import ProcessorFormatter

from infactor.core.models import AuditEvent, OutgoingMail
from infactor.financing import tasks
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification import reminders, requests
from infactor.verification.models import Verification
from tests.support.factories.suppliers import InvoiceFactory
from tests.support.scenarios.verification import NOON, ask, member_of, said, token_of

pytestmark = pytest.mark.django_db
Status = Verification.Status
CANARY = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture(autouse=True)
def _noon(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def invoice() -> Invoice:
    return InvoiceFactory(invoice_no="INV-77", buyer__name="Northwind Grocers")


@pytest.fixture
def address(invoice: Invoice) -> str:
    return f"/buyer/{token_of(ask(invoice))}/"


def confirm(client: Client, address: str, **changes: object) -> str:
    values = said(**{"answer": "all", "name": "Ann Payable", **changes})
    return html.unescape(client.post(address, values, follow=True).content.decode())


def test_it_shows_who_asks_what_and_no_account(client: Client, address: str, invoice: Invoice) -> None:
    page = client.get(address).content.decode()
    for shown in (invoice.supplier.name, "INV-77", "Northwind Grocers", "Roasted beans", "$1,080.00", "Nov 30, 2026"):
        assert shown in page
    assert "000000000000" not in page
    assert "IF-" not in page
    assert "Times are in the time zone America/Los Angeles" in page
    assert "to infactor" not in page
    assert "<form" in page
    assert 'popovertarget="term-confirmation"' in page


def test_every_answer_is_kept_by_nobody_and_names_the_page_to_nobody(client: Client, address: str) -> None:
    for response in (client.get(address), client.post(address), client.get("/buyer/nonsense/")):
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response["X-Robots-Tag"]
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert not response.cookies


def test_it_works_without_a_cookie_and_without_javascript(address: str, invoice: Invoice) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert "Thank you for your response" in confirm(strict, address)
    invoice.refresh_from_db()
    assert invoice.state == State.ACCEPTED


def test_looking_changes_nothing_but_when_it_was_opened_first(client: Client, address: str) -> None:
    events, mails = AuditEvent.objects.count(), OutgoingMail.objects.count()
    client.head(address)
    assert Verification.objects.get().opened_at is None
    client.get(address)
    first = Verification.objects.get()
    assert (first.opened_at, first.status) == (NOON, Status.SENT)
    client.get(address)
    assert (AuditEvent.objects.count(), OutgoingMail.objects.count()) == (events, mails)


def test_a_part_and_its_reason_are_taken(client: Client, address: str) -> None:
    values = said(answer="part", amount="1.000", reason="A box is missing", name="Ann")
    refused = client.post(address, values).content.decode()
    assert "1.000 can mean two amounts" in refused
    assert "A box is missing" in refused
    page = confirm(client, address, answer="part", amount=" 1.000,50", reason="A box is missing")
    assert "$1,000.50" in page
    assert Verification.objects.get().status == Status.PARTLY_CONFIRMED


def test_what_an_answer_means_is_judged_as_soon_as_it_stands(
    client: Client,
    address: str,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[list[object]]],
) -> None:
    notified: list[int] = []
    monkeypatch.setattr(tasks, "enqueue_for_supplier", notified.append)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(client, address)
    assert notified == [invoice.supplier_id]


def test_what_belongs_to_another_answer_is_in_nobodys_way(client: Client, address: str) -> None:
    confirm(client, address, answer="all", amount="much", reason="x" * 3000)
    assert Verification.objects.get().status == Status.CONFIRMED


def test_a_line_is_disputed_with_a_reason_and_taken(client: Client, address: str) -> None:
    values = said(answer="dispute", lines=["0"], reason="Never came", name="Ann")
    assert "Beans" in client.post(address, values, follow=True).content.decode()
    found = Verification.objects.get()
    assert (found.status, found.disputed_lines, found.answered_name) == (Status.DISPUTED, [0], "Ann")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answer": ""}, "answer"),
        ({"answer": "perhaps"}, "answer"),
        ({"name": ""}, "name"),
        ({"answer": "part", "reason": "x"}, "amount"),
        ({"answer": "part", "reason": "x", "amount": "5000"}, "amount"),
        ({"answer": "part", "amount": "5"}, "reason"),
        ({"answer": "dispute"}, "reason"),
        ({"answer": "dispute", "reason": "x", "lines": ["99"]}, "lines"),
        ({"answer": "dispute", "reason": "x" * 3000}, "reason"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_answered(
    client: Client, address: str, changes: dict[str, object], field: str
) -> None:
    page = confirm(client, address, **changes)
    prefix = "" if field == "name" else f"{Verification.objects.get().public_id.hex}-"
    assert f'id="id_{prefix}{field}_error"' in page
    assert "Ann Payable" in page or "name" in changes
    assert Verification.objects.get().status == Status.SENT


def test_a_wrong_or_tampered_link_tells_nothing(client: Client, address: str, invoice: Invoice) -> None:
    token = address.split("/")[2]
    other = token_of(ask(InvoiceFactory(invoice_no="OTHER-1")))
    head = token[:22]
    mixed = other[:21] + token[21:]
    unknown = client.get("/buyer/x/").content
    for wrong in (token[:-1], token + "a", mixed, head, "x" * 500, "x" * 64, "%00", token.swapcase()):
        response = client.get(f"/buyer/{wrong}/")
        assert response.status_code == 404
        assert response.content == unknown
        assert client.post(f"/buyer/{wrong}/", {"answer": "all", "name": "Eve"}).status_code == 404
    assert invoice.supplier.name.encode() not in unknown


def test_nothing_of_another_invoice_is_in_the_page(client: Client, address: str, invoice: Invoice) -> None:
    InvoiceFactory(buyer=invoice.buyer, invoice_no="CANARY-2", private_note="CANARY", search_text="CANARY")
    inner = {"private_note": "CANARY", "sales_term": "CANARY", "contact_name": "CANARY", "qbk_invoice_id": "CANARY"}
    Invoice.objects.filter(pk=invoice.pk).update(**inner)
    before = client.get(address).content.decode()
    after = confirm(client, address)
    for page in (before, after):
        assert "CANARY" not in page
        assert str(invoice.public_id) not in page
        assert member_of(invoice).email not in page


def test_an_answered_link_says_so_and_takes_no_second_answer(client: Client, address: str) -> None:
    confirm(client, address)
    page = confirm(client, address, answer="dispute", reason="I changed my mind")
    assert "Thank you for your response" in page
    assert Verification.objects.get().status == Status.CONFIRMED


def test_a_link_ends_by_the_clock_even_before_anybody_swept(client: Client, address: str, invoice: Invoice) -> None:
    with time_machine.travel(NOON + requests.LINK_LIFETIME, tick=False):
        page = client.get(address).content.decode()
        assert "has expired" in page
        assert invoice.supplier.name in page
        assert "$1,080.00" not in page
        confirm(client, address)
        requests.expire_due(at=NOON + requests.LINK_LIFETIME)
        assert "has expired" in client.get(address).content.decode()
    assert Verification.objects.get().status == Status.EXPIRED


def test_a_question_taken_back_or_overtaken_says_so(client: Client, address: str, invoice: Invoice) -> None:
    Invoice.objects.filter(pk=invoice.pk).update(invoice_amount="2.00")
    assert "The invoice was changed after you were asked" in confirm(client, address)
    assert "The invoice has changed" in client.get(address).content.decode()
    requests.withdraw(verification=Verification.objects.get(), by=member_of(invoice), at=NOON)
    page = confirm(client, address)
    assert "withdrew the request" in page
    assert "$" not in page


def test_who_asks_too_often_is_asked_to_wait(client: Client, address: str) -> None:
    answered = [client.post(address).status_code for _ in range(12)]
    assert answered == [200] * 10 + [429] * 2
    busy = client.post(address, said(answer="dispute", reason='"Late" <b>', name="Ann"))
    assert busy["Retry-After"] == "60"
    page = busy.content.decode()
    assert "nothing you typed is lost" in page
    assert 'value="&quot;Late&quot; &lt;b&gt;"' in page
    guesses = [client.get(f"/buyer/guess-{n}/").status_code for n in range(70)]
    assert guesses.count(429) >= 10


def test_what_was_typed_beside_a_file_is_kept_and_sent_after_the_wait(
    client: Client, address: str, time_machine: time_machine.TimeMachineFixture
) -> None:
    for _ in range(10):
        client.post(address)
    note = SimpleUploadedFile("note.csv", b"number,amount\nCN-1,80.00\n")
    typed = said(answer="dispute", reason="Credit note", name="Ann", document=note, document_kind="credit_note")
    busy = client.post(address, typed)
    assert busy.status_code == 429
    assert "Files cannot be kept" in busy.content.decode()
    kept = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', busy.content.decode()))
    time_machine.shift(timedelta(minutes=1, seconds=1))
    client.post(address, kept)
    answered = Verification.objects.get()
    assert (answered.status, answered.dispute_reason, answered.answered_name) == (Status.DISPUTED, "Credit note", "Ann")


def test_a_spoofed_address_of_a_proxy_does_not_reset_the_count(client: Client, address: str) -> None:
    codes = [client.post(address, headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code for n in range(12)]
    assert 429 in codes


def test_hostile_text_of_the_books_and_of_the_buyer_stays_text(client: Client) -> None:
    invoice = InvoiceFactory(
        invoice_no=CANARY[:100], company_name=CANARY, items=[{"Description": CANARY, "Amount": CANARY}]
    )
    invoice.supplier.name = CANARY
    invoice.supplier.save()
    address = f"/buyer/{token_of(ask(invoice))}/"
    pages = [client.get(address).content.decode()]
    pages.append(client.post(address, said(answer="dispute", reason=CANARY, name="")).content.decode())
    client.post(address, said(answer="dispute", reason=CANARY, name=f"Ann {CANARY}"))
    pages.append(client.get(address).content.decode())
    client.force_login(member_of(invoice))
    assert Verification.objects.get().status == Status.DISPUTED
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_an_invoice_without_lines_or_with_many_is_disputed_as_a_whole(client: Client) -> None:
    many = [{"Description": f"Line {n}", "Amount": 1} for n in range(1200)]
    for items in ([], many):
        invoice = InvoiceFactory(items=items)
        address = f"/buyer/{token_of(ask(invoice))}/"
        page = client.get(address).content.decode()
        assert '-lines"' not in page
        asked = Verification.objects.get(invoice=invoice)
        client.post(address, said(asked, answer="dispute", reason="No", name="Ann"))
        assert Verification.objects.get(invoice=invoice).status == Status.DISPUTED


def test_every_control_has_a_label(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    controls = re.findall(r'<(?:input(?! type="hidden")|textarea|select)[^>]*\bid="([^"]+)"', page)
    assert len(controls) >= 15
    assert [one for one in controls if f'for="{one}"' not in page] == []


def test_a_reminder_opens_the_same_page(client: Client, invoice: Invoice) -> None:
    sent = ask(invoice)
    reminders.remind_due(at=NOON + timedelta(days=5))
    confirm(client, f"/buyer/{token_of(sent, mail=1)}/")
    assert "Thank you for your response" in client.get(f"/buyer/{token_of(sent)}/").content.decode()


def test_no_link_stands_in_a_log(client: Client, address: str, caplog: pytest.LogCaptureFixture) -> None:
    client.get(address)
    confirm(client, address)
    client.get(address[:-3] + "/")
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    ours = next(one for one in formatters if isinstance(one, ProcessorFormatter))
    written = "".join(ours.format(record) for record in caplog.records)
    assert "/buyer/" in written
    assert address.split("/")[2][:40] not in written
