"""Amounts, numbers, days and links as the pages of staff show them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from infactor.core import money
from infactor.core.dates import format_day
from infactor.core.lists.cells import AmountText, DayText, FigureText, MomentText


def amount_text(amount: Decimal | None, currency: str) -> AmountText:
    """An amount in the reader's format, on one line and aligned to the right."""
    shown = _("cannot be read") if amount is None else money.format_amount(amount, currency)
    return AmountText.of(format_html('<bdi class="money">{}</bdi>', shown), amount, currency)


def amounts_text(sums: Sequence[tuple[str, Decimal]]) -> SafeString:
    """Amounts of several currencies side by side, from (currency, amount) pairs; they are never added."""
    if not sums:
        return format_html("{}", "")
    first, *others = (amount_text(amount, currency) for currency, amount in sums)
    shown: SafeString = first
    for one in others:
        shown = format_html("{} {}", shown, one)
    return shown


def figure_text(figure: object, unit: str = "") -> FigureText:
    """A number that is no amount (a count, days, a share with "%" as its unit), aligned to the right."""
    shown = f"{figure.normalize():f}" if isinstance(figure, Decimal) else f"{figure}"
    return FigureText.of(
        format_html('<span class="figure">{}</span>', f"{shown}{'' if unit == '%' else ' '}{unit}".strip()), figure
    )


def copyable_text(text: str, name: str) -> SafeString:
    """A text with a button that copies it, where the browser can (static/js/copy.js). `name` says what it is."""
    return format_html('<span data-copy="{}">{}</span>', name, text)


def day_text(day: date | None) -> str:
    """A day in the language of the reader, like "Nov 20, 2026"; empty for none."""
    return "" if day is None else DayText.of(format_day(day), day)


def moment_text(moment: datetime | None) -> str:
    """A moment to the minute, in UTC; empty for none."""
    return "" if moment is None else MomentText.of(f"{day_text(moment)}, {moment:%H:%M} UTC", moment)


def waiting_text(since: datetime | None, *, now: datetime) -> str:
    """How long something has waited. Only for lists: the text changes by itself, so no decision may depend on it."""
    if since is None:
        return ""
    return _("less than a day") if now - since < timedelta(days=1) else timesince(since, now)


def change_url(row: Model) -> str:
    """The address of the admin page of `row`."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def link(row: Model, text: object = None) -> SafeString:
    """A link to the admin page of `row`, with its name or with `text`."""
    return format_html('<a href="{}"><bdi>{}</bdi></a>', change_url(row), str(row) if text is None else text)
