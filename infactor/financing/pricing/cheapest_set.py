"""The cheapest set of invoices that brings so much cash. Pure.

A knapsack turned round: pick invoices so that their advances reach an amount and their fees together are least. It is
solved exactly by depth-first search with the bound of the fractional solution; where that would take too long, what
was found so far is returned, and said to be so.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

MOST_STEPS = 200_000  # about a second on one core


@dataclass(frozen=True, slots=True)
class Candidate:
    """An invoice that can be financed now: what it brings, and what it costs if the buyer pays when expected."""

    key: Hashable
    advance: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """The invoices chosen, in the order given; `is_cheapest` is False where the search was cut short."""

    keys: tuple[Hashable, ...]
    advance: Decimal
    fee: Decimal
    is_cheapest: bool


class NotEnough(Exception):
    """All of them together bring less; `most` is how much they bring."""

    def __init__(self, most: Decimal) -> None:
        super().__init__("All invoices that can be financed now bring less than that.")
        self.most = most


def cheapest(*, candidates: Sequence[Candidate], amount: Decimal) -> Choice:
    """The set with the least fees whose advances reach `amount`; of equal ones that with the fewest invoices.

    All amounts are of one currency and above zero. Raises NotEnough.
    """
    total = sum((one.advance for one in candidates), Decimal(0))
    if total < amount:
        raise NotEnough(total)
    # By what a unit of cash costs; ties in the order given, so that the answer does not depend on chance.
    ranked = sorted(
        range(len(candidates)), key=lambda index: (candidates[index].fee / candidates[index].advance, index)
    )
    search = _Search([candidates[index] for index in ranked], amount)
    search.run()
    chosen = sorted(ranked[position] for position in search.best)
    return Choice(
        keys=tuple(candidates[index].key for index in chosen),
        advance=sum((candidates[index].advance for index in chosen), Decimal(0)),
        fee=sum((candidates[index].fee for index in chosen), Decimal(0)),
        is_cheapest=search.steps <= MOST_STEPS,
    )


class _Search:
    """Depth first over candidates in the order of what they cost a unit; in cents, as integers compare faster."""

    def __init__(self, ranked: Sequence[Candidate], amount: Decimal) -> None:
        self.advances = [int(one.advance * 100) for one in ranked]
        self.fees = [int(one.fee * 100) for one in ranked]
        self.needed = int(amount * 100)
        self.advance_before = [0, *accumulate(self.advances)]  # of all candidates before each
        self.fee_before = [0, *accumulate(self.fees)]
        self.steps = 0
        self.best: tuple[int, ...] = self._greedy()
        self.best_cost = self._cost(self.best)

    def run(self) -> None:
        """Look at every branch that could still be cheaper than the best known."""
        stack: list[tuple[int, int, int, tuple[int, ...]]] = [(0, self.needed, 0, ())]
        while stack and self.steps <= MOST_STEPS:
            self.steps += 1
            index, missing, fee, taken = stack.pop()
            if missing <= 0:
                if (fee, len(taken)) < self.best_cost:
                    self.best, self.best_cost = taken, (fee, len(taken))
                continue
            if not self._may_win(index, missing, fee, len(taken)):
                continue
            stack.append((index + 1, missing, fee, taken))
            stack.append((index + 1, missing - self.advances[index], fee + self.fees[index], (*taken, index)))

    def _may_win(self, index: int, missing: int, fee: int, count: int) -> bool:
        """Whether the cheapest conceivable rest, with a fraction of the last one, could beat the best known."""
        target = self.advance_before[index] + missing
        if target > self.advance_before[-1]:
            return False  # all that is left would not be enough
        whole = bisect_right(self.advance_before, target, lo=index) - 1
        fee += self.fee_before[whole] - self.fee_before[index]
        rest = target - self.advance_before[whole]
        if rest > 0:
            fee += -(-self.fees[whole] * rest // self.advances[whole])
        best_fee, best_count = self.best_cost
        return fee < best_fee or (fee == best_fee and count + 1 < best_count)

    def _greedy(self) -> tuple[int, ...]:
        """The cheapest by unit until it is enough, then without those that turned out not to be needed."""
        missing, taken = self.needed, []
        for index, advance in enumerate(self.advances):
            if missing <= 0:
                break
            missing -= advance
            taken.append(index)
        for index in sorted(taken, key=lambda one: -self.fees[one]):
            if missing + self.advances[index] <= 0:
                missing += self.advances[index]
                taken.remove(index)
        return tuple(taken)

    def _cost(self, taken: Sequence[int]) -> tuple[int, int]:
        return sum(self.fees[index] for index in taken), len(taken)
