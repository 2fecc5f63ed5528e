"""Imported invoices in admin are searchable, read-only, and formatted as on other pages."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from infactor.invoices.models import Invoice, InvoiceChange
from infactor.users.models import User
from tests.support.factories.suppliers import InvoiceFactory

pytestmark = pytest.mark.django_db
MODELS = ("invoice", "buyer", "companyfile", "invoicechange")


@pytest.fixture
def staff_member(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def create_rows(count: int) -> None:
    for number in range(count):
        invoice = InvoiceFactory(
            invoice_no=f"A{number}", invoice_amount=Decimal("-1234567.80"), balance=None, items=[{"Amount": 1.5}]
        )
        InvoiceChange.objects.create(
            invoice=invoice,
            at=datetime(2026, 11, 18, 10, 1, tzinfo=UTC),
            changes=[{"field": "balance", "from": "<i>", "to": "2"}],
        )


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_the_same_number_of_queries_for_one_row_and_for_many(staff_member: Client, model: str) -> None:
    address = reverse(f"admin:invoices_{model}_changelist")
    create_rows(1)
    staff_member.get(address)
    with CaptureQueriesContext(connection) as one:
        staff_member.get(address)
    create_rows(12)
    with CaptureQueriesContext(connection) as many:
        page = staff_member.get(address)
    assert page.status_code == 200
    assert len(many) <= len(one)


@pytest.mark.parametrize("model", MODELS)
def test_facts_can_be_searched_and_read_but_not_written(staff_member: Client, model: str) -> None:
    create_rows(2)
    listed = staff_member.get(reverse(f"admin:invoices_{model}_changelist"), {"q": "a"})
    assert listed.status_code == 200
    row = Invoice.objects.first()
    assert row is not None
    pk = {"invoice": row.pk, "buyer": row.buyer_id, "companyfile": row.company_file_id}.get(
        model, InvoiceChange.objects.values_list("pk", flat=True).first()
    )
    detail = reverse(f"admin:invoices_{model}_change", args=[pk])
    page = staff_member.get(detail).content.decode()
    assert 'name="_save"' not in page
    assert "<i>" not in page.replace("<i></i>", "")
    assert staff_member.post(detail, {"invoice_no": "changed"}).status_code == 403
    assert staff_member.get(reverse(f"admin:invoices_{model}_add")).status_code == 403
    assert staff_member.post(reverse(f"admin:invoices_{model}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert Invoice.objects.count() == 2


def test_amounts_are_written_as_money(staff_member: Client) -> None:
    create_rows(1)
    page = staff_member.get(reverse("admin:invoices_invoice_changelist")).content.decode()
    assert "\N{MINUS SIGN}$1,234,567.80" in page
    assert "cannot be read" in page


def test_admin_is_dressed_by_files_of_ours_under_the_strict_policy(staff_member: Client) -> None:
    response = staff_member.get(reverse("admin:index"))
    page = response.content.decode()
    assert "css/admin.css" in page
    assert "css/tokens.css" in page
    assert "<style" not in page
    assert "unsafe" not in response["Content-Security-Policy"]
    for model in MODELS:
        assert "<style" not in staff_member.get(reverse(f"admin:invoices_{model}_changelist")).content.decode()
