"""The assignment of receipts to payments that leaves the fewest payments unexplained. Pure, no query."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from infactor.financing.watch.payments_and_receipts import Claim

MAX_PAYMENTS, MAX_STATES = 100, 20_000  # of one group of payments that compete for the same receipts

# More is better: our own entries explained, all payments, those on an invoice. Then less: waiting, money, days.
Worth = tuple[int, int, int, int, Decimal, int]
NOTHING: Worth = (0, 0, 0, 0, Decimal(0), 0)


@dataclass(frozen=True)
class Explanation:
    """These payments are these receipts, both by number. `difference` is in money, `days` the widest distance."""

    claims: frozenset[int]
    receipts: frozenset[int]
    waiting: int
    difference: Decimal
    days: int


class _TooManyStates(Exception):
    """The group is too large to try everything."""


def assign(*, claims: Sequence[Claim], explanations: Sequence[Explanation]) -> list[Explanation]:
    """Choose explanations of which no two use the same payment or receipt, worth the most together.

    Exact for each group of payments that share candidates. A group that is too large takes the nearest pairs first.
    """
    chosen: list[Explanation] = []
    for group in _independent(explanations):
        try:
            chosen += _Search(claims, group).best()
        except _TooManyStates:
            chosen += _nearest_first(claims, group)
    return chosen


def _worth(claims: Sequence[Claim], one: Explanation) -> Worth:
    of_it = [claims[number] for number in one.claims]
    return (
        sum(claim.payment.is_own for claim in of_it),
        len(of_it),
        sum(claim.payment.is_applied for claim in of_it),
        -one.waiting,
        -one.difference,
        -one.days,
    )


def _independent(explanations: Sequence[Explanation]) -> list[list[Explanation]]:
    """The explanations in groups that share no payment and no receipt."""
    parents: dict[tuple[str, int], tuple[str, int]] = {}

    def root(part: tuple[str, int]) -> tuple[str, int]:
        while parents.setdefault(part, part) != part:
            parents[part] = parents[parents[part]]
            part = parents[part]
        return part

    for one in explanations:
        first = root(("claim", min(one.claims)))
        for part in (*(("claim", number) for number in one.claims), *(("receipt", number) for number in one.receipts)):
            parents[root(part)] = first
    groups: dict[tuple[str, int], list[Explanation]] = {}
    for one in explanations:
        groups.setdefault(root(("claim", min(one.claims))), []).append(one)
    return list(groups.values())


def _nearest_first(claims: Sequence[Claim], explanations: Sequence[Explanation]) -> list[Explanation]:
    def order(one: Explanation) -> tuple[object, ...]:
        is_sum = len(one.claims) + len(one.receipts) > 2
        return (is_sum, tuple(-part for part in _worth(claims, one)), sorted(one.claims), sorted(one.receipts))

    chosen: list[Explanation] = []
    used_claims: set[int] = set()
    used_receipts: set[int] = set()
    for one in sorted(explanations, key=order):
        if not one.claims & used_claims and not one.receipts & used_receipts:
            chosen.append(one)
            used_claims |= one.claims
            used_receipts |= one.receipts
    return chosen


class _Search:
    """The best choice for one group, with what is left of payments and receipts as its state."""

    def __init__(self, claims: Sequence[Claim], explanations: Sequence[Explanation]) -> None:
        self.claims = claims
        self.by_first: dict[int, list[tuple[Explanation, Worth]]] = {}
        for one in explanations:
            self.by_first.setdefault(min(one.claims), []).append((one, _worth(claims, one)))
        self.numbers = sorted({number for one in explanations for number in one.claims})
        self.known: dict[tuple[int, frozenset[int], frozenset[int]], tuple[Worth, tuple[Explanation, ...]]] = {}

    def best(self) -> list[Explanation]:
        if len(self.numbers) > MAX_PAYMENTS:
            raise _TooManyStates
        return list(self._from(0, frozenset(), frozenset())[1])

    def _from(
        self, place: int, claims: frozenset[int], receipts: frozenset[int]
    ) -> tuple[Worth, tuple[Explanation, ...]]:
        """The best for the payments from `place` on, where these `claims` and `receipts` are taken."""
        if place == len(self.numbers):
            return NOTHING, ()
        key = (place, claims, receipts)
        if key in self.known:
            return self.known[key]
        if len(self.known) >= MAX_STATES:
            raise _TooManyStates
        number = self.numbers[place]
        best = self._from(place + 1, claims - {number}, receipts)
        if number not in claims:
            for one, worth in self.by_first.get(number, ()):
                if one.claims & claims or one.receipts & receipts:
                    continue
                after, chosen = self._from(place + 1, (claims | one.claims) - {number}, receipts | one.receipts)
                total = _sum(worth, after)
                if total > best[0]:
                    best = (total, (one, *chosen))
        self.known[key] = best
        return best


def _sum(one: Worth, other: Worth) -> Worth:
    return (
        one[0] + other[0],
        one[1] + other[1],
        one[2] + other[2],
        one[3] + other[3],
        one[4] + other[4],
        one[5] + other[5],
    )
