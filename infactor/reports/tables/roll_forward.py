"""The roll-forward of purchased receivables: from one moment to another, naming each invoice that moved."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from infactor.financing.history import Kind, as_known
from infactor.financing.models import Advance
from infactor.reports.moments import Span
from infactor.reports.movements import Step, receivables_moved
from infactor.reports.receivables import balances_of
from infactor.reports.report import ZERO, Row, amount, text
from infactor.suppliers.models import Supplier

STEPS = (Step.PURCHASED, Step.COLLECTED, Step.SHORT, Step.REPURCHASED, Step.WRITTEN_OFF, Step.OTHER)
COLUMNS = (
    text("Invoice"), text("Currency"), text("Supplier"), amount("Opening"), amount("Purchased"), amount("Collected"),
    amount("Short paid or credited"), amount("Repurchased"), amount("Written off"), amount("Other"),
    amount("Closing"), amount("Difference"),
)  # fmt: skip
AT_ONCE = 1000  # advances of a query


def rows(span: Span) -> Iterator[Row]:
    """Opening and closing are balances, the rest movements, each read on its own: the difference must be nothing.

    Six queries for each thousand advances, and a thousand in memory. Raises HistoryDeleted.
    """
    totals: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO] * (len(STEPS) + 3))
    for supplier in (
        Supplier.objects.filter(advances__accepted_at__lte=span.moment.at).distinct().order_by("name", "pk")
    ):
        accepted = Advance.objects.filter(supplier=supplier, accepted_at__lte=span.moment.at)
        ids = list(accepted.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), AT_ONCE):
            for row, figures in _batch(ids[start : start + AT_ONCE], supplier=supplier, span=span):
                totals[row.currency] = [a + b for a, b in zip(totals[row.currency], figures, strict=True)]
                if any(figures[1:-2]) or figures[0] != figures[-2]:
                    yield row
    for currency, figures in sorted(totals.items()):
        yield Row(currency, ("All invoices", currency, None, *figures), is_total=True)


def _batch(ids: Sequence[int], *, supplier: Supplier, span: Span) -> Iterator[tuple[Row, Sequence[Decimal]]]:
    """The row of each advance, and its figures."""
    owners = [f"advance:{pk}" for pk in ids]
    opening, closing = (balances_of(owners, moment=at) for at in (span.since, span.moment))
    moved = receivables_moved(span, owners=owners)
    advances = list(Advance.objects.filter(pk__in=ids).order_by("pk"))
    invoices = as_known(
        kind=Kind.INVOICE, supplier=supplier, at=span.moment.at, ids=[one.invoice_id for one in advances],
        fields={"invoice_no"},
    )  # fmt: skip
    for advance in advances:
        owner = advance.ledger_owner
        before, after = (at.get(owner, (ZERO, ZERO))[0] for at in (opening, closing))
        steps = [moved.get(owner, {}).get(step, ZERO) for step in STEPS]
        figures = [before, *steps, after, before + sum(steps, ZERO) - after]
        number = invoices[advance.invoice_id].values["invoice_no"] or "No number"
        yield Row(advance.currency, (number, advance.currency, supplier.name, *figures)), figures
