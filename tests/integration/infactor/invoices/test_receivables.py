"""Receivables roll sub-customers up to the root customer, separate currencies, and leave out voided invoices."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices import customer_hierarchy, receivables
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Debtor, Invoice, PaymentAllocation
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, SupplierFactory, UserFactory
from tests.support.payloads import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def top() -> Buyer:
    return BuyerFactory(name="Acme", company_name="Acme Inc")


@pytest.fixture
def job(top: Buyer) -> Buyer:
    middle = BuyerFactory(company_file=top.company_file, name="Plant", parent=top, is_job=True)
    return BuyerFactory(company_file=top.company_file, name="Hall 2", parent=middle, is_job=True)


@pytest.fixture
def supplier(top: Buyer) -> Supplier:
    return top.supplier


def memo(buyer: Buyer, amount: str, **values: Any) -> CreditMemo:
    return CreditMemo.objects.create(
        **{
            "supplier": buyer.supplier,
            "company_file": buyer.company_file,
            "buyer": buyer,
            "reference": f"cm{CreditMemo.objects.count()}",
            "amount": Decimal(amount),
            "remaining": Decimal(amount),
            "currency": "USD",
            "issued_on": date(2026, 10, 5),
            **values,
        }
    )


def paid(buyer: Buyer, *, on: date, moves_money: bool = True, **values: Any) -> Invoice:
    invoice = InvoiceFactory(buyer=buyer, books_status="paid", balance=Decimal(0))
    payment = BooksPayment.objects.create(
        **{
            "supplier": buyer.supplier,
            "company_file": buyer.company_file,
            "buyer": buyer,
            "reference": f"p{BooksPayment.objects.count()}",
            "paid_on": on,
            "amount": invoice.invoice_amount if moves_money else Decimal(0),
            "moves_money": moves_money,
            **values,
        }
    )
    PaymentAllocation.objects.create(
        payment=payment, position=0, kind="Invoice", reference=invoice.qbk_invoice_id, invoice=invoice
    )
    return invoice


def test_an_invoice_carries_its_figures_and_the_top_customer_of_its_job(job: Buyer, top: Buyer) -> None:
    invoice = InvoiceFactory(buyer=job, company_name="", books_status="open")
    InvoiceFactory()
    assert receivables.load(supplier=top.supplier) == [
        receivables.ReceivableInvoice(
            id=invoice.pk,
            public_id=invoice.public_id,
            number=invoice.invoice_no,
            buyer_key=top.pk,
            buyer_name="Hall 2",
            email="ap@buyer.example",
            amount=Decimal("1080.00"),
            balance=Decimal("1080.00"),
            tax=Decimal("80.00"),
            currency="USD",
            txn_date=date(2026, 10, 1),
            payable_date=date(2026, 11, 30),
            state="invoice_created",
            books_status="open",
            company_file_id=top.company_file_id,
        )
    ]


def test_an_invoice_without_a_known_buyer_has_the_key_of_nobody(top: Buyer) -> None:
    invoice = InvoiceFactory(buyer=top, company_name="")
    Invoice.objects.filter(pk=invoice.pk).update(buyer=None)
    assert [(one.buyer_key, one.buyer_name) for one in receivables.load(supplier=top.supplier)] == [(0, "")]


def test_loading_costs_two_queries_however_many_invoices(
    top: Buyer, job: Buyer, django_assert_num_queries: Any
) -> None:
    InvoiceFactory.create_batch(5, buyer=job)
    with django_assert_num_queries(2):
        assert len(receivables.load(supplier=top.supplier)) == 5


def test_a_buyers_history_counts_invoices_that_money_paid_its_jobs_too(top: Buyer, job: Buyer) -> None:
    paid(top, on=date(2026, 9, 1))
    paid(job, on=date(2026, 10, 1))
    paid(job, on=date(2026, 11, 1), moves_money=False)
    paid(job, on=date(2026, 11, 2), is_void=True)  # by something else then, for the books call it paid
    InvoiceFactory(buyer=top, books_status="paid", balance=Decimal(0), invoice_amount=Decimal(0))
    InvoiceFactory(buyer=top)
    facts = receivables.buyers(supplier=top.supplier)
    assert list(facts) == [top.pk]
    assert (facts[top.pk].paid_invoices, facts[top.pk].last_paid) == (3, date(2026, 10, 1))


@pytest.mark.parametrize(
    ("company_name", "word", "is_business"),
    [("Acme Inc", None, True), ("", None, False), ("", True, True), ("Acme Inc", False, False)],
)
def test_staffs_word_decides_who_is_a_business_and_else_the_books_do(
    top: Buyer, company_name: str, word: bool | None, is_business: bool
) -> None:
    debtor = Debtor.objects.create(name="Acme", is_business=word, created_by=UserFactory())
    Buyer.objects.filter(pk=top.pk).update(debtor=debtor, company_name=company_name)
    facts = receivables.buyers(supplier=top.supplier)[top.pk]
    assert (facts.debtor_id, facts.is_business, facts.name) == (debtor.pk, is_business, "Acme")


def test_open_credits_are_what_live_memos_have_left_by_buyer_and_currency(top: Buyer, job: Buyer) -> None:
    memo(top, "100.00", remaining=Decimal("40.00"))
    memo(job, "7.00", remaining=None)
    memo(job, "5.00", currency="EUR")
    memo(top, "900.00", remaining=Decimal(0), currency="CAD")
    memo(top, "900.00", is_void=True)
    memo(top, "900.00", deleted_at=NOON)
    memo(BuyerFactory(), "900.00")
    assert receivables.open_credits(supplier=top.supplier) == {
        (top.pk, "USD"): Decimal("47.00"),
        (top.pk, "EUR"): Decimal("5.00"),
    }


def test_dilution_sets_credits_beside_invoices_of_the_same_time(top: Buyer, job: Buyer) -> None:
    since = date(2026, 9, 1)
    memo(job, "54.00", issued_on=since)
    memo(top, "900.00", issued_on=date(2026, 8, 31))
    memo(top, "900.00", is_void=True)
    InvoiceFactory(buyer=top)
    InvoiceFactory(buyer=job, books_status="paid", currency="EUR")
    InvoiceFactory(buyer=job, txn_date=date(2026, 8, 31))
    InvoiceFactory(buyer=job, books_status="voided")
    InvoiceFactory(buyer=job, books_status="deleted")
    until = date(2026, 11, 20)
    InvoiceFactory(buyer=top, txn_date=date(2026, 11, 21))
    assert receivables.dilution(supplier=top.supplier, since=since, until=until) == {
        (top.pk, "USD"): (Decimal("54.00"), Decimal("1080.00")),
        (top.pk, "EUR"): (Decimal(0), Decimal("1080.00")),
    }
    issued = Invoice.objects.get(buyer=top, txn_date__lte=until).txn_date
    assert receivables.dilution_days(supplier=top.supplier, since=since, until=until) == {
        (top.pk, "USD"): ((since, Decimal("54.00"), 0), (issued, 0, Decimal("1080.00")))
    }


def test_a_supplier_without_books_owes_and_is_owed_nothing() -> None:
    supplier = SupplierFactory()
    assert receivables.load(supplier=supplier) == []
    assert receivables.buyers(supplier=supplier) == {}
    assert receivables.open_credits(supplier=supplier) == {}
    since, until = date(2026, 1, 1), date(2026, 3, 1)
    assert receivables.dilution(supplier=supplier, since=since, until=until) == {}
    assert receivables.dilution_days(supplier=supplier, since=since, until=until) == {}


def test_a_job_rolls_up_through_every_level(top: Buyer, job: Buyer, supplier: Supplier) -> None:
    assert customer_hierarchy.root_customer(buyer=job) == top
    assert customer_hierarchy.root_customer(buyer=top) == top
    assert set(customer_hierarchy.supplier_roots(supplier=supplier).values()) == {top.pk}
    assert customer_hierarchy.roots_of(buyers=[job.pk, top.pk]) == {job.pk: top.pk, top.pk: top.pk}


def test_customers_that_are_each_others_jobs_still_have_one_top(top: Buyer, job: Buyer, supplier: Supplier) -> None:
    Buyer.objects.filter(pk=top.pk).update(parent=job)
    outside = BuyerFactory(company_file=top.company_file, parent=job)
    assert set(customer_hierarchy.supplier_roots(supplier=supplier).values()) == {top.pk}
    assert customer_hierarchy.roots_of(buyers=[outside.pk]) == {outside.pk: top.pk}
