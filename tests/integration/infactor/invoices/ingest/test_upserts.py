"""Upserts of buyers and invoices give the same rows in any order and any number of times."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.ingest.upserts import (
    UpsertCounts,
    set_as_of,
    upsert_buyers,
    upsert_invoices,
)
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from infactor.invoices.states import State
from tests.support.factories.suppliers import CompanyFileFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RECORD = InvoiceRecord(
    qbk_invoice_id="130",
    invoice_no="1037",
    invoice_amount=Decimal("486.00"),
    balance=Decimal("486.00"),
    payable_date=date(2026, 12, 20),
    items='[{"Amount":300.00}]',
    company_name="Sonnenschein",
    customer_reference="24",
    source="QuickBooks",
    sync_token="1",
    books_updated_at=NOON,
)
BUYER = BuyerRecord(reference="24", name="Sonnenschein", email="russ@sonnenschein.example", books_updated_at=NOON)


@pytest.fixture
def books() -> CompanyFile:
    return CompanyFileFactory()


def put(books: CompanyFile, *records: InvoiceRecord, later: int = 0) -> UpsertCounts:
    return upsert_invoices(company_file=books, records=records, at=NOON + timedelta(minutes=later))


def put_buyers(books: CompanyFile, *records: BuyerRecord, later: int = 0) -> UpsertCounts:
    return upsert_buyers(company_file=books, records=records, at=NOON + timedelta(minutes=later))


def newer(minutes: int = 1, **changes: Any) -> InvoiceRecord:
    return RECORD._replace(**{"books_updated_at": NOON + timedelta(minutes=minutes), "sync_token": "2", **changes})


def places(model: type[Any]) -> set[tuple[int, str]]:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT id, ctid::text FROM {model._meta.db_table}")
        return set(cursor.fetchall())


def test_a_new_invoice_starts_in_the_records_state(books: CompanyFile) -> None:
    assert put(books, RECORD) == (1, 0, 0)
    row = Invoice.objects.get()
    assert (row.state, row.source, row.supplier_id, row.company_file_id) == (
        "invoice_created",
        "QuickBooks",
        books.supplier_id,
        books.pk,
    )
    assert (row.created_at, row.updated_at) == (NOON, NOON)
    assert not InvoiceChange.objects.exists()


def test_the_same_records_again_write_nothing(books: CompanyFile) -> None:
    put_buyers(books, BUYER, BUYER._replace(reference="25", parent_reference="24", is_job=True))
    put(books, RECORD, RECORD._replace(qbk_invoice_id="131", tax_amount=Decimal("0.10")))
    before = {model: places(model) for model in (Buyer, Invoice, InvoiceChange)}
    assert put_buyers(books, BUYER, BUYER._replace(reference="25", parent_reference="24", is_job=True)) == (0, 0, 2)
    assert put(books, RECORD, RECORD._replace(qbk_invoice_id="131", tax_amount=Decimal("0.10"))) == (0, 0, 2)
    assert {model: places(model) for model in before} == before


def test_a_newer_version_wins_and_the_history_says_from_what_to_what(books: CompanyFile) -> None:
    put(books, RECORD)
    changed = newer(balance=Decimal("100.00"), books_status="partly_paid", items='[{"Amount":300.00},{"Amount":0}]')
    assert put(books, changed, later=5) == (0, 1, 0)
    row = Invoice.objects.get()
    assert (row.balance, row.books_status, row.updated_at) == (
        Decimal("100.00"),
        "partly_paid",
        NOON + timedelta(minutes=5),
    )
    change = InvoiceChange.objects.get()
    assert (change.invoice, change.at, change.books_at) == (row, row.updated_at, changed.books_updated_at)
    assert change.changes == [
        {"field": "items", "from": "1 entries", "to": "2 entries"},
        {"field": "balance", "from": "486.00", "to": "100.00"},
        {"field": "books_status", "from": "open", "to": "partly_paid"},
    ]


@pytest.mark.parametrize(
    ("minutes", "token"), [(-1, "9"), (-60, "1"), (0, "0")], ids=["earlier", "much earlier", "same moment, lower token"]
)
def test_an_older_version_never_wins(books: CompanyFile, minutes: int, token: str) -> None:
    put(books, RECORD)
    assert put(books, newer(minutes, sync_token=token, invoice_no="OLD"), later=5) == (0, 0, 1)
    assert Invoice.objects.get().invoice_no == "1037"


def test_a_change_of_the_balance_needs_no_new_token(books: CompanyFile) -> None:
    put(books, RECORD)
    assert put(books, newer(sync_token="1", balance=Decimal("0.00")), later=5).changed == 1
    assert Invoice.objects.get().balance == 0


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(range(5)), st.integers(min_value=1, max_value=4))
def test_versions_in_any_order_end_with_the_newest(books: CompanyFile, order: list[int], at_once: int) -> None:
    Invoice.objects.all().delete()
    versions = [newer(number, sync_token=str(number), invoice_no=f"v{number}") for number in order]
    for start in range(0, len(versions), at_once):
        for version in versions[start : start + at_once]:
            put(books, version)
    assert Invoice.objects.get().invoice_no == "v4"


def test_of_two_versions_handed_in_together_the_newer_wins(books: CompanyFile) -> None:
    put(books, newer(2, invoice_no="NEW"), newer(1, invoice_no="OLD"))
    assert Invoice.objects.get().invoice_no == "NEW"


@pytest.mark.parametrize("state", State.values)
def test_the_state_that_was_reached_is_never_set_back(books: CompanyFile, state: str) -> None:
    put(books, RECORD)
    Invoice.objects.update(state=state, source="Other system")
    put(books, newer(invoice_amount=Decimal("500.00"), state="invoice_created"), later=1)
    row = Invoice.objects.get()
    assert (row.invoice_amount, row.state, row.source) == (Decimal("500.00"), state, "Other system")
    assert [change["field"] for one in InvoiceChange.objects.all() for change in one.changes] == ["invoice_amount"]


def test_an_amount_that_can_be_read_again_comes_back(books: CompanyFile) -> None:
    put(books, RECORD._replace(invoice_amount=None))
    put(books, newer(), later=1)
    assert Invoice.objects.get().invoice_amount == Decimal("486.00")
    assert InvoiceChange.objects.get().changes[0] == {"field": "invoice_amount", "from": "", "to": "486.00"}


def test_a_customer_that_comes_after_its_invoice_is_tied_to_it(books: CompanyFile) -> None:
    put(
        books, RECORD, RECORD._replace(qbk_invoice_id="131", company_email="own@x.example", buyer_email="own@x.example")
    )
    assert set(Invoice.objects.values_list("buyer", flat=True)) == {None}
    put_buyers(books, BUYER, later=1)
    rows = {row.qbk_invoice_id: row for row in Invoice.objects.select_related("buyer")}
    assert {row.buyer.reference for row in rows.values() if row.buyer} == {"24"}
    assert (rows["130"].buyer_email, rows["131"].buyer_email) == ("russ@sonnenschein.example", "own@x.example")


def test_an_invoice_that_moves_to_another_customer_moves_in_our_books(books: CompanyFile) -> None:
    put_buyers(books, BUYER, BUYER._replace(reference="25", name="Other"))
    put(books, RECORD)
    put(books, newer(customer_reference="25"), later=1)
    assert Invoice.objects.select_related("buyer").get().buyer.name == "Other"  # type: ignore[union-attr]


@pytest.mark.parametrize("first", ["parent", "job", "together"])
def test_a_job_hangs_under_its_parent_whichever_comes_first(books: CompanyFile, first: str) -> None:
    job = BUYER._replace(reference="25", name="Garden", parent_reference="24", is_job=True)
    orders = {"parent": [[BUYER], [job]], "job": [[job], [BUYER]], "together": [[job, BUYER]]}
    for records in orders[first]:
        put_buyers(books, *records)
    assert Buyer.objects.select_related("parent").get(reference="25").parent.reference == "24"  # type: ignore[union-attr]


def test_a_job_that_becomes_a_customer_of_its_own_leaves_its_parent(books: CompanyFile) -> None:
    job = BUYER._replace(reference="25", parent_reference="24", is_job=True)
    put_buyers(books, BUYER, job)
    alone = job._replace(parent_reference="", is_job=False, books_updated_at=NOON + timedelta(minutes=1))
    put_buyers(books, alone, later=1)
    assert Buyer.objects.get(reference="25").parent is None


def test_a_job_whose_parent_changes_hangs_under_the_new_one(books: CompanyFile) -> None:
    job = BUYER._replace(reference="25", parent_reference="24", is_job=True)
    put_buyers(books, BUYER, BUYER._replace(reference="26"), job)
    put_buyers(books, job._replace(parent_reference="26", books_updated_at=NOON + timedelta(minutes=1)), later=1)
    assert Buyer.objects.select_related("parent").get(reference="25").parent.reference == "26"  # type: ignore[union-attr]


def test_only_invoices_without_an_own_address_follow_their_customers(books: CompanyFile) -> None:
    put_buyers(books, BUYER)
    own = RECORD._replace(qbk_invoice_id="131", company_email="own@x.example", buyer_email="own@x.example")
    put(books, RECORD._replace(buyer_email=BUYER.email), own)
    moved = BUYER._replace(email="new@sonnenschein.example", books_updated_at=NOON + timedelta(minutes=1))
    put_buyers(books, moved, later=1)
    rows = {row.qbk_invoice_id: row for row in Invoice.objects.all()}
    assert (rows["130"].buyer_email, rows["131"].buyer_email) == ("new@sonnenschein.example", "own@x.example")
    assert rows["131"].updated_at == NOON
    assert InvoiceChange.objects.get().changes == [
        {"field": "buyer_email", "from": "russ@sonnenschein.example", "to": "new@sonnenschein.example"}
    ]


def test_a_customer_who_loses_the_address_leaves_its_invoices_without_one(books: CompanyFile) -> None:
    put_buyers(books, BUYER)
    put(books, RECORD._replace(buyer_email=BUYER.email))
    put_buyers(books, BUYER._replace(email="", books_updated_at=NOON + timedelta(minutes=1)), later=1)
    assert Invoice.objects.get().buyer_email == ""


def test_the_same_ids_in_two_companies_are_two_rows_that_never_touch(books: CompanyFile) -> None:
    other = CompanyFileFactory(supplier=books.supplier)
    for file, email in ((books, "a@x.example"), (other, "b@x.example")):
        put_buyers(file, BUYER._replace(email=email))
        put(file, RECORD._replace(buyer_email=email))
    put_buyers(books, BUYER._replace(email="c@x.example", books_updated_at=NOON + timedelta(minutes=1)))
    put(books, newer(buyer_email="c@x.example", invoice_no="changed"))
    rows = {row.company_file_id: (row.invoice_no, row.buyer_email) for row in Invoice.objects.all()}
    assert rows == {books.pk: ("changed", "c@x.example"), other.pk: ("1037", "b@x.example")}


def test_jobs_and_late_customers_of_another_company_are_never_taken(books: CompanyFile) -> None:
    other = CompanyFileFactory()
    put(books, RECORD)
    put_buyers(other, BUYER)
    put_buyers(books, BUYER._replace(reference="25", parent_reference="24", is_job=True))
    assert Invoice.objects.get().buyer is None
    assert Buyer.objects.get(company_file=books).parent is None


def test_what_was_read_last_is_never_set_back(books: CompanyFile) -> None:
    set_as_of(company_file=books, as_of=NOON)
    set_as_of(company_file=books, as_of=NOON - timedelta(hours=1))
    books.refresh_from_db()
    assert books.as_of == NOON


def test_two_thousand_invoices_are_found_again_in_the_search(books: CompanyFile) -> None:
    put(books, *(RECORD._replace(qbk_invoice_id=str(number), company_name=f"Café {number}") for number in range(2000)))
    assert Invoice.objects.filter(search_text__contains="cafe 1999").count() == 1
