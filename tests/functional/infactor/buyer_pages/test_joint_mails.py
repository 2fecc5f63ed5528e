"""The one link of a mail about several invoices works as long as any of them can be answered."""

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from infactor.core.models import OutgoingMail
from infactor.invoices.models import Invoice
from infactor.verification import bulk_requests, forwards, reminders, requests
from infactor.verification.models import Forward, Verification
from tests.support.factories.suppliers import InvoiceFactory, approve_directly
from tests.support.scenarios.verification import NOON, ask, member_of, said

pytestmark = pytest.mark.django_db
Status = Verification.Status


@pytest.fixture(autouse=True)
def _noon(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def invoices() -> list[Invoice]:
    first = InvoiceFactory(invoice_no="INV-77", buyer__name="Northwind Grocers")
    more = [InvoiceFactory(buyer=first.buyer, supplier=first.supplier, invoice_no=f"INV-{n}") for n in (78, 79)]
    approve_directly(first.supplier)
    return [first, *more]


def asked_together(invoices: list[Invoice]) -> list[Verification]:
    bulk_requests.send(supplier=invoices[0].supplier, invoices=invoices, by=member_of(invoices[0]), at=NOON)
    return list(Verification.objects.order_by("pk"))


def withdraw(verification: Verification) -> None:
    requests.withdraw(verification=verification, by=member_of(verification.invoice), at=NOON)


def link_in(mail: OutgoingMail) -> str:
    found = re.search(r"/buyer/[^/\s]+/", mail.body)
    assert found, "the mail holds no link"
    return found[0]


def test_the_others_are_answered_though_the_first_was_withdrawn(client: Client, invoices: list[Invoice]) -> None:
    first, second, third = asked_together(invoices)
    address = link_in(OutgoingMail.objects.get())
    withdraw(first)
    page = client.get(address).content.decode()
    assert ("INV-77" in page, "INV-78" in page, "INV-79" in page) == (False, True, True)
    answers = said(second, answer="all") | said(third, answer="all") | said(name="Ann")
    assert "Thank you for your response" in client.post(address, answers, follow=True).content.decode()
    statuses = Verification.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [Status.WITHDRAWN, Status.CONFIRMED, Status.CONFIRMED]


def test_a_link_of_which_all_was_withdrawn_opens_nothing_asked_in_another_mail(
    client: Client, invoices: list[Invoice]
) -> None:
    for one in asked_together(invoices[:2]):
        withdraw(one)
    address = link_in(OutgoingMail.objects.get())
    ask(invoices[2])
    page = client.get(address).content.decode()
    assert "INV-79" not in page
    assert "<form" not in page


def test_a_reminder_opens_what_was_asked_later_once_the_first_has_expired(
    client: Client, invoices: list[Invoice], time_machine: time_machine.TimeMachineFixture
) -> None:
    def on(day: int) -> datetime:
        time_machine.move_to(NOON + timedelta(days=day), tick=False)
        return NOON + timedelta(days=day)

    first = ask(invoices[0])
    ask(invoices[1], at=on(11))
    assert len(reminders.remind(verification=first, by=member_of(invoices[0]), at=on(13))) == 2
    address = link_in(OutgoingMail.objects.order_by("pk")[2])
    for sweep in (False, True):
        at = on(14)
        if sweep:
            requests.expire_due(at=at)
        page = client.get(address).content.decode()
        assert ("INV-77" in page, "INV-78" in page) == (False, True)
    on(26)
    assert "INV-78" not in client.get(address).content.decode()


def test_a_colleague_answers_the_others_though_the_first_was_withdrawn(client: Client, invoices: list[Invoice]) -> None:
    rows = asked_together(invoices)
    token = link_in(OutgoingMail.objects.get()).split("/")[2]
    to = f"kim@{rows[0].to.partition('@')[2]}"
    forwards.forward(token=token, requests=[one.pk for one in rows[:2]], to=to, asked_by="Ann", at=NOON)
    withdraw(rows[0])
    address = link_in(OutgoingMail.objects.get(key__startswith="verification.forward:"))
    page = client.get(address).content.decode()
    assert ("INV-77" in page, "INV-78" in page, "INV-79" in page) == (False, True, False)
    Forward.objects.filter(verification=rows[1]).delete()
    assert "INV-78" not in client.get(address).content.decode()


def test_reminders_are_locked_in_the_order_in_which_answers_are(invoices: list[Invoice]) -> None:
    later, earlier = ask(invoices[1]), ask(invoices[0])
    by = member_of(invoices[0])
    assert reminders.remind(verification=later, by=by, at=NOON + timedelta(days=2)) == [earlier, later]
