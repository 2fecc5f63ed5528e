"""Buyers are asked about many invoices at once by one email each, and reminded once a day."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.core.models import OutgoingMail
from infactor.financing.eligibility import recalculation
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Membership, Supplier
from infactor.verification import bulk_requests, rate_limits, reminders, requests
from infactor.verification.models import Verification
from infactor.verification.preconditions import NotVerifiable
from tests.support.factories.suppliers import (
    BuyerFactory,
    CompanyFileFactory,
    InvoiceFactory,
    MembershipFactory,
    approve_directly,
)
from tests.support.scenarios.financing import Scenario
from tests.support.scenarios.verification import NOON, ask, draft, member_of, token_of

pytestmark = pytest.mark.django_db
ASK, WAITING = "/invoices/ask/", "/invoices/waiting/"


@pytest.fixture
def invoices(supplier: Supplier) -> list[Invoice]:
    """Two of one buyer, one of another."""
    approve_directly(supplier)
    books = CompanyFileFactory(supplier=supplier)
    first = BuyerFactory(company_file=books, email="ap@first.example", name="First", phone="+1 555 0101")
    other = BuyerFactory(company_file=books, email="ap@second.example", name="Second")
    return [
        InvoiceFactory(buyer=first, buyer_email=first.email, invoice_no="M-1"),
        InvoiceFactory(buyer=first, buyer_email=first.email, invoice_no="M-2"),
        InvoiceFactory(buyer=other, buyer_email=other.email, invoice_no="M-3"),
    ]


def chosen(invoices: list[Invoice], **more: str) -> dict[str, Any]:
    return {"invoice": [str(one.public_id) for one in invoices], **more}


def page_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_each_buyer_gets_one_email_with_all_of_its_invoices(
    member: Client, client: Client, invoices: list[Invoice]
) -> None:
    before = " ".join(member.post(ASK, chosen(invoices)).content.decode().split())
    assert "Ask buyers to confirm 3 invoices" in before
    assert "Approve and send 2 emails" in before
    assert not OutgoingMail.objects.exists()
    after = " ".join(member.post(ASK, chosen(invoices, send="yes")).content.decode().split())
    assert "We have asked about 3 invoices" in after
    one, several = OutgoingMail.objects.order_by("to")[1], OutgoingMail.objects.order_by("to")[0]
    assert (several.to, one.to) == ("ap@first.example", "ap@second.example")
    assert "Invoice: M-1" in several.body
    assert "Invoice: M-2" in several.body
    assert "M-3" not in several.body
    assert Verification.objects.filter(status=Verification.Status.SENT).count() == 3
    found = re.search(r"/buyer/([^/\s]+)/", several.body)
    assert found
    shown = Client().get(reverse("buyer:page", args=[found[1]])).content.decode()
    assert "M-1" in shown
    assert "M-2" in shown
    assert "M-3" not in shown


def test_a_second_press_asks_nobody_twice_and_says_why(member: Client, invoices: list[Invoice]) -> None:
    member.post(ASK, chosen(invoices, send="yes"))
    again = " ".join(member.post(ASK, chosen(invoices, send="yes")).content.decode().split())
    assert OutgoingMail.objects.count() == 2
    assert "3 invoices cannot be asked about" in again
    assert "and has not answered yet." in again


def test_what_cannot_be_asked_is_named_with_the_reason_and_the_rest_is_asked(
    member: Client, supplier: Supplier, invoices: list[Invoice]
) -> None:
    books = invoices[0].company_file
    nameless = InvoiceFactory(
        buyer=BuyerFactory(company_file=books, email="", name="Mute"), buyer_email="", invoice_no="M-9"
    )
    paid = InvoiceFactory(buyer=invoices[0].buyer, invoice_no="M-8", balance=0, books_status="paid")
    shown = " ".join(member.post(ASK, chosen([*invoices, nameless, paid], send="yes")).content.decode().split())
    assert "2 invoices cannot be asked about" in shown
    assert "No email address of this buyer is known." in shown
    assert "Nothing is owed on this invoice any more." in shown
    assert Verification.objects.count() == 3


def test_an_old_draft_is_sent_with_what_is_owed_now(member: Client, invoices: list[Invoice]) -> None:
    old = draft(invoices[2])
    assert "$1,080.00" in old.subject + old.body
    Invoice.objects.filter(pk=invoices[2].pk).update(balance="500.00", books_status="partly_paid")
    member.post(ASK, chosen(invoices[2:], send="yes"))
    mail = OutgoingMail.objects.get()
    assert "$500.00" in mail.subject + mail.body
    assert "$1,080.00" not in mail.subject + mail.body


def test_a_draft_that_is_withdrawn_meanwhile_keeps_nobody_else_from_being_asked(
    member: Client, invoices: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, send = draft(invoices[1]), requests.mark_sent

    def after_a_withdrawal(**given: Any) -> Any:
        if given["verification"] == old:
            requests.withdraw(verification=old, by=member_of(invoices[1]), at=NOON)
        return send(**given)

    monkeypatch.setattr(requests, "mark_sent", after_a_withdrawal)
    shown = " ".join(member.post(ASK, chosen(invoices, send="yes")).content.decode().split())
    assert "We have asked about 2 invoices" in shown
    assert "This has changed in the meantime." in shown
    assert OutgoingMail.objects.count() == 2


def test_what_is_shown_before_is_what_is_asked_where_an_address_has_had_its_emails_of_the_day(
    member: Client, invoices: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_EMAILS_PER_ADDRESS", 1)
    ask(InvoiceFactory(buyer=invoices[0].buyer), to="AP@first.example", at=timezone.now())
    before = " ".join(member.post(ASK, chosen(invoices)).content.decode().split())
    after = " ".join(member.post(ASK, chosen(invoices, send="yes")).content.decode().split())
    assert "Ask buyers to confirm 1 invoice" in before
    assert "We have asked about 1 invoice" in after
    for shown in (before, after):
        assert "2 invoices cannot be asked about" in shown
        assert "We have sent ap@first.example 1 emails for you within a day" in shown
    assert Verification.objects.count() == 2


def test_one_email_counts_once_however_many_invoices_it_is_about(
    member: Client, invoices: list[Invoice], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_EMAILS_PER_ADDRESS", 2)
    many = [invoices[0], *(InvoiceFactory(buyer=invoices[0].buyer, buyer_email="ap@first.example") for _ in range(5))]
    assert "We have asked about 6 invoices" in page_of(member.post(ASK, chosen(many, send="yes")))
    assert OutgoingMail.objects.count() == 1
    # The second email of the day still goes, the third does not.
    assert "We have asked about 1 invoice" in page_of(member.post(ASK, chosen(invoices[1:2], send="yes")))
    third = InvoiceFactory(buyer=invoices[0].buyer, buyer_email="ap@first.example")
    assert "within a day, and send no more" in page_of(member.post(ASK, chosen([third], send="yes")))
    assert OutgoingMail.objects.count() == 2


def test_an_invoice_that_was_asked_about_often_is_named_before_anything_is_sent(
    member: Client, invoices: list[Invoice]
) -> None:
    for _ in range(rate_limits.MAX_REQUESTS_PER_INVOICE):
        asked = ask(invoices[2], at=timezone.now())
        requests.withdraw(verification=asked, by=member_of(invoices[2]), at=timezone.now())
    shown = " ".join(member.post(ASK, chosen(invoices)).content.decode().split())
    assert "Ask buyers to confirm 2 invoices" in shown
    assert "Your buyer was asked about this invoice 3 times within 7 days." in shown


def test_buyers_that_share_an_address_are_both_named(member: Client, invoices: list[Invoice]) -> None:
    sister = BuyerFactory(company_file=invoices[0].company_file, email="ap@first.example", name="Sister")
    shared = [invoices[0], InvoiceFactory(buyer=sister, buyer_email=sister.email, invoice_no="M-4")]
    both = f"<bdi>{shared[0].company_name}</bdi>, <bdi>{shared[1].company_name}</bdi>"
    assert shared[0].company_name != shared[1].company_name
    assert both in member.post(ASK, chosen(shared, send="yes")).content.decode()
    assert both in page(member, WAITING)


@pytest.mark.parametrize("sent", [{}, {"invoice": ["nonsense"]}, {"invoice": [str(bulk_requests.Plan)]}])
def test_nothing_chosen_leads_back_to_the_list(member: Client, invoices: list[Invoice], sent: dict[str, Any]) -> None:
    assert member.post(ASK, sent)["Location"] == "/invoices/"
    too_many = {"invoice": [f"00000000-0000-4000-8000-{number:012d}" for number in range(201)]}
    assert member.post(ASK, too_many)["Location"] == "/invoices/"
    assert not Verification.objects.exists()


def test_another_suppliers_invoice_is_not_there_and_a_reader_asks_nobody(
    member: Client, client: Client, supplier: Supplier, invoices: list[Invoice]
) -> None:
    theirs = InvoiceFactory()
    assert member.post(ASK, chosen([*invoices, theirs], send="yes")).status_code == 404
    client.force_login(MembershipFactory(supplier=supplier, role=Membership.Role.READER).user)
    assert client.post(ASK, chosen(invoices, send="yes")).status_code == 403
    assert not Verification.objects.exists()


def test_an_unapproved_supplier_is_told_what_is_missing(member: Client, supplier: Supplier) -> None:
    invoice = InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)))
    shown = member.post(ASK, chosen([invoice], send="yes")).content.decode()
    assert "Finish your application" in shown
    assert not Verification.objects.exists()


def test_silent_buyers_stand_with_their_contact_and_are_reminded_once_a_day(
    client: Client, invoices: list[Invoice]
) -> None:
    by = member_of(invoices[0])
    bulk_requests.send(supplier=invoices[0].supplier, invoices=invoices, by=by, at=NOON)
    first = Verification.objects.get(invoice=invoices[0])
    address = reverse("dashboard:remind_buyer", args=[first.public_id])
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        client.force_login(by)
        shown = page(client, WAITING)
        assert "ap@first.example" in shown
        assert "+1 555 0101" in shown
        assert "You can remind tomorrow." in shown
        client.post(address)
    assert OutgoingMail.objects.count() == 2
    with time_machine.travel(NOON + timedelta(hours=25), tick=False):
        client.force_login(by)
        client.post(address)
        client.post(address)
    reminder = OutgoingMail.objects.exclude(key__contains="request").get()
    assert reminder.subject.startswith("Reminder: please confirm 2 invoices")
    assert "M-2" in reminder.body


def test_nobody_reminds_the_buyer_of_another_supplier(client: Client, invoices: list[Invoice]) -> None:
    asked = ask(invoices[0])
    stranger = MembershipFactory().user
    client.force_login(stranger)
    assert client.post(reverse("dashboard:remind_buyer", args=[asked.public_id])).status_code == 404
    assert "First" not in page(client, WAITING)


def test_what_is_answered_or_paid_is_no_longer_reminded_of(invoices: list[Invoice]) -> None:
    asked = ask(invoices[0])
    Invoice.objects.filter(pk=invoices[0].pk).update(books_status="paid")
    with pytest.raises(NotVerifiable):
        reminders.remind(verification=asked, by=member_of(invoices[0]), at=NOON + timedelta(days=2))
    assert token_of(asked)


def test_the_reminder_that_sends_itself_is_one_email_for_each_buyer(invoices: list[Invoice]) -> None:
    bulk_requests.send(supplier=invoices[0].supplier, invoices=invoices, by=member_of(invoices[0]), at=NOON)
    later: datetime = NOON + timedelta(days=5)
    assert reminders.remind_due(at=later) == 3
    assert OutgoingMail.objects.count() == 4
    assert reminders.remind_due(at=later) == 0


def test_the_list_lets_rows_be_ticked_whose_buyer_must_confirm(client: Client, scenario: Scenario) -> None:
    scenario.terms(verify_threshold=Decimal(5000))
    buyer = scenario.buyer("Known")
    ready, new = scenario.invoice(buyer), scenario.invoice(buyer, face="6000")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    client.force_login(scenario.owner)
    shown = page(client, "/invoices/")
    assert f'value="{new.public_id}"' in shown
    assert "Ask buyers to confirm" in shown
    bar = client.post("/invoices/selection", chosen([ready, new])).content.decode()
    assert "Request financing for 1 invoice" in bar
    assert "Ask buyers to confirm 1 invoice" in bar
    assert str(new.public_id) in bar
    bulk_requests.send(supplier=scenario.supplier, invoices=[new], by=scenario.owner, at=scenario.now)
    assert "Ask buyers" not in client.post("/invoices/selection", chosen([ready, new])).content.decode()


def test_what_needs_no_confirmation_is_left_out_and_counted(client: Client, scenario: Scenario) -> None:
    scenario.terms(verify_threshold=Decimal(5000))
    buyer = scenario.buyer("Known")
    ready, new = scenario.invoice(buyer), scenario.invoice(buyer, face="6000")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    client.force_login(scenario.owner)
    shown = " ".join(client.post(ASK, chosen([ready, new])).content.decode().split())
    assert "Ask buyers to confirm 1 invoice" in shown
    assert "1 of the selected invoices is left out" in shown
    assert str(new.public_id) in shown
    assert str(ready.public_id) not in shown
