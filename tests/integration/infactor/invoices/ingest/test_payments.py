"""Payments and credit memos give the same rows in any order and any number of times."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices.ingest import deletions, payments
from infactor.invoices.ingest.records import (
    AllocationRecord,
    BuyerRecord,
    CreditMemoRecord,
    InvoiceRecord,
    PaymentRecord,
)
from infactor.invoices.ingest.upserts import UpsertCounts, upsert_buyers, upsert_invoices
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo, Invoice, InvoiceChange
from tests.support.factories.suppliers import CompanyFileFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(db: None) -> CompanyFile:
    return CompanyFileFactory(as_of=NOON - timedelta(days=1))


def record(reference: str = "31", *, laid: tuple[tuple[str, str], ...] = (("7", "50.00"),), **changes: Any) -> Any:
    values = {
        "customer_reference": "24",
        "paid_on": date(2026, 11, 18),
        "amount": Decimal("50.00"),
        "unapplied": Decimal(0),
        "currency": "USD",
        "sync_token": "1",
        "books_updated_at": NOON,
        "allocations": tuple(AllocationRecord("Invoice", one, Decimal(amount)) for one, amount in laid),
        **changes,
    }
    return PaymentRecord(reference=reference, **values)


def invoice(books: CompanyFile, reference: str = "7") -> None:
    made = InvoiceRecord(qbk_invoice_id=reference, customer_reference="24", books_updated_at=NOON)
    upsert_invoices(company_file=books, records=[made], at=NOON)


def buyer(books: CompanyFile, reference: str = "24") -> None:
    upsert_buyers(company_file=books, records=[BuyerRecord(reference=reference, name="Buyer")], at=NOON)


def put(books: CompanyFile, *records: PaymentRecord) -> UpsertCounts:
    return payments.upsert_payments(company_file=books, records=records, at=NOON)


def lines(reference: str = "31") -> list[tuple[str, Decimal | None]]:
    return list(BooksPayment.objects.get(reference=reference).allocations.values_list("reference", "amount"))


@pytest.mark.parametrize("order", list(itertools.permutations(["buyer", "invoice", "payment", "memo"])))
def test_whatever_comes_first_everything_finds_together(books: CompanyFile, order: tuple[str, ...]) -> None:
    for one in order:
        match one:
            case "buyer":
                buyer(books)
            case "invoice":
                invoice(books)
            case "payment":
                put(books, record())
            case _:
                memo = CreditMemoRecord(reference="9", customer_reference="24", amount=Decimal(1))
                payments.upsert_credit_memos(company_file=books, records=[memo], at=NOON)
    payment = BooksPayment.objects.get()
    assert payment.buyer == CreditMemo.objects.get().buyer == Invoice.objects.get().buyer == Buyer.objects.get()
    assert payment.allocations.get().invoice == Invoice.objects.get()


def test_the_same_again_is_unchanged(books: CompanyFile) -> None:
    assert put(books, record()) == UpsertCounts(1, 0, 0)
    assert put(books, record()) == UpsertCounts(0, 0, 1)


def test_lines_are_replaced_as_a_set(books: CompanyFile) -> None:
    put(books, record(laid=(("7", "20.00"), ("8", "30.00"))))
    assert put(books, record(laid=(("8", "10.00"),))) == UpsertCounts(0, 1, 0)
    assert lines() == [("8", Decimal("10.00"))]


def test_an_older_version_never_wins(books: CompanyFile) -> None:
    older = record(amount=Decimal("1.00"), books_updated_at=NOON - timedelta(seconds=1), laid=())
    put(books, record())
    assert put(books, older) == UpsertCounts(0, 0, 1)
    BooksPayment.objects.all().delete()
    put(books, record(), older)
    assert (BooksPayment.objects.get().amount, lines()) == (Decimal("50.00"), [("7", Decimal("50.00"))])


def test_a_voided_payment_keeps_what_it_had_been_laid_against(books: CompanyFile) -> None:
    put(books, record())
    void = record(laid=(), is_void=True, amount=Decimal(0), books_updated_at=NOON + timedelta(hours=1))
    assert put(books, void) == UpsertCounts(0, 1, 0)
    assert put(books, void) == UpsertCounts(0, 0, 1)
    assert lines() == [("7", Decimal("50.00"))]


def test_a_payment_of_a_first_import_is_no_news(books: CompanyFile) -> None:
    invoice(books)
    books.as_of = None
    put(books, record())
    assert not InvoiceChange.objects.exists()


def test_two_lines_on_one_invoice_are_told_as_one_sum(books: CompanyFile) -> None:
    invoice(books)
    put(books, record(laid=(("7", "20.00"), ("7", "5.50"))))
    (change,) = InvoiceChange.objects.get().changes
    assert change == {"field": "payment", "from": "", "to": "Payment of 25.50 received 2026-11-18"}


def test_an_amount_that_cannot_be_read_is_told_as_such(books: CompanyFile) -> None:
    invoice(books)
    put(books, record()._replace(allocations=(AllocationRecord("Invoice", "7", None),)))
    (change,) = InvoiceChange.objects.get().changes
    assert change["to"].startswith("Payment of an amount that cannot be read")


def test_a_payment_deleted_twice_is_told_once_and_comes_back_with_a_newer_version(books: CompanyFile) -> None:
    invoice(books)
    put(books, record())
    for _ in range(2):
        payments.mark_payments_deleted(company_file=books, references=["31"], books_at={"31": NOON}, at=NOON)
    assert BooksPayment.objects.get().deleted_at == NOON
    assert InvoiceChange.objects.count() == 2
    put(books, record(books_updated_at=NOON + timedelta(hours=1)))
    assert BooksPayment.objects.get().deleted_at is None
    assert [one.changes[0]["to"] for one in InvoiceChange.objects.order_by("pk")] == [
        "Payment of 50.00 received 2026-11-18",
        "removed",
        "Payment of 50.00 received 2026-11-18",
    ]


def test_two_companies_with_the_same_ids_stay_apart(books: CompanyFile) -> None:
    other = CompanyFileFactory(as_of=NOON)
    for file in (books, other):
        invoice(file)
        put(file, record())
    payments.mark_payments_deleted(company_file=other, references=["31"], books_at={}, at=NOON)
    deletions.mark_invoices_deleted(company_file=other, deleted={"7": NOON}, at=NOON)
    mine = BooksPayment.objects.get(company_file=books)
    assert mine.deleted_at is None
    assert mine.allocations.get().invoice == Invoice.objects.get(company_file=books)
    assert Invoice.objects.get(company_file=books).books_status == "open"


def test_a_thousand_payments_cost_a_fixed_number_of_queries(
    books: CompanyFile, django_assert_max_num_queries: Any
) -> None:
    many = [record(str(one), laid=((str(one), "1.00"),)) for one in range(1000)]
    with django_assert_max_num_queries(20):
        assert put(books, *many) == UpsertCounts(1000, 0, 0)
    with django_assert_max_num_queries(25):
        changed = [one._replace(number="X", books_updated_at=NOON + timedelta(hours=1)) for one in many]
        assert put(books, *changed) == UpsertCounts(0, 1000, 0)
