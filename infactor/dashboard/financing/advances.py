"""Funded invoices as pages show them: where each stands, what of it is held, and when its money is expected."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from infactor.financing.accounting import positions as position
from infactor.financing.accounting.positions import ZERO, Outlook, Position
from infactor.financing.models import OUT, Advance, Case
from infactor.invoices.states import Label
from infactor.suppliers.models import Supplier


@dataclass(frozen=True)
class Funded:
    """One advance that is out, with the open cases about it. While it is disputed nothing of it is released."""

    position: Position
    today: date
    dispute: Case | None = None
    recourse: Case | None = None

    @property
    def advance(self) -> Advance:
        return self.position.advance

    @property
    def is_late(self) -> bool:
        """Whether its buyer should have paid by now."""
        due = self.advance.invoice.payable_date
        return self.advance.status == Advance.Status.FUNDED and due is not None and due < self.today

    @property
    def status(self) -> Label:
        """What stands out about it."""
        if self.dispute is not None:
            return Label("Disputed", "warn")
        if self.advance.status == Advance.Status.COLLECTED:
            return Label("Buyer paid", "good")
        if self.recourse is not None:
            return Label("To be bought back", "warn")
        return Label("Late", "warn") if self.is_late else Label("Funded", "good")


@dataclass(frozen=True)
class Out:
    """What is out in one currency; `held` is what of the expected rebates waits for the end of a dispute."""

    sums: Outlook
    held: Decimal


def funded(*, supplier: Supplier, positions: Sequence[Position], today: date) -> list[Funded]:
    """Those of `positions` that are paid out, in their order. One query, where there are any."""
    at_hand = [one for one in positions if one.advance.status in OUT]
    if not at_hand:
        return []
    found: dict[int, dict[str, Case]] = defaultdict(dict)
    for case in Case.objects.filter(supplier=supplier, closed_at__isnull=True).order_by("pk"):
        found[case.advance_id][case.kind] = case
    return [
        Funded(one, today, found[one.advance.pk].get(Case.Kind.DISPUTE), found[one.advance.pk].get(Case.Kind.RECOURSE))
        for one in at_hand
    ]


@dataclass(frozen=True)
class Coming:
    """What is accepted in one currency and paid out next."""

    currency: str
    count: int
    cash: Decimal


def coming(*, positions: Sequence[Position]) -> list[Coming]:
    """What of `positions` is accepted and not paid out yet, by currency."""
    found: dict[str, list[Decimal]] = defaultdict(list)
    for one in positions:
        if one.advance.status == Advance.Status.ACCEPTED:
            found[one.advance.currency].append(one.advance.amount)
    return [Coming(currency, len(sums), sum(sums, ZERO)) for currency, sums in sorted(found.items())]


def out(*, rows: Sequence[Funded]) -> list[Out]:
    """The sums of `rows`, by currency."""
    return [
        Out(sums, _held(rows, sums.currency)) for sums in position.outlooks(positions=[one.position for one in rows])
    ]


def _held(rows: Sequence[Funded], currency: str) -> Decimal:
    disputed = [one for one in rows if one.dispute is not None and one.advance.currency == currency]
    return sum((one.position.rebate for one in disputed), ZERO)
