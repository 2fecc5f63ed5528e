"""The fees of a calendar year as PDF, for the supplier's tax return: by month and kind, and for which advances."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from infactor.core.money import format_amount
from infactor.core.pdf.cells import Cell, Column
from infactor.financing.accounting import fee_summary
from infactor.financing.accounting.fee_summary import Fees, FeeYear
from infactor.financing.letters.letterhead import amount, amount_or_blank, day_text, end_of_day, month_text, paper
from infactor.financing.models import Advance
from infactor.financing.value_dates import supplier_today
from infactor.ledger import periods
from infactor.suppliers.models import Supplier

if TYPE_CHECKING:
    from infactor.core.pdf.paper import Paper


def fees_pdf(*, supplier: Supplier, year: int, at: datetime) -> bytes:
    """What `supplier` was charged in `year`, as in the ledger. A year that is not over is shown until today."""
    today = supplier_today(supplier=supplier, at=at)
    last = date(year, 12, 31)
    first_open = periods.first_open_day()
    is_final = last < today and first_open is not None and last < first_open
    title = _("Fee summary %(year)s") if last < today else _("Fee summary %(year)s so far")
    page = paper(
        supplier=supplier,
        title=title % {"year": year},
        at=end_of_day(supplier, last) if is_final else at,
        side=[] if is_final else [_("As of %(day)s") % {"day": day_text(today)}],
    )
    page.paragraph(
        _(
            "What infactor charged from %(start)s to %(end)s, by the date on which each fee and each correction counts "
            "on the statement. Fees are charged when an advance is settled, so an advance of one year can be charged "
            "in the next."
        )
        % {"start": day_text(date(year, 1, 1)), "end": day_text(min(last, today))}
    )
    if not is_final:
        page.paragraph(_("The books of this year are not closed yet: later entries can change it."), is_small=True)
    found = fee_summary.fees_of_year(supplier=supplier, year=year, today=today)
    if not found:
        page.paragraph(_("No fees were charged."))
    for one in found:
        _currency(page, one)
    page.paragraph(_("This summary lists what was charged. It is not tax advice."), is_small=True)
    return page.finished()


def _currency(page: "Paper", one: FeeYear) -> None:
    page.heading(_("Fees in %(currency)s") % {"currency": one.currency})
    page.facts(
        [
            (_("Discount fees"), format_amount(one.total.discount, one.currency)),
            (_("Late fees"), format_amount(one.total.late, one.currency)),
            (_("Wire fees"), format_amount(one.total.wire, one.currency)),
            (_("Total"), format_amount(one.total.total, one.currency)),
        ],
        last_is_total=True,
    )
    page.heading(_("By month, in %(currency)s") % {"currency": one.currency})
    page.rows_table(_columns(_("Month")), _by_month(one), foot=_cells(Cell(_("Total")), one.total))
    page.heading(_("By advance, in %(currency)s") % {"currency": one.currency})
    page.rows_table(_columns(_("Invoice")), _by_advance(one), foot=_cells(Cell(_("Total")), one.total))


def _columns(first: str) -> list[Column]:
    numbers = (_("Discount fee"), _("Late fee"), _("Wire fee"), _("Total"))
    return [Column(first, 44), *(Column(one, 18, is_number=True) for one in numbers)]


def _by_month(one: FeeYear) -> Iterator[Sequence[Cell]]:
    for month, fees in one.months:
        yield _cells(Cell(month_text(month)), fees)


def _by_advance(one: FeeYear) -> Iterator[Sequence[Cell]]:
    for advance, fees in one.advances:
        yield _cells(_named(advance, one.currency), fees)


def _named(advance: Advance | None, currency: str) -> Cell:
    if advance is None:
        return Cell(_("Of no single advance"))
    names = {"number": advance.invoice, "buyer": advance.invoice.company_name}
    advanced = _("Advance of %(amount)s") % {"amount": format_amount(advance.amount, currency)}
    if advance.funded_on:
        advanced = _("%(advance)s on %(day)s") % {"advance": advanced, "day": day_text(advance.funded_on)}
    return Cell(_("Invoice %(number)s, %(buyer)s") % names, (advanced,))


def _cells(first: Cell, fees: Fees) -> list[Cell]:
    parts = (fees.discount, fees.late, fees.wire)
    return [first, *(Cell(amount_or_blank(one)) for one in parts), Cell(amount(fees.total))]
