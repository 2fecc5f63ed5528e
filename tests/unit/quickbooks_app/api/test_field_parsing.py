"""Field parsing gives exact amounts or none, and an issue for each invalid value."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from infactor.invoices.models.invoice import ExactDecoder
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue

CENTS = st.integers(min_value=0, max_value=10**15 - 1)


def amount(written: str, *, signed: bool = False) -> tuple[Decimal | None, list[str]]:
    issues: list[Issue] = []
    value = field_parsing.amount(Raw(written.encode()), field="TotalAmt", issues=issues, signed=signed)
    return value, [issue.code for issue in issues]


def as_written(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@given(CENTS)
def test_every_amount_of_fifteen_digits_is_read_to_the_cent(cents: int) -> None:
    value, issues = amount(as_written(cents))
    assert (value, issues) == (Decimal(cents) / 100, [])
    assert str(value) == as_written(cents)


@given(CENTS)
def test_an_amount_is_the_same_however_its_zeros_are_written(cents: int) -> None:
    trimmed = as_written(cents).rstrip("0").rstrip(".")
    assert amount(trimmed) == amount(as_written(cents)) == amount(f"{cents}e-2")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "missing"),
        ("null", "missing"),
        ('"486.00"', "not_a_number"),
        ('"NaN"', "not_a_number"),
        ('"Infinity"', "not_a_number"),
        ("true", "not_a_number"),
        ("[486.00]", "not_a_number"),
        ("{}", "not_a_number"),
        ("9" * 5000, "not_a_number"),
        ("1e999999", "not_a_number"),
        ("1e400", "out_of_bounds"),
        ("1e-400", "out_of_bounds"),
        ("10000000000000000", "out_of_bounds"),
        ("0.001", "out_of_bounds"),
        ("486.005", "out_of_bounds"),
        ("-0.01", "negative"),
        ("-486.00", "negative"),
    ],
)
def test_what_is_no_amount_is_none_with_an_issue_and_never_zero(written: str, code: str) -> None:
    assert amount(written) == (None, [code])


def test_zero_is_an_amount() -> None:
    assert amount("0") == amount("0.00") == amount("-0") == (Decimal("0.00"), [])


def test_credit_is_an_amount_where_credit_may_be() -> None:
    assert amount("-486.00", signed=True) == (Decimal("-486.00"), [])


@given(st.text(max_size=30))
def test_no_text_is_ever_taken_for_an_amount(text: str) -> None:
    assert amount(json.dumps(text))[0] is None


@pytest.mark.parametrize(
    ("written", "rate"),
    [("1.08", "1.08"), ("0.0065789012", "0.0065789012"), ("1", "1"), ("0.00657890123", "0.0065789012")],
)
def test_an_exchange_rate_is_kept_to_ten_decimals(written: str, rate: str) -> None:
    issues: list[Issue] = []
    assert field_parsing.rate(Raw(written.encode()), field="ExchangeRate", issues=issues) == Decimal(rate)
    assert issues == []


@pytest.mark.parametrize("written", ["0", "-1", "1e9", "1e400", "1e-11", '"1.08"', "NaN", "[]"])
def test_what_is_no_exchange_rate_is_none_with_an_issue(written: str) -> None:
    issues: list[Issue] = []
    assert field_parsing.rate(Raw(written.encode()), field="ExchangeRate", issues=issues) is None
    assert [issue.code for issue in issues] == ["unreadable"]


LINES = st.lists(
    st.fixed_dictionaries({"Amount": CENTS.map(as_written), "Description": st.text(max_size=20)}), max_size=5
)


@given(LINES)
def test_lines_keep_every_digit_of_their_amounts(lines: list[dict[str, str]]) -> None:
    written = (
        "[" + ",".join(f'{{"Amount":{one["Amount"]},"D":{json.dumps(one["Description"])}}}' for one in lines) + "]"
    )
    kept = field_parsing.json_text(Raw(written.encode()), default="[]", opening="[", field="Line", issues=[])
    assert [str(line["Amount"]) for line in json.loads(kept, cls=ExactDecoder)] == [one["Amount"] for one in lines]


@pytest.mark.parametrize("number", ["1e999999", "1e400", "1E-99999", "9" * 5000])
def test_a_line_with_a_number_beyond_all_measure_is_kept_with_an_issue(number: str) -> None:
    issues: list[Issue] = []
    raw = Raw(f'[{{"Amount":{number}}},{{"Amount":300.00}}]'.encode())
    kept = json.loads(
        field_parsing.json_text(raw, default="[]", opening="[", field="Line", issues=issues), cls=ExactDecoder
    )
    assert kept == [{"Amount": number}, {"Amount": Decimal("300.00")}]
    assert [issue.code for issue in issues] == ["out_of_bounds"]


@pytest.mark.parametrize("text", ["part 9e999", 'a \\" 1e400', "8" * 2000])
def test_digits_in_a_lines_text_are_no_number(text: str) -> None:
    issues: list[Issue] = []
    written = f'[{{"Description":"{text}"}}]'
    assert (
        field_parsing.json_text(Raw(written.encode()), default="[]", opening="[", field="Line", issues=issues)
        == written
    )
    assert issues == []


@pytest.mark.parametrize(
    "sign", ["\N{GRINNING FACE}", "\N{RIGHT-TO-LEFT OVERRIDE}", "e\N{COMBINING ACUTE ACCENT}", "\N{ZERO WIDTH SPACE}"]
)
def test_signs_of_every_kind_are_kept_as_they_are(sign: str) -> None:
    issues: list[Issue] = []
    assert field_parsing.text(f"A{sign}B", field="DocNumber", max_length=100, issues=issues) == f"A{sign}B"
    assert issues == []


def test_a_text_is_measured_in_signs_not_in_bytes() -> None:
    issues: list[Issue] = []
    assert len(field_parsing.text("\N{GRINNING FACE}" * 101, field="DocNumber", max_length=100, issues=issues)) == 100
    assert [issue.code for issue in issues] == ["too_long"]
