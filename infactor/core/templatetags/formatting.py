"""Template tags and filters for money, numbers, dates and icons. Every template has them without `load`."""

import functools
from datetime import date, datetime
from decimal import Decimal

import lucide as lucide_icons
from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from infactor.core import dates, languages
from infactor.core.money import format_amount, format_number

register = template.Library()

# Marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm, for str.translate.
BIDI_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


@register.simple_tag
def money(amount: Decimal | str | None, currency: str = "", *, missing: str = "") -> SafeString:
    """An amount, or the text of one, in the reader's format; `missing`, or that it cannot be read, if there is none."""
    if amount is None:
        return format_html('<span class="missing">{}</span>', missing or _("cannot be read"))
    return _money(str(amount), currency, languages.current())


# A list shows a hundred amounts and dates, many of them several times, and Babel is slow.
@functools.lru_cache(maxsize=4096)
def _money(amount: str, currency: str, language: str) -> SafeString:
    return render_to_string("parts/_money.html", {"shown": format_amount(Decimal(amount), currency, language=language)})


def status_pill(*, text: str, tone: str, reason: str = "") -> SafeString:
    """What templates/parts/_status.html shows, for lists: of fifty rows most have one of a few statuses."""
    return _status_pill(text, tone, reason)


@functools.lru_cache(maxsize=4096)
def _status_pill(text: str, tone: str, reason: str) -> SafeString:
    return render_to_string("parts/_status.html", {"status": {"text": text, "tone": tone, "reason": reason}})


@register.filter
def money_text(amount: Decimal | str, currency: str) -> str:
    """An amount, or the text of one, as plain text for email and buttons."""
    return format_amount(Decimal(amount), currency)


@register.filter
def quoted(text: str) -> str:
    """What somebody else wrote, for a mail: each line after a sign, so that none passes for one of infactor's."""
    return "\n".join(f"> {line}".rstrip() for line in str(text).strip().splitlines())


@register.filter
def day(value: date | datetime | None) -> str | SafeString:
    """A date in a `time` element: <time datetime="2026-11-20">Nov 20, 2026</time>."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return _day(value, languages.current())


@functools.lru_cache(maxsize=4096)
def _day(value: date, language: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), dates.format_day(value))


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """Date and time to the minute, with the time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{dates.format_moment(local)} {local:%Z}")


@register.filter
def moment_or_time(value: datetime | None) -> str | SafeString:
    """The time with its time zone if `value` is today: 14:02 PST. Otherwise with the day, as `moment`."""
    if value is None or timezone.localtime(value).date() != timezone.localdate():
        return moment(value)
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), f"{local:%H:%M %Z}")


@register.filter
def clock(value: datetime | None) -> str | SafeString:
    """Date and time to the second, for events that follow each other closely."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), dates.format_second(local))


@register.filter
def exact_number(value: Decimal | str | None, places: int = 0) -> str:
    """A number that is not an amount, or the text of one as disclosures keep it, in the reader's format."""
    return "" if value is None else format_number(Decimal(value), places=places)


@register.filter
def strip_bidi(text: str) -> str:
    """`text` without bidirectional control characters, for places that cannot hold a <bdi> element (title, option)."""
    return str(text).translate(BIDI_CONTROLS)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon beside a text that says the same. It is hidden from screen readers."""
    return _icon(str(name))


@functools.cache
def _icon(name: str) -> SafeString:
    svg = lucide_icons._render_icon(name, 20, **{"class": "icon", "aria_hidden": "true"})
    return mark_safe(" ".join(svg.split()))  # noqa: S308  the SVG comes from the lucide package
