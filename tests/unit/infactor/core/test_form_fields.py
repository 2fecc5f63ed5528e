"""The amount field accepts amounts as people type them or copy them from our pages."""

from decimal import Decimal

import pytest
from django import forms

from infactor.core.form_fields import AmountField


def field(*currencies: str) -> AmountField:
    made = AmountField()
    made.currencies = currencies or ("USD",)
    return made


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("4100", "4100"),
        ("4100.5", "4100.5"),
        ("$4,100.00", "4100.00"),
        (" 4,100.00 USD ", "4100.00"),
        ("1,234,567.89", "1234567.89"),
        ("$ 12 860.50", "12860.50"),
        (".50", "0.50"),
        ("9.800,00", "9800.00"),
        ("1.234.567", "1234567"),
        ("4.100,5", "4100.5"),
        ("5,00", "5.00"),
    ],
)
def test_an_amount_is_read_as_it_stands_on_our_pages(typed: str, amount: str) -> None:
    assert field().clean(typed) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("much", "for example 1,250.00"),
        ("9.800", "Enter it with two decimals: 9,800.00 or 9.80."),
        ("9.805", "Enter it with two decimals: 9,805.00."),
        ("1.00,50", "for example 1,250.00"),
        ("1,234.567,89", "for example 1,250.00"),
        ("12,34,567", "for example 1,250.00"),
        ("1e5", "for example 1,250.00"),
        ("€5,000", "for example 1,250.00"),
        ("NaN", "for example 1,250.00"),
        ("1.0051", "at most two decimals"),
        ("9" * 20, "a smaller amount"),
        ("0", "above zero"),
        ("-5", "above zero"),
    ],
)
def test_what_might_mean_another_amount_is_asked_for_again(typed: str, said: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        field().clean(typed)
    assert said in " ".join(refused.value.messages)
