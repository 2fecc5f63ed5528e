"""Which payments in a supplier's books are explained by payments that infactor received. Pure, no query.

A payment is explained by one of ours that is near in amount and day. One may also be the sum of several, in either
direction, because a supplier may book two payments as one, or one as two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

MAX_CANDIDATES = 8  # for sums: 2**8 at most


@dataclass(frozen=True)
class Tolerance:
    """How near is near: so many days, and so much money in the invoice's currency."""

    days: int
    amount: Decimal


@dataclass(frozen=True)
class BookedPayment:
    """What a payment in the supplier's books lays on one invoice.

    `total` is the whole payment, and `unapplied` what of it lies on nothing. `kinds` are the other documents that it
    applies: none for plain money. One that is not `is_applied` lies on no invoice, but has the amount of this one.
    """

    reference: str
    amount: Decimal | None
    paid_on: date | None
    total: Decimal | None = None
    unapplied: Decimal = Decimal(0)
    number: str = ""
    moves_money: bool = True
    is_own: bool = False
    is_applied: bool = True
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """A payment that infactor received: what of it went to one advance, and other amounts that mean the same payment.

    `is_waiting`: it is not matched to any advance yet.
    """

    key: int
    amount: Decimal
    value_date: date
    other_amounts: tuple[Decimal, ...] = ()
    is_waiting: bool = False


@dataclass(frozen=True)
class Explained:
    """The payments that nothing explains, and the keys of the receipts that were needed for the others."""

    left: tuple[BookedPayment, ...]
    used: frozenset[int]


def explain(
    *, payments: Sequence[BookedPayment], receipts: Sequence[Receipt], tolerance: Tolerance, is_promised: bool = False
) -> Explained:
    """Take the explained payments out of `payments`.

    With `is_promised` the supplier forwards the money, so a receipt may come as late as it likes.
    """
    left = [one for one in payments if not one.is_own]
    free = list(receipts)
    near = _Nearness(tolerance, is_promised)
    pairs = sorted(
        (
            (near.distance(payment, receipt), payment.reference, receipt.key, payment, receipt)
            for payment in left
            for receipt in free
            if near.is_same(payment, receipt)
        ),
        key=lambda one: one[:3],
    )
    for *_, payment, receipt in pairs:
        if payment in left and receipt in free:
            left.remove(payment)
            free.remove(receipt)
    for receipt in list(free):
        if group := _group_of_payments(receipt, left, near):
            free.remove(receipt)
            left = [one for one in left if one not in group]
    for payment in list(left):
        if receipts_of_it := _group_of_receipts(payment, free, near):
            left.remove(payment)
            free = [one for one in free if one not in receipts_of_it]
    used = frozenset(one.key for one in receipts if one not in free)
    return Explained(tuple(left), used)


@dataclass(frozen=True)
class _Nearness:
    tolerance: Tolerance
    is_promised: bool

    def is_near(self, payment: BookedPayment, receipt: Receipt) -> bool:
        """In time. A payment without a day is near to any."""
        if payment.paid_on is None:
            return True
        late_enough = self.is_promised and receipt.value_date >= payment.paid_on
        return late_enough or abs(receipt.value_date - payment.paid_on) <= timedelta(days=self.tolerance.days)

    def is_same(self, payment: BookedPayment, receipt: Receipt) -> bool:
        return self.is_near(payment, receipt) and self._difference(payment, receipt) is not None

    def distance(self, payment: BookedPayment, receipt: Receipt) -> tuple[Decimal, int]:
        days = abs((receipt.value_date - payment.paid_on).days) if payment.paid_on is not None else 0
        return self._difference(payment, receipt) or Decimal(0), days

    def fits(self, amount: Decimal, sum_of: Decimal) -> bool:
        return abs(amount - sum_of) <= self.tolerance.amount

    def _difference(self, payment: BookedPayment, receipt: Receipt) -> Decimal | None:
        """The smallest difference of amounts that may mean the same payment; None: too large."""
        found = [
            abs(one - other)
            for one in (payment.amount, payment.total)
            for other in (receipt.amount, *receipt.other_amounts)
            if one is not None
        ]
        smallest = min(found, default=None)
        return smallest if smallest is not None and smallest <= self.tolerance.amount else None


def _group_of_payments(
    receipt: Receipt, payments: Sequence[BookedPayment], near: _Nearness
) -> tuple[BookedPayment, ...]:
    near_by = [one for one in payments if one.amount is not None and near.is_near(one, receipt)][:MAX_CANDIDATES]
    for size in range(2, len(near_by) + 1):
        for group in combinations(near_by, size):
            if near.fits(receipt.amount, sum((one.amount or Decimal(0) for one in group), Decimal(0))):
                return group
    return ()


def _group_of_receipts(payment: BookedPayment, receipts: Sequence[Receipt], near: _Nearness) -> tuple[Receipt, ...]:
    near_by = [one for one in receipts if near.is_near(payment, one)][:MAX_CANDIDATES]
    for size in range(2, len(near_by) + 1):
        for group in combinations(near_by, size):
            if payment.amount is not None and near.fits(payment.amount, sum((one.amount for one in group), Decimal(0))):
                return group
    return ()
