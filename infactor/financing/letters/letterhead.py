"""The letterhead: infactor's name and address from the settings, and the supplier's as it applied."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import dateformat
from django.utils.translation import get_language

from infactor.core.pdf.paper import Paper
from infactor.suppliers.models import Application, Supplier


def paper(*, supplier: Supplier, title: str, at: datetime, side: Sequence[str] = (), is_wide: bool = False) -> Paper:
    """A letter from infactor to `supplier`, with `title` in large print and `side` beside the address."""
    found = Paper(title=title, at=at, reference=_reference(title), language=get_language() or "en", is_wide=is_wide)
    found.letterhead(sender=house(), recipient=recipient(supplier), side=side)
    found.title_line(title)
    return found


def house() -> list[str]:
    """infactor's own name and address, by line, and where to write."""
    return [settings.HOUSE_NAME, *settings.HOUSE_ADDRESS, settings.SUPPORT_EMAIL]


def recipient(supplier: Supplier) -> list[str]:
    """The supplier's legal name and postal address, by line; its name before it applied."""
    row = Application.objects.filter(supplier=supplier).first()
    if row is None:
        return [supplier.name]
    city = " ".join(filter(None, (row.city, row.region, row.postal_code)))
    return [one for one in (row.legal_name or supplier.name, row.address_line1, row.address_line2, city) if one]


def end_of_day(supplier: Supplier, day: date) -> datetime:
    """The moment at which `day` ends where `supplier` is: a document about it is of that moment."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=supplier.zone)


def amount(value: Decimal) -> str:
    """An amount without its currency, which stands above its column."""
    return f"{value:,.2f}".replace("-", "\N{MINUS SIGN}")


def amount_or_blank(value: Decimal) -> str:
    """`amount`, and nothing for zero: a table of movements is read by what moved."""
    return amount(value) if value else ""


def day_text(day: date) -> str:
    """A day as pages write it: Nov 2, 2026."""
    return dateformat.format(day, "M j, Y")


def month_text(month: date) -> str:
    """A month by its name: November 2026."""
    return dateformat.format(month, "F Y")


def _reference(title: str) -> str:
    return f"{settings.HOUSE_NAME} · {title}"
