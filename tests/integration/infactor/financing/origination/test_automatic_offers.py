"""Automatic offers: one assessment of the portfolio, under the lock, serves the request and the offer."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from infactor.financing.eligibility import portfolio_loader
from infactor.financing.origination import offers
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
SUPPLIER_LOCK = 'FROM "suppliers_supplier"', "FOR NO KEY UPDATE"


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """For each portfolio loaded from now on, the number of queries before it."""
    before: list[int] = []
    load: Callable[..., Any] = portfolio_loader.load_portfolio

    def counted(**arguments: Any) -> Any:
        before.append(len(connection.queries))
        return load(**arguments)

    monkeypatch.setattr(portfolio_loader, "load_portfolio", counted)
    return before


def test_an_automatic_offer_assesses_the_portfolio_once_and_under_the_lock(
    scenario: Scenario, loads: list[int]
) -> None:
    scenario.terms(auto_offer_limit=Decimal(5000))
    invoice = scenario.invoice(scenario.buyer())
    with CaptureQueriesContext(connection) as queries:
        request = scenario.request(invoice)
    assert request.offers.get().offered_by is None
    assert len(loads) == 1
    locks = [place for place, one in enumerate(queries) if all(part in one["sql"] for part in SUPPLIER_LOCK)]
    assert locks[0] < loads[0] - queries.initial_queries


def test_an_offer_by_staff_assesses_again(scenario: Scenario, loads: list[int]) -> None:
    request = scenario.request(scenario.invoice(scenario.buyer()))
    del loads[:]
    offers.create(request=request, by=scenario.underwriter, at=scenario.now)
    assert len(loads) == 1


def test_an_automatic_offer_brings_what_an_offer_by_staff_would(scenario: Scenario) -> None:
    scenario.terms(auto_offer_limit=Decimal(850), pair_limit=Decimal(1500))
    buyer = scenario.buyer("Cedar")
    scenario.invoice(buyer, payable_date=scenario.today + timedelta(days=50))
    request = scenario.request(scenario.invoice(buyer))
    # Beside the other invoice it brings 425. As a request it takes its share of the limit first, and brings 850.
    assert request.lines.get().base == Decimal(500)
    assert request.offers.get().lines.get().advance == Decimal(850)
