"""The borrowing base: of all open invoices what is eligible, why the rest is not, and what could still be advanced."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from infactor.financing.eligibility.explanations import staff_title
from infactor.financing.history import assessed_sums
from infactor.financing.models import Eligibility
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import outstanding
from infactor.reports.report import ZERO, Row, amount, count, text
from infactor.suppliers.models import Supplier

COLUMNS = (text("Supplier"), text("Currency"), text("Line"), count("Invoices"), amount("Amount"))
PURCHASED, EMPLOYED, RESERVE = "Purchased, outstanding", "Funds employed", "Reserve held"


@dataclass
class Tally:
    """How many invoices, and their amount."""

    invoices: int = 0
    amount: Decimal = ZERO

    def add(self, value: Decimal, invoices: int = 1) -> None:
        self.invoices += invoices
        self.amount += value


@dataclass
class Base:
    """The sums of one supplier in one currency. `out` says by reason what is not eligible."""

    open: Tally = field(default_factory=Tally)
    out: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    eligible: Tally = field(default_factory=Tally)
    available: Tally = field(default_factory=Tally)
    purchased: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))


def rows(span: Span) -> Iterator[Row]:
    """For each supplier and currency: open, less each reason, eligible, available, and what is purchased."""
    purchased = _purchased(span.moment)
    suppliers = Supplier.objects.filter(invoices__created_at__lte=span.moment.at).distinct()
    for supplier in suppliers.order_by("name", "pk"):
        bases = _bases(supplier, span.moment)
        for currency, tallies in purchased.get(supplier.pk, {}).items():
            bases[currency].purchased = tallies
        for currency, base in sorted(bases.items()):
            for line, tally in _lines(base):
                cells = (supplier.name, currency, line, tally.invoices, tally.amount)
                yield Row(currency, cells, is_total=tally is base.eligible)


def _lines(base: Base) -> Iterator[tuple[str, Tally]]:
    yield "Open invoices", base.open
    for reason, tally in sorted(base.out.items()):
        yield reason, Tally(tally.invoices, -tally.amount)
    yield "Eligible base", base.eligible
    yield "Available to advance", base.available
    for line in (PURCHASED, RESERVE, EMPLOYED):
        yield line, base.purchased[line]


def _bases(supplier: Supplier, moment: Moment) -> dict[str, Base]:
    """By currency. An invoice that is not assessed yet is left out."""
    found: dict[str, Base] = defaultdict(Base)
    for one in assessed_sums(supplier=supplier, at=moment.at):
        base = found[one.currency]
        base.open.add(one.face, one.invoices)
        if one.decision != Eligibility.Decision.ELIGIBLE:
            label = Eligibility.Decision(one.decision).label
            base.out[f"{label}: {staff_title(one.deciding_rule)}"].add(one.face, one.invoices)
            continue
        base.eligible.add(one.base, one.invoices)
        base.available.add(one.advance, one.invoices)
        if one.reduced:
            base.out["Taken off eligible invoices"].add(one.face - one.base, one.reduced)
    return found


def _purchased(moment: Moment) -> dict[int, dict[str, dict[str, Tally]]]:
    """By supplier, currency and line."""
    found: dict[int, dict[str, dict[str, Tally]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Tally)))
    for one in outstanding(moment):
        lines = found[one.supplier.pk][one.currency]
        for line, value in ((PURCHASED, one.receivable), (RESERVE, one.reserve), (EMPLOYED, one.funds_employed)):
            lines[line].add(value)
    return found
