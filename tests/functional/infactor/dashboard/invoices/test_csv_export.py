"""The CSV export holds the same rows as the invoice list, and no cell runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from infactor.core.csv_files import csv_lines, plain
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory


def rows(chunks: Iterable[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode("utf-8-sig"), newline="")))


@pytest.mark.django_db
def test_the_file_holds_exactly_the_filtered_invoices(member: Client, supplier: Supplier) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    for number in range(70):
        InvoiceFactory(buyer=buyer, invoice_no=f"N{number:02}", currency="USD" if number % 2 else "EUR")
    response = member.get(reverse("dashboard:invoices_csv"), {"currency": "EUR", "sort": "number", "page": "2"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="infactor-invoices-20')
    assert [row["Invoice number"] for row in rows(response)] == [f"N{n:02}" for n in range(0, 70, 2)]
    assert "Download CSV (35)" in member.get("/invoices/", {"currency": "EUR"}).content.decode()


@pytest.mark.django_db
def test_numbers_are_numbers_and_days_are_iso(member: Client, supplier: Supplier) -> None:
    InvoiceFactory(
        buyer=BuyerFactory(company_file=CompanyFileFactory(supplier=supplier), name='Quote " comma, line\nbreak'),
        invoice_no="=1+1",
        invoice_amount=Decimal("-9999999999999.99"),
        balance=None,
        txn_date=date(2026, 1, 2),
        payable_date=None,
        books_status="partly_paid",
    )
    (row,) = rows(member.get(reverse("dashboard:invoices_csv")))
    assert row["Amount"] == "-9999999999999.99"
    assert (row["Open"], row["Due"], row["Issued"]) == ("", "", "2026-01-02")
    assert row["Invoice number"] == "'=1+1"
    assert row["Buyer"] == 'Quote " comma, line\nbreak'
    assert (row["Status"], row["In QuickBooks"]) == ("Awaiting approval", "Partly paid")


@pytest.mark.django_db
def test_a_file_of_any_length_takes_few_queries(
    member: Client, supplier: Supplier, django_assert_max_num_queries: object
) -> None:
    buyer = BuyerFactory(company_file=CompanyFileFactory(supplier=supplier))
    for _ in range(30):
        InvoiceFactory(buyer=buyer)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert len(rows(member.get(reverse("dashboard:invoices_csv")))) == 30


@given(st.text() | st.from_regex(r"[\s\x00]*[=+\-@|%\t\r\n].*"))
def test_no_cell_starts_like_a_formula_and_no_text_is_lost(text: str) -> None:
    cell = plain(text)
    _, line = csv_lines(header=["Text", "End"], rows=[[text, "end"]])
    shown, end = next(csv.reader(io.StringIO(line, newline="")))
    assert end == "end"
    assert shown[:1] not in ("=", "+", "@", "|", "%", "\t", "\r", "\n", "\x00")
    assert shown[:1] != "-" or re.fullmatch(r"-[0-9,.]+", shown)  # a number is not a formula
    assert shown in (cell, "'" + cell.replace("|", "\\|"))
    assert cell == text.replace("\x00", "").strip()
