"""Fields of an invoice are read from elsewhere where staff say so, within their types."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from quickbooks_app.mapping.invoices import MappedRecord, map_invoice
from quickbooks_app.mapping.overrides import InvalidOverride, Override, validate_overrides
from tests.support.payloads import invoice

PURCHASE = [
    {"DefinitionId": "1", "Name": "PO number", "Type": "StringType", "StringValue": "PO-77"},
    {"DefinitionId": "2", "Name": "Ordered", "Type": "DateType", "DateValue": "2026-09-30"},
    {"DefinitionId": "3", "Name": "Crew", "Type": "NumberType", "NumberValue": 12},
]


def mapped(*overrides: Override, **changes: Any) -> MappedRecord:
    return map_invoice(
        invoice(**{"CustomField": PURCHASE, **changes}),
        customer_emails={},
        home_currency="USD",
        overrides=overrides,
        time_zone=ZoneInfo("America/New_York"),
    )


@pytest.mark.parametrize(
    ("override", "value"),
    [
        (Override("invoice_no", "CustomField.1"), "PO-77"),
        (Override("invoice_no", "CustomField.3"), "12"),
        (Override("purchase_date", "TxnDate"), datetime(2026, 10, 3, 4, tzinfo=UTC)),
        (Override("purchase_date", "CustomField.2"), datetime(2026, 9, 30, 4, tzinfo=UTC)),
        (Override("purchase_date", "MetaData.LastUpdatedTime"), datetime(2026, 10, 4, 8, 0, tzinfo=UTC)),
        (Override("payable_date", "ShipDate"), date(2026, 10, 9)),
        (Override("tax_amount", "HomeTotalAmt"), Decimal("12345678901234.56")),
        (Override("buyer_email", "BillEmailCc.Address"), "books@acme.example"),
        (Override("contact_name", "ShipAddr.Line1"), "Ann Quay"),
        (Override("contact_name", constant="Accounts payable"), "Accounts payable"),
        (Override("source", constant="QuickBooks UK"), "QuickBooks UK"),
    ],
)
def test_a_field_is_read_from_where_staff_say(override: Override, value: Any) -> None:
    result = mapped(
        override,
        TxnDate="2026-10-03",
        ShipDate="2026-10-09",
        HomeTotalAmt=Decimal("12345678901234.56"),
        BillEmailCc={"Address": "books@acme.example"},
        ShipAddr={"Line1": "Ann Quay"},
        MetaData={"CreateTime": "2026-10-01T00:00:00-07:00", "LastUpdatedTime": "2026-10-04T01:00:00-07:00"},
    )
    assert getattr(result.record, override.field) == value
    assert result.issues == []


@pytest.mark.parametrize("path", ["CustomField.9", "TrackingNum", "ClassRef.name"])
def test_where_there_is_nothing_the_tables_own_reading_counts(path: str) -> None:
    assert mapped(Override("invoice_no", path), DocNumber="1037").record.invoice_no == "1037"


@pytest.mark.parametrize(
    ("override", "changes", "issue"),
    [
        (Override("payable_date", "CustomField.1"), {}, ("CustomField.1", "unreadable")),
        (Override("payable_date", "ShipDate"), {"ShipDate": "9999-01-01"}, ("ShipDate", "out_of_bounds")),
        (Override("tax_amount", "Deposit"), {"Deposit": "12"}, ("Deposit", "not_a_number")),
        (Override("invoice_no", "TrackingNum"), {"TrackingNum": {"a": 1}}, ("TrackingNum", "unreadable")),
        (Override("invoice_no", "PrivateNote"), {"PrivateNote": "x" * 101}, ("PrivateNote", "too_long")),
        (Override("purchase_date", "MetaData.CreateTime"), {"MetaData": {"CreateTime": "2026-10-01T00:00:00"}}, None),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_read_is_an_issue_and_leaves_the_tables_own(
    override: Override, changes: dict[str, Any], issue: tuple[str, str] | None
) -> None:
    result, plain = mapped(override, **changes), mapped(**changes)
    if issue and issue[1] != "too_long":
        assert getattr(result.record, override.field) == getattr(plain.record, override.field)
    assert issue is None or issue in {(one.field, one.code) for one in result.issues}


@pytest.mark.parametrize("custom", [None, "text", [1], [{"DefinitionId": {}}]])
def test_custom_fields_of_an_unexpected_form_spoil_nothing(custom: Any) -> None:
    result = mapped(Override("invoice_no", "CustomField.1"), CustomField=custom, DocNumber="1037")
    assert result.record.invoice_no == "1037"


def test_a_void_is_known_whatever_the_mapping_says() -> None:
    void = {"TotalAmt": 0, "Balance": 0, "Line": [{"Amount": 0}], "LinkedTxn": [], "PrivateNote": "Voided"}
    assert mapped(Override("contact_name", "PrivateNote"), **void).record.books_status == "voided"


@pytest.mark.parametrize(
    ("override", "why"),
    [
        (Override("invoice_amount", "HomeTotalAmt"), "use QuickBooks' total"),
        (Override("state", constant="paid"), "infactor sets it"),
        (Override("private_note", "DocNumber"), "no field of the mapping"),
        (Override("payable_date", "DocNumber"), "payable_date is a date, but DocNumber is a text"),
        (Override("buyer_email", "PrivateNote"), "an email address"),
        (Override("buyer_email", constant="me@here.example"), "the same for every invoice"),
        (Override("buyer_email", "CustomField.1"), "cannot be read from"),
        (Override("invoice_no", "CustomField.x"), "cannot be read from"),
        (Override("invoice_no", "Line"), "no field Line"),
        (Override("contact_name", "DocNumber", "x"), "not both"),
        (Override("contact_name"), "not both"),
        (Override("source", constant="x" * 21), "at most 20"),
    ],
)
def test_an_override_beyond_its_type_is_refused_with_a_reason(override: Override, why: str) -> None:
    with pytest.raises(InvalidOverride, match=why):
        validate_overrides([override])


def test_a_field_is_changed_once() -> None:
    with pytest.raises(InvalidOverride, match="twice"):
        validate_overrides([Override("invoice_no", "TrackingNum"), Override("invoice_no", "CustomField.1")])
