"""Custom fields: definitions in Preferences, names filled in, and those of the premium API."""

from typing import Any

import pytest

from tests.functional.quickbooks_app.sandbox.conftest import Api, MovableClock, sales_line
from tests.functional.quickbooks_app.sandbox.objects.bodies import BODIES, filled

ENHANCED = "?include=enhancedAllCustomFields"


def text(id: str, value: str) -> dict[str, str]:
    return {"DefinitionId": id, "StringValue": value}


def test_a_field_gets_its_name_and_type(api: Api) -> None:
    invoice = api.invoice(CustomField=[{"DefinitionId": "1", "Type": "StringType", "StringValue": "PO-77"}])
    assert invoice["CustomField"] == [
        {"DefinitionId": "1", "Name": "Buyer's order", "Type": "StringType", "StringValue": "PO-77"}
    ]


def test_a_purchase_order_has_fields_of_its_own(api: Api) -> None:
    vendor = api.write("Vendor", BODIES["Vendor"])
    order = filled(BODIES["PurchaseOrder"], {"Vendor": vendor["Id"]})
    made = api.write("PurchaseOrder", {**order, "CustomField": [text("2", "Friday")]})
    assert made["CustomField"][0]["Name"] == "Ship by"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (text("3", "off"), "2500"),  # not in use in this company
        (text("9", "x"), "2500"),
        (text("1000000003", "West"), "2500"),  # of the premium API
        ({"StringValue": "x"}, "2020"),
        ({"DefinitionId": "1", "NumberValue": 4}, "2080"),
        ({"DefinitionId": "1", "StringValue": 4}, "2080"),
        (text("1", "x" * 32), "2050"),
    ],
)
def test_what_nobody_defined_or_is_no_text_is_refused(api: Api, field: dict[str, Any], code: str) -> None:
    body = {"CustomerRef": {"value": "1"}, "Line": [sales_line("1")], "CustomField": [field]}
    assert api.refused("/invoice", body)["code"] == code


def test_a_sparse_update_keeps_the_fields_it_does_not_name_and_a_full_one_does_not(api: Api) -> None:
    invoice = api.invoice(CustomField=[text("1", "PO-77"), text("2", "Mornings")])
    current = {"Id": invoice["Id"], "SyncToken": "0", "sparse": True, "CustomField": [text("2", "Evenings")]}
    changed = api.write("Invoice", current)
    assert [one["StringValue"] for one in changed["CustomField"]] == ["PO-77", "Evenings"]
    whole = api.write("Invoice", {**changed, "CustomField": [text("2", "Nights")]})
    assert [one["StringValue"] for one in whole["CustomField"]] == ["Nights"]


def test_a_definition_that_is_added_can_be_used(api: Api) -> None:
    prefs = api.get("/preferences").get_json()["Preferences"]
    flags, names = prefs["SalesFormsPrefs"]["CustomField"]
    for flag in flags["CustomField"]:
        flag["BooleanValue"] = True
    names["CustomField"].append(
        {"Name": "SalesFormsPrefs.SalesCustomName3", "Type": "StringType", "StringValue": "Crew #"}
    )
    body = {"Id": "1", "SyncToken": "0", "sparse": True, "SalesFormsPrefs": {"CustomField": [flags, names]}}
    api.write("Preferences", body)
    assert api.invoice(CustomField=[text("3", "102")])["CustomField"][0]["Name"] == "Crew #"


def test_fields_of_the_premium_api_are_typed_and_seen_only_by_who_asks(api: Api, clock: MovableClock) -> None:
    clock.advance(minutes=1)
    customer = api.write(
        "Customer",
        {
            "DisplayName": "Premium",
            "CustomField": [
                {"DefinitionId": "1000000001", "NumberValue": 12500.5},
                {"DefinitionId": "1000000002", "DateValue": "2027-01-31"},
                text("1000000003", "West"),
            ],
        },
        ENHANCED,
    )
    assert [(one["Name"], one["Type"]) for one in customer["CustomField"]] == [
        ("Contract value", "NumberType"),
        ("Promised on", "DateType"),
        ("Region", "StringType"),
    ]
    id = customer["Id"]
    plain = api.read("Customer", id)
    assert plain["CustomField"] == []
    assert api.query(f"select * from Customer where Id = '{id}'")["Customer"][0]["CustomField"] == []
    since = {"entities": "Customer", "changedSince": clock().isoformat()}
    changes = api.get("/cdc", query_string=since).get_json()["CDCResponse"][0]["QueryResponse"][0]
    assert changes["Customer"][0]["CustomField"] == []
    # Who cannot see them does not lose them by writing back what it read.
    api.write("Customer", {**plain, "Notes": "Seen"})
    seen = api.get(f"/customer/{id}{ENHANCED}").get_json()["Customer"]
    assert len(seen["CustomField"]) == 3


@pytest.mark.parametrize(
    "field",
    [
        {"DefinitionId": "1000000001", "NumberValue": "many"},
        {"DefinitionId": "1000000002", "DateValue": "31 January"},
        text("1000000003", "East"),
    ],
)
def test_a_value_that_is_none_of_its_type_is_refused(api: Api, field: dict[str, Any]) -> None:
    assert api.refused(f"/customer{ENHANCED}", {"DisplayName": "X", "CustomField": [field]})["code"] == "2080"
