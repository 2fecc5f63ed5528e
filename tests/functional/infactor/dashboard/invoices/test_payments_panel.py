"""The invoice page lists its payments and credit memos, and marks those that no longer count."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.invoices.models import BooksPayment, CreditMemo, Invoice, InvoiceChange, PaymentAllocation
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(supplier: Supplier) -> Invoice:
    return InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier), name="Northwind"))


def pay(invoice: Invoice, laid: str, **fields: object) -> BooksPayment:
    payment = BooksPayment.objects.create(
        **{
            "supplier": invoice.supplier,
            "company_file": invoice.company_file,
            "buyer": invoice.buyer,
            "reference": str(BooksPayment.objects.count() + 900),
            "paid_on": date(2026, 11, 18),
            "amount": Decimal(laid),
            "currency": "USD",
            **fields,
        }
    )
    PaymentAllocation.objects.create(
        payment=payment,
        position=0,
        kind="Invoice",
        reference=invoice.qbk_invoice_id,
        invoice=invoice,
        amount=Decimal(laid),
    )
    return payment


def page(member: Client, invoice: Invoice) -> str:
    answer = member.get(reverse("dashboard:invoice", args=[invoice.public_id]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def section(member: Client, invoice: Invoice) -> str:
    return page(member, invoice).partition("Payments and credits</h2>")[2].partition("</section>")[0]


def test_an_unpaid_invoice_says_that_nothing_was_paid(member: Client, invoice: Invoice) -> None:
    assert "QuickBooks has no payment for this invoice yet" in section(member, invoice)


def test_a_payment_shows_who_paid_what_when_and_its_number(member: Client, invoice: Invoice) -> None:
    pay(invoice, "500.00", number="6552", amount=Decimal("900.00"))
    shown = section(member, invoice)
    for text in ("Payment", "6552", "Northwind", "Nov 18, 2026", "$500.00"):
        assert text in shown
    assert "$900.00" not in shown, "only what of it is this invoice's"
    assert "<s>" not in shown


@pytest.mark.parametrize(
    ("fields", "word"),
    [({"is_void": True}, "Voided"), ({"deleted_at": datetime(2026, 11, 20, tzinfo=UTC)}, "Deleted in QuickBooks")],
)
def test_what_no_longer_counts_is_marked(
    member: Client, invoice: Invoice, fields: dict[str, object], word: str
) -> None:
    pay(invoice, "500.00", **fields)
    shown = section(member, invoice)
    assert word in shown
    assert "<s>" in shown


def test_a_credit_is_told_apart_from_money_and_names_its_memo(member: Client, invoice: Invoice) -> None:
    credit = pay(invoice, "30.00", moves_money=False, amount=Decimal(0))
    CreditMemo.objects.create(
        supplier=invoice.supplier, company_file=invoice.company_file, reference="77", number="CM-5"
    )
    PaymentAllocation.objects.create(payment=credit, position=1, kind="CreditMemo", reference="77", amount=30)
    shown = section(member, invoice)
    for text in ("Credit applied", "CM-5", "$30.00"):
        assert text in shown


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("", "Payment of 500.00 received 2026-11-18", "Payment of $500.00 received Nov 18, 2026<"),
        ("Payment of 5.00", "Payment of 5.00, voided", "Payment of $5.00, voided<"),
        ("Payment of 5.00", "removed", "Payment of $5.00, removed<"),
        ("Payment of 5.00", "Payment of 3.00", "<bdi>Payment of $5.00</bdi>"),
    ],
)
def test_the_history_says_what_became_of_a_payment(
    member: Client, invoice: Invoice, before: str, after: str, sentence: str
) -> None:
    InvoiceChange.objects.create(
        invoice=invoice,
        at=datetime(2026, 11, 20, tzinfo=UTC),
        changes=[{"field": "payment", "from": before, "to": after}],
    )
    assert sentence in page(member, invoice)


def test_another_suppliers_payment_is_never_shown(member: Client, invoice: Invoice) -> None:
    other = InvoiceFactory(qbk_invoice_id=invoice.qbk_invoice_id)
    pay(other, "123.45", number="SECRET")
    assert "SECRET" not in page(member, invoice)
