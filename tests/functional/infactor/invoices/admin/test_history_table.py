"""Staff read an invoice's history in words: what changed, from what to what, and when infactor learnt it."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.invoices.ingest import deletions, payments, upserts
from infactor.invoices.ingest.records import AllocationRecord, BuyerRecord, InvoiceRecord, PaymentRecord
from infactor.invoices.models import CompanyFile, Invoice
from infactor.users.models import User
from tests.support.factories.suppliers import CompanyFileFactory

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def invoice() -> Invoice:
    """An invoice that was raised, moved, paid in part, and deleted in the books."""
    books: CompanyFile = CompanyFileFactory(as_of=START)
    first = InvoiceRecord(
        "1", invoice_no="A-1", invoice_amount=Decimal(1000), balance=Decimal(1000), payable_date=date(2026, 12, 1),
        currency="USD", source="QuickBooks", customer_reference="7", books_updated_at=START,
    )  # fmt: skip
    upserts.upsert_buyers(company_file=books, records=[BuyerRecord("7", name="Acme <b>Inc</b>")], at=START)
    upserts.upsert_invoices(company_file=books, records=[first], at=START)
    moved = first._replace(payable_date=date(2026, 12, 15), books_updated_at=START + timedelta(hours=1))
    upserts.upsert_invoices(company_file=books, records=[moved], at=START + timedelta(hours=2))
    payment = PaymentRecord(
        "9",
        paid_on=date(2026, 11, 3),
        amount=Decimal(400),
        allocations=(AllocationRecord("Invoice", "1", Decimal(400)),),
    )
    payments.upsert_payments(company_file=books, records=[payment], at=START + timedelta(days=1))
    paid = moved._replace(
        balance=Decimal(600), books_status="partly_paid", books_updated_at=START + timedelta(days=1),
        linked_txn='[{"TxnId":"9","TxnType":"Payment"}]',
    )  # fmt: skip
    upserts.upsert_invoices(company_file=books, records=[paid], at=START + timedelta(days=1))
    deletions.mark_invoices_deleted(
        company_file=books, deleted={"1": START + timedelta(days=3)}, at=START + timedelta(days=4)
    )
    return Invoice.objects.get()


def history(page: str) -> list[list[str]]:
    table = page[page.index("<caption>History") :].partition("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in table.split("<tr")[2:]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in cells]


def test_every_change_is_a_line_with_both_values_and_both_times(client: Client, staff: User, invoice: Invoice) -> None:
    client.force_login(staff)
    page = client.get(reverse("admin:invoices_invoice_change", args=[invoice.pk])).content.decode()
    rows = history(page)
    assert rows[0] == [
        "Nov 6, 2026, 09:30 UTC",
        "Nov 5, 2026, 09:30 UTC",
        "Status in the books",
        "Partly paid",
        "Deleted",
    ]
    assert ["Nov 3, 2026, 09:30 UTC", "Nov 3, 2026, 09:30 UTC", "Open balance", "$1,000.00", "$600.00"] in rows
    assert ["Nov 2, 2026, 11:30 UTC", "Nov 2, 2026, 10:30 UTC", "Due", "Dec 1, 2026", "Dec 15, 2026"] in rows
    assert ["Nov 3, 2026, 09:30 UTC", "", "Payment", "-", "Payment of 400 received 2026-11-03"] in rows
    assert rows[-1] == ["Nov 2, 2026, 09:30 UTC", "", "First read", "-", "A-1"]
    assert "<b>Inc</b>" not in page


def test_a_supplier_does_not_reach_it(client: Client, invoice: Invoice, django_user_model: type[User]) -> None:
    client.force_login(django_user_model.objects.create_user(email="supplier@larkspur.example", password="x"))
    assert client.get(reverse("admin:invoices_invoice_change", args=[invoice.pk])).status_code in (302, 403, 404)
