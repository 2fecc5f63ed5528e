"""Reads what people write into the cells of a table: amounts, days, currencies and texts.

1,250 and 05/06/2026 mean two things each. `Style` says which; where it does not, the reader asks instead of guessing.
"""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from infactor.core.currencies import is_currency
from infactor.core.email.addresses import usable_addresses
from infactor.core.money import InvalidAmount, validate_amount

POINT, COMMA = "point", "comma"
DAY_FIRST, MONTH_FIRST = "day_first", "month_first"
UNSEEN = frozenset({"Cf", "Cc"})  # zero-width characters, marks that turn the direction, controls
FIRST_YEAR, LAST_YEAR = 2000, 2100
_SPACES = re.compile(r"[\s'’]")
_SIGNS = re.compile(r"^(?:[A-Z]{3}|[$€£¥]|US\$)\s*|\s*(?:[A-Z]{3}|[$€£¥])$")
_PLAIN = re.compile(r"\d+")
_ENGLISH = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+")
_CONTINENTAL = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d*)?|,\d+")
_EITHER = re.compile(r"\d{1,3}[.,]\d{3}")
_NUMERIC_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_WORDED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y")
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")


class Unreadable(ValueError):
    """A value that cannot be read. The message says what is wrong, for whoever wrote it."""


@dataclass(frozen=True)
class Style:
    """How a table writes decimals (POINT, COMMA) and days (DAY_FIRST, MONTH_FIRST); empty: not known."""

    decimal: str = ""
    days: str = ""


def style_of(*, amounts: Iterable[str], days: Iterable[str]) -> Style:
    """What the values themselves tell. Where some say one thing and some the other, they tell nothing."""
    return Style(decimal=_only(map(_decimal_of, amounts)), days=_only(map(_order_of, days)))


def amount_of(text: str, *, style: Style, currency: str) -> Decimal:
    """The amount, with two decimals. Raises Unreadable."""
    bare = _SPACES.sub("", _SIGNS.sub("", text.strip()))
    if bare.startswith(("-", "(", "−")):
        raise Unreadable(_("%(text)s is below zero. Enter invoices only, without credits.") % {"text": text})
    known = style.decimal or ("" if _EITHER.fullmatch(bare) else _decimal_of(text) or POINT)
    if not known:
        raise Unreadable(_("%(text)s can mean two amounts. Choose the decimal sign above.") % {"text": text})
    if not (_ENGLISH if known == POINT else _CONTINENTAL).fullmatch(bare):
        raise Unreadable(
            _("%(text)s is not an amount. Write it like %(example)s.")
            % {"text": text, "example": "1,250.00" if known == POINT else "1.250,00"}
        )
    plain = bare.replace(",", "") if known == POINT else bare.replace(".", "").replace(",", ".")
    try:
        return validate_amount(Decimal(plain), currency)
    except InvalidAmount as error:
        raise Unreadable(
            _("%(text)s is not an amount that can be paid: %(error)s.") % {"text": text, "error": error}
        ) from error


def day_of(text: str, *, style: Style) -> date:
    """The day. Raises Unreadable."""
    clean = " ".join(text.replace(",", " ").split())
    if timed := _WITH_TIME.fullmatch(clean):
        clean = timed[1]
    found = _numeric_day(clean, style=style) or _written_day(clean)
    if found is None:
        raise Unreadable(_("%(text)s is not a date. Write it like 2026-11-30.") % {"text": text})
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Unreadable(_("%(text)s is not a date of our time. Check the year.") % {"text": text})
    return found


def currency_of(text: str) -> str:
    """The code of the currency. Raises Unreadable."""
    code = text.strip().upper()
    if not is_currency(code):
        raise Unreadable(_("%(text)s is not a currency. Enter three letters, like USD.") % {"text": text})
    return code


def email_of(text: str) -> str:
    """The text, if mail can be sent to the first address in it. Raises Unreadable."""
    if not usable_addresses(text):
        raise Unreadable(_("%(text)s is not an email address.") % {"text": text})
    return text.strip()


def text_of(text: str, *, at_most: int) -> str:
    """The text in one line, without what nobody sees. Raises Unreadable."""
    kept = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in UNSEEN)
    clean = " ".join(kept.split())
    if clean.startswith(("=", "@")):
        raise Unreadable(_("%(clean)s starts like a formula. Enter its result.") % {"clean": clean[:30]})
    if len(clean) > at_most:
        raise Unreadable(_("This is longer than %(at_most)s characters.") % {"at_most": at_most})
    return clean


def _only(found: Iterable[str]) -> str:
    told = {one for one in found if one}
    return told.pop() if len(told) == 1 else ""


def _decimal_of(text: str) -> str:
    """The decimal sign that one amount shows; empty where it shows none."""
    bare = _SPACES.sub("", _SIGNS.sub("", text.strip()))
    if _PLAIN.fullmatch(bare) or _EITHER.fullmatch(bare):
        return ""
    as_english, as_continental = _ENGLISH.fullmatch(bare), _CONTINENTAL.fullmatch(bare)
    return POINT if as_english and not as_continental else COMMA if as_continental and not as_english else ""


def _order_of(text: str) -> str:
    """The order of day and month that one day shows; empty where it shows none."""
    match = _NUMERIC_DAY.fullmatch(text.strip())
    if match is None or match[2] == ".":  # with dots the day comes first everywhere
        return ""
    first, second = int(match[1]), int(match[3])
    return DAY_FIRST if first > 12 >= second else MONTH_FIRST if second > 12 >= first else ""


def _numeric_day(text: str, *, style: Style) -> date | None:
    match = _NUMERIC_DAY.fullmatch(text)
    if match is None:
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4]) + (2000 if len(match[4]) == 2 else 0)
    order = DAY_FIRST if match[2] == "." else _order_of(text) or style.days
    if not order and first != second:
        raise Unreadable(_("%(text)s can mean two days. Choose the order of day and month above.") % {"text": text})
    day, month = (second, first) if order == MONTH_FIRST else (first, second)
    with suppress(ValueError):
        return date(year, month, day)
    return None


def _written_day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text.replace("/", "-"))
    for form in _WORDED:
        with suppress(ValueError):
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no time zone
    return None
