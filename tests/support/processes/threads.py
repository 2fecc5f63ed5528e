"""Runs functions concurrently, each in a thread with its own database connection."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from infactor.financing.collections.payments import AlreadyRecorded
from tests.support.scenarios import onboarding
from tests.support.scenarios.financing import Scenario, build_scenario
from tests.support.scenarios.two_suppliers import REFUSALS

WELL = ""


def run_concurrently(works: Sequence[Callable[[], object]]) -> list[str]:
    """Run all `works` concurrently; return how each ended, WELL or the name of the refusal.

    Any other exception, such as a deadlock, is raised.
    """
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        try:
            ready.wait(30)
            work()
        except (*REFUSALS, AlreadyRecorded) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return WELL

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(one, works))


def run_twenty_times(work: Callable[[], object]) -> Counter[str]:
    """Run `work` twenty times concurrently, and count the outcomes."""
    return Counter(run_concurrently([work] * 20))


def committed_scenario(name: str = "Larkspur Coffee Roasters") -> Scenario:
    """A committed scenario, for a database that an earlier test may have emptied of its initial data."""
    onboarding.published()
    scenario = build_scenario(name=name)
    scenario.terms()
    return scenario
