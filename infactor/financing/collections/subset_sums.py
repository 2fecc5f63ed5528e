"""Finds which of several open amounts come to a payment together. Pure, and bounded."""

from collections.abc import Sequence
from decimal import Decimal

MAX_AMOUNTS = 40  # of a buyer with more open invoices, the oldest
MAX_PARTS = 12
MAX_STEPS = 20_000


def find(*, amounts: Sequence[Decimal], total: Decimal) -> list[tuple[int, ...]]:
    """The positions of `amounts` that come to `total`: none, the only way, or the first two ways found.

    The search gives up after MAX_STEPS; a way that it has found until then may not be the only one, so two are given.
    """
    order = sorted(range(min(len(amounts), MAX_AMOUNTS)), key=lambda position: -amounts[position])
    values = [amounts[position] for position in order]
    left = [sum(values[position:], Decimal(0)) for position in range(len(values) + 1)]
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, Decimal, tuple[int, ...]]] = [(0, total, ())]
    steps = 0
    while stack and len(found) < 2:
        position, rest, chosen = stack.pop()
        steps += 1
        if steps > MAX_STEPS:
            return found * 2 if found else []
        if rest == 0:
            found.append(tuple(sorted(order[one] for one in chosen)))
            continue
        if position == len(values) or len(chosen) == MAX_PARTS or rest < 0 or left[position] < rest:
            continue
        stack.append((position + 1, rest, chosen))
        stack.append((position + 1, rest - values[position], (*chosen, position)))
    return found
