"""The payoff letter: what would have to be paid on a day so that nothing is outstanding, and on each of the next 30."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from infactor.core.money import format_amount
from infactor.core.pdf.cells import Cell, Column
from infactor.financing.accounting import payoff_schedule
from infactor.financing.accounting.payoff_schedule import PayoffFigure
from infactor.financing.letters.letterhead import amount, day_text, paper
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier

if TYPE_CHECKING:
    from infactor.core.pdf.paper import Paper


def payoff_pdf(*, supplier: Supplier, on: date, at: datetime) -> bytes:
    """The payoff of `supplier` on the day `on`, which is today or one of the next payoff_schedule.DAYS_AHEAD."""
    today = supplier_today(supplier=supplier, at=at)
    schedule = payoff_schedule.schedule(supplier=supplier, today=today)
    page = paper(
        supplier=supplier,
        title=_("Payoff letter"),
        at=at,
        side=[
            _("Written on %(day)s") % {"day": day_text(today)},
            _("Payoff on %(day)s") % {"day": day_text(on)},
            _("Valid until %(day)s") % {"day": day_text(on)},
        ],
    )
    if not schedule:
        page.paragraph(_("Nothing is outstanding between you and infactor on %(day)s.") % {"day": day_text(today)})
        return page.finished()
    page.paragraph(
        _(
            "The amount below pays everything that is outstanding between you and infactor, if it arrives on %(day)s "
            "and no other payment arrives before. For another day, see the table at the end. This is not a demand."
        )
        % {"day": day_text(on)}
    )
    number = (on - today).days
    for figures in schedule.values():
        _figure(page, figures[number])
    _days(page, schedule)
    for currency in schedule:
        _account(page, supplier, currency=currency, is_only=len(schedule) == 1)
    page.paragraph(
        _(
            "Write to %(address)s before you pay: we confirm the amount. Once it has arrived, we release your "
            "invoices, and your buyers pay you directly. We never change these details by email alone: a change also "
            "appears on your page, and we call you about it."
        )
        % {"address": settings.SUPPORT_EMAIL}
    )
    return page.finished()


def _account(page: "Paper", supplier: Supplier, *, currency: str, is_only: bool) -> None:
    """Where to pay the payoff in `currency`."""
    pay_to = instructions_or_reference(public_id=supplier.public_id, currency=currency)
    page.heading(_("Where to pay") if is_only else _("Where to pay %(currency)s") % {"currency": currency})
    if "account" not in pay_to:
        page.paragraph(_("Ask us for the account before you pay %(currency)s.") % {"currency": currency})
        return
    page.facts(
        [
            (_("Account holder"), pay_to["holder"]),
            (_("Bank"), pay_to["bank"]),
            (_("Account"), pay_to["account"]),
            (_("Routing number"), pay_to["routing"]),
            (_("Reference"), pay_to["reference"]),
        ]
    )


def _figure(page: "Paper", one: PayoffFigure) -> None:
    """The payoff in one currency, as a sum, and the part of each advance with the formula of its fee."""
    page.heading(_("Payoff in %(currency)s on %(day)s") % {"currency": one.currency, "day": day_text(one.on)})
    page.facts(list(_sum(one)), last_is_total=True)
    if one.unsent:
        numbers = ", ".join(str(advance.invoice) for advance in one.unsent)
        said = _("Not counted, as their money has not left us: we cancel these when you leave.")
        page.paragraph(f"{said} {numbers}")
    if not one.lines:
        return
    columns = [
        Column(_("Advance"), 42),
        *(Column(title, 17, is_number=True) for title in (_("Open"), _("+ Fee"), _("− Reserve"), _("= Payoff"))),
    ]
    rows = (
        [
            Cell(
                _("Invoice %(number)s, %(buyer)s")
                % {"number": line.advance.invoice, "buyer": line.advance.invoice.company_name},
                (_("Fee: %(formula)s") % {"formula": line.fee.formula},),
            ),
            *(Cell(amount(value)) for value in (line.receivable, line.fee.amount, line.reserve, line.amount)),
        ]
        for line in one.lines
    )
    totals = (one.receivable, one.fees, one.reserve, sum((line.amount for line in one.lines), payoff_schedule.ZERO))
    page.rows_table(columns, rows, foot=[Cell(_("Total")), *(Cell(amount(value)) for value in totals)])


def _sum(one: PayoffFigure) -> Sequence[tuple[str, str]]:
    def text(value: Decimal) -> str:
        return format_amount(value, one.currency)

    rows = [
        (_("Invoices not paid yet"), text(one.receivable)),
        (_("+ Fees until %(day)s") % {"day": day_text(one.on)}, text(one.fees)),
        (_("− Reserve that we hold"), text(one.reserve)),
    ]
    if one.due_from_supplier:
        rows.append((_("+ You owe us"), text(one.due_from_supplier)))
    if one.payable_to_supplier:
        rows.append((_("− We owe you"), text(one.payable_to_supplier)))
    if one.owed_to_supplier:
        return [*rows, (_("= We pay you"), text(one.owed_to_supplier))]
    return [*rows, (_("= You pay"), text(one.amount))]


def _days(page: "Paper", schedule: Mapping[str, Sequence[PayoffFigure]]) -> None:
    page.heading(_("Payoff on each of the next %(count)s days") % {"count": payoff_schedule.DAYS_AHEAD})
    columns = [Column(_("Day"), 20), *(Column(currency, 20, is_number=True) for currency in schedule)]
    columns.append(Column("", max(8, 80 - 20 * len(schedule))))
    by_day = zip(*schedule.values(), strict=True)
    page.rows_table(
        columns,
        ([Cell(day_text(of[0].on)), *(Cell(amount(one.amount)) for one in of), Cell()] for of in by_day),
    )
    page.paragraph(_("A negative amount is what we pay you."), is_small=True)
