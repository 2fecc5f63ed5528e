"""Any sequence of actions: the books explain every account, nothing is financed twice, and every limit holds.

`FINANCED_SEQUENCES=500 make test args=tests/financing/test_any_sequence.py` tries so many, and others each time.
"""

import os
from collections.abc import Callable
from random import Random

import pytest
from django.db.transaction import atomic, set_rollback
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from infactor.ledger.proof import prove
from tests.financing.acts import CHANCES, Acts
from tests.financing.world import World, build_world

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("FINANCED_SEQUENCES", "6"))
STEPS = 50
Act = Callable[[Acts, Random], None]

ACTS: list[Act] = [act for act, times in CHANCES.items() for _ in range(times)]
# Always so many: Hypothesis by itself makes most sequences short, and few invoices come to be funded in those.
STEPS_TAKEN = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2**32)), min_size=STEPS, max_size=STEPS)


def tell(world: World, steps: list[tuple[Act, int]]) -> None:
    """Do all of it, and take it back."""
    world = World(world.houses, world.shared, world.buyers)
    with atomic():
        world.later(0)
        acts = Acts(world)
        try:
            for act, chance in steps:
                act(acts, Random(chance))
            assert prove(at=world.now).findings == []
        except BaseException as problem:
            problem.add_note("\n".join(world.told))
            raise
        finally:
            note("\n".join(world.told))
            set_rollback(True)


def test_whatever_is_done_one_after_another_the_books_explain_it() -> None:
    world = build_world()

    @settings(
        max_examples=SEQUENCES,
        deadline=None,
        database=None,
        derandomize="FINANCED_SEQUENCES" not in os.environ,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(steps=STEPS_TAKEN)
    def whatever(steps: list[tuple[Act, int]]) -> None:
        tell(world, steps)

    whatever()
