"""Fee income: what was earned, by month and supplier, by the ledger."""

from collections.abc import Iterator

from infactor.ledger.models import Purpose
from infactor.reports.moments import Span
from infactor.reports.movements import by_month
from infactor.reports.report import Row, amount, day, text, with_totals
from infactor.suppliers.models import Supplier

COLUMNS = (day("Month"), text("Currency"), text("Supplier"), amount("Fee income"))
HOUSE = "infactor"  # postings that concern no supplier


def rows(span: Span) -> Iterator[Row]:
    """The fees that were posted within the span, by the month of their value date."""
    names = dict(Supplier.objects.values_list("pk", "name"))
    found = [
        Row(currency, (month, currency, names.get(supplier_id or 0, HOUSE), -moved))
        for currency, month, supplier_id, moved in by_month(span, purpose=Purpose.FEE_INCOME)
    ]
    found.sort(key=lambda row: (row.currency, str(row.cells[0]), str(row.cells[2])))
    return with_totals(found, summed=(3,))
