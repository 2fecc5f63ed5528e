"""Applying a page keeps exact amounts, isolates a malformed object, and writes nothing twice."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infactor.invoices.models import Buyer, Invoice, InvoiceChange
from quickbooks_app.documents import payloads
from quickbooks_app.models import Connection, Document, ImportIssue
from quickbooks_app.sync.apply_page import ApplyResult, apply_page
from tests.support.factories.quickbooks import ConnectionFactory
from tests.support.payloads import NOON, Written, customer, encode, fetched, invoice, sales_line, stamps

pytestmark = pytest.mark.django_db

UNSTORABLE_TEXT = [r'"a\u0000b"', r'"a\ud800b"', r'"a\udc00b"']


def take(connection: Connection, *objects: bytes, entity: str = "Invoice", later: int = 0) -> ApplyResult:
    at = NOON + timedelta(minutes=later)
    return apply_page(connection=connection, entity=entity, objects=fetched(entity, *objects), at=at)


def only_invoice() -> Invoice:
    return Invoice.objects.get()


def open_issues(**where: Any) -> set[tuple[str, str, str]]:
    found = ImportIssue.objects.filter(resolved_at__isnull=True, **where)
    return {(issue.qbk_id, issue.field, issue.code) for issue in found}


def written_rows() -> dict[str, set[tuple[int, str]]]:
    """The disk position of every imported row, which changes when the row is rewritten."""
    rows = {}
    for model in (Buyer, Invoice, InvoiceChange, Document, ImportIssue):
        with database.cursor() as cursor:
            cursor.execute(f"SELECT id, ctid::text FROM {model._meta.db_table}")
            rows[model.__name__] = set(cursor.fetchall())
    return rows


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=10**15 - 1), min_size=1, max_size=20))
def test_every_amount_of_fifteen_digits_reaches_the_database_unchanged(
    connection: Connection, cents: list[int]
) -> None:
    Document.objects.all().delete()
    amounts = [f"{one // 100}.{one % 100:02d}" for one in cents]
    raws = []
    for number, amount in enumerate(amounts):
        exact = Written(amount)
        detail = {"TotalTax": exact, "TaxLine": [{"Amount": exact}]}
        changed = stamps(NOON, NOON + timedelta(seconds=len(connection.company_name)))
        raws.append(
            invoice(
                str(number),
                TotalAmt=exact,
                Balance=exact,
                TxnTaxDetail=detail,
                Line=[sales_line(exact)],
                MetaData=changed,
            )
        )
    take(connection, *raws)
    rows = list(Invoice.objects.filter(qbk_invoice_id__in=range(len(amounts))))
    assert len(rows) == len(amounts)
    for row in rows:
        amount = amounts[int(row.qbk_invoice_id)]
        found = (row.invoice_amount, row.balance, row.tax_amount, row.items[0]["Amount"], row.tax_details["TotalTax"])
        assert [str(one) for one in found] == [amount] * 5


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ('"NaN"', "not_a_number"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("-Infinity", "not_a_number"),
        ("1e400", "out_of_bounds"),
        ("1e999999", "not_a_number"),
        ("9" * 5000, "not_a_number"),
        ('"486.00"', "not_a_number"),
        ("-486.00", "negative"),
        ("486.001", "out_of_bounds"),
        ("null", "missing"),
        (None, "missing"),
    ],
)
def test_an_amount_that_cannot_be_read_keeps_the_invoice_and_harms_no_other(
    connection: Connection, written: str | None, code: str
) -> None:
    spoilt = invoice("2", without=("TotalAmt",)) if written is None else invoice("2", TotalAmt=Written(written))
    applied = take(connection, invoice("1"), spoilt, invoice("3"))
    assert applied.counts == (3, 0, 0)
    amounts = dict(Invoice.objects.values_list("qbk_invoice_id", "invoice_amount"))
    assert amounts == {"1": Decimal("486.00"), "2": None, "3": Decimal("486.00")}
    assert open_issues(field="TotalAmt") == {("2", "TotalAmt", code)}
    assert applied.issues == ImportIssue.objects.count()


@pytest.mark.parametrize("number", ["1e999999", "1e130000", "1e-99999", "NaN", "Infinity", "9" * 200_000])
def test_a_line_with_an_impossible_number_keeps_the_invoice(connection: Connection, number: str) -> None:
    applied = take(connection, invoice("1", Line=[sales_line(Written(number))]), invoice("2"))
    assert applied.counts.new == 2
    row = Invoice.objects.get(qbk_invoice_id="1")
    assert row.invoice_amount == Decimal("486.00")
    assert row.items[0]["Amount"] == number


@pytest.mark.parametrize("written", UNSTORABLE_TEXT)
@pytest.mark.parametrize("where", ["DocNumber", "CustomerRef", "Line", "PrivateNote", "CustomerMemo", "SyncToken"])
def test_text_that_postgresql_cannot_hold_is_replaced_wherever_it_stands(
    connection: Connection, where: str, written: str
) -> None:
    text = Written(written)
    values: dict[str, Any] = {
        "CustomerRef": {"value": text, "name": text},
        "Line": [{"Description": text, "Amount": Decimal("1.00")}],
        "CustomerMemo": {"value": text},
    }
    applied = take(connection, invoice("1", **{where: values.get(where, text)}), invoice("2"))
    assert applied.counts.new == 2
    row = Invoice.objects.get(qbk_invoice_id="1")
    expected = {"DocNumber": row.invoice_no, "CustomerRef": row.company_name, "PrivateNote": row.private_note}
    if where in expected:
        assert expected[where] == "a\N{REPLACEMENT CHARACTER}b"
    assert ("1", "", "unstorable_text") in open_issues()


@pytest.mark.parametrize("written", [*UNSTORABLE_TEXT, '"' + "7" * 65 + '"', '""', '" "', "130", "null", "[]"])
def test_an_id_that_cannot_be_kept_harms_no_other_object(connection: Connection, written: str) -> None:
    take(connection, invoice("1"), encode({"Id": Written(written), "TotalAmt": 1}), invoice("3"))
    assert {"1", "3"} <= set(Invoice.objects.values_list("qbk_invoice_id", flat=True))
    assert ImportIssue.objects.exists()
    assert not Invoice.objects.filter(qbk_invoice_id__in=["", " ", "130"]).exists()


def test_an_object_without_an_id_is_reported_to_staff(connection: Connection) -> None:
    applied = take(connection, invoice("1"), b'{"TotalAmt":1.00}', b"[]", b'"text"')
    assert (applied.counts.new, applied.issues) == (1, 3)
    assert open_issues() == {("", "Id", "unreadable")}


def test_an_invoice_without_its_stamps_is_kept(connection: Connection) -> None:
    take(connection, invoice("1", without=("MetaData",)), invoice("2", MetaData=None), invoice("3", MetaData={}))
    assert Invoice.objects.filter(invoice_date__isnull=True, books_updated_at__isnull=True).count() == 3


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_a_stamp_at_the_edge_of_time_leaves_rows_that_can_be_read_again(connection: Connection, moment: str) -> None:
    take(connection, invoice("1", MetaData={"CreateTime": moment, "LastUpdatedTime": moment}))
    row = only_invoice()
    assert (row.invoice_date, row.purchase_date, row.books_updated_at) == (None, None, None)
    assert Document.objects.get().books_created_at is None


@pytest.mark.parametrize("day", ["0001-01-01", "2026-02-31"])
def test_a_due_date_that_is_no_day_of_ours_is_reported(connection: Connection, day: str) -> None:
    take(connection, invoice("1", DueDate=day))
    assert only_invoice().payable_date is None
    assert "DueDate" in {field for _, field, _ in open_issues()}


def test_an_invoice_of_ten_megabytes_is_kept_whole(connection: Connection) -> None:
    lines = [sales_line(Decimal("12.34"), description=f"{number} " + "x" * 350) for number in range(20_000)]
    raw = invoice("1", Line=lines)
    assert len(raw) > 10_000_000
    assert take(connection, raw).issues == 0
    row = only_invoice()
    assert len(row.items) == 20_000
    assert row.items[-1]["Description"].startswith("19999 ")
    assert payloads.read(Document.objects.get()) == raw


def test_text_of_every_script_is_stored_as_it_is(connection: Connection) -> None:
    name = "\N{RIGHT-TO-LEFT OVERRIDE}عيد \N{GRINNING FACE} Cafe\N{COMBINING ACUTE ACCENT}"
    take(connection, invoice("1", CustomerRef={"value": "24", "name": name}, Line=[sales_line(description=name)]))
    row = only_invoice()
    assert (row.company_name, row.items[0]["Description"]) == (name, name)
    assert "cafe" in row.search_text


def test_the_mirror_holds_what_came_over_the_wire(connection: Connection) -> None:
    take(connection, invoice("1"))
    document = Document.objects.get()
    assert payloads.read(document) == invoice("1")
    assert (document.entity, document.qbk_id, document.sync_token) == ("Invoice", "1", "3")


def test_the_same_object_twice_in_a_page_is_one_row(connection: Connection) -> None:
    assert take(connection, invoice("1"), invoice("1")).counts == (1, 0, 0)
    assert Document.objects.count() == 1


def test_of_two_versions_in_a_page_the_newer_wins_in_either_order(connection: Connection) -> None:
    old = invoice("1", SyncToken="1", DocNumber="OLD", MetaData=stamps(NOON, NOON))
    new = invoice("1", SyncToken="2", DocNumber="NEW", MetaData=stamps(NOON, NOON + timedelta(minutes=1)))
    take(connection, new, old)
    assert only_invoice().invoice_no == "NEW"
    take(ConnectionFactory(), old, new)
    assert set(Invoice.objects.values_list("invoice_no", flat=True)) == {"NEW"}


def test_a_page_that_has_not_changed_writes_no_row(connection: Connection) -> None:
    page = [invoice("1"), invoice("2", TotalAmt="NaN"), invoice("3", PrivateNote=Written(r'"\u0000"'))]
    take(connection, customer(), entity="Customer")
    take(connection, *page)
    before = written_rows()
    assert take(connection, *page, later=60).counts == (0, 0, 3)
    assert take(connection, customer(), entity="Customer", later=60).counts == (0, 0, 1)
    assert written_rows() == before


def test_another_sync_token_with_the_same_facts_writes_no_history(connection: Connection) -> None:
    take(connection, invoice("1"))
    applied = take(connection, invoice("1", SyncToken="4", MetaData=stamps(NOON)), later=1)
    assert applied.counts.changed == 1
    assert only_invoice().sync_token == "4"
    assert [one.changes for one in InvoiceChange.objects.all()] == [
        [
            {"field": "invoice_date", "from": "2026-04-08T20:15:36+00:00", "to": "2026-11-20T12:00:00+00:00"},
            {"field": "purchase_date", "from": "2026-04-08T20:15:36+00:00", "to": "2026-11-20T12:00:00+00:00"},
        ]
    ]


def test_an_older_version_changes_neither_the_invoice_nor_its_mirror(connection: Connection) -> None:
    new = invoice("1", SyncToken="5", DocNumber="NEW", MetaData=stamps(NOON, NOON))
    old = invoice("1", SyncToken="4", DocNumber="OLD", MetaData=stamps(NOON, NOON - timedelta(hours=1)))
    take(connection, new)
    assert take(connection, old, later=1).counts == (0, 0, 1)
    assert only_invoice().invoice_no == "NEW"
    assert payloads.read(Document.objects.get()) == new


def test_an_older_customer_changes_neither_the_buyer_nor_its_mirror(connection: Connection) -> None:
    new = customer(DisplayName="New name", MetaData=stamps(NOON, NOON))
    old = customer(DisplayName="Old name", MetaData=stamps(NOON, NOON - timedelta(hours=1)))
    take(connection, new, entity="Customer")
    take(connection, old, entity="Customer", later=1)
    assert Buyer.objects.get().name == "New name"
    assert payloads.read(Document.objects.get()) == new


def test_an_issue_is_closed_when_the_object_comes_without_it_and_opens_again(connection: Connection) -> None:
    broken = invoice("1", TotalAmt="NaN", SyncToken="1", MetaData=stamps(NOON, NOON))
    whole = invoice("1", SyncToken="2", MetaData=stamps(NOON, NOON + timedelta(minutes=1)))
    again = invoice("1", TotalAmt="NaN", SyncToken="3", MetaData=stamps(NOON, NOON + timedelta(minutes=2)))
    take(connection, broken)
    first = ImportIssue.objects.get(field="TotalAmt")
    take(connection, whole, later=1)
    assert open_issues() == set()
    take(connection, again, later=2)
    issue = ImportIssue.objects.get(field="TotalAmt")
    assert (issue.pk, issue.resolved_at, issue.first_seen_at) == (first.pk, None, NOON)


def test_an_object_that_the_database_refuses_leaves_the_others_in_place(connection: Connection) -> None:
    long_id = encode({"Id": "7" * 65})
    page = [invoice(str(number)) for number in range(1, 12)]
    applied = take(connection, *page[:5], long_id, *page[5:])
    assert applied.counts.new == 11
    assert open_issues() == {("7" * 64, "", "refused")}


def test_the_customers_address_is_the_buyers_where_the_invoice_has_none(connection: Connection) -> None:
    take(connection, customer(), entity="Customer")
    take(connection, invoice("1", without=("BillEmail",)), invoice("2"))
    rows = {row.qbk_invoice_id: (row.buyer_email, row.company_email) for row in Invoice.objects.all()}
    assert rows == {"1": ("russ@sonnenschein.example", ""), "2": ("store@example.com", "store@example.com")}


def test_two_companies_with_the_same_ids_stay_apart(connection: Connection) -> None:
    other = ConnectionFactory()
    take(connection, customer(), entity="Customer")
    take(connection, invoice("1", without=("BillEmail",)))
    take(other, customer(PrimaryEmailAddr={"Address": "other@books.example"}), entity="Customer")
    take(other, invoice("1", without=("BillEmail",), TotalAmt=Decimal("1.00")))
    rows = {row.company_file_id: row for row in Invoice.objects.select_related("buyer")}
    mine, theirs = rows[connection.company_file_id], rows[other.company_file_id]
    assert (mine.buyer_email, mine.invoice_amount) == ("russ@sonnenschein.example", Decimal("486.00"))
    assert (theirs.buyer_email, theirs.invoice_amount) == ("other@books.example", Decimal("1.00"))
    assert mine.buyer_id != theirs.buyer_id
    assert (mine.supplier_id, theirs.supplier_id) == (connection.supplier_id, other.supplier_id)


def test_an_issue_tells_staff_where_and_never_what(connection: Connection) -> None:
    take(connection, invoice("1", TotalAmt="CANARY", DueDate="CANARY", DocNumber="CANARY" * 30))
    messages = " ".join(ImportIssue.objects.values_list("message", flat=True))
    assert "CANARY" not in messages
    assert json.loads(invoice("1"))["Id"] in str(ImportIssue.objects.first())
