"""Dilution: what was taken off purchased invoices without payment, beside what was collected, by supplier."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from infactor.core.csv_files import Cell
from infactor.reports.moments import Span
from infactor.reports.movements import Step, moved_by_supplier
from infactor.reports.report import ZERO, Row, amount, percent, share, text, with_totals
from infactor.suppliers.models import Supplier

COLUMNS = (
    text("Supplier"), text("Currency"), amount("Purchased"), amount("Collected"), amount("Short paid or credited"),
    amount("Repurchased"), amount("Written off"), percent("Dilution"),
)  # fmt: skip
STEPS = (Step.PURCHASED, Step.COLLECTED, Step.SHORT, Step.REPURCHASED, Step.WRITTEN_OFF)


def rows(span: Span) -> Iterator[Row]:
    """Dilution is what was short paid or credited, of that and what was collected."""
    moved: dict[tuple[str, int], dict[Step, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for currency, supplier_id, step, change in moved_by_supplier(span):
        moved[currency, supplier_id][step] += change if step == Step.PURCHASED else -change
    names = Supplier.objects.in_bulk({supplier_id for _, supplier_id in moved})
    found = [
        Row(currency, _finished([names[pk].name, currency, *(steps[step] for step in STEPS), None]))
        for (currency, pk), steps in moved.items()
    ]
    found.sort(key=lambda row: (row.currency, str(row.cells[0])))
    return with_totals(found, summed=range(2, 7), finish=_finished)


def _finished(cells: list[Cell]) -> tuple[Cell, ...]:
    collected, short = (cell if isinstance(cell, Decimal) else ZERO for cell in cells[3:5])
    return (*cells[:-1], share(short, collected + short))
