"""Amounts and days as people write them: read where they mean one thing, asked about where they mean two."""

from datetime import date
from decimal import Decimal

import pytest

from infactor.invoices.by_hand.values import Style, Unreadable, amount_of, currency_of, day_of, style_of, text_of

POINT, COMMA = Style(decimal="point"), Style(decimal="comma")


@pytest.mark.parametrize(
    ("text", "style", "amount"),
    [
        ("1,250.00", Style(), "1250.00"),
        ("1.250,00", Style(), "1250.00"),
        ("$ 1 250,5", Style(), "1250.50"),
        ("USD 1,234,567", Style(), "1234567.00"),
        ("1,250", POINT, "1250.00"),
        ("1.250", COMMA, "1250.00"),
        ("980", Style(), "980.00"),
    ],
)
def test_an_amount_that_means_one_thing_is_read(text: str, style: Style, amount: str) -> None:
    assert amount_of(text, style=style, currency="USD") == Decimal(amount)


@pytest.mark.parametrize("text", ["1,250", "1.250", "-5", "(5.00)", "abc", "1,25,0.00", "1.005,001", "=1+1", "1e5"])
def test_an_amount_that_means_two_things_or_none_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable):
        amount_of(text, style=Style(), currency="USD")


def test_days_are_told_apart_or_asked_about() -> None:
    day = date(2026, 11, 5)
    for text in ("2026-11-05", "2026/11/05", "05.11.2026", "Nov 5, 2026", "5 November 2026", "2026-11-05 00:00:00"):
        assert day_of(text, style=Style()) == day, text
    assert day_of("11/05/2026", style=Style(days="month_first")) == day
    assert day_of("5/11/26", style=Style(days="day_first")) == day
    assert day_of("25/11/2026", style=Style()) == date(2026, 11, 25)
    for text in ("11/05/2026", "31.02.2026", "tomorrow", "2026-13-01", "1926-01-01"):
        with pytest.raises(Unreadable):
            day_of(text, style=Style())


def test_a_table_tells_its_own_style_unless_it_contradicts_itself() -> None:
    assert style_of(amounts=["1,250", "12.50"], days=["05/06/2026", "25/06/2026"]) == Style("point", "day_first")
    assert style_of(amounts=["1,50", "12.50"], days=["25/06/2026", "06/25/2026"]) == Style()


def test_text_that_starts_like_a_formula_is_refused_and_unseen_signs_are_dropped() -> None:
    assert text_of(" INV\u202e-1\x00\n ", at_most=20) == "INV-1"
    for text in ("=cmd|' /C calc'!A0", "@SUM(A1)", "x" * 21):
        with pytest.raises(Unreadable):
            text_of(text, at_most=20)
    with pytest.raises(Unreadable):
        currency_of("ZZZ")
