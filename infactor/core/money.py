"""Money: exact decimals, rounded in this file only, written as people of the house write it."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision
from django.db import models

CENT = Decimal("0.01")
# What NUMERIC(18, 2) holds; QuickBooks itself allows 15 digits.
LARGEST = Decimal(10) ** 16
# By ISO 4217, as banks pay. How people write it is another thing: dinars are written without the paras that are paid.
WITHOUT_CENTS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip


class AmountUnreadable(ValueError):
    """Not an amount that the books of the house can hold; the message says why."""


class MoneyField(models.DecimalField):
    """An amount in the currency of the column beside it: 16 digits before the point, two behind."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.update(max_digits=18, decimal_places=2)
        super().__init__(**kwargs)  # type: ignore[arg-type]


def smallest_unit(currency: str) -> Decimal:
    """The least that can be paid in `currency` and stands in the books: a cent, a whole yen."""
    return Decimal(1) if currency in WITHOUT_CENTS else CENT


def exact(value: Decimal, currency: str = "") -> Decimal:
    """`value` with two decimals, unchanged in worth. Raises AmountUnreadable where that would lose anything, or where
    it is no amount that can be paid in `currency`."""
    if not value.is_finite():
        raise AmountUnreadable("it is not a finite number")
    if abs(value) >= LARGEST:
        raise AmountUnreadable("it has more than 16 digits before the point")
    try:
        cents = value.quantize(CENT)
    except InvalidOperation as error:
        raise AmountUnreadable("it cannot be written in cents") from error
    if cents != value:
        raise AmountUnreadable("it has a fraction of a cent")
    if cents % smallest_unit(currency):
        raise AmountUnreadable(f"it has decimals, and {currency} has none")
    return cents


def rounded(value: Decimal, currency: str = "", *, rounding: str = ROUND_HALF_UP) -> Decimal:
    """`value` to what can be paid in `currency` (a cent without one), half of it up, away from zero, as banks round."""
    return value.quantize(smallest_unit(currency), rounding=rounding).quantize(CENT)


def text(amount: Decimal, currency: str, *, language: str = "en") -> str:
    """`amount` as a reader of `language` writes it, with a minus sign and the currency's own decimals or more."""
    try:
        locale = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    if not currency:
        return f"{amount:,.2f}"
    # The yen has no decimals; an amount that has some all the same is shown whole, never rounded away.
    usual = amount == round(amount, get_currency_precision(currency))
    shown = format_currency(amount, currency, locale=locale, currency_digits=usual)
    return str(shown).replace("-", "\N{MINUS SIGN}", 1)
