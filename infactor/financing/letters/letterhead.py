"""The letterhead: infactor's name and address from the settings, and the supplier's as it applied."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import get_language

from infactor.core import dates
from infactor.core.money import format_amount
from infactor.suppliers.models import Application, Supplier

if TYPE_CHECKING:
    from infactor.core.pdf.paper import Paper


def paper(*, supplier: Supplier, title: str, at: datetime, side: Sequence[str] = (), is_wide: bool = False) -> "Paper":
    """A letter from infactor to `supplier`, with `title` in large print and `side` beside the address."""
    found = new_paper(title=title, at=at, reference=_reference(title), is_wide=is_wide)
    found.letterhead(sender=house(), recipient=recipient(supplier), side=side)
    found.title_line(title)
    return found


def new_paper(*, title: str, at: datetime, reference: str, is_wide: bool = False) -> "Paper":
    """An empty document in the active language."""
    # What draws PDFs takes 22 MB, and hardly any process ever draws one.
    from infactor.core.pdf.paper import Paper

    return Paper(title=title, at=at, reference=reference, language=get_language() or "en", is_wide=is_wide)


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
    return format_amount(value, "")


def amount_or_blank(value: Decimal) -> str:
    """`amount`, and nothing for zero: a table of movements is read by what moved."""
    return amount(value) if value else ""


def day_text(day: date) -> str:
    """A day as pages write it: Nov 2, 2026."""
    return dates.format_day(day)


def month_text(month: date) -> str:
    """A month by its name: November 2026."""
    return dates.format_month(month)


def _reference(title: str) -> str:
    return f"{settings.HOUSE_NAME} · {title}"
