"""The release letter as PDF. What it says was frozen when staff released the supplier."""

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.core.money import format_amount
from infactor.financing.letters.letterhead import day_text, end_of_day, paper
from infactor.suppliers.models import AccountClosing


def release_pdf(*, closing: AccountClosing) -> bytes:
    """The letter of a released supplier: the same bytes for good, but for the two addresses above it."""
    letter = closing.letter
    on = day_text(date.fromisoformat(letter["day"]))
    names = {"company": letter["company"], "day": on}
    page = paper(
        supplier=closing.supplier,
        title=_("Release of %(company)s") % names,
        at=end_of_day(closing.supplier, date.fromisoformat(letter["day"])),
        side=[on],
    )
    if letter["agreement"]:
        agreed = {**names, "version": letter["agreement"], "accepted": _accepted(letter["accepted_on"])}
        page.paragraph(
            _(
                "The account of %(company)s at infactor is closed. On %(day)s nothing is outstanding between "
                "%(company)s and infactor under version %(version)s of the agreement, accepted on %(accepted)s."
            )
            % agreed
        )
    else:
        page.paragraph(
            _(
                "The account of %(company)s at infactor is closed. On %(day)s nothing is outstanding between "
                "%(company)s and infactor."
            )
            % names
        )
    page.paragraph(
        _(
            "infactor releases every claim to the invoices of %(company)s, to what its buyers pay for them, and every "
            "security interest in them. From now on its buyers pay %(company)s directly."
        )
        % names
    )
    if letter["advances"]:
        totals = ", ".join(format_amount(Decimal(value), code) for code, value in letter["totals"].items())
        closed = ngettext(
            "Closed before: %(count)s advance, in all %(totals)s.",
            "Closed before: %(count)s advances, in all %(totals)s.",
            letter["advances"],
        )
        page.paragraph(closed % {"count": letter["advances"], "totals": totals})
    page.paragraph(
        _("Released for infactor by %(person)s on %(day)s. Reference: %(reference)s")
        % {"person": letter["released_by"], "day": on, "reference": closing.public_id}
    )
    return page.finished()


def _accepted(text: str) -> str:
    return day_text(date.fromisoformat(text)) if text else ""
