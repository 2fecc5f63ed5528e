"""Receivables roll sub-customers up to the root customer, separate currencies, and leave out voided invoices."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices import customer_hierarchy, receivables
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Debtor, Invoice, PaymentAllocation
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, SupplierFactory, UserFactory

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
    ("amount", "lines", "paid_invoices"),
    [
        ("0", [("JournalEntry", "1080.00")], 0),
        ("0", [("Check", "1080.00")], 0),
        ("0", [("Deposit", "1080.00")], 0),
        ("0", [("CreditMemo", "1080.00")], 0),
        ("1.00", [("JournalEntry", "1079.00")], 0),
        ("1060.00", [("CreditMemo", "20.00")], 1),
        ("2000.00", [], 1),
    ],
)
def test_money_is_what_the_payments_own_amount_says(
    top: Buyer, amount: str, lines: list[tuple[str, str]], paid_invoices: int
) -> None:
    invoice = paid(top, on=date(2026, 9, 1), amount=Decimal(amount), moves_money=amount != "0")
    payment = BooksPayment.objects.get()
    payment.allocations.update(amount=invoice.invoice_amount)
    for position, (kind, laid) in enumerate(lines, start=1):
        payment.allocations.create(position=position, kind=kind, reference="9", amount=Decimal(laid))
    assert receivables.buyers(supplier=top.supplier)[top.pk].paid_invoices == paid_invoices


def test_a_payment_is_shared_out_among_its_invoices(top: Buyer) -> None:
    """Money for one invoice does not make three that a journal entry closes a history of payments."""
    one = paid(top, on=date(2026, 9, 1), amount=Decimal("1080.00"))
    payment = BooksPayment.objects.get()
    payment.allocations.update(amount=one.invoice_amount)
    for position in (1, 2):
        other = InvoiceFactory(buyer=top, books_status="paid", balance=Decimal(0))
        payment.allocations.create(
            position=position, kind="Invoice", reference=other.qbk_invoice_id, invoice=other, amount=Decimal("1080.00")
        )
    payment.allocations.create(position=3, kind="JournalEntry", reference="9", amount=Decimal("2160.00"))
    assert receivables.buyers(supplier=top.supplier)[top.pk].paid_invoices == 0


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


@pytest.mark.parametrize(
    ("of_top", "of_job", "problem"),
    [
        ({}, {}, ""),
        ({}, {"is_active": False}, "inactive"),
        ({"is_active": False}, {}, "inactive"),
        ({}, {"parent": None}, "parent_unknown"),
        ({}, {"parent": None, "is_job": False, "parent_reference": "7"}, "parent_unknown"),
        ({"parent_reference": "7"}, {}, "parent_unknown"),
    ],
)
def test_a_customer_that_cannot_owe_is_told(
    top: Buyer, of_top: dict[str, Any], of_job: dict[str, Any], problem: str
) -> None:
    job = BuyerFactory(company_file=top.company_file, parent=top, is_job=True)
    InvoiceFactory(buyer=job)
    Buyer.objects.filter(pk=top.pk).update(**of_top)
    Buyer.objects.filter(pk=job.pk).update(**of_job)
    assert [one.buyer_problem for one in receivables.load(supplier=top.supplier)] == [problem]
