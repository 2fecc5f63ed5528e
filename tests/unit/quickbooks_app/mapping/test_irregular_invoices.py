"""The mapping handles irregular invoices: voids, missing lines, fields of the wrong type, and customers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.mapping.customers import map_customer
from quickbooks_app.mapping.invoices import MappedRecord, map_invoice
from tests.support.payloads import Written, customer, invoice

ADDRESSES = {"24": "russ@sonnenschein.example"}


def mapped(*, addresses: Mapping[str, str] = ADDRESSES, **changes: Any) -> MappedRecord:
    return map_invoice(invoice(**changes), customer_emails=addresses, home_currency="CAD")


def issues_of(result: MappedRecord) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in result.issues}


@pytest.mark.parametrize(
    ("total", "balance", "status"),
    [
        ("486.00", "486.00", "open"),
        ("486.00", "0.01", "partly_paid"),
        ("486.00", "485.99", "partly_paid"),
        ("486.00", "0", "paid"),
        ("486.00", "500.00", "open"),
        ("0", "0", "paid"),
    ],
)
def test_what_is_still_owed_tells_the_status_in_the_books(total: str, balance: str, status: str) -> None:
    assert mapped(TotalAmt=Decimal(total), Balance=Decimal(balance)).record.books_status == status


@pytest.mark.parametrize("unreadable", ["TotalAmt", "Balance"])
def test_an_invoice_whose_amount_cannot_be_read_counts_as_open(unreadable: str) -> None:
    assert mapped(**{unreadable: "486.00"}).record.books_status == "open"


ZERO_LINES = [{"Amount": 0}, {"Amount": Decimal("0.00")}, {"Description": "Thank you"}, {"Amount": None}]


@pytest.mark.parametrize("note", ["Voided", "Voided\nFront yard", "Voided - duplicate"])
def test_a_void_is_known_by_its_zeros_and_its_note(note: str) -> None:
    voided = mapped(TotalAmt=0, Balance=0, Line=ZERO_LINES, LinkedTxn=[], PrivateNote=note)
    assert voided.record.books_status == "voided"
    assert voided.record.private_note == note
    assert voided.record.invoice_amount == 0
    assert voided.issues == []


@pytest.mark.parametrize(
    "changes",
    [
        {"PrivateNote": "Front yard"},
        {"PrivateNote": "was Voided by mistake"},
        {"without": ("PrivateNote",)},
        {"Line": [{"Amount": Decimal("10.00")}, {"Amount": Decimal("-10.00")}]},
        {"Line": [{"Amount": "0"}]},
    ],
)
def test_a_zero_invoice_that_is_no_void_is_paid(changes: dict[str, Any]) -> None:
    zero = {"TotalAmt": 0, "Balance": 0, "Line": ZERO_LINES, "PrivateNote": "Voided", **changes}
    assert mapped(**zero).record.books_status == "paid"


def test_a_note_that_says_voided_changes_nothing_where_money_is_owed() -> None:
    assert mapped(PrivateNote="Voided cheque came back").record.books_status == "partly_paid"


def test_an_invoice_of_a_statement_charge_without_item_lines_keeps_its_total() -> None:
    lines = [{"Amount": Decimal("75.00"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}]
    record = mapped(TotalAmt=Decimal("81.00"), Balance=Decimal("81.00"), Line=lines).record
    assert (record.invoice_amount, record.balance, record.books_status) == (Decimal("81.00"), Decimal("81.00"), "open")


@pytest.mark.parametrize("lines", [[], [{"Amount": Decimal("1.00")}], [{"Amount": Decimal("99999.99")}]])
def test_a_total_is_never_made_of_lines(lines: list[dict[str, Any]]) -> None:
    result = mapped(Line=lines)
    assert result.record.invoice_amount == Decimal("486.00")
    assert result.record.tax_amount == Decimal("36.00")
    assert result.issues == []


def test_the_tax_is_the_stated_one_even_where_the_tax_lines_say_otherwise() -> None:
    detail = {"TotalTax": Decimal("12.34"), "TaxLine": [{"Amount": Decimal("99.00")}]}
    assert mapped(TxnTaxDetail=detail).record.tax_amount == Decimal("12.34")


def test_fields_that_nobody_knows_are_passed_over() -> None:
    result = mapped(InvoiceStatusLog=[{"a": [1, {}]}], TotalAmount=1, docNumber="other", Void=True)
    assert result == mapped()


def test_enums_in_upper_case_are_taken_as_they_are() -> None:
    result = mapped(
        EmailStatus="NEED_TO_SEND", Line=[{"Amount": Decimal("1.00"), "DetailType": "SALES_ITEM_LINE_DETAIL"}]
    )
    assert result.record.email_status == "NEED_TO_SEND"
    assert "SALES_ITEM_LINE_DETAIL" in result.record.items
    assert result.issues == []


def test_a_term_without_a_name_is_shown_by_its_id() -> None:
    assert mapped(SalesTermRef={"value": "3"}).record.sales_term == "3"


@pytest.mark.parametrize("field", ["DocNumber", "CustomerRef", "DueDate", "TotalAmt", "Balance"])
def test_what_financing_needs_is_reported_where_it_is_missing(field: str) -> None:
    assert issues_of(mapped(without=(field,))) == {(field, "missing")}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("DueDate", "2026-02-31"),
        ("DueDate", "08.05.2026"),
        ("DueDate", 20260508),
        ("TxnDate", "2026-13-01"),
        ("DocNumber", 1037),
        ("CustomerRef", "24"),
        ("BillEmail", ["store@example.com"]),
        ("CurrencyRef", "EUR"),
        ("Line", {"Amount": 1}),
        ("TxnTaxDetail", []),
        ("LinkedTxn", "none"),
        ("ExchangeRate", "1.08"),
        ("ExchangeRate", 0),
        ("ExchangeRate", -1),
        ("MetaData", {"CreateTime": "yesterday"}),
        ("MetaData", {"CreateTime": "2026-04-08T13:15:36"}),
    ],
)
def test_a_field_of_the_wrong_kind_is_reported_and_spoils_no_other(field: str, value: object) -> None:
    result = mapped(**{field: value})
    assert (field, "unreadable") in issues_of(result)
    assert result.record.invoice_amount == Decimal("486.00")
    assert result.record.private_note == "Front yard"


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9999-12-31"])
@pytest.mark.parametrize(("field", "ours"), [("DueDate", "payable_date"), ("TxnDate", "txn_date")])
def test_a_day_that_no_books_can_be_of_is_reported(field: str, ours: str, day: str) -> None:
    result = mapped(**{field: day})
    assert getattr(result.record, ours) is None
    assert (field, "out_of_bounds") in issues_of(result)


def test_a_moment_at_the_beginning_of_time_is_reported() -> None:
    result = mapped(MetaData={"CreateTime": "0001-01-01T00:00:00+14:00"})
    assert result.record.invoice_date is None
    assert ("MetaData.CreateTime", "out_of_bounds") in issues_of(result)


def test_a_text_that_is_too_long_is_cut_and_reported() -> None:
    result = mapped(DocNumber="9" * 300)
    assert result.record.invoice_no == "9" * 100
    assert issues_of(result) == {("DocNumber", "too_long")}


def test_no_issue_repeats_what_stood_in_the_books() -> None:
    canary = "Canary GmbH"
    result = mapped(
        DocNumber=canary * 40,
        TotalAmt=canary,
        Balance=Written("999999999999999999999"),
        CustomerRef=canary,
        Line=canary,
    )
    assert len(result.issues) >= 5
    assert not [issue for issue in result.issues if "Canary" in issue.message or "9999" in issue.message]


def test_a_customer_fills_its_buyer() -> None:
    record, issues = map_customer(customer(), home_currency="CAD")
    assert issues == []
    assert record._asdict() == {
        "reference": "24",
        "name": "Sonnenschein Family Store",
        "full_name": "Sonnenschein Family Store",
        "company_name": "Sonnenschein GmbH",
        "contact_name": "Russ Sonnenschein",
        "email": "russ@sonnenschein.example",
        "phone": "(650) 557-8463",
        "address": "5647 Cypress Hill Ave., Middlefield, CA, 94303",
        "tax_id": "XXXXXX56789",
        "is_active": True,
        "is_job": False,
        "parent_reference": "",
        "balance": Decimal("386.00"),
        "currency": "EUR",
        "sync_token": "0",
        "books_updated_at": datetime(2026, 4, 8, 20, 15, 36, tzinfo=UTC),
    }


def test_a_customer_with_nothing_but_an_id_is_a_buyer_without_issues() -> None:
    record, issues = map_customer(b'{"Id":"7"}', home_currency="CAD")
    assert (record.reference, record.is_active, record.balance, issues) == ("7", True, None, [])


@pytest.mark.parametrize(
    ("numbers", "taken"),
    [
        ({"GSTIN": "22AAAAA0000A1Z5", "BusinessNumber": "AAAAA0000A"}, "22AAAAA0000A1Z5"),
        ({"BusinessNumber": "AAAAA0000A"}, "AAAAA0000A"),
        ({}, "XXXXXX56789"),
        ({"PrimaryTaxIdentifier": ""}, "SR 55-1"),
        ({"PrimaryTaxIdentifier": "", "ResaleNum": None}, ""),
    ],
    ids=str,
)
def test_of_several_tax_numbers_the_one_that_says_most_is_taken(numbers: dict[str, str], taken: str) -> None:
    assert map_customer(customer(**numbers), home_currency="CAD").record.tax_id == taken


@pytest.mark.parametrize(
    ("address", "line", "told"),
    [
        ({}, "", []),
        (None, "", []),
        (
            {"Line1": "Prinsengracht 263 ", "City": "Amsterdam", "Country": "NLD"},
            "Prinsengracht 263, Amsterdam, NLD",
            [],
        ),
        ({"Line1": 7}, "", ["BillAddr"]),
        ("5 Quay Street", "", ["BillAddr"]),
    ],
    ids=str,
)
def test_an_address_becomes_one_line(address: object, line: str, told: list[str]) -> None:
    record, issues = map_customer(customer(BillAddr=address), home_currency="CAD")
    assert (record.address, [issue.field for issue in issues]) == (line, told)


def test_a_job_names_its_parent() -> None:
    record = map_customer(customer("25", Job=True, ParentRef={"value": "24"}, Active=False), home_currency="CAD").record
    assert (record.is_job, record.parent_reference, record.is_active) == (True, "24", False)


def test_a_customer_may_have_credit() -> None:
    record, issues = map_customer(customer(Balance=Decimal("-12.50")), home_currency="CAD")
    assert (record.balance, issues) == (Decimal("-12.50"), [])


@pytest.mark.parametrize("ref", [None, {}, {"value": ""}])
def test_an_invoice_and_a_customer_without_a_currency_are_in_the_home_currency(ref: Any) -> None:
    changes = {"without": ("CurrencyRef",)} if ref is None else {"CurrencyRef": ref}
    invoiced, named = mapped(**changes), map_customer(customer(**changes), home_currency="CAD")
    assert (invoiced.record.currency, named.record.currency) == ("CAD", "CAD")
    assert (invoiced.issues, named.issues) == ([], [])


def test_a_deposit_is_read_and_is_none_where_there_is_none() -> None:
    assert mapped(Deposit=Decimal("500.00")).record.deposit == Decimal("500.00")
    assert mapped().record.deposit is None
