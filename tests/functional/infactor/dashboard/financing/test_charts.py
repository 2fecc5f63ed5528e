"""The charts of financing say what the ledger and the rules say: fees by month, and the share of each buyer."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from infactor.dashboard.financing.concentration import concentration_charts
from infactor.dashboard.financing.fee_chart import fee_charts
from infactor.financing.accounting import fee_summary
from infactor.financing.accounting.statement import statements
from infactor.financing.corrections import advance_corrections
from infactor.financing.eligibility import recalculation
from infactor.invoices.models import Buyer
from infactor.ledger import periods
from infactor.month_end import accruals
from tests.support.factories.suppliers import BuyerFactory
from tests.support.scenarios.financing import Scenario, build_scenario

pytestmark = pytest.mark.django_db


def financing_page(client: Client, scenario: Scenario) -> str:
    return shown_page(client, scenario, "/financing/")


def shown_page(client: Client, scenario: Scenario, address: str) -> str:
    with time_machine.travel(scenario.now, tick=False):
        client.force_login(scenario.owner)
        return " ".join(client.get(address).content.decode().split())


def test_the_fees_of_the_chart_are_those_of_the_statement_to_the_cent(client: Client, scenario: Scenario) -> None:
    scenario.terms(wire_fee=Decimal("15.55"))
    buyer = scenario.buyer()
    advance, _ = (scenario.funded(scenario.invoice(buyer, face="10000.37")) for _ in range(2))
    scenario.later(14)
    scenario.pay(advance, "10000.37")
    settled = scenario.settle(advance)
    scenario.later((date(2026, 12, 4) - scenario.today).days)
    (chart,) = fee_charts(supplier=scenario.supplier, today=scenario.today)
    (told,) = statements(supplier=scenario.supplier)
    (year,) = fee_summary.fees_of_year(supplier=scenario.supplier, year=2026, today=scenario.today)
    assert chart.currency == "USD"
    assert chart.total == told.closing.fee == year.total.total > 0
    assert [one.total for one in chart.columns][-2:] == [fees.total for _, fees in year.months][-2:]
    assert [one.label for one in chart.columns] == [
        *("Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "May 2026", "Jun 2026"),
        *("Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026", "Dec 2026"),
    ]
    # A correction lowers the month in which it counts, below zero, too: a number without a bar.
    by = {"by": scenario.operations, "at": scenario.now}
    accruals.accrue(month=date(2026, 11, 1), **by)
    periods.close(month=date(2026, 11, 1), explanations=[], **by)
    advance_corrections.take_back_closing(advance=settled, reason="Typed wrong", **by)
    (chart,) = fee_charts(supplier=scenario.supplier, today=scenario.today)
    (told,) = statements(supplier=scenario.supplier)
    assert chart.total == told.closing.fee
    assert chart.columns[-1].total < 0
    assert (chart.columns[-1].lower_height, chart.columns[-1].upper_height) == (0, 0)
    shown = financing_page(client, scenario)
    assert "Fees by month, USD" in shown
    assert chart.columns[-2].total_text in shown


def test_two_currencies_are_two_charts_and_old_fees_are_in_none(scenario: Scenario) -> None:
    scenario.terms(wire_fee=Decimal(15))
    other = build_scenario(now=scenario.now, name="Other Supplier")
    scenario.funded(scenario.invoice(scenario.buyer(), face="1000"))
    assert [one.currency for one in fee_charts(supplier=scenario.supplier, today=scenario.today)] == ["USD"]
    assert fee_charts(supplier=scenario.supplier, today=date(2027, 11, 1)) == []
    assert fee_charts(supplier=other.supplier, today=scenario.today) == []


def test_the_line_is_that_of_the_rule_and_beyond_it_is_what_the_rule_takes_off(
    client: Client, scenario: Scenario
) -> None:
    scenario.terms(concentration_limit_pct=Decimal(40))
    large, small = scenario.buyer("Large"), scenario.buyer("Small")
    job = BuyerFactory(company_file=scenario.books, parent=large, name="Job")
    scenario.invoice(job, face="5000")
    scenario.invoice(large, face="1000")
    ready = scenario.invoice(small, face="2000")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    (chart,) = concentration_charts(supplier=scenario.supplier, today=scenario.today)
    assert [(one.name, one.total, one.percent) for one in chart.shares] == [
        ("Large", Decimal(6000), 75),
        ("Small", Decimal(2000), 25),
    ]
    assert chart.limit == Decimal(3200)
    shown = shown_page(client, scenario, f"/invoices/{ready.public_id}/")
    assert "We finance at most $3,200.00 from one buyer now" in shown
    assert chart.is_over
    shown = financing_page(client, scenario)
    assert "$3,200.00" in shown
    assert "40% of everything that could be financed." in re.sub("<[^>]+>", "", shown)
    assert f"/buyers/{large.public_id}/" in shown


def test_what_is_financed_counts_and_one_buyer_alone_has_no_line(client: Client, scenario: Scenario) -> None:
    scenario.terms(concentration_limit_pct=Decimal(100))
    buyer = scenario.buyer("Only")
    scenario.funded(scenario.invoice(buyer, face="1000"))
    scenario.invoice(buyer, face="500")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    (chart,) = concentration_charts(supplier=scenario.supplier, today=scenario.today)
    (share,) = chart.shares
    assert (share.used, share.left, chart.limit) == (Decimal(1000), Decimal(500), None)
    assert "You have only this buyer now" in financing_page(client, scenario)


def test_many_buyers_are_the_largest_and_the_others_together(scenario: Scenario) -> None:
    scenario.terms(concentration_limit_pct=Decimal(50))
    for number in range(10):
        scenario.invoice(scenario.buyer(f"Buyer {number}"), face=f"{1000 + number * 100}")
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    (chart,) = concentration_charts(supplier=scenario.supplier, today=scenario.today)
    assert [one.name for one in chart.shares][:2] == ["Buyer 9", "Buyer 8"]
    assert (chart.shares[-1].name, chart.shares[-1].public_id) == ("All other buyers", None)
    assert len(chart.shares) == 9
    assert chart.used + chart.left == chart.total == Decimal(14500)


def test_a_supplier_without_anything_to_finance_has_no_chart(client: Client, scenario: Scenario) -> None:
    other = build_scenario(now=scenario.now, name="Other Supplier")
    scenario.terms()
    scenario.invoice(scenario.buyer("THEIRS"))
    recalculation.recalculate(supplier_id=scenario.supplier.pk, at=scenario.now)
    assert concentration_charts(supplier=other.supplier, today=other.today) == []
    assert "THEIRS" not in financing_page(client, other)
    assert not Buyer.objects.filter(supplier=other.supplier).exists()
