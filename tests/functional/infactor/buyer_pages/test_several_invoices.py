"""The buyer's page about several invoices: each answer stands alone, colleagues and documents are kept apart."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from infactor.core.models import OutgoingMail
from infactor.documents.models import Document
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.verification import forwards
from infactor.verification.models import Forward, Verification
from tests.support.factories.suppliers import EveryPermissionFactory, InvoiceFactory
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.verification import NOON, ask, member_of, said, token_of

pytestmark = pytest.mark.django_db
LINES = [
    {"DetailType": "SalesItemLineDetail", "Description": "Espresso", "Amount": 60},
    {"DetailType": "SalesItemLineDetail", "Description": "Filter", "Amount": 40},
]
Status = Verification.Status


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


@pytest.fixture
def others(invoice: Invoice, address: str) -> list[Verification]:
    """Two more invoices of the same supplier that wait at the same address."""
    to = Verification.objects.get().to
    made = [InvoiceFactory(buyer=invoice.buyer, supplier=invoice.supplier, invoice_no=f"INV-{n}") for n in (78, 79)]
    return [ask(one, to=to) for one in made]


def test_one_page_asks_about_all_invoices_and_keeps_what_is_right(
    client: Client, address: str, others: list[Verification]
) -> None:
    page = client.get(address).content.decode()
    assert "Please confirm 3 invoices" in page
    first, second, third = Verification.objects.order_by("pk")
    values = said(first, answer="all", name="Ann", role="Controller", phone="+1 555 0100", planned_pay_on="2026-12-01")
    values |= said(first, po_number="PO-9") | said(second, answer="part", amount="5", reason="")
    values |= said(third, reason="typed, not chosen")
    page = client.post(address, values).content.decode()
    first.refresh_from_db()
    assert (first.status, first.answered_role, first.po_number) == (Status.CONFIRMED, "Controller", "PO-9")
    assert first.number in page
    assert f'id="id_{second.public_id.hex}-reason_error"' in page
    assert "typed, not chosen" in page
    values = said(second, name="Ann", shown="yes") | {"approve_all": "yes"}
    client.post(address, values)
    third.refresh_from_db()
    assert third.status == Status.SENT  # it was not on the page that was sent
    values |= said(third, shown="yes")
    assert "Thank you for your response" in client.post(address, values, follow=True).content.decode()
    assert {one.status for one in Verification.objects.all()} == {Status.CONFIRMED}
    receipts = OutgoingMail.objects.filter(key__startswith="verification.receipt:").order_by("pk")
    assert [one.subject.partition(" from ")[0] for one in receipts] == [
        "Your response: invoice INV-77, $1,080.00,",
        "Your response: invoice INV-78, $1,080.00,",
        "Your response: invoice INV-79, $1,080.00,",
    ]


def test_another_address_or_supplier_has_a_page_of_its_own(client: Client, address: str, invoice: Invoice) -> None:
    colleague = InvoiceFactory(buyer=invoice.buyer, supplier=invoice.supplier, invoice_no="CANARY-1")
    ask(colleague, to="other@northwind.example")
    ask(InvoiceFactory(invoice_no="CANARY-2"), to=Verification.objects.order_by("pk")[0].to)
    assert "CANARY" not in client.get(address).content.decode()
    foreign = Verification.objects.get(invoice=colleague)
    client.post(address, said(foreign, answer="all", name="Eve"))
    foreign.refresh_from_db()
    assert foreign.status == Status.SENT


def test_what_was_decided_meanwhile_is_said_and_what_was_typed_is_shown(client: Client, address: str) -> None:
    confirm(client, address, name="Kim")
    page = confirm(client, address, answer="dispute", reason="Two boxes are missing")
    assert "Kim already answered" in page
    assert "Two boxes are missing" in page
    again = client.post(address, said(answer="all", name="Kim"))
    assert again.status_code == 302


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"answer": "paid", "paid_on": "2026-11-18", "paid_to": "supplier"}, "paid"),
        ({"answer": "not_ours"}, "not_ours"),
    ],
)
def test_an_invoice_that_is_paid_or_not_theirs_is_not_confirmed(
    client: Client, address: str, invoice: Invoice, changes: dict[str, object], objection: str
) -> None:
    page = confirm(client, address, **changes)
    found = Verification.objects.get()
    assert (found.status, found.objection) == (Status.DISPUTED, objection)
    assert found.response in page
    invoice.refresh_from_db()
    assert invoice.state == State.REJECTED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answer": "paid", "paid_to": "supplier"}, "paid_on"),
        ({"answer": "paid", "paid_to": "supplier", "paid_on": "2026-11-22"}, "paid_on"),
        ({"answer": "paid", "paid_on": "2026-11-18"}, "paid_to"),
        ({"answer": "all", "planned_pay_on": "2025-01-01"}, "planned_pay_on"),
        ({"answer": "all", "planned_pay_on": "soon"}, "planned_pay_on"),
    ],
)
def test_days_that_cannot_be_are_asked_for_again(
    client: Client, address: str, changes: dict[str, object], field: str
) -> None:
    page = confirm(client, address, **changes)
    assert f'id="id_{Verification.objects.get().public_id.hex}-{field}_error"' in page


def test_a_colleague_of_the_same_company_gets_a_link_at_once(client: Client, address: str) -> None:
    asked = Verification.objects.get()
    to = f"kim@{asked.to.partition('@')[2]}"
    values = {
        "forward": "yes",
        "forward-invoices": Verification.objects.get().public_id.hex,
        "forward-to": to,
        "forward-name": "Ann https://evil.example",
    }
    page = client.post(address, values).content.decode()
    assert f"We have sent the link to {to}" in page
    mail = OutgoingMail.objects.get(key__startswith="verification.forward:")
    assert (mail.to, "https://evil" in mail.body) == (to, False)
    link = re.search(r"/buyer/[^/]+/", mail.body)
    assert link is not None
    confirm(client, link[0], name="Kim")
    assert Verification.objects.get().answered_name == "Kim"
    assert "Thank you for your response" in client.get(address).content.decode()


def test_an_address_elsewhere_waits_for_staff(client: Client, address: str, invoice: Invoice) -> None:
    for to, shown in (
        ("kim@elsewhere.example", "We will review kim@elsewhere.example first"),
        (member_of(invoice).email, "address of your own company"),
        ("not an address", "complete email address"),
    ):
        values = {
            "forward": "yes",
            "forward-invoices": Verification.objects.get().public_id.hex,
            "forward-to": to,
            "forward-name": "Ann",
        }
        assert shown in html.unescape(client.post(address, values).content.decode())
    assert not OutgoingMail.objects.filter(key__startswith="verification.forward:").exists()
    waiting = Forward.objects.get()
    assert waiting.status == Forward.Status.WAITING
    forwards.approve(forward=waiting, by=EveryPermissionFactory(), at=NOON)
    assert OutgoingMail.objects.get(key__startswith="verification.forward:").to == "kim@elsewhere.example"


def test_an_invoice_is_forwarded_to_three_colleagues_and_a_fourth_is_named_for_nothing(
    client: Client, address: str
) -> None:
    asked = Verification.objects.get()
    values = {"forward": "yes", "forward-invoices": asked.public_id.hex, "forward-name": "Ann"}
    domain = asked.to.partition("@")[2]
    pages = [
        html.unescape(client.post(address, values | {"forward-to": f"{name}@{domain}"}).content.decode())
        for name in ("kim", "lee", "kim", "max", "noa", "lee")
    ]
    refused = ["Invoice INV-77 was forwarded 3 times already." in page for page in pages]
    assert refused == [False, False, False, False, True, False]
    assert f'value="noa@{domain}"' in pages[4]
    sent = OutgoingMail.objects.filter(key__startswith="verification.forward:").values_list("to", flat=True)
    assert sorted(sent) == [f"{name}@{domain}" for name in ("kim", "lee", "max")]


def test_a_document_is_kept_for_staff_and_opens_for_nobody_else(client: Client, address: str, invoice: Invoice) -> None:
    wrong = SimpleUploadedFile("a.pdf", b"no pdf at all \x00")
    page = confirm(client, address, document=wrong, document_kind="credit_note")
    assert "This file is none of" in page
    note = SimpleUploadedFile("note.csv", b"number,amount\nCN-1,80.00\n")
    confirm(client, address, answer="dispute", reason="Credit note", document=note, document_kind="credit_note")
    document = Document.objects.get()
    assert (document.subject, document.kind, document.uploaded_by) == (invoice, "credit_note", None)
    assert document.sender == f"Ann Payable <{Verification.objects.get().to}>"
    path = f"{address}documents/{document.public_id}/"
    assert b"CN-1" in client.get(path).content
    assert client.get(path)["Referrer-Policy"] == "no-referrer"
    other = f"/buyer/{token_of(ask(InvoiceFactory(invoice_no='X')))}/documents/{document.public_id}/"
    assert client.get(other).status_code == 404
    later = SimpleUploadedFile("proof.csv", b"day,signed\n2026-11-18,Kim\n")
    asked = Verification.objects.get(invoice=invoice)
    client.post(address, said(asked, document=later, document_kind="delivery") | {"upload": asked.public_id.hex})
    assert Document.objects.count() == 2


def test_what_was_answered_stays_readable_after_the_links_end_and_no_longer_than_sixty_days(
    client: Client, address: str, others: list[Verification], time_machine: time_machine.TimeMachineFixture
) -> None:
    _first, second, _third = Verification.objects.order_by("pk")
    client.post(address, said(second, answer="all", name="Ann") | said(name="Ann"))
    time_machine.move_to(NOON + timedelta(days=20), tick=False)
    page = html.unescape(client.get(address).content.decode())
    assert "This link has expired" in page
    assert "INV-78" in page
    assert "INV-79" not in page
    assert "Add a document" not in page
    upload = SimpleUploadedFile("note.pdf", b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")
    client.post(address, {"upload": second.public_id.hex, f"{second.public_id.hex}-document": upload})
    assert not Document.objects.exists()
    time_machine.move_to(NOON + timedelta(days=61), tick=False)
    assert "INV-78" not in client.get(address).content.decode()


def test_a_link_that_has_ended_opens_nothing_that_was_answered_later(
    client: Client, address: str, invoice: Invoice, time_machine: time_machine.TimeMachineFixture
) -> None:
    to = Verification.objects.get().to
    time_machine.move_to(NOON + timedelta(days=20), tick=False)
    later = ask(
        InvoiceFactory(buyer=invoice.buyer, supplier=invoice.supplier, invoice_no="INV-99"),
        at=NOON + timedelta(days=20),
        to=to,
    )
    client.post(f"/buyer/{token_of(later)}/", said(later, answer="all", name="Ann") | said(name="Ann"))
    later.refresh_from_db()
    assert later.is_answered
    assert "INV-99" not in client.get(address).content.decode()


def test_each_rejected_line_has_a_reason_of_its_own(client: Client) -> None:
    asked = ask(InvoiceFactory(invoice_no="L-1", items=LINES))
    address = f"/buyer/{token_of(asked)}/"
    assert "What is wrong with Espresso" in html.unescape(client.get(address).content.decode())
    prefix = asked.public_id.hex
    values = said(asked, answer="dispute", name="Ann") | {
        f"{prefix}-lines": ["0"],
        f"{prefix}-lines-reason-0": "Only 3 <b>bags</b> came",
        f"{prefix}-lines-reason-1": "We ordered none",
        f"{prefix}-lines-reason-7": "no such line",
    }
    page = html.unescape(client.post(address, values, follow=True).content.decode())
    asked.refresh_from_db()
    assert asked.disputed_lines == [0, 1]
    assert asked.line_reasons == {"0": "Only 3 <b>bags</b> came", "1": "We ordered none"}
    assert "We ordered none" in page
    assert "Filter: We ordered none" in OutgoingMail.objects.get(key__contains="receipt").body


def test_a_line_without_a_reason_needs_the_common_one_and_what_was_typed_stays(client: Client) -> None:
    asked = ask(InvoiceFactory(invoice_no="L-1", items=LINES))
    prefix = asked.public_id.hex
    values = said(asked, answer="dispute", name="Ann") | {
        f"{prefix}-lines": ["0", "1"],
        f"{prefix}-lines-reason-0": "Only 3 came",
    }
    page = client.post(f"/buyer/{token_of(asked)}/", values).content.decode()
    assert "Say in a few words what is wrong." in page
    assert 'value="Only 3 came"' in page
    asked.refresh_from_db()
    assert not asked.is_answered


def test_the_suppliers_number_stands_on_the_page_and_in_the_mail(client: Client, scenario: Scenario) -> None:
    asked = ask(scenario.invoice(scenario.buyer()))
    assert "+1 510 555 0100" in client.get(f"/buyer/{token_of(asked)}/").content.decode()
    assert "+1 510 555 0100" in OutgoingMail.objects.get(to=asked.to).body
