"""Invoice numbers as one compares them, by planted pairs of numbers that must match and that must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.invoice_numbers import normalized_number
from tests.support.invoice_number_pairs import ROUNDS


def matches(one: str, other: str) -> bool:
    return normalized_number(one) == normalized_number(other) != ""


@pytest.mark.parametrize("pairs", ROUNDS)
def test_one_invoice_entered_twice_has_one_number(pairs: str) -> None:
    assert [pair for pair in ROUNDS[pairs][0] if not matches(*pair)] == []


@pytest.mark.parametrize("pairs", ROUNDS)
def test_two_invoices_have_two_numbers(pairs: str) -> None:
    assert [pair for pair in ROUNDS[pairs][1] if matches(*pair)] == []


@pytest.mark.parametrize(
    ("number", "compared"),
    [
        ("INV-1037", "1037"),
        ("inv 001037", "1037"),
        ("Invoice No. 1037", "1037"),
        ("Invoice # 01037", "1037"),
        ("INVNO1037", "1037"),
        ("№1037", "1037"),
        ("1037/a", "1037a"),
        ("1037A", "1037a"),
        ("１０３７", "1037"),
        ("2026-0007", "20267"),
        ("NOVA-7", "nova7"),
        ("000", "0"),
        ("Invoice", ""),
        (" - ", ""),
        ("", ""),
    ],
)
def test_a_number_is_compared_without_what_people_write_around_it(number: str, compared: str) -> None:
    assert normalized_number(number) == compared


@given(st.text(max_size=40))
def test_a_compared_number_that_holds_digits_keeps_them(text: str) -> None:
    """Words come off, digits never do: no two numbers match by what was taken off."""
    if any(character.isdecimal() for character in text):
        assert any(character.isdecimal() for character in normalized_number(text))
