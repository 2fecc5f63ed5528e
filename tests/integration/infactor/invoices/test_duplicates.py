"""Duplicate invoices are found across suppliers, and merely similar ones are not."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices import duplicates
from infactor.invoices.duplicates import Duplicate
from infactor.invoices.models import Buyer, Debtor, Invoice
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, UserFactory

pytestmark = pytest.mark.django_db


def invoice(buyer: Buyer, number: str = "INV-1037", **values: Any) -> Invoice:
    return InvoiceFactory(buyer=buyer, invoice_no=number, **values)


@pytest.fixture
def ours() -> Buyer:
    return BuyerFactory(name="Acme Inc.")


@pytest.fixture
def theirs() -> Buyer:
    return BuyerFactory(name="ACME", company_file=CompanyFileFactory(name="Other Books"))


def found(buyer: Buyer) -> dict[int, tuple[Duplicate, ...]]:
    return duplicates.find_duplicates(supplier=buyer.supplier)


def test_an_invoice_of_another_supplier_is_named_with_where_it_is(ours: Buyer, theirs: Buyer) -> None:
    mine, other = invoice(ours), invoice(theirs, "001037", state="ifactor_prepaid")
    assert found(ours) == {
        mine.pk: (
            Duplicate(
                invoice_id=other.pk,
                supplier_id=theirs.supplier_id,
                supplier_name=theirs.supplier.name,
                company_file_name="Other Books",
                number="001037",
                state="ifactor_prepaid",
            ),
        )
    }
    assert list(found(theirs)) == [other.pk]


def test_other_books_of_the_same_supplier_count_too(ours: Buyer) -> None:
    again = BuyerFactory(name="Acme", company_file=CompanyFileFactory(supplier=ours.supplier))
    mine, other = invoice(ours), invoice(again)
    assert {pk: [one.invoice_id for one in told] for pk, told in found(ours).items()} == {
        mine.pk: [other.pk],
        other.pk: [mine.pk],
    }


def test_the_same_invoice_twice_in_the_same_books_is_no_collision(ours: Buyer) -> None:
    invoice(ours)
    invoice(ours)
    assert found(ours) == {}


@pytest.mark.parametrize(
    "values",
    [
        {"txn_date": date(2026, 10, 2)},
        {"txn_date": None},
        {"invoice_amount": Decimal("1080.01")},
        {"invoice_amount": None},
        {"currency": "CAD"},
        {"number": "1038"},
        {"number": ""},
        {"books_status": "voided"},
        {"books_status": "deleted"},
    ],
    ids=str,
)
def test_anything_that_differs_makes_it_another_invoice(ours: Buyer, theirs: Buyer, values: dict[str, Any]) -> None:
    invoice(ours)
    invoice(theirs, **values)
    assert found(ours) == {}


def test_invoices_whose_numbers_say_nothing_are_not_compared(ours: Buyer, theirs: Buyer) -> None:
    invoice(ours, "Invoice")
    invoice(theirs, "Invoice")
    assert found(ours) == {}


def test_another_buyer_makes_it_another_invoice_until_staff_join_the_two(ours: Buyer) -> None:
    renamed = BuyerFactory(name="Wile E. Trading")
    mine, _ = invoice(ours), invoice(renamed)
    assert found(ours) == {}
    debtor = Debtor.objects.create(name="Acme", created_by=UserFactory())
    Buyer.objects.filter(pk__in=[ours.pk, renamed.pk]).update(debtor=debtor)
    assert list(found(ours)) == [mine.pk]


def test_a_job_is_its_top_customer(ours: Buyer, theirs: Buyer) -> None:
    job = BuyerFactory(name="Hall 2", parent=theirs, company_file=theirs.company_file)
    mine, _ = invoice(ours), invoice(job)
    assert list(found(ours)) == [mine.pk]


def test_an_invoice_without_its_customer_is_known_by_the_name_on_it(ours: Buyer, theirs: Buyer) -> None:
    mine, other = invoice(ours), invoice(theirs)
    Invoice.objects.filter(pk=other.pk).update(buyer=None)
    assert list(found(ours)) == [mine.pk]
    Invoice.objects.filter(pk=other.pk).update(company_name="")
    assert found(ours) == {}


def test_of_a_thousand_alike_the_first_are_told(ours: Buyer, theirs: Buyer) -> None:
    mine = invoice(ours)
    others = [invoice(theirs).pk for _ in range(duplicates.MAX_DUPLICATES + 2)]
    assert [one.invoice_id for one in found(ours)[mine.pk]] == others[: duplicates.MAX_DUPLICATES]


def test_it_takes_a_handful_of_queries_however_many_invoices(
    ours: Buyer, theirs: Buyer, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(20):
        invoice(ours, str(number))
        invoice(theirs, str(number))
    with django_assert_max_num_queries(4):
        assert len(found(ours)) == 20
