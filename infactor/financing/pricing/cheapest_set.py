"""The cheapest set of invoices that brings at least a given amount of cash. Pure.

A covering knapsack: choose invoices whose advances reach an amount and whose fees add up to the least. It is solved
exactly by depth-first search, bounded by the fractional solution. Where that would take too long, the best set found so
far is returned and marked as such.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from django.utils.translation import gettext as _

MAX_STEPS = 200_000  # about one second on one core


@dataclass(frozen=True, slots=True)
class Candidate:
    """An eligible invoice: its advance, and its fee if the buyer pays on the expected day."""

    key: Hashable
    advance: Decimal
    fee: Decimal


@dataclass(frozen=True, slots=True)
class Selection:
    """The selected invoices, in the order given. `is_cheapest` is False where the search ran out of steps."""

    keys: tuple[Hashable, ...]
    advance: Decimal
    fee: Decimal
    is_cheapest: bool


class InsufficientInvoices(Exception):
    """All invoices together bring less than the amount; `available` is how much they bring."""

    def __init__(self, available: Decimal) -> None:
        super().__init__(_("All invoices that can be financed now bring less than that."))
        self.available = available


def find_cheapest_set(*, candidates: Sequence[Candidate], amount: Decimal) -> Selection:
    """The set with the lowest fees whose advances reach `amount`; of several, the one with the fewest invoices.

    All amounts are of one currency and above zero. Raises InsufficientInvoices.
    """
    total = sum((one.advance for one in candidates), Decimal(0))
    if total < amount:
        raise InsufficientInvoices(total)
    # By the fee for a unit of cash; ties in the order given, so that the result is always the same.
    ranked = sorted(
        range(len(candidates)), key=lambda index: (candidates[index].fee / candidates[index].advance, index)
    )
    search = _Search([candidates[index] for index in ranked], amount)
    search.run()
    chosen = sorted(ranked[position] for position in search.best)
    return Selection(
        keys=tuple(candidates[index].key for index in chosen),
        advance=sum((candidates[index].advance for index in chosen), Decimal(0)),
        fee=sum((candidates[index].fee for index in chosen), Decimal(0)),
        is_cheapest=search.steps <= MAX_STEPS,
    )


class _Search:
    """Depth-first search over candidates by their fee for a unit of cash; in cents, because integers compare faster."""

    def __init__(self, ranked: Sequence[Candidate], amount: Decimal) -> None:
        self.advances = [int(one.advance * 100) for one in ranked]
        self.fees = [int(one.fee * 100) for one in ranked]
        self.needed = int(amount * 100)
        self.advance_before = [0, *accumulate(self.advances)]  # sum over all candidates before each
        self.fee_before = [0, *accumulate(self.fees)]
        self.steps = 0
        self.best: tuple[int, ...] = self._greedy()
        self.best_fee_and_count = self._fee_and_count(self.best)

    def run(self) -> None:
        """Search every branch that could still be cheaper than the best set found."""
        stack: list[tuple[int, int, int, tuple[int, ...]]] = [(0, self.needed, 0, ())]
        while stack and self.steps <= MAX_STEPS:
            self.steps += 1
            index, missing, fee, taken = stack.pop()
            if missing <= 0:
                if (fee, len(taken)) < self.best_fee_and_count:
                    self.best, self.best_fee_and_count = taken, (fee, len(taken))
                continue
            if not self._can_improve(index, missing, fee, len(taken)):
                continue
            stack.append((index + 1, missing, fee, taken))
            stack.append((index + 1, missing - self.advances[index], fee + self.fees[index], (*taken, index)))

    def _can_improve(self, index: int, missing: int, fee: int, count: int) -> bool:
        """Whether the cheapest completion, with a fraction of its last candidate, could beat the best set found."""
        target = self.advance_before[index] + missing
        if target > self.advance_before[-1]:
            return False  # all remaining candidates would not be enough
        whole = bisect_right(self.advance_before, target, lo=index) - 1
        fee += self.fee_before[whole] - self.fee_before[index]
        rest = target - self.advance_before[whole]
        if rest > 0:
            fee += -(-self.fees[whole] * rest // self.advances[whole])
        best_fee, best_count = self.best_fee_and_count
        return fee < best_fee or (fee == best_fee and count + 1 < best_count)

    def _greedy(self) -> tuple[int, ...]:
        """The cheapest by unit until they are enough, then without those that are not needed after all."""
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

    def _fee_and_count(self, taken: Sequence[int]) -> tuple[int, int]:
        return sum(self.fees[index] for index in taken), len(taken)
