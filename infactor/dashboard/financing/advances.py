"""Advances as pages show them: status, held amounts, expected payouts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from infactor.financing.accounting.positions import ZERO, CashForecast, Position, cash_forecasts
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Case
from infactor.invoices.status_label import StatusLabel
from infactor.suppliers.models import Supplier


@dataclass(frozen=True)
class FundedAdvance:
    """An outstanding advance with its open cases, named as their kinds."""

    position: Position
    today: date
    dispute: Case | None = None
    recourse: Case | None = None
    changed: Case | None = None
    misdirected: Case | None = None
    bankrupt: Case | None = None

    @property
    def advance(self) -> Advance:
        return self.position.advance

    @property
    def cases(self) -> list[Case]:
        """The open cases."""
        found = (self.dispute, self.recourse, self.changed, self.misdirected, self.bankrupt)
        return [one for one in found if one is not None]

    @property
    def is_held(self) -> bool:
        """Whether nothing of its reserve is released now."""
        cases = (self.dispute, self.changed, self.misdirected, self.bankrupt)
        return any(case is not None and case.holds_reserve for case in cases)

    @property
    def is_late(self) -> bool:
        """Whether the buyer's payment is overdue."""
        due = self.advance.due_on
        return self.advance.status == Advance.Status.FUNDED and due is not None and due < self.today

    @property
    def status(self) -> StatusLabel:
        """The most important fact about the advance, as a badge."""
        if self.dispute is not None:
            return StatusLabel(_("Disputed"), "warn")
        if self.misdirected is not None:
            return StatusLabel(_("Payment to forward"), "warn")
        if self.changed is not None and self.changed.holds_reserve:
            return StatusLabel(_("Changed in your books"), "warn")
        if self.bankrupt is not None:
            return StatusLabel(_("Buyer insolvent"), "warn")
        if self.advance.status == Advance.Status.COLLECTED:
            return StatusLabel(_("Buyer paid"), "good")
        if self.advance.status == Advance.Status.CLOSED_SHORT:
            return StatusLabel(_("Closed short"), "neutral")
        if self.recourse is not None:
            return StatusLabel(_("To be bought back"), "warn")
        return StatusLabel(_("Late"), "warn") if self.is_late else StatusLabel(_("Funded"), "good")


@dataclass(frozen=True)
class OutstandingTotal:
    """The outstanding advances of one currency. `held_rebate` is the part of their rebates that cases hold back."""

    totals: CashForecast
    held_rebate: Decimal


def funded_advances(*, supplier: Supplier, positions: Sequence[Position], today: date) -> list[FundedAdvance]:
    """The outstanding advances among `positions`, in the same order. At most one query."""
    at_hand = [one for one in positions if one.advance.status in OUTSTANDING_STATUSES]
    if not at_hand:
        return []
    found: dict[int, dict[str, Case]] = defaultdict(dict)
    for case in Case.objects.filter(supplier=supplier, closed_at__isnull=True).order_by("pk"):
        found[case.advance_id][case.kind] = case
    return [
        FundedAdvance(one, today, **{str(kind): case for kind, case in found[one.advance.pk].items()})
        for one in at_hand
    ]


@dataclass(frozen=True)
class ExpectedPayout:
    """The accepted advances of one currency that are not paid out yet."""

    currency: str
    count: int
    amount: Decimal


def expected_payouts(*, positions: Sequence[Position]) -> list[ExpectedPayout]:
    """The accepted advances among `positions` that are not paid out yet, by currency."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for one in positions:
        if one.advance.status == Advance.Status.ACCEPTED:
            found[one.advance.currency].append(one.advance.cash)
    return [ExpectedPayout(currency, len(sums), sum(sums, ZERO)) for currency, sums in sorted(found.items())]


def outstanding_totals(*, advances: Sequence[FundedAdvance]) -> list[OutstandingTotal]:
    """The totals of `advances`, by currency."""
    return [
        OutstandingTotal(sums, _held_rebate(advances, sums.currency))
        for sums in cash_forecasts(positions=[one.position for one in advances])
    ]


def _held_rebate(rows: Sequence[FundedAdvance], currency: str) -> Decimal:
    held = [one for one in rows if one.is_held and one.advance.currency == currency]
    return sum((one.position.expected_rebate for one in held), ZERO)
