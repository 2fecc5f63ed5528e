"""Every seed's random scenario of edits, faults and crashes ends with infactor matching QuickBooks.

`make simulate-sync` runs a thousand seeds; `make simulate-sync args="--seed 123"` repeats one.
"""

import os
import re
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.simulation.environment import Environment
from tests.simulation.scenario import Scenario
from tests.support.database.truncation import delete_all_rows

# The numbers of rows go on from one scenario to the next.
NUMBER = re.compile(r"\b(run|inbox|check|push|advance) \d+")
FIRST, LAST = (int(one) for one in os.environ.get("SIMULATED_SEEDS", "1:10").split(":"))


@pytest.fixture
def _django_db_helper() -> None:
    """Do nothing: each seed clears its own tables, which is faster than pytest-django's way of emptying all."""


@pytest.fixture(scope="module")
def stage(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Environment]:
    """The environment, cleared by each seed: Django's way of emptying every table takes longer than the scenario."""
    with django_db_blocker.unblock():
        stage = Environment(tmp_path_factory.mktemp("simulation"))
        yield stage
        stage.close()
        delete_all_rows()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_the_books_end_in_step_whatever_happens_on_the_way(stage: Environment, seed: int) -> None:
    play(seed, stage)


@pytest.mark.django_db
def test_a_seed_always_gives_the_same_scenario(stage: Environment) -> None:
    first, second = (NUMBER.sub(r"\1", "\n".join(play(FIRST, stage))) for _ in range(2))
    assert first == second


def play(seed: int, stage: Environment) -> list[str]:
    """Run the scenario of a seed to its end. Returns what happened."""
    scenario = Scenario(seed=seed, stage=stage)
    try:
        scenario.run()
        return scenario.history
    except BaseException as problem:
        problem.add_note("\n".join([*scenario.history, f'To see it again: make simulate-sync args="--seed {seed}"']))
        raise
    finally:
        scenario.close()
