"""Fee income: what was earned, by month, supplier and kind of fee, by the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from infactor.ledger.models import FEE_PURPOSES
from infactor.reports.moments import Span
from infactor.reports.movements import by_month
from infactor.reports.report import ZERO, Row, amount, day, text, with_totals
from infactor.suppliers.models import Supplier

COLUMNS = (
    day("Month"), text("Currency"), text("Supplier"), amount("Fees for days"), amount("Late fees"),
    amount("Wire fees"), amount("Fee income"),
)  # fmt: skip
HOUSE = "infactor"  # postings that concern no supplier


def rows(span: Span) -> Iterator[Row]:
    """The fees that were posted within the span, by the month of their value date; a minimum fee is one for days."""
    names = dict(Supplier.objects.values_list("pk", "name"))
    earned: dict[tuple[str, date, int | None], list[Decimal]] = defaultdict(lambda: [ZERO] * len(FEE_PURPOSES))
    for place, purpose in enumerate(FEE_PURPOSES):
        for currency, month, supplier_id, moved in by_month(span, purpose=purpose):
            earned[currency, month, supplier_id][place] -= moved
    found = [
        Row(currency, (month, currency, names.get(supplier_id or 0, HOUSE), *kinds, sum(kinds, ZERO)))
        for (currency, month, supplier_id), kinds in earned.items()
    ]
    found.sort(key=lambda row: (row.currency, str(row.cells[0]), str(row.cells[2])))
    return with_totals(found, summed=range(3, 7))
