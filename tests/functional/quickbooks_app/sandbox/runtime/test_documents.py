"""The sandbox keeps amounts exactly, without a float."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quickbooks_app.sandbox.runtime.documents import (
    decode,
    encode,
    format_amount,
    normalized,
    parse_number,
)
from tests.functional.quickbooks_app.sandbox.conftest import Api

FIFTEEN_DIGITS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999999999999.99"), places=2)


@given(FIFTEEN_DIGITS)
def test_fifteen_digits_survive_writing_and_reading(amount: Decimal) -> None:
    written = encode({"Amount": format_amount(amount)})
    assert written == f'{{"Amount":{amount:.2f}}}'.encode()
    assert decode(written)["Amount"] == amount


@pytest.mark.parametrize("amount", ["9999999999999.99", "1234567890123.45", "0.01", "4503599627370.49"])
def test_fifteen_digits_survive_the_whole_way(api: Api, amount: str) -> None:
    line = (
        f'{{"Amount":{amount},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{"ItemRef":{{"value":"1"}}}}}}'
    )
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "application/json"}
    answer = api.client.post(
        f"/v3/company/{api.realm}/invoice", data=f'{{"CustomerRef":{{"value":"8"}},"Line":[{line}]}}', headers=headers
    )
    assert f'"TotalAmt":{amount},' in answer.text
    assert f'"Balance":{amount},' in answer.text
    id = answer.get_json()["Invoice"]["Id"]
    assert f'"TotalAmt":{amount},' in api.get(f"/query?query=select * from Invoice where TotalAmt = '{amount}'").text
    assert f'"TotalAmt":{amount},' in api.get(f"/invoice/{id}").text
    above = Decimal(amount) + Decimal("0.01")
    assert api.query(f"select count(*) from Invoice where Id = '{id}' and TotalAmt < '{above}'")["totalCount"] == 1
    assert api.query(f"select count(*) from Invoice where Id = '{id}' and TotalAmt = '{above}'")["totalCount"] == 0


def test_amounts_have_two_decimals_and_nothing_is_a_bare_zero(api: Api) -> None:
    text = api.get(f"/invoice/{api.invoice('100')['Id']}").text
    assert '"TotalAmt":100.00,' in text
    assert '"TotalTax":0}' in text


@pytest.mark.parametrize(
    ("value", "kept"),
    [("4.00", "4"), ("0.5306667", "0.5306667"), ("1200", "1200"), ("1E+3", "1000"), ("1.50", "1.5")],
)
def test_quantities_and_prices_are_trimmed(value: str, kept: str) -> None:
    assert encode(normalized(Decimal(value))).decode() == kept


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e20", "", "ten", True, None, [1]])
def test_what_is_no_amount_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"is not a number|is out of range"):
        parse_number(value)


@settings(max_examples=50)
@given(st.decimals(min_value=Decimal("-1000"), max_value=Decimal("1000"), places=4))
def test_cents_are_rounded_half_away_from_zero(value: Decimal) -> None:
    cents = Decimal(format_amount(value))
    assert abs(cents - value) <= Decimal("0.005")
    if abs(value * 100) % 1 == Decimal("0.5"):
        assert abs(cents) > abs(value)


def test_no_module_of_the_sandbox_makes_a_float_of_an_amount() -> None:
    folder = Path(__file__).parents[5] / "quickbooks_app" / "sandbox"
    assert [path.name for path in folder.glob("*.py") if "float(" in path.read_text()] == []
