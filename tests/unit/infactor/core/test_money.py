"""Money is exact, rounded in one place, and formatted for people."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.core.money import InvalidAmount, format_amount, round_to_currency, validate_amount


@given(st.decimals(min_value=Decimal("-9999999999999999.99"), max_value=Decimal("9999999999999999.99"), places=2))
def test_every_amount_in_cents_stays_what_it_is(amount: Decimal) -> None:
    assert validate_amount(amount) == amount
    assert validate_amount(amount).as_tuple().exponent == -2


@pytest.mark.parametrize(
    "value", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+400", "10000000000000000", "0.001", "1E-30"]
)
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(InvalidAmount):
        validate_amount(Decimal(value))


def test_an_amount_that_does_not_fit_the_precision_of_the_caller_is_refused_and_not_rounded() -> None:
    with localcontext(prec=10), pytest.raises(InvalidAmount, match="in cents"):
        validate_amount(Decimal("123456789012.34"))


@pytest.mark.parametrize(
    ("value", "cents"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("2.675", "2.68"), ("1.004", "1.00")]
)
def test_half_a_cent_is_rounded_away_from_zero(value: str, cents: str) -> None:
    assert round_to_currency(Decimal(value)) == Decimal(cents)


@pytest.mark.parametrize(
    ("value", "currency", "paid"),
    [
        ("10493.25", "JPY", "10493"),
        ("10493.50", "JPY", "10494"),
        ("10493.255", "USD", "10493.26"),
        ("1.2345", "BHD", "1.23"),
    ],
)
def test_an_amount_is_rounded_to_what_can_be_paid_in_its_currency(value: str, currency: str, paid: str) -> None:
    assert round_to_currency(Decimal(value), currency) == Decimal(paid)
    assert round_to_currency(Decimal(value), currency).as_tuple().exponent == -2


def test_a_fraction_of_a_yen_is_no_amount() -> None:
    assert validate_amount(Decimal("12345"), "JPY") == 12345
    assert validate_amount(Decimal("12345.67"), "RSD") == Decimal("12345.67")
    with pytest.raises(InvalidAmount, match="JPY"):
        validate_amount(Decimal("12345.50"), "JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        ("1234567890123.45", "USD", "en", "$1,234,567,890,123.45"),
        ("-5", "USD", "en", "\N{MINUS SIGN}$5.00"),
        ("1234.5", "EUR", "de", "1.234,50\N{NO-BREAK SPACE}€"),
        ("1200", "JPY", "en", "¥1,200"),
        ("1200.50", "JPY", "en", "¥1,200.50"),
        ("10", "", "en", "10.00"),
        ("10", "USD", "not a language", "$10.00"),
    ],
)
def test_an_amount_is_written_as_its_reader_writes_it(amount: str, currency: str, language: str, shown: str) -> None:
    assert format_amount(Decimal(amount), currency, language=language) == shown
