"""The invoice mapping follows every row of the mapping table, for a full invoice and an empty one."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from infactor.invoices.models.invoice import ExactDecoder
from quickbooks_app.mapping.invoices import (
    ADDITIONAL_FIELDS,
    MAPPING_TABLE,
    MappedRecord,
    map_invoice,
    mapping_table_markdown,
)
from tests.support.payloads import invoice

CONTRACT = [
    ("Invoice Number", "DocNumber", "invoice_no"),
    ("Invoice Amount", "TotalAmt", "invoice_amount"),
    ("Invoice Date", "MetaData.CreateTime", "invoice_date"),
    ("Payable Date", "DueDate", "payable_date"),
    ("Tax Amount", "TxnTaxDetail.TotalTax", "tax_amount"),
    ("Invoice Items", "Line", "items"),
    ("Tax Details", "TxnTaxDetail", "tax_details"),
    ("CompanyName", "CustomerRef.name", "company_name"),
    ("Buyers Email", "BillEmail.Address, else the customer's PrimaryEmailAddr.Address", "buyer_email"),
    ("Contact Name", "CustomerRef.name", "contact_name"),
    ("Company Email", "BillEmail.Address", "company_email"),
    ("Purchase Date", "MetaData.CreateTime", "purchase_date"),
    ("Invoice State", 'none: starts as "invoice_created"', "state"),
    ("QuickBooks reference", "Id", "qbk_invoice_id"),
    ("Source", 'none: always "QuickBooks"', "source"),
]
CREATED = datetime(2026, 4, 8, 20, 15, 36, tzinfo=UTC)
ADDRESSES = {"24": "russ@sonnenschein.example"}


def mapped(*, addresses: Mapping[str, str] = ADDRESSES, **changes: Any) -> MappedRecord:
    return map_invoice(invoice(**changes), customer_emails=addresses, home_currency="CAD")


def issues_of(result: MappedRecord) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in result.issues}


def test_the_table_has_the_fifteen_rows_of_the_contract_in_their_order() -> None:
    assert [(row.name, row.quickbooks, row.field) for row in MAPPING_TABLE] == CONTRACT


def test_the_table_for_people_shows_every_row_once() -> None:
    rows = mapping_table_markdown().splitlines()[2:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [name for name, _, _ in CONTRACT]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("invoice_no", "1037"),
        ("invoice_amount", Decimal("486.00")),
        ("invoice_date", CREATED),
        ("payable_date", date(2026, 5, 8)),
        ("tax_amount", Decimal("36.00")),
        ("company_name", "Sonnenschein Family Store"),
        ("buyer_email", "store@example.com"),
        ("contact_name", "Sonnenschein Family Store"),
        ("company_email", "store@example.com"),
        ("purchase_date", CREATED),
        ("state", "invoice_created"),
        ("qbk_invoice_id", "130"),
        ("source", "QuickBooks"),
        ("txn_date", date(2026, 4, 8)),
        ("balance", Decimal("386.00")),
        ("currency", "EUR"),
        ("exchange_rate", Decimal("1.08")),
        ("sync_token", "3"),
        ("customer_reference", "24"),
        ("sales_term", "Net 30"),
        ("private_note", "Front yard"),
        ("email_status", "EmailSent"),
        ("books_status", "partly_paid"),
        ("books_updated_at", datetime(2026, 5, 5, 9, 6, 31, tzinfo=UTC)),
    ],
)
def test_a_full_invoice_fills_the_field(field: str, value: object) -> None:
    assert getattr(mapped().record, field) == value


def test_a_full_invoice_raises_no_issue() -> None:
    assert mapped().issues == []


@pytest.mark.parametrize(
    ("ours", "quickbooks"), [("items", "Line"), ("tax_details", "TxnTaxDetail"), ("linked_txn", "LinkedTxn")]
)
def test_lists_and_details_are_kept_exactly_as_they_were_written(ours: str, quickbooks: str) -> None:
    sent = json.loads(invoice(), cls=ExactDecoder)[quickbooks]
    kept = json.loads(getattr(mapped().record, ours), cls=ExactDecoder)
    assert repr(kept) == repr(sent)


@pytest.mark.parametrize(
    ("absent", "field", "value"),
    [
        ("DocNumber", "invoice_no", ""),
        ("TotalAmt", "invoice_amount", None),
        ("MetaData", "invoice_date", None),
        ("DueDate", "payable_date", None),
        ("TxnTaxDetail", "tax_amount", Decimal("0.00")),
        ("Line", "items", "[]"),
        ("TxnTaxDetail", "tax_details", "{}"),
        ("CustomerRef", "company_name", ""),
        ("CustomerRef", "contact_name", ""),
        ("BillEmail", "company_email", ""),
        ("MetaData", "purchase_date", None),
        ("TxnDate", "txn_date", None),
        ("Balance", "balance", None),
        ("CurrencyRef", "currency", "CAD"),
        ("ExchangeRate", "exchange_rate", None),
        ("SyncToken", "sync_token", ""),
        ("CustomerRef", "customer_reference", ""),
        ("LinkedTxn", "linked_txn", "[]"),
        ("SalesTermRef", "sales_term", ""),
        ("PrivateNote", "private_note", ""),
        ("EmailStatus", "email_status", ""),
        ("MetaData", "books_updated_at", None),
    ],
)
@pytest.mark.parametrize("how", ["missing", "null"])
def test_an_absent_value_leaves_the_field_empty_and_the_others_as_they_are(
    absent: str, field: str, value: object, how: str
) -> None:
    record = mapped(**({"without": (absent,)} if how == "missing" else {absent: None})).record
    assert getattr(record, field) == value
    assert record.qbk_invoice_id == "130"
    assert record.state == "invoice_created"
    if absent != "TotalAmt":
        assert record.invoice_amount == Decimal("486.00")


def test_an_invoice_with_nothing_but_an_id_is_an_invoice() -> None:
    record = map_invoice(b'{"Id":"7"}', customer_emails={}, home_currency="CAD").record
    assert (record.qbk_invoice_id, record.state, record.source, record.books_status) == (
        "7",
        "invoice_created",
        "QuickBooks",
        "open",
    )


def test_without_an_address_on_the_invoice_the_customer_is_written_to() -> None:
    record = mapped(without=("BillEmail",)).record
    assert record.buyer_email == "russ@sonnenschein.example"
    assert record.company_email == ""


@pytest.mark.parametrize("empty", [{"Address": ""}, {"Address": "  "}, {"Address": None}, {}])
def test_an_empty_address_on_the_invoice_counts_as_none(empty: dict[str, Any]) -> None:
    record = mapped(BillEmail=empty).record
    assert (record.buyer_email, record.company_email) == ("russ@sonnenschein.example", "")


def test_another_customers_address_is_never_taken() -> None:
    assert mapped(without=("BillEmail",), addresses={"25": "somebody@else.example"}).record.buyer_email == ""


@pytest.mark.parametrize("name", ["missing", "null"])
def test_a_customer_without_a_name_is_still_the_invoices_customer(name: str) -> None:
    record = mapped(CustomerRef={"value": "24"} if name == "missing" else {"value": "24", "name": None}).record
    assert (record.customer_reference, record.company_name, record.contact_name) == ("24", "", "")


def test_every_row_beside_the_table_names_a_field_of_its_own() -> None:
    fields = [row.field for row in (*MAPPING_TABLE, *ADDITIONAL_FIELDS)]
    assert len(set(fields)) == len(fields)


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("P.O. Number", True),
        ("PO #", True),
        ("PO", True),
        ("Purchase Order No.", True),
        ("Customer's order number", True),
        ("Crew #", False),
        ("Portal", False),
        ("Order date", False),
        (None, False),
    ],
)
def test_a_custom_field_whose_name_says_so_is_the_buyers_purchase_order(name: str | None, is_one: bool) -> None:
    fields = [{"DefinitionId": "9", "Type": "StringType"}, {"Name": name, "StringValue": "4711", "Type": "StringType"}]
    assert mapped(CustomField=fields).record.purchase_order_no == ("4711" if is_one else "")


@pytest.mark.parametrize("fields", [[], None, "PO", [7], [{"Name": 5, "StringValue": []}]])
def test_custom_fields_that_are_none_are_no_purchase_order(fields: object) -> None:
    found = mapped(CustomField=fields)
    assert (found.record.purchase_order_no, found.issues) == ("", [])


@pytest.mark.parametrize(
    ("delivery", "sent"),
    [
        (
            {"DeliveryType": "Email", "DeliveryTime": "2026-05-05T02:06:31-07:00"},
            datetime(2026, 5, 5, 9, 6, 31, tzinfo=UTC),
        ),
        ({"DeliveryType": "Email", "DeliveryTime": "soon"}, None),
        ({}, None),
        ("Email", None),
        (None, None),
    ],
)
def test_when_quickbooks_sent_an_invoice_is_read_where_it_can_be(delivery: object, sent: datetime | None) -> None:
    result = mapped(DeliveryInfo=delivery)
    assert result.record.emailed_at == sent
    assert result.record.email_status == "EmailSent"
