"""The payment file parser reads banks' and people's formats, and reports each error clearly."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.financing.collections import payment_file
from infactor.financing.collections.payment_file import UnreadableFile, parse

HEAD = "value_date,amount,currency,bank_reference"


def only(line: str, head: str = HEAD) -> payment_file.PaymentRow:
    found = parse(data=f"{head}\n{line}\n".encode())
    assert not found.errors
    (row,) = found.rows
    return row


def problem(line: str, head: str = HEAD) -> str:
    found = parse(data=f"{head}\n{line}\n".encode())
    assert not found.rows
    (mistake,) = found.errors
    assert mistake.line == 2
    return mistake.message


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        parse(data=data)
    return str(refused.value)


def test_a_row_is_read_as_it_stands() -> None:
    head = f"{HEAD},payer,remittance,advance,supplier"
    row = only('2026-11-02,1000.00,usd,TRN-1,"Buyer, Inc","line one\nline two",1001,Larkspur', head)
    assert row.value_date == date(2026, 11, 2)
    assert (row.amount, row.currency, row.bank_reference) == (Decimal("1000.00"), "USD", "TRN-1")
    assert (row.payer, row.remittance) == ("Buyer, Inc", "line one\nline two")
    assert (row.advance, row.supplier) == ("1001", "Larkspur")


def test_the_file_to_start_from_can_be_read() -> None:
    found = parse(data=payment_file.template().encode())
    assert [row.bank_reference for row in found.rows] == ["TRN-000123"]
    assert not found.errors


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1", "1.00"),
        ("1000.5", "1000.50"),
        ("1,000.00", "1000.00"),
        ("12,345,678.90", "12345678.90"),
        ("1,000", "1000.00"),
        ("1000,50", "1000.50"),
        ("1.000,50", "1000.50"),
        ("12.345.678", "12345678.00"),
    ],
)
def test_amounts_are_read_as_they_are_meant(written: str, amount: str) -> None:
    assert only(f'2026-11-02,"{written}",USD,T1').amount == Decimal(amount)


@pytest.mark.parametrize(
    "written", ["", "1.000", "1,00,0", "$5", "5 USD", "1e3", "NaN", "0", "0.00", "-5", "1.005", "1_000", "९", "9" * 17]
)
def test_an_amount_that_could_mean_something_else_is_refused(written: str) -> None:
    assert problem(f'2026-11-02,"{written}",USD,T1').startswith("amount")


@pytest.mark.parametrize("written", ["", "11/02/2026", "02.11.2026", "2026-13-01", "2026-02-30", "20261102", "soon"])
def test_a_date_that_could_mean_another_is_refused(written: str) -> None:
    assert problem(f"{written},5,USD,T1") == "value_date is written like 2026-11-20."


def test_what_is_missing_or_too_long_is_told_with_its_line() -> None:
    assert "three letters" in problem("2026-11-02,5,dollars,T1")
    assert "bank_reference is missing" in problem("2026-11-02,5,USD, ")
    assert "3 columns" in problem("2026-11-02,5,USD")
    assert "longer than 100" in problem(f"2026-11-02,5,USD,{'x' * 101}")
    assert "needs an invoice number" in problem("2026-11-02,5,USD,T1,,Larkspur", f"{HEAD},advance,supplier")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    data = f'{HEAD},payer\r\n2026-11-02,5,USD,T1,"two\r\nlines"\r\n\r\nwrong,5,USD,T2,\r\n'.encode()
    found = parse(data=data)
    assert [row.line for row in found.rows] == [2]
    assert [one.line for one in found.errors] == [5]


def test_the_same_payment_twice_in_a_file_is_one_mistake() -> None:
    line = "2026-11-02,5,USD,T1"
    found = parse(data=f"{HEAD}\n{line}\n{line}\n2026-11-03,5,USD,T1\n".encode())
    assert [row.line for row in found.rows] == [2, 4]
    assert [(one.line, one.message) for one in found.errors] == [(3, "The same payment is already in line 2.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_spreadsheets_are_read(encoding: str, separator: str) -> None:
    text = f'{HEAD},payer\n2026-11-02,"5,50",EUR,T1,Müller\n'.replace('"5,50"', "5.50").replace(",", separator)
    (row,) = parse(data=text.encode(encoding)).rows
    assert (row.amount, row.payer) == (Decimal("5.50"), "Müller")


def test_columns_may_stand_in_any_order_and_with_capitals() -> None:
    assert only("T1,USD,5,2026-11-02", "Bank Reference;CURRENCY;Amount;Value Date".replace(";", ",")).amount == 5


def test_what_is_no_such_file_says_why() -> None:
    assert "empty" in refusal(b"")
    assert "empty" in refusal(b"\n \n")
    assert "Missing: value_date, bank_reference" in refusal(b"amount,currency\n")
    assert "Unknown column: iban" in refusal(f"{HEAD},iban\n".encode())
    assert "twice" in refusal(f"{HEAD},amount\n".encode())
    assert refusal(f"{HEAD}\n2026-11-02,5,USD,T1\n".encode() + "Müller".encode("latin-1")).startswith("Line 3: ")
    assert "not a text file" in refusal(f"{HEAD}\n\0".encode())
    assert "larger than" in refusal(b"x" * 1_000_001)
    assert "cannot be read as CSV" in refusal(f'{HEAD}\n2026-11-02,5,USD,"never ends\n'.encode())
    many = "\n".join(f"2026-11-02,5,USD,{number}" for number in range(5001))
    assert "more than 5,000" in refusal(f"{HEAD}\n{many}\n".encode())


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for whole in (data, f"{HEAD}\n".encode() + data):
        try:
            found = parse(data=whole)
        except UnreadableFile:
            continue
        assert all(row.amount > 0 for row in found.rows)
