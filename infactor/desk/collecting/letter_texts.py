"""How letters to buyers read: plain text, the same in an email and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.template.loader import render_to_string

from infactor.desk.collecting.accounts import sums
from infactor.desk.models import Letter
from infactor.financing.models import Advance


@dataclass(frozen=True)
class Addressee:
    """Who gets one letter: a customer of one supplier at one address, told to pay to one account."""

    supplier_id: int
    buyer_id: int
    name: str
    to: str
    pay_to: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LetterInvoice:
    """An invoice as the letter names it. Texts are those of the notice of assignment, without links."""

    advance: Advance
    number: str
    supplier: str
    reference: str
    notice: str
    due_on: date
    open: Decimal

    @property
    def currency(self) -> str:
        return self.advance.currency


def subject_of(*, level: str, invoices: Sequence[LetterInvoice]) -> str:
    """The subject, with up to three numbers."""
    numbers = ", ".join(one.number or "without a number" for one in invoices[:3])
    more = f" and {len(invoices) - 3} more" if len(invoices) > 3 else ""
    noun = "invoice" if len(invoices) == 1 else "invoices"
    return f"{Letter.Level(level).label}: {noun} {numbers}{more}"[:200]


def text_of(*, level: str, addressee: Addressee, invoices: Sequence[LetterInvoice], day: date) -> str:
    """The text of a letter of `day`."""
    context = {
        "level": level,
        "addressee": addressee,
        "pay_to": dict(addressee.pay_to),
        "invoices": [(one, (day - one.due_on).days) for one in invoices],
        "totals": sums((one.currency, one.open) for one in invoices),
        "suppliers": sorted({one.supplier for one in invoices}),
        "day": day,
        "notices": ", ".join(str(one.notice) for one in invoices),
        "support_email": settings.SUPPORT_EMAIL,
    }
    return render_to_string("desk/letter.txt", context).strip() + "\n"
