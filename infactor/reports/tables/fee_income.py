"""Fee income: what was earned, by month, supplier and kind of fee, by the ledger."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from infactor.ledger.models import FEE_PURPOSES
from infactor.reports.moments import Span
from infactor.reports.movements import by_month
from infactor.reports.receivables import supplier_names
from infactor.reports.report import ZERO, Row, amount, day, text, with_totals

COLUMNS = (
    day(_("Month")), text(_("Currency")), text(_("Supplier")), amount(_("Fees for days")), amount(_("Late fees")),
    amount(_("Wire fees")), amount(_("Fee income")),
)  # fmt: skip
HOUSE = "infactor"  # postings that concern no supplier


def rows(span: Span) -> Iterator[Row]:
    """The fees that were posted within the span, by the month of their value date; a minimum fee is one for days."""
    names = supplier_names(span.moment)
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
