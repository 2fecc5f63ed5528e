"""What each debtor of a supplier brought when limits were last shared out, kept as sums."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q, Sum

from infactor.core.bulk import copy_rows, update_rows
from infactor.financing.eligibility.portfolio import ZERO, DebtorAndCurrency, Share, Shares, Utilization
from infactor.financing.models import DebtorShare

NO_SHARE = Share()
COLUMNS = ("candidates", "counted", "for_limit", "left", "capped", "used")


class KeptShare(NamedTuple):
    """The columns of one DebtorShare; see there."""

    candidates: int
    counted: int
    for_limit: Decimal
    left: Decimal
    capped: Decimal
    used: Decimal


class Totals(NamedTuple):
    """Sums over debtors in one currency; `debtors` have something left, or use some of the limits."""

    candidates: int = 0
    debtors: int = 0
    for_limit: Decimal = ZERO
    left: Decimal = ZERO
    used: Decimal = ZERO

    def plus(self, rows: Collection[KeptShare], *, sign: int = 1) -> "Totals":
        """These totals with `rows`, or without them (-1)."""
        return Totals(
            self.candidates + sign * sum(one.candidates for one in rows),
            self.debtors + sign * sum(1 for one in rows if one.counted or one.used),
            self.for_limit + sign * sum((one.for_limit for one in rows), ZERO),
            self.left + sign * sum((one.left for one in rows), ZERO),
            self.used + sign * sum((one.used for one in rows), ZERO),
        )


NOTHING = Totals()
KeptShares = dict[DebtorAndCurrency, KeptShare]


def rows_of(*, shares: Shares, used: Mapping[DebtorAndCurrency, Utilization]) -> KeptShares:
    """The rows to keep: of each debtor that has a candidate or uses some of the limits."""
    amounts = {key: one.amount for key, one in used.items() if one.amount}
    return {key: KeptShare(*shares.get(key, NO_SHARE), amounts.get(key, ZERO)) for key in {*shares, *amounts}}


def in_currency(rows: Mapping[DebtorAndCurrency, KeptShare], currency: str) -> list[KeptShare]:
    """The rows in one currency."""
    return [one for (_, code), one in rows.items() if code == currency]


def totals(*, supplier_id: int) -> dict[str, Totals]:
    """The sums over all debtors of a supplier, by currency. One query."""
    rows = (
        DebtorShare.objects.filter(supplier=supplier_id)
        .order_by()
        .values_list("currency")
        .annotate(
            all_candidates=Sum("candidates"),
            debtors=Count("pk", filter=Q(counted__gt=0) | Q(used__gt=0)),
            all_for_limit=Sum("for_limit"),
            all_left=Sum("left"),
            all_used=Sum("used"),
        )
    )
    return {currency: Totals(*sums) for currency, *sums in rows}


def load(*, supplier_id: int, debtors: Collection[str] | None = None) -> KeptShares:
    """The rows of a supplier: all, or of these debtors."""
    return {key: one for key, (_, one) in _stored(supplier_id, debtors).items()}


def cut_by(*, supplier_id: int, currency: str, max_amount: Decimal) -> set[str]:
    """The debtors that concentration cuts where each may have at most `max_amount`."""
    rows = DebtorShare.objects.filter(supplier=supplier_id, currency=currency, capped__gt=0)
    return set(rows.filter(capped__gt=max_amount - F("used")).values_list("debtor", flat=True))


def save(*, supplier_id: int, rows: KeptShares, debtors: Collection[str] | None = None) -> None:
    """Make `rows` the rows of a supplier: all, or those of these debtors. Writes only what differs."""
    stored = _stored(supplier_id, debtors)
    new = [[supplier_id, currency, debtor, *rows[debtor, currency]] for debtor, currency in sorted({*rows} - {*stored})]
    if new:
        copy_rows(model=DebtorShare, columns=["supplier_id", "currency", "debtor", *COLUMNS], rows=new)
    changed = [[pk, *rows[key]] for key, (pk, was) in stored.items() if key in rows and rows[key] != was]
    update_rows(model=DebtorShare, columns=COLUMNS, rows=changed)
    if gone := [pk for key, (pk, _) in stored.items() if key not in rows]:
        DebtorShare.objects.filter(pk__in=gone).delete()


def _stored(supplier_id: int, debtors: Collection[str] | None) -> dict[DebtorAndCurrency, tuple[int, KeptShare]]:
    rows = DebtorShare.objects.filter(supplier=supplier_id).order_by()
    if debtors is not None:
        rows = rows.filter(debtor__in=list(debtors))
    return {
        (debtor, currency): (pk, KeptShare(*values))
        for pk, debtor, currency, *values in rows.values_list("pk", "debtor", "currency", *COLUMNS)
    }
