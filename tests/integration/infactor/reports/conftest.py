"""A month of a supplier, for tests of reports."""

import copy
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from pytest_django import DjangoDbBlocker

from tests.support.database.module_rows import module_rows
from tests.support.reporting import Life
from tests.support.scenarios.financing import NOW, Scenario, build_scenario


@pytest.fixture(scope="module")
def module_month(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scenario]:
    """Cedar owes 10,000 and 2,000, Birch 3,000. After 20 days Cedar has paid 9,900 of the first."""

    def build() -> Scenario:
        with time_machine.travel(NOW, tick=False) as clock:
            one = build_scenario()
            one.terms()
            cedar, birch = one.buyer("Cedar"), one.buyer("Birch")
            first = one.funded(one.invoice(cedar, face="10000", invoice_no="C-1"))
            due = one.today + timedelta(days=8)
            one.funded(one.invoice(cedar, face="2000", invoice_no="C-2", payable_date=due))
            one.funded(one.invoice(birch, face="3000", invoice_no="B-1"))
            one.later(20)
            clock.move_to(one.now)
            one.pay(first, "9900")
            return one

    with module_rows(build, django_db_blocker) as made:
        yield made


@pytest.fixture
def month(module_month: Scenario, db: None) -> Iterator[Life]:
    with time_machine.travel(module_month.now, tick=False) as clock:
        yield Life(copy.deepcopy(module_month), clock)
