"""The invoice list: search, filters, order and paging by URL, few queries, and no error on a bad parameter."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from infactor.invoices.models import Buyer, Invoice
from infactor.invoices.search_text import normalize
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory

pytestmark = pytest.mark.django_db
LIST = "/invoices/"


@pytest.fixture
def buyer(supplier: Supplier) -> Buyer:
    return BuyerFactory(company_file=CompanyFileFactory(supplier=supplier), name="Café Ñandú")


def add(buyer: Buyer, number: str, **fields: object) -> Invoice:
    return InvoiceFactory(buyer=buyer, invoice_no=number, search_text=normalize(f"{number} {buyer.name}"), **fields)


def numbers(client: Client, **query: object) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [row["number"] for row in response.context["rows"]]


def test_the_list_without_invoices_offers_the_one_action(member: Client) -> None:
    page = member.get(LIST).content.decode()
    assert "No invoices yet" in page
    assert "<table" not in page


def test_search_finds_number_and_buyer_whatever_the_case_and_the_accents(member: Client, buyer: Buyer) -> None:
    add(buyer, "INV-1001")
    add(BuyerFactory(company_file=buyer.company_file, name="Northwind"), "INV-2002")
    for asked in ("inv-1001", "CAFE", "ñandu", "1001 café", " Cafe\u200b  "):
        assert numbers(member, q=asked) == ["INV-1001"], asked
    assert numbers(member, q="%") == numbers(member, q="_") == []


def test_search_finds_an_amount(member: Client, buyer: Buyer) -> None:
    add(buyer, "A", invoice_amount=Decimal("1234.50"), balance=Decimal("1.00"))
    add(buyer, "B", invoice_amount=Decimal("99.00"), balance=Decimal("1234.50"))
    add(buyer, "C")
    assert sorted(numbers(member, q="$1,234.50")) == ["A", "B"]


def test_a_search_without_match_says_so_and_leads_back(member: Client, buyer: Buyer) -> None:
    add(buyer, "A")
    page = member.get(LIST, {"q": "nothing like it"}).content.decode()
    assert "No invoice matches" in page
    assert "0 of 1 invoice" in page


def test_each_status_shows_its_own(member: Client, buyer: Buyer) -> None:
    today = timezone.now().date()
    add(buyer, "open", payable_date=today + timedelta(days=9))
    add(buyer, "late", payable_date=today - timedelta(days=9))
    add(buyer, "part", books_status="partly_paid", payable_date=today + timedelta(days=9))
    add(buyer, "paid", books_status="paid", payable_date=today - timedelta(days=9))
    add(buyer, "void", books_status="voided")
    add(buyer, "gone", books_status="deleted")
    add(buyer, "", payable_date=None, invoice_amount=None)
    found = {status: set(numbers(member, status=status)) for status in ("open", "overdue", "partly_paid", "paid")}
    assert found == {
        "open": {"open", "late", "part", "No number"},
        "overdue": {"late"},
        "partly_paid": {"part"},
        "paid": {"paid"},
    }
    assert numbers(member, status="voided") == ["void"]
    assert numbers(member, status="deleted") == ["gone"]
    assert numbers(member, status="incomplete") == ["No number"]


def test_filters_by_currency_buyer_and_due_date_work_together(member: Client, buyer: Buyer) -> None:
    other = BuyerFactory(company_file=buyer.company_file, name="Other")
    job = BuyerFactory(company_file=buyer.company_file, name="Job", parent=buyer, is_job=True)
    add(buyer, "A", currency="USD", payable_date=date(2026, 11, 1))
    add(buyer, "B", currency="EUR", payable_date=date(2026, 11, 15))
    add(job, "C", currency="EUR", payable_date=date(2026, 11, 30))
    add(other, "D", currency="EUR", payable_date=date(2026, 11, 15))
    assert sorted(numbers(member, currency="EUR")) == ["B", "C", "D"]
    assert sorted(numbers(member, buyer=buyer.public_id)) == ["A", "B", "C"]
    assert numbers(member, buyer=buyer.public_id, currency="EUR", due_from="2026-11-15", due_to="2026-11-15") == ["B"]


@pytest.mark.parametrize("key", ["number", "buyer", "issued", "due", "amount", "open", "status"])
def test_every_column_sorts_both_ways_and_what_is_missing_comes_last(member: Client, buyer: Buyer, key: str) -> None:
    other = BuyerFactory(company_file=buyer.company_file, name="zebra")
    day = date(2026, 5, 1)
    add(buyer, "a1", txn_date=day, payable_date=day, invoice_amount=Decimal(9), balance=Decimal(9))
    add(
        other,
        "B2",
        txn_date=day + timedelta(days=1),
        payable_date=day + timedelta(days=1),
        invoice_amount=Decimal(10),
        balance=Decimal(10),
        books_status="partly_paid",
    )
    assert numbers(member, sort=key) == ["a1", "B2"]
    assert numbers(member, sort=f"-{key}") == ["B2", "a1"]
    if key in ("issued", "due", "amount", "open"):
        nothing = {"txn_date": None, "payable_date": None, "invoice_amount": None, "balance": None}
        add(buyer, "missing", **nothing)
        assert numbers(member, sort=key)[-1] == numbers(member, sort=f"-{key}")[-1] == "missing"


def test_pages_hold_every_invoice_once(member: Client, buyer: Buyer) -> None:
    for number in range(120):
        add(buyer, f"N{number:03}", txn_date=date(2026, 1, 1))
    found = [number for page in (1, 2, 3) for number in numbers(member, page=page, sort="number")]
    assert found == [f"N{number:03}" for number in range(120)]
    assert 'aria-current="page"' in member.get(LIST, {"page": 2}).content.decode()


def test_links_keep_the_query_of_the_page(member: Client, buyer: Buyer) -> None:
    for number in range(60):
        add(buyer, f"N{number}")
    page = member.get(LIST, {"status": "open", "q": "n", "nonsense": "1"}).content.decode()
    assert "/invoices/?q=n&amp;status=open&amp;page=2" in page
    assert "/invoices/?q=n&amp;status=open&amp;sort=due" in page
    assert "/invoices.csv?q=n&amp;status=open" in page
    assert "Download CSV (60)" in page


@pytest.mark.parametrize(
    "query",
    [
        {"page": "abc"},
        {"page": "-1"},
        {"page": "9" * 400},
        {"page": "\u0663"},
        {"sort": "';drop table"},
        {"sort": "supplier__name"},
        {"sort": "-" * 30},
        {"q": "a\x00b"},
        {"q": "x" * 5000},
        {"q": "NaN"},
        {"q": "1e999999"},
        {"q": "1e17"},
        {"q": "\u202e\u200f"},
        {"q": "'\"<script>alert(1)</script>"},
        {"status": "unknown"},
        {"status": ["open", "paid"]},
        {"currency": "US"},
        {"currency": "XXX"},  # ISO 4217's code for no currency
        {"currency": "usd' or 1=1"},
        {"buyer": "not-a-uuid"},
        {"buyer": "00000000-0000-0000-0000-000000000000"},
        {"due_from": "2026-13-45"},
        {"due_to": "yesterday"},
        {"due_from": "2026-11-20", "due_to": "2026-11-01"},
        {"due_from": "0001-01-01", "due_to": "9999-12-31"},
    ],
    ids=str,
)
def test_no_query_breaks_the_list(member: Client, buyer: Buyer, query: dict) -> None:
    add(buyer, "A")
    for address in (LIST, reverse("dashboard:invoices_csv")):
        response = member.get(f"{address}?{urlencode(query, doseq=True)}")
        assert response.status_code == 200
        body = b"".join(response) if response.streaming else response.content
        assert b"<script>alert(1)" not in body


def test_what_was_not_understood_is_named_and_kept(member: Client, buyer: Buyer) -> None:
    add(buyer, "A")
    page = member.get(LIST, {"due_from": "tomorrow", "q": "a"}).content.decode()
    assert "Enter a valid date." in page
    assert 'value="tomorrow"' in page
    assert 'value="a"' in page


def test_a_list_of_any_length_takes_at_most_six_queries(
    member: Client, buyer: Buyer, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        add(BuyerFactory(company_file=buyer.company_file), f"N{number}")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        member.get(LIST, {"q": "n", "status": "open", "sort": "-amount"})


def test_htmx_gets_the_list_alone_and_the_address_to_show(member: Client, buyer: Buyer) -> None:
    add(buyer, "A")
    headers = {"HX-Request": "true", "HX-Target": "invoice-list", "HX-Trigger": "filters"}
    response = member.get(LIST, {"q": "a", "status": "", "due_from": ""}, headers=headers)
    assert response["HX-Push-Url"] == "/invoices/?q=a"
    assert "<html" not in response.content.decode()
    assert 'hx-swap-oob="innerHTML"' in response.content.decode()


def test_a_refresh_by_the_books_leaves_the_address_alone(member: Client, buyer: Buyer) -> None:
    add(buyer, "A")
    headers = {"HX-Request": "true", "HX-Target": "invoice-list", "HX-Trigger": "invoice-list"}
    assert "HX-Push-Url" not in member.get(LIST, headers=headers)


def test_with_hundreds_of_buyers_search_takes_the_place_of_the_long_choice(member: Client, buyer: Buyer) -> None:
    Buyer.objects.bulk_create(
        Buyer(supplier=buyer.supplier, company_file=buyer.company_file, reference=f"r{n}", name=f"Buyer {n}")
        for n in range(201)
    )
    add(buyer, "A")
    assert member.get(LIST).context["buyers"] == []
    assert "One buyer only" in member.get(LIST, {"buyer": buyer.public_id}).content.decode()


def test_only_reading_is_allowed(member: Client) -> None:
    for method in ("post", "put", "delete", "patch"):
        assert getattr(member, method)(LIST).status_code == 405
