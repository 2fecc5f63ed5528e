"""A funded advance, built once for each file that works on one."""

import copy
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from infactor.financing.models import Advance
from tests.support.database.module_rows import module_rows
from tests.support.scenarios.financing import Scenario


@pytest.fixture(scope="module")
def module_advance(module_scenario: Scenario, django_db_blocker: DjangoDbBlocker) -> Iterator[Advance]:
    def build() -> Advance:
        buyer = module_scenario.buyer("Cedar")
        return module_scenario.funded(module_scenario.invoice(buyer, face="10000"))

    with module_rows(build, django_db_blocker) as made:
        yield made


@pytest.fixture
def advance(scenario: Scenario, module_advance: Advance) -> Advance:
    """The advance on an invoice of 10,000, funded at the time of the scenario."""
    return copy.deepcopy(module_advance)
