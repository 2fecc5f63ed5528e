"""The statement of a period as PDF: opening and closing balance by currency, and every movement with its formula."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from infactor.core.money import format_amount
from infactor.core.pdf.cells import Cell, Column
from infactor.financing.accounting.movements import TOTAL_NAMES, Totals
from infactor.financing.accounting.statement import Movement, Statement, statements
from infactor.financing.letters.letterhead import amount, amount_or_blank, day_text, end_of_day, month_text, paper
from infactor.financing.value_dates import supplier_today
from infactor.ledger import periods
from infactor.suppliers.models import Supplier

if TYPE_CHECKING:
    from infactor.core.pdf.paper import Paper

# In millimetres. A table whose numbers need more is printed across.
DAY_WIDTH, LEAST_NUMBER_WIDTH, WIDTH_FOR_NUMBERS = 22.0, 17.0, 132.0


def statement_pdf(*, supplier: Supplier, start: date | None, end: date | None, at: datetime) -> bytes:
    """The statement of `supplier` between two days, both included; open ends are the first movement and today.

    Of a period that is closed in the books the bytes are the same whenever it is asked for.
    """
    return drawn(
        supplier=supplier, found=statements(supplier=supplier, start=start, end=end), start=start, end=end, at=at
    )


def drawn(
    *, supplier: Supplier, found: Sequence[Statement], start: date | None, end: date | None, at: datetime
) -> bytes:
    """`statement_pdf` of statements that are read already."""
    today = supplier_today(supplier=supplier, at=at)
    until = today if end is None else end
    first_open = periods.first_open_day()
    is_final = first_open is not None and until < first_open and until < today
    period = period_text(start=start, end=until)
    page = paper(
        supplier=supplier,
        title=_("Statement, %(period)s") % {"period": period},
        at=end_of_day(supplier, until) if is_final else at,
        side=[] if is_final else [_("As of %(day)s") % {"day": day_text(today)}],
        is_wide=any(DAY_WIDTH + _number_width(one) * (len(_shown(one)) + 1) > WIDTH_FOR_NUMBERS for one in found),
    )
    if not is_final:
        page.paragraph(
            _("The books of this period are not closed yet: what is recorded later can still be added."), is_small=True
        )
    if not found:
        page.paragraph(_("There are no transactions in this period, and no balance."))
    for one in found:
        _account(page, one, start=start, until=until)
    return page.finished()


def period_text(*, start: date | None, end: date) -> str:
    """The period in words: a whole month by its name."""
    if start is None:
        return _("until %(end)s") % {"end": day_text(end)}
    if start.day == 1 and end == periods.last_day(start):
        return month_text(start)
    return _("%(start)s to %(end)s") % {"start": day_text(start), "end": day_text(end)}


def _account(page: "Paper", one: Statement, *, start: date | None, until: date) -> None:
    """One currency: the balances, and its movements, the first one first."""
    page.heading(_("Account in %(currency)s") % {"currency": one.currency})
    moved = sum((row.change for row in one.movements), Totals())
    in_full = one.currency
    page.facts(
        [
            (
                _("Opening balance, %(day)s") % {"day": day_text(start)} if start else _("Opening balance"),
                format_amount(one.opening.held, in_full),
            ),
            (_("Paid to you in this period"), format_amount(moved.paid, in_full)),
            (_("Fees in this period"), format_amount(moved.fee, in_full)),
            (_("Paid by your buyers in this period"), format_amount(moved.from_buyer, in_full)),
            (_("Closing balance, %(day)s") % {"day": day_text(until)}, format_amount(one.closing.held, in_full)),
        ],
        last_is_total=True,
    )
    names = _shown(one)
    titles = {
        "fee": _("Fee"),
        "paid": _("Paid to you"),
        "to_pay": _("To be paid"),
        "owed": _("Owed by you"),
        "held": _("Reserve"),
    }
    width = _number_width(one)
    columns = [Column(_("Date"), DAY_WIDTH), Column(_("Transaction"), page.epw - DAY_WIDTH - width * (len(names) + 1))]
    columns += [Column(titles[name], width, is_number=True) for name in names]
    columns.append(Column(_("Balance"), width, is_number=True))
    before = [Cell(amount(getattr(one.opening, name))) if name in ("to_pay", "owed") else Cell() for name in names]
    opening = [
        Cell(day_text(start) if start else ""),
        Cell(_("Balance brought forward")),
        *before,
        Cell(amount(one.opening.held)),
    ]
    totals = [Cell(amount(getattr(moved, name))) for name in names]
    foot = [Cell(), Cell(_("Total of this period")), *totals, Cell(amount(one.closing.held))]
    page.rows_table(columns, _rows(opening, one, names), foot=foot)
    page.paragraph(
        _(
            "The balance is what infactor holds for you: the reserves of your funded invoices. Your buyers still owe "
            "%(amount)s on them. Negative amounts went from you to us or were returned."
        )
        % {"amount": format_amount(one.closing.receivable, one.currency)},
        is_small=True,
    )
    if one.closing.owed or one.closing.to_pay:
        page.paragraph(
            _("At the end of this period you owed us %(owed)s, and %(to_pay)s was on its way to you.")
            % {
                "owed": format_amount(one.closing.owed, one.currency),
                "to_pay": format_amount(one.closing.to_pay, one.currency),
            },
            is_small=True,
        )


def _number_width(one: Statement) -> float:
    """What the longest amount of the account needs: an amount never breaks."""
    totals = (one.opening, one.closing, *(row.change for row in one.movements), *_running(one))
    longest = max(len(amount(getattr(total, name))) for total in totals for name in TOTAL_NAMES)
    return max(LEAST_NUMBER_WIDTH, 1.7 * longest + 3)


def _running(one: Statement) -> Iterator[Totals]:
    return (row.running_total for row in one.movements)


def _shown(one: Statement) -> list[str]:
    """The columns with a movement. Most suppliers never owe anything."""
    names = ["fee", "paid"]
    names += [
        name
        for name in ("to_pay", "owed")
        if getattr(one.opening, name) or any(getattr(row.change, name) for row in one.movements)
    ]
    return [*names, "held"]


def _rows(opening: list[Cell], one: Statement, names: Sequence[str]) -> Iterator[list[Cell]]:
    yield opening
    for row in one.movements:
        yield [
            Cell(day_text(row.value_date)),
            Cell(_label(row, one.currency), _notes(row)),
            *(Cell(amount_or_blank(getattr(row.change, name))) for name in names),
            Cell(amount(row.running_total.held)),
        ]
    if not one.movements:
        yield [Cell(), Cell(_("No transactions in this period.")), *(Cell() for _name in names), Cell()]


def _label(row: Movement, currency: str) -> str:
    return f"{row.label} {format_amount(row.change.from_buyer, currency)}" if row.change.from_buyer else row.label


def _notes(row: Movement) -> list[str]:
    found = []
    if row.advance is not None:
        names = {"number": row.advance.invoice, "buyer": row.advance.invoice.company_name}
        found.append(_("Invoice %(number)s, %(buyer)s") % names)
    return [*found, *filter(None, [row.payment]), *row.formulas]
