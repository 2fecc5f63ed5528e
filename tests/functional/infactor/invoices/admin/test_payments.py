"""Payments and credit memos in admin show formatted amounts, are read-only, and take few queries."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from infactor.invoices.models import BooksPayment, CreditMemo, Invoice, PaymentAllocation
from infactor.users.models import User
from tests.support.factories.suppliers import InvoiceFactory

pytestmark = pytest.mark.django_db


def received(invoice: Invoice, number: int) -> BooksPayment:
    of = {"supplier": invoice.supplier, "company_file": invoice.company_file, "buyer": invoice.buyer, "currency": "USD"}
    payment = BooksPayment.objects.create(
        **of, reference=str(number), number=f"CHK-{number}", amount=Decimal("500.00"), paid_on=date(2026, 11, 18)
    )
    PaymentAllocation.objects.create(
        payment=payment, position=0, kind="Invoice", reference="1", invoice=invoice, amount=Decimal("500.00")
    )
    CreditMemo.objects.create(**of, reference=str(number), number=f"CM-{number}", remaining=Decimal("12.50"))
    return payment


def test_staff_find_a_payment_and_what_it_was_laid_against(client: Client, staff: User) -> None:
    client.force_login(staff)
    payment = received(InvoiceFactory(), 1)
    listed = client.get(reverse("admin:invoices_bookspayment_changelist"), {"q": "CHK-1"}).content.decode()
    assert "CHK-1" in listed
    assert "$500.00" in listed
    page = client.get(reverse("admin:invoices_bookspayment_change", args=[payment.pk])).content.decode()
    assert "INV-" in page
    memos = client.get(reverse("admin:invoices_creditmemo_changelist")).content.decode()
    assert "$12.50" in memos
    assert "cannot be read" in memos


@pytest.mark.parametrize("model", ["bookspayment", "creditmemo"])
def test_nobody_adds_changes_or_deletes_one_by_hand(client: Client, staff: User, model: str) -> None:
    client.force_login(staff)
    payment = received(InvoiceFactory(), 1)
    pk = payment.pk if model == "bookspayment" else CreditMemo.objects.get().pk
    assert client.get(reverse(f"admin:invoices_{model}_add")).status_code == 403
    assert client.post(reverse(f"admin:invoices_{model}_change", args=[pk]), {"number": "x"}).status_code == 403
    assert client.post(reverse(f"admin:invoices_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert BooksPayment.objects.get().number == "CHK-1"


@pytest.mark.parametrize("model", ["bookspayment", "creditmemo"])
def test_a_list_asks_no_more_for_more_rows(
    client: Client, staff: User, django_assert_max_num_queries: DjangoAssertNumQueries, model: str
) -> None:
    client.force_login(staff)
    for number in range(12):
        received(InvoiceFactory(), number)
    with django_assert_max_num_queries(12):
        client.get(reverse(f"admin:invoices_{model}_changelist"))
