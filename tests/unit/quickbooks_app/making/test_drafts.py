"""What QuickBooks gets for an invoice, by how the company's country taxes, and what a change of it sends."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.making import changes
from quickbooks_app.making.choices import CannotMake, Choices, TaxModel, choices_of
from quickbooks_app.making.drafts import InvoiceDraft, LineDraft

SOLD = {"Id": "1", "Name": "Beans", "Type": "Service", "UnitPrice": Decimal("12.5"), "Taxable": True}


def company(country: str, *, lists: dict[str, Any] | None = None, **preferences: Any) -> Choices:
    return choices_of(
        preferences=preferences, lists={"Item": [], "Term": [], "TaxCode": [], **(lists or {})}, country=country
    )


def draft(*taxes: str, **more: Any) -> InvoiceDraft:
    lines = [LineDraft("1", Decimal(3), Decimal("0.335"), tax=tax) for tax in taxes]
    return InvoiceDraft(customer="7", currency="AUD", issued=date(2026, 11, 30), lines=lines, **more)


@pytest.mark.parametrize(
    ("country", "taxes", "model"),
    [
        ("US", {}, TaxModel.NONE),
        ("US", {"UsingSalesTax": True}, TaxModel.MANUAL),
        ("US", {"UsingSalesTax": True, "PartnerTaxEnabled": True}, TaxModel.AUTOMATED),
        ("AU", {"UsingSalesTax": True}, TaxModel.BY_LINE),
        ("FR", {}, TaxModel.BY_LINE),
    ],
)
def test_each_company_taxes_in_its_own_way(country: str, taxes: dict[str, bool], model: TaxModel) -> None:
    assert company(country, TaxPrefs=taxes).tax is model


def test_a_company_of_an_unknown_country_makes_no_invoice() -> None:
    with pytest.raises(CannotMake, match="in which country"):
        company("")


def test_outside_the_united_states_each_line_has_a_code_and_the_invoice_says_how_it_is_taxed() -> None:
    choices = company("AU", CurrencyPrefs={"MultiCurrencyEnabled": True})
    fields = draft("5").fields(choices)
    assert fields["GlobalTaxCalculation"] == "TaxExcluded"
    assert fields["CurrencyRef"] == {"value": "AUD"}
    assert fields["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "5"}
    assert "TxnTaxDetail" not in fields
    untaxed = draft("").fields(choices)
    assert untaxed["GlobalTaxCalculation"] == "NotApplicable"
    assert "TaxCodeRef" not in untaxed["Line"][0]["SalesItemLineDetail"]


def test_automated_sales_tax_is_left_to_quickbooks() -> None:
    automated = company("US", TaxPrefs={"UsingSalesTax": True, "PartnerTaxEnabled": True})
    fields = draft("TAX", tax_code="2").fields(automated)
    assert not {"TxnTaxDetail", "GlobalTaxCalculation"} & fields.keys()
    manual = company("US", TaxPrefs={"UsingSalesTax": True})
    assert draft("TAX", tax_code="2").fields(manual)["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": "2"}}
    assert "TxnTaxDetail" not in draft("NON", tax_code="2").fields(manual)


def test_an_amount_is_rounded_to_what_can_be_paid() -> None:
    assert draft("").net == Decimal("1.01")
    assert LineDraft("1", Decimal(3), Decimal("0.5")).amount("JPY") == Decimal(2)


def test_only_what_can_be_sold_by_the_line_is_offered() -> None:
    rows = [
        SOLD,
        {"Id": "2", "Name": "Kit", "Type": "Group"},
        {"Id": "3", "Name": "Food", "Type": "Category"},
        {"Id": "4", "Name": "Old", "Type": "Service", "Active": False},
        {"Id": "5", "Name": "Cup", "FullyQualifiedName": "Ware:Cup", "Type": "Inventory"},
    ]
    choices = company("US", lists={"Item": rows})
    assert [one.name for one in choices.items] == ["Beans", "Ware:Cup"]
    assert choices.item_named(" beans ") == choices.items[0]
    assert choices.item_named("kit") is None


def present(**more: Any) -> dict[str, Any]:
    detail = {"ItemRef": {"value": "1", "name": "Beans"}, "Qty": 3, "UnitPrice": Decimal("0.335")}
    line = {"Id": "1", "LineNum": 1, "Amount": Decimal("1.01"), "DetailType": "SalesItemLineDetail"}
    return {
        "Id": "9",
        "CustomerRef": {"value": "7"},
        "TxnDate": "2026-11-30",
        "Line": [
            {**line, "SalesItemLineDetail": {**detail, "ClassRef": {"value": "4"}}},
            {"Amount": Decimal("1.01"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ],
        **more,
    }


def test_a_change_sends_what_differs_and_keeps_what_infactor_does_not_know() -> None:
    choices = company("US")
    was = changes.draft_of(present(), currency="USD")
    assert changes.changed_fields(present=present(), wanted=was, choices=choices) == {}
    line = LineDraft("1", Decimal(4), Decimal("0.335"), line_id="1")
    wanted = InvoiceDraft(
        "7", "USD", date(2026, 11, 30), [line, LineDraft("1", Decimal(1), Decimal(2))], message="Hello"
    )
    found = changes.changed_fields(present=present(), wanted=wanted, choices=choices)
    assert found.keys() == {"CustomerMemo", "Line"}
    kept, new = found["Line"]
    assert (kept["Id"], kept["SalesItemLineDetail"]["ClassRef"]) == ("1", {"value": "4"})
    assert "Id" not in new


def test_what_is_emptied_is_sent_empty() -> None:
    was = present(CustomerMemo={"value": "Hello"}, DueDate="2026-12-30")
    wanted = InvoiceDraft("7", "USD", date(2026, 11, 30), changes.draft_of(was, currency="USD").lines)
    found = changes.changed_fields(present=was, wanted=wanted, choices=company("US"))
    assert found == {"CustomerMemo": {}, "DueDate": ""}


def test_lines_that_are_no_plain_items_are_left_alone() -> None:
    bundle = present(Line=[{"Id": "1", "DetailType": "GroupLineDetail", "GroupLineDetail": {}, "Amount": 0}])
    assert not changes.has_plain_lines(bundle)
    wanted = InvoiceDraft("7", "USD", date(2026, 11, 29), [])
    assert changes.changed_fields(present=bundle, wanted=wanted, choices=company("US")) == {"TxnDate": "2026-11-29"}
