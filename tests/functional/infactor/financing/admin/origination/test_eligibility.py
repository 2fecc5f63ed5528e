"""Staff filter and read eligibility assessments with every rule's figures; nobody can edit them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from infactor.financing.eligibility import recalculation
from infactor.financing.models import Eligibility
from infactor.invoices.models import Invoice
from tests.support.factories.suppliers import BuyerFactory, EveryPermissionFactory, InvoiceFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db
LIST = reverse("admin:financing_eligibility_changelist")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(EveryPermissionFactory())
    return client


def evaluated(name: str = "Acme <b>", **values: Any) -> Invoice:
    invoice: Invoice = InvoiceFactory(buyer=BuyerFactory(name=name), **values)
    recalculation.recalculate(supplier_id=invoice.supplier_id, at=NOON)
    return invoice


def test_the_list_is_filtered_by_what_decides_and_shows_text_inert(staff: Client) -> None:
    evaluated(invoice_no="PAID-1", books_status="paid", balance=Decimal(0))
    evaluated(invoice_no="LATE-1")
    page = staff.get(LIST, {"deciding_rule": "open_balance"}).content.decode()
    assert "PAID-1" in page
    assert "LATE-1" not in page
    assert "Acme <b>" not in page


def test_a_list_costs_no_query_for_each_of_its_rows(staff: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        evaluated(invoice_no=f"N-{number}")
    with django_assert_max_num_queries(12):
        assert staff.get(LIST).status_code == 200


def test_a_judgement_shows_every_rule_and_the_way_to_the_base(staff: Client) -> None:
    invoice = evaluated()
    page = staff.get(reverse("admin:financing_eligibility_change", args=[invoice.pk])).content.decode()
    assert "Every rule" in page
    assert "Books up to date" in page
    assert "never read" in page
    assert "Cannot be financed" in page
    assert "Acme <b>" not in page


def test_nobody_changes_or_deletes_a_judgement_by_hand(staff: Client) -> None:
    invoice = evaluated()
    assert staff.post(reverse("admin:financing_eligibility_delete", args=[invoice.pk])).status_code == 403
    assert staff.post(reverse("admin:financing_eligibility_change", args=[invoice.pk]), {}).status_code == 403
    assert Eligibility.objects.filter(pk=invoice.pk).exists()
