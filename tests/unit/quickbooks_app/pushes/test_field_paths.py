"""Fields are written by their paths: typed, merged into what the object has, and refused with the line at fault."""

from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.pushes.custom_fields import Definition, definitions_in
from quickbooks_app.pushes.field_paths import InvalidFields, build_fields, parse_lines

ORDER: dict[str, Any] = {
    "Id": "7",
    "Memo": "Old",
    "VendorRef": {"value": "41", "name": "Hicks"},
    "ShipAddr": {"Id": "9", "Line1": "1 Main St", "City": "Bayshore"},
    "Line": [
        {"Id": "1", "Amount": Decimal("100.10"), "DetailType": "ItemBasedExpenseLineDetail"},
        {"Id": "2", "Amount": Decimal(5)},
    ],
    "CustomField": [
        {"DefinitionId": "1", "Name": "Contract", "Type": "StringType", "StringValue": "C-1"},
        {"DefinitionId": "5", "Name": "Weight", "Type": "NumberType", "NumberValue": 3},
        {"DefinitionId": "6", "Name": "Ready", "Type": "DateType"},
        {"DefinitionId": "7", "Name": "Rush", "Type": "BooleanType"},
    ],
}
DEFINITIONS = [
    Definition("1", "Contract", "StringType", frozenset({"PurchaseOrder"})),
    Definition("2", "Ship by", "StringType", frozenset({"PurchaseOrder"})),
]


def built(text: str, *, entity: str = "PurchaseOrder", present: dict[str, Any] = ORDER) -> dict[str, Any]:
    return build_fields(entity=entity, typed=parse_lines(text), present=present, definitions=DEFINITIONS)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Memo = Thank you = all", {"Memo": "Thank you = all"}),
        ("Memo =", {"Memo": ""}),
        ("DueDate = 2026-11-30\n\nTotalAmt = 12.50", {"DueDate": "2026-11-30", "TotalAmt": Decimal("12.50")}),
        ("Active = FALSE", {"Active": False}),
        ("ShipAddr.City = Berlin", {"ShipAddr": {"Id": "9", "Line1": "1 Main St", "City": "Berlin"}}),
        ("VendorRef.value = 42", {"VendorRef": {"value": "42"}}),
        ("VendorRef.value = 41", {"VendorRef": {"value": "41", "name": "Hicks"}}),
        ("BillEmail.Address = a@b.example", {"BillEmail": {"Address": "a@b.example"}}),
        ("Line.2.Amount = 5.25", {"Line": [ORDER["Line"][0], {"Id": "2", "Amount": Decimal("5.25")}]}),
        ("Line.3.Amount = 7", {"Line": [*ORDER["Line"], {"Amount": Decimal(7)}]}),
    ],
)
def test_a_field_is_written_by_its_path(text: str, fields: dict[str, Any]) -> None:
    assert built(text) == fields
    assert ORDER["Line"][1]["Amount"] == Decimal(5), "what the object has is not touched"


def test_a_new_object_is_built_from_paths() -> None:
    text = "VendorRef.value = 41\nLine.1.Amount = 12.50\nLine.1.AccountBasedExpenseLineDetail.AccountRef.value = 7"
    assert built(text, entity="Bill", present={}) == {
        "VendorRef": {"value": "41"},
        "Line": [{"Amount": Decimal("12.50"), "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "7"}}}],
    }


@pytest.mark.parametrize(
    ("line", "place", "entry"),
    [
        ("CustomField.1 = C-2", 0, {"Type": "StringType", "Name": "Contract", "StringValue": "C-2"}),
        ("CustomField.2 = Monday", 4, {"Type": "StringType", "Name": "Ship by", "StringValue": "Monday"}),
        ("CustomField.5 = 3.75", 1, {"Type": "NumberType", "Name": "Weight", "NumberValue": Decimal("3.75")}),
        ("CustomField.6 = 2026-11-30", 2, {"Type": "DateType", "Name": "Ready", "DateValue": "2026-11-30"}),
        ("CustomField.7 = true", 3, {"Type": "BooleanType", "Name": "Rush", "BooleanValue": True}),
    ],
)
def test_a_custom_field_is_written_by_its_definition_and_type_beside_the_others(
    line: str, place: int, entry: dict[str, Any]
) -> None:
    found = built(line)["CustomField"]
    assert found[place] == {"DefinitionId": line[12], **entry}
    assert [one for one in found if one["DefinitionId"] != line[12]] == [
        one for one in ORDER["CustomField"] if one["DefinitionId"] != line[12]
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Memo Thank you", "Line 1 has no “=”"),
        ("Memo = a\nId = 7", "Line 2: “Id” is no field"),
        ("MetaData.CreateTime = 2026-01-01", "no field that can be written"),
        ("Line[0].Amount = 1", "no field that can be written"),
        ("Memo = a\nMemo = b", "twice"),
        (f"Memo = {'x' * 4001}", "longer than 4,000"),
        ("\n".join(f"Field{number} = 1" for number in range(61)), "At most 60"),
        ("Line.4.Amount = 1", "there are 2 entries, so the next is number 3"),
        ("TotalAmt = 12,50", "a number such as"),
        ("TotalAmt = NaN", "a number such as"),
        ("Line.1.Amount = 1e999999", "a number such as"),
        ("DueDate = 30.11.2026", "a day such as"),
        ("Active = yes", "true or false"),
        ("CustomField = 7", "such as CustomField.1"),
        ("CustomField.Name = 7", "such as CustomField.1"),
        ("CustomField.3 = 7", r"defines 1 \(Contract\), 2 \(Ship by\).*paid tier"),
        (f"CustomField.1 = {'x' * 32}", "at most 31"),
        ("CustomField.5 = heavy", "a number such as"),
        ("CustomField.6 = soon", "a day such as"),
        ("CustomField.7 = maybe", "true or false"),
    ],
)
def test_what_cannot_be_written_is_named(text: str, why: str) -> None:
    with pytest.raises(InvalidFields, match=why):
        built(text)


@pytest.mark.parametrize(
    ("entity", "why"),
    [
        ("Item", "Item has no custom fields"),
        ("Vendor", "This Vendor has no custom field 1. .*paid tier"),
        ("Invoice", "defines none"),
    ],
)
def test_an_object_without_the_field_says_what_it_needs(entity: str, why: str) -> None:
    with pytest.raises(InvalidFields, match=why):
        built("CustomField.1 = a", entity=entity, present={})


def test_definitions_are_those_of_the_preferences() -> None:
    custom = [
        {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True},
        {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"},
        {"Name": "SalesFormsPrefs.SalesCustomName3", "Type": "StringType"},
    ]
    (found,) = definitions_in({"SalesFormsPrefs": {"CustomField": [{"CustomField": custom}]}})
    assert (found.id, found.name, found.type) == ("1", "Crew #", "StringType")
    assert "Invoice" in found.entities
    assert definitions_in({}) == []
