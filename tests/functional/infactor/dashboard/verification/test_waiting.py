"""The buyers that have not answered are in pages, and of each the first invoices stand there."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from infactor.invoices.models import CompanyFile
from infactor.suppliers.models import Supplier
from tests.support.factories.suppliers import BuyerFactory, CompanyFileFactory, InvoiceFactory, approve_directly
from tests.support.scenarios.verification import ask

pytestmark = pytest.mark.django_db
WAITING = "/invoices/waiting/"


@pytest.fixture
def books(supplier: Supplier) -> CompanyFile:
    approve_directly(supplier)
    found: CompanyFile = CompanyFileFactory(supplier=supplier)
    return found


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_silent_buyers_are_in_pages_the_longest_silent_first_with_as_many_queries_for_many(
    member: Client, books: CompanyFile, django_assert_num_queries: Any
) -> None:
    now = timezone.now()

    def ask_some(start: int, stop: int) -> None:
        for number in range(start, stop):
            buyer = BuyerFactory(company_file=books, email=f"ap{number}@many.example", name=f"Buyer {number}")
            asked = InvoiceFactory(buyer=buyer, buyer_email=buyer.email, invoice_no=f"W-{number}")
            ask(asked, at=now - timedelta(hours=40) + timedelta(minutes=number))

    ask_some(0, 2)
    member.get(WAITING)
    with CaptureQueriesContext(connection) as few:
        member.get(WAITING)
    ask_some(2, 27)
    with django_assert_num_queries(len(few)):
        first = page(member, WAITING)
    assert first.index("ap0@many.example") < first.index("ap24@many.example")
    assert "ap25@many.example" not in first
    second = page(member, f"{WAITING}?page=2")
    assert "ap25@many.example" in second
    assert "ap24@many.example" not in second
    for wrong in ("9", "x", "-1"):
        assert "There is no such page." in page(member, f"{WAITING}?page={wrong}")


def test_of_a_buyer_asked_about_many_the_first_stand_there_and_the_number_of_the_others(
    member: Client, books: CompanyFile
) -> None:
    buyer = BuyerFactory(company_file=books, email="ap@first.example")
    many = [InvoiceFactory(buyer=buyer, buyer_email=buyer.email) for _ in range(13)]
    member.post("/invoices/ask/", {"invoice": [str(one.public_id) for one in many], "send": "yes"})
    shown = page(member, WAITING)
    assert sum(str(one.public_id) in shown for one in many) == 10
    assert "and 3 more" in shown
