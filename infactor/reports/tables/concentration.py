"""Concentration: how much of all that is outstanding one debtor owes, and one supplier has sold."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from infactor.core.csv_files import Cell
from infactor.reports.moments import Span
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, count, percent, share, text, with_totals

COLUMNS = (
    text("Who"), text("Currency"), text("As"), count("Invoices"), amount("Outstanding"), percent("Share"),
    amount("Funds employed"), percent("Largest counterpart's share"), text("Largest counterpart"),
)  # fmt: skip


def rows(span: Span) -> Iterator[Row]:
    """Debtors, then suppliers, the largest first; for each the largest supplier or debtor behind it."""
    received: dict[str, Decimal] = defaultdict(lambda: ZERO)
    sums: dict[tuple[str, str, tuple[str, int]], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    counts: dict[tuple[str, str, tuple[str, int]], int] = defaultdict(int)
    behind: dict[tuple[str, str, tuple[str, int]], dict[tuple[str, int], Decimal]] = defaultdict(
        lambda: defaultdict(lambda: ZERO)
    )
    names: dict[tuple[str, int], str] = {}
    for one in outstanding(span.moment):
        supplier_key: tuple[str, int] = ("supplier", one.supplier.pk)
        names[one.debtor_key], names[supplier_key] = one.debtor, one.supplier.name
        received[one.currency] += one.receivable
        for role, key, other in (("Buyer", one.debtor_key, supplier_key), ("Supplier", supplier_key, one.debtor_key)):
            group = (one.currency, role, key)
            sums[group][0] += one.receivable
            sums[group][1] += one.funds_employed
            counts[group] += 1
            behind[group][other] += one.receivable
    found = []
    for group, (owed, employed) in sums.items():
        currency, role, who = group
        largest = max(behind[group].items(), key=lambda item: (item[1], str(names[item[0]])))
        cells: Sequence[Cell] = (
            names[who], currency, role, counts[group], owed, share(owed, received[currency]), employed,
            share(largest[1], owed), names[largest[0]],
        )  # fmt: skip
        found.append(Row(currency, cells))
    found.sort(key=lambda row: (row.currency, row.cells[2], -row.cells[4], str(row.cells[0])))  # type: ignore[operator]
    for role in ("Buyer", "Supplier"):
        yield from with_totals([row for row in found if row.cells[2] == role], summed=(3, 4, 5, 6))
