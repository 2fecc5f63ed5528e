"""The revision of a company file grows with each change of its data, and only then."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from infactor.invoices.ingest import (
    deletions,
    payments,
    revisions,
    upserts,
)
from infactor.invoices.ingest.records import (
    AllocationRecord,
    BuyerRecord,
    CreditMemoRecord,
    InvoiceRecord,
    PaymentRecord,
)
from infactor.invoices.models import CompanyFile
from tests.support.factories.suppliers import CompanyFileFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=1)
BUYER = BuyerRecord(reference="24", name="Sonnenschein", books_updated_at=NOON)
INVOICE = InvoiceRecord(qbk_invoice_id="130", customer_reference="24", balance=Decimal(5), books_updated_at=NOON)
PAYMENT = PaymentRecord(
    reference="31", books_updated_at=NOON, allocations=(AllocationRecord("Invoice", "130", Decimal(5)),)
)
MEMO = CreditMemoRecord(reference="41", amount=Decimal(5), books_updated_at=NOON)


@pytest.fixture
def books() -> CompanyFile:
    return CompanyFileFactory()


def revision(books: CompanyFile) -> int:
    return CompanyFile.objects.get(pk=books.pk).revision


def read_everything(books: CompanyFile) -> None:
    upserts.upsert_buyers(company_file=books, records=[BUYER], at=NOON)
    upserts.upsert_invoices(company_file=books, records=[INVOICE, INVOICE._replace(qbk_invoice_id="131")], at=NOON)
    payments.upsert_payments(company_file=books, records=[PAYMENT], at=NOON)
    payments.upsert_credit_memos(company_file=books, records=[MEMO], at=NOON)


def test_each_batch_that_brings_something_counts_once(books: CompanyFile) -> None:
    read_everything(books)
    assert revision(books) == 4


def test_reading_the_same_again_neither_counts_nor_writes(books: CompanyFile) -> None:
    read_everything(books)
    with CaptureQueriesContext(database) as asked:
        read_everything(books)
    assert revision(books) == 4
    assert not [query for query in asked.captured_queries if query["sql"].startswith("UPDATE")]


@pytest.mark.parametrize(
    "change",
    [
        lambda books: upserts.upsert_buyers(
            company_file=books, records=[BUYER._replace(name="Renamed", books_updated_at=LATER)], at=LATER
        ),
        lambda books: upserts.upsert_invoices(
            company_file=books, records=[INVOICE._replace(balance=Decimal(4), books_updated_at=LATER)], at=LATER
        ),
        lambda books: payments.upsert_payments(
            company_file=books, records=[PAYMENT._replace(is_void=True, books_updated_at=LATER)], at=LATER
        ),
        lambda books: payments.upsert_credit_memos(
            company_file=books, records=[MEMO._replace(remaining=Decimal(1), books_updated_at=LATER)], at=LATER
        ),
        lambda books: deletions.mark_invoices_deleted(company_file=books, deleted={"130": LATER}, at=LATER),
        lambda books: deletions.deactivate_buyers(company_file=books, inactive={"24": LATER}, at=LATER),
        lambda books: payments.mark_payments_deleted(
            company_file=books, references=["31"], books_at={"31": LATER}, at=LATER
        ),
        lambda books: payments.mark_credit_memos_deleted(
            company_file=books, references=["41"], books_at={"41": LATER}, at=LATER
        ),
    ],
    ids=["buyer", "invoice", "payment", "memo", "invoice gone", "buyer gone", "payment gone", "memo gone"],
)
def test_every_kind_of_change_counts_once_and_told_again_not_at_all(
    books: CompanyFile, change: Callable[[CompanyFile], object]
) -> None:
    read_everything(books)
    change(books)
    assert revision(books) == 5
    change(books)
    assert revision(books) == 5


def test_a_supplier_counts_all_of_its_company_files_and_no_other(books: CompanyFile) -> None:
    second, foreign = CompanyFileFactory(supplier=books.supplier), CompanyFileFactory()
    assert revisions.total(supplier=books.supplier) == 0
    revisions.increment(company_file_ids=[second.pk, books.pk, second.pk])
    revisions.increment(company_file_ids=[foreign.pk])
    revisions.increment(company_file_ids=[])
    assert revisions.total(supplier=books.supplier) == 2
    assert revisions.total(supplier=foreign.supplier) == 1
