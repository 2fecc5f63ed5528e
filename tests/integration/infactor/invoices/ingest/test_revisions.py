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
from infactor.invoices.models import Buyer, CompanyFile, Invoice, NamedRevision
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


@pytest.fixture
def read_books() -> CompanyFile:
    """Books that were read completely an hour ago."""
    return CompanyFileFactory(as_of=NOON - timedelta(hours=1))


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


def named(books: CompanyFile) -> tuple[list[str], list[str]] | None:
    """The invoices and customers that the last revision names, by their ids in the books."""
    row = NamedRevision.objects.filter(company_file=books, revision=revision(books)).first()
    if row is None:
        return None
    invoices = Invoice.objects.filter(pk__in=row.invoice_ids).order_by("qbk_invoice_id")
    buyers = Buyer.objects.filter(pk__in=row.buyer_ids).order_by("reference")
    return [one.qbk_invoice_id for one in invoices], [one.reference for one in buyers]


def test_a_revision_names_what_it_touches_before_and_after(read_books: CompanyFile) -> None:
    books = read_books
    read_everything(books)
    upserts.upsert_buyers(company_file=books, records=[BuyerRecord("25", name="Other")], at=NOON)
    assert named(books) == ([], ["25"])
    moved = INVOICE._replace(customer_reference="25", books_updated_at=LATER)
    upserts.upsert_invoices(company_file=books, records=[moved], at=LATER)
    assert named(books) == (["130"], ["24", "25"])
    elsewhere = PAYMENT._replace(allocations=(AllocationRecord("Invoice", "131", Decimal(5)),), books_updated_at=LATER)
    payments.upsert_payments(company_file=books, records=[elsewhere], at=LATER)
    assert named(books) == (["130", "131"], [])
    memo = MEMO._replace(customer_reference="24", books_updated_at=LATER)
    payments.upsert_credit_memos(company_file=books, records=[memo], at=LATER)
    assert named(books) == ([], ["24"])


def test_a_new_customer_names_the_invoices_that_were_waiting_for_it(read_books: CompanyFile) -> None:
    books = read_books
    upserts.upsert_invoices(company_file=books, records=[INVOICE], at=NOON)
    upserts.upsert_buyers(company_file=books, records=[BUYER], at=NOON)
    assert named(books) == (["130"], ["24"])


def test_a_customers_figures_are_named_but_another_name_or_parent_touches_anything(read_books: CompanyFile) -> None:
    books = read_books
    read_everything(books)
    changed = BUYER._replace(balance=Decimal(7), books_updated_at=LATER)
    upserts.upsert_buyers(company_file=books, records=[changed], at=LATER)
    assert named(books) == ([], ["24"])
    job = BuyerRecord("26", name="Job", is_job=True, parent_reference="27")
    upserts.upsert_buyers(company_file=books, records=[job], at=NOON)
    assert named(books) == ([], ["26"])
    upserts.upsert_buyers(company_file=books, records=[BuyerRecord("27", name="Parent")], at=NOON)
    assert named(books) is None
    upserts.upsert_buyers(company_file=books, records=[changed._replace(name="Renamed")], at=LATER)
    assert named(books) is None


def test_books_read_further_name_the_customers_whose_documents_changed_since(read_books: CompanyFile) -> None:
    books = read_books
    read_everything(books)
    upserts.set_as_of(company_file=books, as_of=NOON)
    assert (revision(books), named(books)) == (5, ([], ["24"]))
    upserts.set_as_of(company_file=CompanyFile.objects.get(pk=books.pk), as_of=LATER)
    assert revision(books) == 5  # nothing changed since
    later = INVOICE._replace(balance=Decimal(4), books_updated_at=LATER + timedelta(minutes=1))
    upserts.upsert_invoices(company_file=books, records=[later], at=LATER)
    upserts.set_as_of(company_file=CompanyFile.objects.get(pk=books.pk), as_of=LATER + timedelta(minutes=2))
    assert (revision(books), named(books)) == (7, ([], ["24"]))


def test_a_large_batch_names_nothing(read_books: CompanyFile) -> None:
    books = read_books
    records = [INVOICE._replace(qbk_invoice_id=f"{n}") for n in range(revisions.MAX_NAMED + 1)]
    upserts.upsert_invoices(company_file=books, records=records, at=NOON)
    assert (revision(books), named(books)) == (1, None)


def test_books_that_are_read_for_the_first_time_name_nothing(books: CompanyFile) -> None:
    read_everything(books)
    upserts.set_as_of(company_file=books, as_of=NOON)
    assert revision(books) == 5
    assert not NamedRevision.objects.exists()
