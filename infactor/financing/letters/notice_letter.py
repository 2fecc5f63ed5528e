"""The notice of assignment as PDF, to its buyer: what it says was frozen when it was given."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from infactor.core.money import format_amount
from infactor.financing.letters.letterhead import day_text, house, new_paper
from infactor.financing.models import Notice
from infactor.financing.notices import content

if TYPE_CHECKING:
    from infactor.core.pdf.paper import Paper


def notice_pdf(*, notice: Notice) -> bytes:
    """The letter of `notice`: the same bytes for good. One that has ended says so first."""
    told = content.for_display(notice.facts)
    title = _("Notice of assignment %(number)s") % {"number": notice.number}
    at = notice.ended_at or notice.sent_at or notice.created_at
    page = new_paper(title=title, at=at, reference=f"{settings.HOUSE_NAME} · {title}")
    page.letterhead(sender=house(), recipient=[told["buyer"] or _("The buyer")], side=[day_text(told["bought_on"])])
    page.title_line(title)
    if notice.is_valid:
        _payment(page, told)
    else:
        _ended(page, notice, told)
    page.heading(_("What was sold"))
    page.facts(_sold(told))
    agreement = told["agreement"]
    page.paragraph(
        _(
            "Signed by infactor for itself and for %(supplier)s, which consented to this notice in “%(title)s”, "
            "version %(version)s, accepted by %(person)s on %(day)s."
        )
        % {
            "supplier": told["supplier"],
            "title": agreement["title"],
            "version": agreement["version"],
            "person": agreement["accepted_by"],
            "day": day_text(agreement["accepted_on"]),
        }
    )
    page.paragraph(
        _(
            "To check this letter before you pay, call %(supplier)s on a number you already have, or write to "
            "%(address)s and name %(number)s."
        )
        % {"supplier": told["supplier"], "address": settings.SUPPORT_EMAIL, "number": notice.number},
        is_small=True,
    )
    return page.finished()


def _payment(page: "Paper", told: dict[str, Any]) -> None:
    page.paragraph(
        _(
            "%(supplier)s has sold this invoice to infactor. Only payments to this account discharge the invoice. "
            "Amount and due date stay as they are."
        )
        % told
    )
    pay_to = told["pay_to"]
    page.heading(_("Pay this invoice to infactor"))
    page.facts(
        [
            (_("Account holder"), pay_to["holder"]),
            (_("Bank"), pay_to["bank"]),
            (_("Account"), pay_to["account"]),
            (_("Routing"), pay_to["routing"]),
            (_("Reference"), pay_to["reference"]),
        ]
    )
    page.paragraph(
        _(
            "We never announce a change of this account by email or letter alone. If you are given other bank details, "
            "do not pay: call infactor or %(supplier)s on a number you already have."
        )
        % told
    )


def _ended(page: "Paper", notice: Notice, told: dict[str, Any]) -> None:
    """That the buyer no longer pays infactor: the account is not in a letter that has ended."""
    ended = day_text(notice.ended_at.date()) if notice.ended_at else ""
    if notice.status == Notice.Status.RELEASED:
        said = _("This notice ended on %(day)s. From then on, pay %(supplier)s what is still open of the invoice.")
    else:
        said = _("This notice ended on %(day)s: the invoice of %(supplier)s was paid to infactor.")
    page.paragraph(said % {"day": ended, "supplier": told["supplier"]})


def _sold(told: dict[str, Any]) -> list[tuple[str, str]]:
    code = told["currency"]
    amount = "" if told["amount"] is None else format_amount(told["amount"], code)
    return [
        (_("Invoice"), told["number"] or _("without a number")),
        (_("From"), told["supplier"]),
        (_("Issued"), day_text(told["issued"]) if told["issued"] else "-"),
        (_("Due"), day_text(told["due"]) if told["due"] else _("No due date")),
        (_("Invoice amount"), amount or "-"),
        (_("Sold to infactor"), format_amount(told["assigned"], code)),
        (_("Sold on"), day_text(told["bought_on"])),
    ]
