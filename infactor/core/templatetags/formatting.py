"""Tags that every template has at hand: money, exact numbers, dates, icons."""

import functools
from datetime import date, datetime
from decimal import Decimal

import lucide as lucide_icons
from django import template
from django.template.loader import render_to_string
from django.utils import dateformat, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from infactor.core import money as house_money

register = template.Library()

# Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm.
DIRECTIONS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@register.simple_tag
def money(amount: Decimal | str | None, currency: str = "", *, missing: str = "cannot be read") -> SafeString:
    """An amount (or text of kept figures) as its reader writes it; `missing` in words where there is none."""
    if amount is None:
        return format_html('<span class="missing">{}</span>', missing)
    return _money(str(amount), currency, get_language() or "en")


# A list shows a hundred amounts and dates, many of them again and again; Babel takes longer for one than its whole row.
@functools.lru_cache(maxsize=4096)
def _money(amount: str, currency: str, language: str) -> SafeString:
    return render_to_string(
        "parts/_money.html", {"shown": house_money.text(Decimal(amount), currency, language=language)}
    )


@register.filter
def in_words(amount: Decimal | str, currency: str) -> str:
    """An amount (text where it stands in figures that are kept) as plain text, for mails and buttons."""
    return house_money.text(Decimal(amount), currency, language=get_language() or "en")


@register.filter
def day(value: date | datetime | None) -> str | SafeString:
    """A date in words, machine-readable beside it: <time datetime="2026-11-20">Nov 20, 2026</time>."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _day(value, get_language())


@functools.lru_cache(maxsize=4096)
def _day(value: date, language: str | None) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), dateformat.format(value, "M j, Y"))


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """A moment to the minute, with its zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), dateformat.format(local, "M j, Y, H:i") + f" {local:%Z}"
    )


@register.filter
def clock(value: datetime | None) -> str | SafeString:
    """A moment to the second, for what follows closely upon another."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), dateformat.format(local, "M j, H:i:s"))


@register.filter
def exact(value: Decimal | None, places: int = 0) -> str:
    """A number that is no amount (a quantity, a unit price, a rate), whole, with `places` decimals or more.

    `1234.5000` reads 1,234.5.
    """
    if value is None:
        return ""
    whole, _, fraction = f"{value:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(places, "0")
    shown = f"{whole}.{fraction}" if fraction else whole
    return shown.replace("-", "\N{MINUS SIGN}", 1)


@register.filter
def undirected(text: str) -> str:
    """`text` for a place that cannot hold a <bdi> (a title, an option): without signs that turn its direction."""
    return str(text).translate(DIRECTIONS)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A line drawing beside words that say the same: screen readers pass over it."""
    return _icon(str(name))


@functools.cache
def _icon(name: str) -> SafeString:
    drawn = lucide_icons._render_icon(name, 20, **{"class": "icon", "aria_hidden": "true"})
    return mark_safe(" ".join(drawn.split()))  # noqa: S308  made of the package's own files
