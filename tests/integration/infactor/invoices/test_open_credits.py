"""What lowers a buyer's debt beside its invoices: credit memos, unapplied payments, a balance below the invoices."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices.ingest import deletions, payments
from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, CreditMemo
from infactor.invoices.open_credits import open_credits
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, SupplierFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db

references = itertools.count()
EARLIER = NOON - timedelta(hours=1)


@pytest.fixture
def top() -> Buyer:
    return BuyerFactory(name="Acme")


@pytest.fixture
def job(top: Buyer) -> Buyer:
    return BuyerFactory(company_file=top.company_file, name="Plant", parent=top, is_job=True)


def memo(buyer: Buyer, amount: str, **values: Any) -> CreditMemo:
    left = {"remaining": Decimal(amount), "issued_on": date(2026, 10, 5)}
    return CreditMemo.objects.create(**_document(buyer, amount), **{**left, **values})


def payment(buyer: Buyer, amount: str, **values: Any) -> BooksPayment:
    left = {"unapplied": Decimal(amount), "paid_on": date(2026, 10, 5)}
    return BooksPayment.objects.create(**_document(buyer, amount), **{**left, **values})


def _document(buyer: Buyer, amount: str) -> dict[str, Any]:
    return {
        "supplier": buyer.supplier,
        "company_file": buyer.company_file,
        "buyer": buyer,
        "reference": str(next(references)),
        "amount": Decimal(amount),
        "currency": "USD",
    }


def credits_of(buyer: Buyer) -> Decimal:
    return open_credits(supplier=buyer.supplier).get((buyer.pk, "USD"), Decimal(0))


def test_credit_memos_count_with_what_they_have_left_by_buyer_and_currency(top: Buyer, job: Buyer) -> None:
    memo(top, "100.00", remaining=Decimal("40.00"))
    memo(job, "7.00", remaining=None)
    CreditMemo.objects.filter(pk=memo(job, "5.00").pk).update(currency="EUR")
    memo(top, "900.00", remaining=Decimal(0))
    memo(top, "900.00", is_void=True)
    memo(top, "900.00", deleted_at=NOON)
    memo(BuyerFactory(), "900.00")
    assert open_credits(supplier=top.supplier) == {
        (top.pk, "USD"): Decimal("47.00"),
        (top.pk, "EUR"): Decimal("5.00"),
    }


def test_unapplied_payments_count_like_open_credits(top: Buyer, job: Buyer) -> None:
    payment(top, "1706.50")
    payment(job, "100.00", unapplied=Decimal("20.00"))
    payment(job, "100.00", unapplied=Decimal(0))
    payment(top, "900.00", is_void=True)
    payment(top, "900.00", deleted_at=NOON)
    memo(top, "10.00")
    assert credits_of(top) == Decimal("1736.50")


@pytest.mark.parametrize(
    ("balance", "credits"),
    [("1080.00", "0"), ("2000.00", "0"), ("1000.00", "80.00"), ("0", "1080.00"), ("-20.00", "1100.00")],
)
def test_a_balance_below_the_open_invoices_is_a_credit(top: Buyer, balance: str, credits: str) -> None:
    InvoiceFactory(buyer=top, books_updated_at=EARLIER)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal(balance), books_updated_at=NOON)
    assert credits_of(top) == Decimal(credits)


def test_a_balance_does_not_count_twice_what_documents_tell(top: Buyer) -> None:
    InvoiceFactory(buyer=top, books_updated_at=EARLIER)
    payment(top, "100.00", books_updated_at=EARLIER)
    memo(top, "30.00", books_updated_at=EARLIER)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal("900.00"), books_updated_at=NOON)
    assert credits_of(top) == Decimal("180.00")


def test_a_debit_of_one_customer_hides_no_credit_of_its_job(top: Buyer, job: Buyer) -> None:
    InvoiceFactory(buyer=top, books_updated_at=EARLIER)
    InvoiceFactory(buyer=job, books_updated_at=EARLIER)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal("1580.00"), books_updated_at=NOON)
    Buyer.objects.filter(pk=job.pk).update(balance=Decimal("580.00"), books_updated_at=NOON)
    assert credits_of(top) == Decimal("500.00")


def test_a_credit_of_a_parent_without_invoices_lowers_what_its_job_owes(top: Buyer, job: Buyer) -> None:
    InvoiceFactory(buyer=job, books_updated_at=EARLIER)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal("-500.00"), books_updated_at=NOON)
    Buyer.objects.filter(pk=job.pk).update(balance=Decimal("1080.00"), books_updated_at=NOON)
    assert credits_of(top) == Decimal("500.00")


@pytest.mark.parametrize("is_active", [True, False])
def test_a_customer_that_was_merged_away_leaves_no_credit(top: Buyer, is_active: bool) -> None:
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal("-101.89"), is_active=is_active, books_updated_at=EARLIER)
    assert credits_of(top) == Decimal("101.89")
    deletions.deactivate_buyers(company_file=top.company_file, inactive={top.reference: NOON}, at=NOON)
    assert credits_of(top) == 0


@pytest.mark.parametrize("model", ["invoice", "payment", "memo"])
def test_a_balance_that_is_older_than_a_document_says_nothing(top: Buyer, model: str) -> None:
    InvoiceFactory(buyer=top, books_updated_at=NOON if model == "invoice" else EARLIER)
    if model == "payment":
        payment(top, "100.00", unapplied=Decimal(0), books_updated_at=NOON)
    if model == "memo":
        memo(top, "100.00", remaining=Decimal(0), books_updated_at=NOON)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal(0), books_updated_at=EARLIER)
    assert credits_of(top) == 0


def test_a_balance_holds_where_the_books_were_read_completely_after_the_last_document(top: Buyer) -> None:
    InvoiceFactory(buyer=top, books_updated_at=NOON)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal(80), books_updated_at=EARLIER)
    CompanyFile.objects.update(as_of=NOON)
    assert credits_of(top) == Decimal("1000.00")


@pytest.mark.parametrize("kind", ["invoice", "payment", "memo"])
def test_a_deleted_document_hides_no_credit(top: Buyer, kind: str) -> None:
    """A reconciliation finds it after the customer, and QuickBooks does not say when it was deleted."""
    InvoiceFactory(buyer=top, books_updated_at=EARLIER)
    Buyer.objects.filter(pk=top.pk).update(balance=Decimal(80), books_updated_at=EARLIER)
    file, found = top.company_file, {"company_file": top.company_file, "at": NOON}
    if kind == "invoice":
        gone = InvoiceFactory(buyer=top, books_updated_at=EARLIER)
        deletions.mark_invoices_deleted(company_file=file, deleted={gone.qbk_invoice_id: NOON}, at=NOON)
    elif kind == "payment":
        paid = payment(top, "100.00", books_updated_at=EARLIER).reference
        payments.mark_payments_deleted(references=[paid], books_at={paid: NOON}, **found)
    else:
        credited = memo(top, "100.00", books_updated_at=EARLIER).reference
        payments.mark_credit_memos_deleted(references=[credited], books_at={credited: NOON}, **found)
    assert credits_of(top) == Decimal("1000.00")


def test_a_supplier_without_books_has_no_credits() -> None:
    assert open_credits(supplier=SupplierFactory()) == {}
