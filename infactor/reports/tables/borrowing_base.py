"""The borrowing base: of all open invoices what is eligible, why the rest is not, and what could still be advanced."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Exists, OuterRef
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from infactor.financing.eligibility.explanations import staff_title
from infactor.financing.history import assessed_sums
from infactor.financing.models import Eligibility
from infactor.invoices.models import Invoice
from infactor.reports.moments import Moment, Span
from infactor.reports.receivables import outstanding, supplier_names
from infactor.reports.report import ZERO, Row, Text, amount, count, text
from infactor.suppliers.models import Supplier

COLUMNS = (
    text(_("Supplier")), text(_("Currency")), text(_("Line")), count(_("Invoices")), amount(_("Amount")),
)  # fmt: skip
HOUSE = _("All suppliers")
OPEN, ELIGIBLE, AVAILABLE = _("Open invoices"), _("Eligible base"), _("Available to advance")
PURCHASED, RESERVE, EMPLOYED = _("Purchased, outstanding"), _("Reserve held"), _("Funds employed")
REDUCED = "", ""  # not a decision: what is taken off invoices that are eligible
Reason = tuple[str, str]  # decision and deciding rule


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
    """The sums of one supplier, or of all, in one currency. `out` says by reason what is not eligible."""

    open: Tally = field(default_factory=Tally)
    out: dict[Reason, Tally] = field(default_factory=lambda: defaultdict(Tally))
    eligible: Tally = field(default_factory=Tally)
    available: Tally = field(default_factory=Tally)
    purchased: Tally = field(default_factory=Tally)
    reserve: Tally = field(default_factory=Tally)
    employed: Tally = field(default_factory=Tally)

    def lines(self) -> Iterator[tuple[Text, Tally]]:
        """Each line of the report: what is open, less each reason, what is left of it, and what is purchased."""
        yield OPEN, self.open
        for (decision, rule), tally in sorted(self.out.items()):
            yield _reason(decision, rule), Tally(tally.invoices, -tally.amount)
        yield ELIGIBLE, self.eligible
        yield AVAILABLE, self.available
        yield PURCHASED, self.purchased
        yield RESERVE, self.reserve
        yield EMPLOYED, self.employed

    def add(self, other: "Base") -> None:
        """Count in what another supplier has."""
        for reason, tally in other.out.items():
            self.out[reason].add(tally.amount, tally.invoices)
        for name in ("open", "eligible", "available", "purchased", "reserve", "employed"):
            tally = getattr(other, name)
            getattr(self, name).add(tally.amount, tally.invoices)


def rows(span: Span) -> Iterator[Row]:
    """For each supplier and currency, and for the house by currency: open, less each reason, eligible, available.

    And what is purchased. Currencies are never added.
    """
    purchased, names = _purchased(span.moment), supplier_names(span.moment)
    invoices = Invoice.objects.filter(supplier=OuterRef("pk"), created_at__lte=span.moment.at)
    house: dict[str, Base] = defaultdict(Base)
    for supplier in sorted(Supplier.objects.filter(Exists(invoices)), key=lambda one: (names[one.pk], one.pk)):
        bases = _bases(supplier, span.moment)
        for currency, of_ledger in purchased.get(supplier.pk, {}).items():
            bases[currency].add(of_ledger)
        for currency, base in sorted(bases.items()):
            house[currency].add(base)
            for line, tally in base.lines():
                cells = (names[supplier.pk], currency, line, tally.invoices, tally.amount)
                yield Row(currency, cells, is_total=tally is base.eligible)
    for currency, base in sorted(house.items()):
        for line, tally in base.lines():
            yield Row(currency, (HOUSE, currency, line, tally.invoices, tally.amount), is_total=True)


def _reason(decision: str, rule: str) -> Text:
    if (decision, rule) == REDUCED:
        return _("Taken off eligible invoices")
    return format_lazy("{}: {}", Eligibility.Decision(decision).label, lazy(staff_title, str)(rule))


def _bases(supplier: Supplier, moment: Moment) -> dict[str, Base]:
    """By currency. An invoice that is not assessed yet is left out."""
    found: dict[str, Base] = defaultdict(Base)
    for one in assessed_sums(supplier=supplier, at=moment.at):
        base = found[one.currency]
        base.open.add(one.face, one.invoices)
        if one.decision != Eligibility.Decision.ELIGIBLE:
            base.out[one.decision, one.deciding_rule].add(one.face, one.invoices)
            continue
        base.eligible.add(one.base, one.invoices)
        base.available.add(one.advance, one.invoices)
        if one.reduced:
            base.out[REDUCED].add(one.face - one.base, one.reduced)
    return found


def _purchased(moment: Moment) -> dict[int, dict[str, Base]]:
    """By supplier and currency what the ledger has."""
    found: dict[int, dict[str, Base]] = defaultdict(lambda: defaultdict(Base))
    for one in outstanding(moment):
        base = found[one.supplier_id][one.currency]
        base.purchased.add(one.receivable)
        base.reserve.add(one.reserve)
        base.employed.add(one.funds_employed)
    return found
