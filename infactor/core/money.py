"""Amounts of money: validation, rounding and formatting. No other module rounds an amount."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel import Locale, UnknownLocaleError
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)
from django.db import models
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from infactor.core import languages

CENT = Decimal("0.01")
# What NUMERIC(18, 2) holds; QuickBooks itself allows 15 digits.
MAX_AMOUNT = Decimal(10) ** 16
# By ISO 4217, as banks pay. People may write fewer decimals: dinars are written without paras and paid with them.
ZERO_DECIMAL_CURRENCIES = frozenset({
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
})  # fmt: skip


class InvalidAmount(ValueError):
    """Not an amount that infactor can store; the message says why."""


class MoneyField(models.DecimalField):
    """An amount in the currency of a column beside it: 16 digits before the decimal point and two after it."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.update(max_digits=18, decimal_places=2)
        super().__init__(**kwargs)  # type: ignore[arg-type]


def smallest_unit(currency: str) -> Decimal:
    """The smallest amount that can be paid in `currency`: a cent, or a whole yen."""
    return Decimal(1) if currency in ZERO_DECIMAL_CURRENCIES else CENT


def validate_amount(value: Decimal, currency: str = "") -> Decimal:
    """`value` with exactly two decimals.

    Raises InvalidAmount if that would change the value, or if the amount cannot be paid in `currency`.
    """
    if not value.is_finite():
        raise InvalidAmount(_("it is not a finite number"))
    if abs(value) >= MAX_AMOUNT:
        raise InvalidAmount(_("it has more than 16 digits before the point"))
    try:
        cents = value.quantize(CENT)
    except InvalidOperation as error:
        raise InvalidAmount(_("it cannot be written in cents")) from error
    if cents != value:
        raise InvalidAmount(_("it has a fraction of a cent"))
    if cents % smallest_unit(currency):
        raise InvalidAmount(_("it has decimals, and %(currency)s has none") % {"currency": currency})
    return cents


def round_to_currency(value: Decimal, currency: str = "", *, rounding: str = ROUND_HALF_UP) -> Decimal:
    """`value` rounded to what can be paid in `currency` (to cents without one), by default half up, as banks round."""
    return value.quantize(smallest_unit(currency), rounding=rounding).quantize(CENT)


def format_amount(amount: Decimal, currency: str, *, language: str = "") -> str:
    """`amount` as readers of `language` (the active one if empty) write it, with at least the usual decimals."""
    locale = locale_of(language or languages.current())
    if currency:
        # The yen has no decimals. An amount that has some all the same is shown with them, not rounded.
        has_usual_decimals = amount == round(amount, get_currency_precision(currency))
        shown = format_currency(amount, currency, locale=locale, currency_digits=has_usual_decimals)
    else:
        shown = format_decimal(amount, "#,##0.00", locale=locale)
    return str(shown).replace("-", "\N{MINUS SIGN}", 1)


def format_number(value: Decimal, *, places: int = 0) -> str:
    """A number that is not an amount (a quantity, a unit price, a rate), unrounded, with at least `places` decimals.

    `1234.5000` becomes 1,234.5 for readers of English and 1.234,5 for those of Spanish.
    """
    whole, _point, fraction = f"{value:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    locale = locale_of(languages.current())
    whole = whole.replace(",", get_group_symbol(locale))
    shown = f"{whole}{get_decimal_symbol(locale)}{fraction}" if fraction else whole
    return shown.replace("-", "\N{MINUS SIGN}", 1)


def format_count(value: int) -> str:
    """How many, as the reader of the active language writes it: 10,000 or 10.000."""
    return format_number(Decimal(value))


format_count_lazy = lazy(format_count, str)


def locale_of(language: str) -> Locale:
    """How amounts and numbers are written in `language`, a code of Django's; English if Babel does not know it."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
