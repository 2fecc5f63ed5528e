"""A page of a large supplier's invoices is read along an index, in the order of the list."""

import pytest
from django.db import connection
from django.db.models import QuerySet

from infactor.invoices import selectors
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from tests.support.factories.suppliers import SupplierFactory

pytestmark = pytest.mark.django_db


def plan_of(rows: QuerySet[Invoice]) -> str:
    """How PostgreSQL would read the rows of a large table: a small one it reads and sorts whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    return str(rows[:10].explain())


def test_the_newest_invoices_are_read_in_their_order() -> None:
    plan = plan_of(selectors.latest_invoices(supplier=SupplierFactory()))
    assert "invoice_by_txn_date" in plan
    assert "Sort" not in plan


def test_the_few_invoices_of_a_state_are_found_among_many() -> None:
    supplier = SupplierFactory()
    rows = Invoice.objects.for_supplier(supplier).filter(state=State.REJECTED).order_by("-pk")
    assert "invoice_by_state" in plan_of(rows)
