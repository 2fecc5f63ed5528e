"""The home page shows totals and ages for each currency, and the newest invoices."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from infactor.dashboard.home.views import aging_chart
from infactor.invoices import selectors
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

TODAY = date(2026, 11, 20)
pytestmark = pytest.mark.django_db


def invoice(supplier: Supplier, **fields: object) -> object:
    return InvoiceFactory(buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier)), **fields)


def test_home_without_invoices_says_so_and_offers_the_one_action(member: Client) -> None:
    page = member.get(reverse("dashboard:home")).content.decode()
    assert "No invoices yet" in page
    assert reverse("quickbooks:home") in page


def test_home_asks_for_the_connection_and_fills_by_itself(member: Client) -> None:
    page = member.get(reverse("dashboard:home")).content.decode()
    assert f'hx-get="{reverse("quickbooks:card")}"' in page
    assert f'hx-get="{reverse("dashboard:home_figures")}" hx-trigger="books-changed from:body"' in page


def test_two_currencies_never_share_a_sum(supplier: Supplier) -> None:
    invoice(supplier, currency="USD", balance=Decimal("100.10"))
    invoice(supplier, currency="USD", balance=Decimal("200.20"))
    invoice(supplier, currency="EUR", balance=Decimal("1000.00"))
    found = {one.currency: one.open for one in selectors.currency_summaries(supplier=supplier, today=TODAY)}
    assert found == {
        "USD": selectors.Totals(2, Decimal("300.30")),
        "EUR": selectors.Totals(1, Decimal("1000.00")),
    }


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [(0, None), (-1, None), (1, 1), (30, 1), (31, 31), (60, 31), (61, 61), (90, 61), (91, 91), (900, 91)],
)
def test_an_open_invoice_stands_in_exactly_one_age(supplier: Supplier, days_late: int, bucket: int | None) -> None:
    invoice(supplier, payable_date=TODAY - timedelta(days=days_late), balance=Decimal("10.00"))
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    ages = {start: sums.count for start, _, sums in summary.aging if sums.count}
    assert ages == ({bucket: 1} if bucket else {})
    assert summary.not_due.count == (0 if bucket else 1)


def test_ages_and_what_has_none_add_up_to_what_is_open(supplier: Supplier) -> None:
    for days in (-400, -31, -1, 0, 1, 15, 45, 75, 95, 365):
        invoice(supplier, payable_date=TODAY - timedelta(days=days), balance=Decimal("10.01"))
    invoice(supplier, payable_date=None, balance=Decimal("5.00"))
    invoice(supplier, payable_date=TODAY, balance=Decimal("0.00"), books_status="paid")
    invoice(supplier, payable_date=TODAY, balance=Decimal("7.00"), books_status="deleted")
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    chart = aging_chart(summary)
    assert chart is not None
    assert (chart.total, chart.count) == (summary.open.amount, summary.open.count) == (Decimal("105.10"), 11)


def test_an_amount_that_cannot_be_read_stands_in_no_sum_and_is_told(member: Client, supplier: Supplier) -> None:
    invoice(supplier, balance=None, invoice_amount=None)
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    assert (summary.unreadable, summary.open.amount) == (1, Decimal(0))
    assert "unreadable amount" in member.get(reverse("dashboard:home")).content.decode()


def test_the_chart_shows_credits_without_a_bar(supplier: Supplier) -> None:
    invoice(supplier, balance=Decimal("-50.00"), payable_date=None)
    invoice(supplier, balance=Decimal("50.00"), payable_date=TODAY)
    (summary,) = selectors.currency_summaries(supplier=supplier, today=TODAY)
    chart = aging_chart(summary)
    assert chart is not None
    assert {bar.label: bar.width for bar in chart.bars if bar.amount} == {
        "Not due yet": Decimal("100.0"),
        "No due date": Decimal(0),
    }


def test_the_figures_alone_are_a_part_of_the_page(member: Client, supplier: Supplier) -> None:
    invoice(supplier, invoice_no="INV-77")
    part = member.get(reverse("dashboard:home_figures")).content.decode()
    assert "INV-77" in part
    assert "<html" not in part


def test_home_asks_few_questions_however_many_invoices(
    member: Client, supplier: Supplier, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        invoice(supplier, invoice_no=str(number))
    with django_assert_max_num_queries(13):  # type: ignore[operator]
        member.get(reverse("dashboard:home"))


def test_the_newest_come_first_and_deleted_ones_stay_out(member: Client, supplier: Supplier) -> None:
    invoice(supplier, invoice_no="OLD-1", txn_date=date(2026, 1, 1))
    invoice(supplier, invoice_no="NEW-1", txn_date=date(2026, 11, 1))
    invoice(supplier, invoice_no="GONE-1", txn_date=date(2026, 11, 2), books_status="deleted")
    page = member.get(reverse("dashboard:home")).content.decode()
    assert page.index("NEW-1") < page.index("OLD-1")
    assert "GONE-1" not in page
