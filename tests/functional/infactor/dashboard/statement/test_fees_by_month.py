"""Fees of a year count in the month where the ledger has them: without accruals, and with corrections."""

from datetime import date
from decimal import Decimal

import pytest

from infactor.financing.accounting import fee_summary
from infactor.financing.accounting.statement import statements
from infactor.financing.corrections import advance_corrections
from infactor.ledger import periods
from infactor.month_end import accruals
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def test_accruals_are_left_out_and_a_correction_lowers_the_month_where_it_counts(scenario: Scenario) -> None:
    scenario.terms(wire_fee=Decimal(15))
    buyer = scenario.buyer()
    advance, _ = (scenario.funded(scenario.invoice(buyer, face="10000")) for _ in range(2))
    other = build_scenario(now=scenario.now, name="Other Supplier")
    scenario.later(14)
    scenario.pay(advance, "10000")
    settled = scenario.settle(advance)
    scenario.later((date(2026, 12, 4) - scenario.today).days)

    def of(year: int) -> dict[int, tuple[Decimal, Decimal]]:
        found = fee_summary.fees_of_year(supplier=scenario.supplier, year=year, today=scenario.today)
        return {month.month: (fees.discount, fees.wire) for one in found for month, fees in one.months if fees.total}

    charged, wired = of(2026)[11]
    assert (charged > 0, wired, set(of(2026))) == (True, 30, {11})
    by = {"by": scenario.operations, "at": scenario.now}
    accruals.accrue(month=date(2026, 11, 1), **by)
    assert of(2026) == {11: (charged, wired)}
    periods.close(month=date(2026, 11, 1), explanations=[], **by)
    advance_corrections.take_back_closing(advance=settled, reason="Typed wrong", **by)
    assert of(2026) == {11: (charged, wired), 12: (-charged, Decimal(0))}
    assert of(2025) == {}
    (told,) = statements(supplier=scenario.supplier)
    assert told.closing.fee == wired
    assert fee_summary.fees_of_year(supplier=other.supplier, year=2026, today=scenario.today) == []
    assert fee_summary.first_year(supplier=other.supplier) is None
