"""Dilution: what was taken off purchased invoices without payment, beside what was collected, by supplier."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from infactor.reports.moments import Span
from infactor.reports.movements import Step, moved_by_supplier
from infactor.reports.receivables import supplier_names
from infactor.reports.report import ZERO, ReportCell, Row, amount, percent, share, text, with_totals

COLUMNS = (
    text(_("Supplier")),
    text(_("Currency")),
    amount(_("Purchased")),
    amount(_("Collected")),
    amount(_("Short paid or credited")),
    amount(_("Repurchased")),
    amount(_("Written off")),
    percent(_("Dilution")),
)
STEPS = (Step.PURCHASED, Step.COLLECTED, Step.SHORT, Step.REPURCHASED, Step.WRITTEN_OFF)


def rows(span: Span) -> Iterator[Row]:
    """Dilution is what was short paid or credited, of that and what was collected."""
    moved: dict[tuple[str, int], dict[Step, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for currency, supplier_id, step, change in moved_by_supplier(span):
        moved[currency, supplier_id][step] += change if step == Step.PURCHASED else -change
    names = supplier_names(span.moment)
    found = [
        Row(currency, _finished([names[pk], currency, *(steps[step] for step in STEPS), None]))
        for (currency, pk), steps in sorted(moved.items())
    ]
    found.sort(key=lambda row: (row.currency, str(row.cells[0])))
    return with_totals(found, summed=range(2, 7), finish=_finished)


def _finished(cells: list[ReportCell]) -> tuple[ReportCell, ...]:
    collected, short = (cell if isinstance(cell, Decimal) else ZERO for cell in cells[3:5])
    return (*cells[:-1], share(short, collected + short))
