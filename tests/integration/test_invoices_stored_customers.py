"""Customers that were stored before their address was read get it from the bytes that were kept."""

import importlib

import pytest
from django.apps import apps

from infactor.invoices.models import Buyer, CompanyFile
from quickbooks_app.api.keyset_pagination import fetched
from quickbooks_app.models import Connection, Document
from quickbooks_app.sync.apply_page import apply_page
from tests.books import ConnectionFactory
from tests.payloads import NOON, customer

pytestmark = pytest.mark.django_db

fill = importlib.import_module("quickbooks_app.migrations.0007_addresses_of_stored_customers").fill


def stored_before(*raw: bytes) -> Connection:
    connection = ConnectionFactory()
    apply_page(connection=connection, entity="Customer", objects=[fetched(one) for one in raw], at=NOON)
    Buyer.objects.update(address="", tax_id="")
    CompanyFile.objects.update(revision=0)
    return connection


def facts() -> dict[str, tuple[str, str]]:
    return {buyer.reference: (buyer.address, buyer.tax_id) for buyer in Buyer.objects.order_by("pk")}


def test_a_stored_customer_gets_what_reading_it_today_would_give() -> None:
    stored_before(customer("24"), customer("25", BillAddr=None, PrimaryTaxIdentifier="", GSTIN="22AAAAA0000A1Z5"))
    fill(apps, None)
    assert facts() == {
        "24": ("5647 Cypress Hill Ave., Middlefield, CA, 94303", "XXXXXX56789"),
        "25": ("", "22AAAAA0000A1Z5"),
    }
    assert CompanyFile.objects.get().revision == 1


def test_customers_of_two_companies_with_the_same_id_are_kept_apart() -> None:
    first, second = stored_before(customer("24")), ConnectionFactory()
    apply_page(
        connection=second, entity="Customer", objects=[fetched(customer("24", BillAddr={"City": "Bend"}))], at=NOON
    )
    fill(apps, None)
    addresses = {buyer.company_file_id: buyer.address for buyer in Buyer.objects.all()}
    assert addresses[second.company_file_id] == "Bend"
    assert addresses[first.company_file_id].startswith("5647")


@pytest.mark.parametrize(
    "payload",
    [b"no json", b"[]", b'{"BillAddr": 7}', b'{"BillAddr": {"City": 7}, "GSTIN": ["x"]}', b'{"ResaleNum": "a\\u0000"}'],
)
def test_bytes_that_say_nothing_change_nothing(payload: bytes) -> None:
    stored_before(customer("24"))
    Document.objects.update(payload=payload)
    fill(apps, None)
    assert facts() == {"24": ("", "")}
    assert CompanyFile.objects.get().revision == 0


def test_what_is_gone_from_the_books_stays_as_it_was() -> None:
    stored_before(customer("24"))
    Document.objects.update(deleted_at=NOON)
    fill(apps, None)
    assert facts() == {"24": ("", "")}
