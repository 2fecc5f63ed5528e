"""Which payments in a supplier's books are explained by payments that infactor received. Pure, no query.

A payment is explained by one of ours that is near in amount and day. One may also be the sum of several, in either
direction, because a supplier may book two payments as one, or one as two. All payments and receipts of a supplier are
assigned together, so that none takes a receipt that only another could have used.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from infactor.financing.watch.assignment import Explanation, assign
from infactor.financing.watch.payments_and_receipts import BookedPayment, Claim, Receipt

ZERO = Decimal(0)
MAX_CANDIDATES = 8  # for sums
MAX_PARTS = 4  # more parts add up to anything by chance


@dataclass(frozen=True)
class Tolerance:
    """How near is near: so many days, and so much money in the invoice's currency."""

    days: int
    amount: Decimal


@dataclass(frozen=True)
class Doubt:
    """Why a payment that nothing explains may be one of ours all the same.

    `other` is the advance for which we received the same amount; None with `is_own`: we wrote the same payment into the
    books ourselves. Of several payments only one can be the `received` one.
    """

    other: int | None = None
    received: Receipt | None = None
    is_own: bool = False


@dataclass(frozen=True)
class Explained:
    """What nothing explains, each with its doubt; what is explained; and whether a receipt that waits was needed."""

    left: tuple[tuple[Claim, Doubt | None], ...]
    explained: tuple[Claim, ...]
    needs_waiting: bool


def explain(
    *,
    claims: Sequence[Claim],
    receipts: Sequence[Receipt],
    tolerance: Tolerance,
    promised: Collection[int] = frozenset(),
) -> Explained:
    """Assign the receipts to the payments so that as few payments as possible are left.

    Of the advances in `promised` the supplier forwards the money, so a receipt may come as late as it likes.
    """
    near = _Nearness(tolerance, frozenset(promised))
    # First by what was received for the very invoice; what waits to be matched is for those that are left.
    matched = [number for number, one in enumerate(receipts) if not one.is_waiting]
    taken = _assigned(claims, receipts, range(len(claims)), matched, near)
    explained_by = {claim: one.receipts for one in taken for claim in one.claims}
    used = {receipt for one in taken for receipt in one.receipts}
    if len(matched) < len(receipts):
        others = [
            number
            for number, claim in enumerate(claims)
            if number not in explained_by and (claim.matters or not claim.payment.is_applied)
        ]
        free = [number for number in range(len(receipts)) if number not in used]
        taken += _assigned(claims, receipts, others, free, near)
        explained_by = {claim: one.receipts for one in taken for claim in one.claims}
    used = {receipt for one in taken for receipt in one.receipts}
    spare = [one for number, one in enumerate(receipts) if number not in used and not one.is_waiting]
    left: list[tuple[Claim, Doubt | None]] = []
    for number, claim in enumerate(claims):
        if number in explained_by or claim.payment.is_own:
            continue
        doubt = _meant_for_another(claim, spare, near)
        if doubt is not None and doubt.received is not None:
            spare.remove(doubt.received)
        left.append((claim, doubt or _shared(claim, claims, receipts, explained_by, near)))
    return Explained(
        left=tuple(left),
        explained=tuple(claims[number] for number in sorted(explained_by)),
        needs_waiting=any(receipts[number].is_waiting for number in used),
    )


def _meant_for_another(claim: Claim, spare: Iterable[Receipt], near: "_Nearness") -> Doubt | None:
    """A receipt for another invoice of the same buyer, which no payment in the books needs."""
    for one in spare:
        if one.buyer == claim.buyer and one.advance not in claim.advances and near.is_same(claim, one):
            return Doubt(other=one.advance, received=one)
    return None


def _shared(
    claim: Claim,
    claims: Sequence[Claim],
    receipts: Sequence[Receipt],
    explained_by: dict[int, frozenset[int]],
    near: "_Nearness",
) -> Doubt | None:
    """A receipt that explains another payment, and could as well have explained this one."""
    for number, used in explained_by.items():
        other = claims[number]
        if other.buyer != claim.buyer or len(used) > 1:
            continue
        for receipt in (receipts[one] for one in used):
            if other.payment.is_own and near.may_mean(claim, receipt) and near.is_same(claim, receipt):
                return Doubt(is_own=True, received=receipt)
            if receipt.is_waiting and not set(other.advances) & set(claim.advances) and near.is_same(claim, receipt):
                return Doubt(other=other.advances[0], received=receipt)
    return None


@dataclass(frozen=True)
class _Nearness:
    tolerance: Tolerance
    promised: frozenset[int]

    def may_mean(self, claim: Claim, receipt: Receipt) -> bool:
        """Whether the receipt is for an advance of the payment, or waits and may be for any."""
        if receipt.currency != claim.buyer[1]:
            return False
        return receipt.is_waiting or receipt.advance in claim.advances

    def is_near(self, claim: Claim, receipt: Receipt) -> bool:
        """In time. A payment without a day is near to any, and so is one that we wrote, whenever we did."""
        payment = claim.payment
        if payment.paid_on is None or payment.is_own:
            return True
        if self.promised & set(claim.advances) and receipt.value_date >= payment.paid_on:
            return True
        return abs(receipt.value_date - payment.paid_on) <= timedelta(days=self.tolerance.days)

    def is_same(self, claim: Claim, receipt: Receipt) -> bool:
        return self.is_near(claim, receipt) and self.difference(claim.payment, receipt) is not None

    def days(self, claims: Iterable[Claim], receipts: Iterable[Receipt]) -> int:
        days = [one.payment.paid_on for one in claims if one.payment.paid_on is not None]
        return max((abs((one.value_date - day).days) for one in receipts for day in days), default=0)

    def fits(self, amounts: Iterable[Decimal | None], other: Decimal) -> bool:
        found = list(amounts)
        return None not in found and abs(sum((one or ZERO for one in found), ZERO) - other) <= self.tolerance.amount

    def difference(self, payment: BookedPayment, receipt: Receipt) -> Decimal | None:
        """The smallest difference of amounts that may mean the same payment; None: too large."""
        found = [
            abs(one - other)
            for one in (payment.amount, payment.total)
            for other in (receipt.amount, *receipt.other_amounts)
            if one is not None
        ]
        smallest = min(found, default=None)
        return smallest if smallest is not None and smallest <= self.tolerance.amount else None


def _assigned(
    claims: Sequence[Claim], receipts: Sequence[Receipt], numbers: Iterable[int], places: Iterable[int], near: _Nearness
) -> list[Explanation]:
    """The best assignment among the payments `numbers` and the receipts `places`."""
    return assign(claims=claims, explanations=list(_explanations(claims, receipts, list(numbers), places, near)))


def _explanations(
    claims: Sequence[Claim], receipts: Sequence[Receipt], numbers: Sequence[int], places: Iterable[int], near: _Nearness
) -> Iterator[Explanation]:
    def of(claim_numbers: Iterable[int], receipt_numbers: Iterable[int], difference: Decimal = ZERO) -> Explanation:
        of_claims, of_receipts = frozenset(claim_numbers), frozenset(receipt_numbers)
        return Explanation(
            of_claims,
            of_receipts,
            sum(receipts[one].is_waiting for one in of_receipts),
            difference,
            near.days((claims[one] for one in of_claims), (receipts[one] for one in of_receipts)),
        )

    candidates: dict[int, list[int]] = defaultdict(list)  # by receipt: the payments that are near in time
    waiting_for: dict[int, list[int]] = defaultdict(list)  # by payment: the receipts that are
    of_advance: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        for advance in claims[number].advances:
            of_advance[advance].append(number)
    places = list(places)
    for place in places:
        receipt = receipts[place]
        for number in numbers if receipt.advance is None else of_advance[receipt.advance]:
            claim = claims[number]
            if not near.may_mean(claim, receipt) or not near.is_near(claim, receipt):
                continue
            if (difference := near.difference(claim.payment, receipt)) is not None:
                yield of([number], [place], difference)
            if not claim.payment.is_own:
                candidates[place].append(number)
                waiting_for[number].append(place)
    for place, near_by in candidates.items():
        for group in _groups(near_by, claims, receipts[place].value_date):
            if near.fits((claims[one].payment.amount for one in group), receipts[place].amount) or _is_one_payment(
                [claims[one] for one in group], receipts[place], near
            ):
                yield of(group, [place])
    for number, offered in waiting_for.items():
        amount, day = claims[number].payment.amount, claims[number].payment.paid_on
        if amount is None:
            continue
        nearest = sorted(offered, key=lambda one: (abs((receipts[one].value_date - (day or date.min)).days), one))
        for size in range(2, MAX_PARTS + 1):
            for some in combinations(nearest[:MAX_CANDIDATES], size):
                if near.fits((receipts[one].amount for one in some), amount):
                    yield of([number], some)
    for shares in _shares_of_one(receipts, places):
        near_by = sorted({number for place in shares for number in candidates[place]})
        whole = sum((receipts[place].amount for place in shares), ZERO)
        for number in near_by:
            if near.fits([claims[number].payment.total], whole) and not claims[number].payment.is_applied:
                yield of([number], shares)
        for group in _groups(near_by, claims, receipts[shares[0]].value_date):
            if near.fits((claims[one].payment.amount for one in group), whole):
                yield of(group, shares)


def _groups(numbers: Iterable[int], claims: Sequence[Claim], day: date) -> Iterator[tuple[int, ...]]:
    """Up to `MAX_PARTS` payments of one buyer, of those nearest to `day`."""
    by_buyer: dict[object, list[int]] = defaultdict(list)
    for number in numbers:
        by_buyer[claims[number].buyer].append(number)
    for of_buyer in by_buyer.values():
        nearest = sorted(of_buyer, key=lambda one: (abs(((claims[one].payment.paid_on or day) - day).days), one))
        for size in range(2, MAX_PARTS + 1):
            yield from combinations(nearest[:MAX_CANDIDATES], size)


def _is_one_payment(group: Sequence[Claim], receipt: Receipt, near: _Nearness) -> bool:
    """Whether they are the parts of one payment, the whole of which came."""
    first = group[0].payment
    return (
        all(one.payment.reference == first.reference for one in group) and near.difference(first, receipt) is not None
    )


def _shares_of_one(receipts: Sequence[Receipt], places: Iterable[int]) -> list[tuple[int, ...]]:
    """The receipts that are shares of one payment to us, where it paid several advances of one buyer."""
    shares: dict[tuple[int, object], list[int]] = defaultdict(list)
    for place in places:
        if not receipts[place].is_waiting:
            shares[receipts[place].collection, receipts[place].buyer].append(place)
    return [tuple(places) for places in shares.values() if len(places) > 1]
