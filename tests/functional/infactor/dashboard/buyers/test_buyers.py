"""The list of buyers and the page of one: what it owes, how it pays, what is financed, limits, contacts."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from infactor.invoices.models import BooksPayment, Buyer, CompanyFile, Invoice, PaymentAllocation
from infactor.invoices.states import BooksStatus
from infactor.suppliers.models import Supplier
from infactor.verification import answers
from infactor.verification.submitted import SubmittedAnswer
from tests.functional.infactor.dashboard.buyers.pages import address_of, joined, page, text_of
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, MembershipFactory
from tests.support.scenarios.verification import NOON, ask, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(supplier: Supplier) -> CompanyFile:
    found: CompanyFile = CompanyFileFactory(supplier=supplier)
    return found


def paid(buyer: Buyer, *, days_late: int, moves_money: bool = True, **payment: Any) -> Invoice:
    due = date(2026, 9, 1)
    invoice: Invoice = InvoiceFactory(
        buyer=buyer, payable_date=due, txn_date=date(2026, 8, 1), balance=0, books_status=BooksStatus.PAID
    )
    made = BooksPayment.objects.create(
        supplier=buyer.supplier,
        company_file=buyer.company_file,
        buyer=buyer,
        reference=str(uuid4()),
        paid_on=due + timedelta(days=days_late),
        amount=invoice.invoice_amount,
        currency="USD",
        moves_money=moves_money,
        **payment,
    )
    PaymentAllocation.objects.create(
        payment=made, position=1, kind="Invoice", reference="1", invoice=invoice, amount=invoice.invoice_amount
    )
    return invoice


def confirmed(invoice: Invoice) -> None:
    """Somebody at the buyer approves the invoice by the link."""
    given = SubmittedAnswer(answer="all", name="Kim Ledger", role="AP")
    answers.submit_answer(token=token_of(ask(invoice)), submitted=given, ip=None, at=NOON)


def test_the_list_has_each_company_once_with_what_it_owes_by_currency(member: Client, books: CompanyFile) -> None:
    root = BuyerFactory(company_file=books, name="Kestrel")
    job = BuyerFactory(company_file=books, name="Roof", full_name="Kestrel:Roof", parent=root)
    InvoiceFactory(buyer=root, balance="100.00", payable_date=date(2020, 1, 1))
    InvoiceFactory(buyer=job, balance="11.50", payable_date=None)
    InvoiceFactory(buyer=job, balance="7.00", currency="EUR")
    InvoiceFactory(buyer=job, balance="0.00", books_status=BooksStatus.PAID)
    shown = page(member, "/buyers/")
    assert "1 buyer in your books" in shown
    assert address_of(root) in shown
    assert address_of(job) not in shown
    assert "$111.50" in shown
    assert "€7.00" in shown
    assert "$100.00" in shown
    assert "118.50" not in shown


def test_customers_that_are_one_company_are_one_row_and_one_page(
    member: Client, books: CompanyFile, staff: Any
) -> None:
    first = BuyerFactory(company_file=books, name="Zephyr Ltd")
    other = BuyerFactory(company_file=CompanyFileFactory(supplier=books.supplier), name="Zephyr Holding")
    deep = BuyerFactory(company_file=other.company_file, name="Deep", parent=other)
    joined(first, other, by=staff)
    invoices = [InvoiceFactory(buyer=one, balance="10.00") for one in (first, other, deep)]
    listed = page(member, "/buyers/")
    assert "1 buyer in your books" in listed
    assert "$30.00" in listed
    for one in (other, deep):
        assert member.get(address_of(one))["Location"] == address_of(first)
    shown = page(member, address_of(first))
    assert "Zephyr Ltd" in shown
    assert "Zephyr Holding" in shown
    assert "With 1 sub-customer." in shown
    assert "$30.00" in shown
    assert "Only staff call it so" not in shown
    filtered = page(member, f"/invoices/?buyer={first.public_id}")
    assert all(str(one.public_id) in filtered for one in invoices)


@pytest.mark.parametrize("text", ["kestrel", "ROOF", "roof kestrel", "ap@kestrel", "deepest"])
def test_search_finds_a_company_by_any_of_its_names_and_addresses(
    member: Client, books: CompanyFile, text: str
) -> None:
    root = BuyerFactory(company_file=books, name="Kestrel", email="ap@kestrel.example")
    job = BuyerFactory(company_file=books, name="Roof", full_name="Kestrel:Roof", parent=root)
    BuyerFactory(company_file=books, name="Deepest", full_name="Kestrel:Roof:Deepest", parent=job)
    other = BuyerFactory(company_file=books, name="Other")
    shown = page(member, f"/buyers/?q={text}")
    assert "1 buyer found" in shown
    assert address_of(root) in shown
    assert address_of(other) not in shown


@pytest.mark.parametrize("query", ["q=nobody", "q=%00", "q=%25", "q=%27%22%3Cscript%3E", "page=99&q=nobody"])
def test_a_search_that_finds_nothing_says_the_next_step(member: Client, books: CompanyFile, query: str) -> None:
    BuyerFactory(company_file=books, name="Kestrel")
    shown = page(member, f"/buyers/?{query}")
    assert "<script>" not in shown.partition("buyers found")[2][:200]
    assert "No buyer found" in shown or "Kestrel" in shown


def test_a_list_without_buyers_says_the_next_step(member: Client) -> None:
    assert "No buyers yet" in page(member, "/buyers/")
    assert "No buyers yet" in page(member, f"/buyers/?q={'x' * 201}")


def test_another_suppliers_buyer_is_nowhere(member: Client, books: CompanyFile, staff: Any) -> None:
    mine = BuyerFactory(company_file=books, name="Mine")
    theirs = BuyerFactory(name="THEIRS", email="theirs@else.example")
    joined(mine, theirs, by=staff)
    InvoiceFactory(buyer=theirs, balance="4321.00")
    assert member.get(address_of(theirs)).status_code == 404
    for address in ("/buyers/", "/buyers/?q=theirs", address_of(mine), f"/invoices/?buyer={theirs.public_id}"):
        shown = page(member, address)
        assert "4,321" not in shown
        assert "theirs@else" not in shown
    assert member.get(f"/buyers/{uuid4()}/").status_code == 404
    assert member.post(address_of(mine)).status_code == 405


def test_how_it_pays_is_the_average_of_what_money_paid_with_the_number_behind_it(
    member: Client, books: CompanyFile
) -> None:
    buyer = BuyerFactory(company_file=books)
    for days in (-2, 4, 10):
        paid(buyer, days_late=days)
    paid(buyer, days_late=900, moves_money=False)
    paid(buyer, days_late=900, is_void=True)
    paid(buyer, days_late=900, deleted_at=timezone.now())
    shown = page(member, address_of(buyer))
    assert "4 days late" in shown
    assert "Based on the last 3 paid invoices; 2 late." in shown


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([-3, -3], "3 days early"),
        ([1], "1 day late on average"),
        ([1], "Based on 1 paid invoice; 1 late."),
        ([0, 0], "On the due date, on average"),
    ],
)
def test_early_and_in_time_are_said_in_words(member: Client, books: CompanyFile, days: list[int], said: str) -> None:
    buyer = BuyerFactory(company_file=books)
    for one in days:
        paid(buyer, days_late=one)
    assert said in text_of(page(member, address_of(buyer)))


def test_a_buyer_that_never_paid_and_owes_nothing_says_so(member: Client, books: CompanyFile) -> None:
    shown = page(member, address_of(BuyerFactory(company_file=books)))
    assert "No invoice of this buyer is open." in shown
    assert "No paid invoice of this buyer has a payment" in shown
    assert "Nobody at this buyer has answered" in shown


def test_contacts_are_the_people_who_answered_each_once(member: Client, books: CompanyFile) -> None:
    buyer = BuyerFactory(company_file=books, email="ap@kestrel.example", phone="+1 555 0100", contact_name="Jo Books")
    for _ in range(2):
        confirmed(InvoiceFactory(buyer=buyer, buyer_email=buyer.email))
    stranger = BuyerFactory(company_file=books, email="ap@other.example")
    confirmed(InvoiceFactory(buyer=stranger, buyer_email=stranger.email))
    shown = page(member, address_of(buyer))
    people = shown.partition('id="contacts-title"')[2].partition("In your books")[0]
    assert people.count("<li") == 1
    assert "ap@kestrel.example" in people
    assert "ap@other.example" not in shown
    assert "Jo Books" in shown
    assert "+1 555 0100" in shown


def test_both_pages_ask_as_often_for_many_as_for_few(
    member: Client, books: CompanyFile, django_assert_num_queries: Any
) -> None:
    def grow(number: int) -> Buyer:
        root: Buyer = BuyerFactory(company_file=books)
        for _ in range(number):
            job = BuyerFactory(company_file=books, parent=root)
            InvoiceFactory(buyer=job)
            paid(job, days_late=3)
        return root

    small = grow(1)
    member.get(address_of(small))
    with CaptureQueriesContext(connection) as few:
        member.get(address_of(small))
        member.get("/buyers/")
    large = grow(30)
    for _ in range(30):
        grow(1)
    with django_assert_num_queries(len(few)):
        member.get(address_of(large))
        member.get("/buyers/")


def test_a_reader_sees_both_pages_and_a_stranger_none(client: Client, supplier: Supplier, books: CompanyFile) -> None:
    buyer = BuyerFactory(company_file=books, name="Kestrel")
    client.force_login(MembershipFactory(supplier=supplier, role="reader").user)
    assert "Kestrel" in page(client, "/buyers/")
    assert "Kestrel" in page(client, address_of(buyer))
    client.force_login(MembershipFactory().user)
    assert client.get(address_of(buyer)).status_code == 404


def test_the_invoice_leads_to_its_buyer(member: Client, books: CompanyFile) -> None:
    buyer = BuyerFactory(company_file=books)
    assert address_of(buyer) in page(member, f"/invoices/{InvoiceFactory(buyer=buyer).public_id}/")
