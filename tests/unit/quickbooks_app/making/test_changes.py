"""A change of an invoice reads what QuickBooks left out, and says so where it cannot."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from quickbooks_app.making import changes
from quickbooks_app.making.choices import CannotMake

SOLD = {"ItemRef": {"value": "1"}, "Qty": Decimal(2), "UnitPrice": Decimal("1.50")}


def present(**more: Any) -> dict[str, Any]:
    line = {"Id": "1", "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": SOLD}
    return {"CustomerRef": {"value": "7"}, "TxnDate": "2026-11-30", "Line": [line], **more}


def test_a_missing_date_is_that_of_its_creation_or_refused_in_words() -> None:
    without = present(TxnDate=None, MetaData={"CreateTime": "2026-11-28T10:00:00-08:00"})
    assert changes.draft_of(without, currency="USD").issued == date(2026, 11, 28)
    with pytest.raises(CannotMake, match="no date of this invoice"):
        changes.draft_of(present(TxnDate=""), currency="USD")


@pytest.mark.parametrize("missing", ["Qty", "UnitPrice", "ItemRef"])
def test_a_line_without_quantity_price_or_item_is_changed_in_quickbooks(missing: str) -> None:
    for sold in ({**SOLD, missing: None}, {name: value for name, value in SOLD.items() if name != missing}, None):
        line = {"Id": "1", "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": sold}
        found = present(Line=[line])
        assert not changes.has_plain_lines(found)
        assert changes.draft_of(found, currency="USD").lines == []


def test_an_invoice_without_lines_has_none() -> None:
    assert changes.draft_of(present(Line=None), currency="USD").lines == []
