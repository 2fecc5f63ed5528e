"""Late fees are accrued, too: each month has those of its own days, in their own account of income."""

import random
from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from infactor.financing.advances import repurchases, write_offs
from infactor.ledger import integrity, periods
from infactor.ledger.balances import trial_balance
from infactor.ledger.models import Entry, Purpose
from infactor.month_end import accruals, checks
from infactor.month_end.models import FeeAccrual
from infactor.reports.catalogue import REPORTS
from infactor.reports.moments import Moment, Span
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
FACE, RATE, CAP = Decimal(10_000), Decimal("0.1"), Decimal(3)


@pytest.fixture
def scenario(scenario: Scenario) -> Scenario:
    """With a late fee of 0.1 % a day from the day after the due date on, at most 3 % of the face."""
    scenario.terms(
        first_fee_rate=Decimal("1.5"), first_fee_days=30, additional_fee_rate=Decimal("0.5"), additional_fee_days=10,
        late_fee_rate=RATE, late_fee_grace_days=0, late_fee_cap_pct=CAP, max_annual_rate_pct=Decimal(1000),
    )  # fmt: skip
    return scenario


def go_to(scenario: Scenario, day: date) -> None:
    scenario.later((day - scenario.today).days)


def end_month(scenario: Scenario, month: date) -> None:
    """Accrue and close `month`, some days after its end."""
    go_to(scenario, max(periods.next_month(month) + timedelta(days=2), scenario.today))
    if accruals.to_post(month=month):
        accruals.accrue(month=month, by=scenario.operations, at=scenario.now)
    periods.close(month=month, explanations=[], by=scenario.operations, at=scenario.now)


def income(purpose: Purpose) -> dict[date, Decimal]:
    rows = Entry.objects.filter(account__purpose=purpose).annotate(month=TruncMonth("transaction__value_date"))
    sums = rows.order_by("month").values("month").annotate(income=Sum(F("credit") - F("debit")))
    return {row["month"]: row["income"] for row in sums}


def bought(scenario: Scenario, *, due: date) -> Any:
    return scenario.funded(scenario.invoice(scenario.buyer(), face=str(FACE), payable_date=due))


def test_each_month_has_the_late_fee_of_its_own_days_and_together_it_is_what_is_charged(scenario: Scenario) -> None:
    advance = bought(scenario, due=date(2026, 11, 20))
    end_month(scenario, NOVEMBER)
    assert income(Purpose.LATE_FEE_INCOME) == {NOVEMBER: 100, DECEMBER: -100}  # Nov 21 to 30
    go_to(scenario, date(2026, 12, 5))
    scenario.pay(advance, "10000")
    end_month(scenario, DECEMBER)
    settled = scenario.settle(advance)
    assert settled.late_fee == 150
    assert income(Purpose.LATE_FEE_INCOME) == {NOVEMBER: 100, DECEMBER: 50, JANUARY: 0}
    assert sum(income(Purpose.FEE_INCOME).values()) + 150 == settled.fee
    row = FeeAccrual.objects.filter(run__month=NOVEMBER).get()
    assert (row.late_earned, row.late_charged, row.late_amount) == (100, 0, 100)
    assert "late fee 10,000.00 × 0.1% × 10 days = 100.00" in row.formula
    assert checks.find_discrepancies() == []
    assert integrity.verify(at=scenario.now).findings == []


def test_a_part_that_was_paid_late_in_the_month_and_recorded_afterwards_lowers_it(scenario: Scenario) -> None:
    advance = bought(scenario, due=date(2026, 11, 20))
    go_to(scenario, date(2026, 12, 3))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    scenario.pay(advance, "5000", value_date=date(2026, 11, 25))
    (changed,) = accruals.to_post(month=NOVEMBER)
    assert changed.amount == (-25, -25)  # five days of half of it
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    assert income(Purpose.LATE_FEE_INCOME)[NOVEMBER] == 75
    assert accruals.to_post(month=NOVEMBER) == []
    assert checks.find_discrepancies() == []


def test_what_nobody_will_pay_is_taken_back_with_its_late_fee(scenario: Scenario) -> None:
    advance = money_out.leave(scenario, bought(scenario, due=date(2026, 11, 20)))
    go_to(scenario, date(2026, 12, 3))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    given: Any = {"value_date": scenario.today, "at": scenario.now, "reason": "Insolvent", "by": scenario.operations}
    write_offs.write_off(advance=advance, approver=scenario.approver, **given)
    (changed,) = accruals.to_post(month=NOVEMBER)
    assert changed.amount == (-250, -100)
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    assert income(Purpose.LATE_FEE_INCOME) == {NOVEMBER: 0, DECEMBER: 0}


def test_the_trial_balance_and_the_report_of_fees_say_the_same_as_of_the_month(scenario: Scenario) -> None:
    bought(scenario, due=date(2026, 11, 20))
    go_to(scenario, date(2026, 12, 3))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    lines = {one.purpose: abs(one.balance) for one in trial_balance(as_of=date(2026, 11, 30))}
    shown = (Purpose.FEE_INCOME, Purpose.LATE_FEE_INCOME, Purpose.ACCRUED_FEES)
    assert [lines[one] for one in shown] == [150, 100, 250]
    span = Span(moment=Moment(scenario.now), since=Moment(scenario.now - timedelta(days=60)))
    of_november = [row.cells for row in REPORTS["fee-income"].rows(span) if row.cells[0] == NOVEMBER]
    assert [cells[3:] for cells in of_november] == [(150, 100, 0, 250)]


@pytest.mark.parametrize("seed", range(6))
def test_by_whatever_days_all_months_together_have_what_was_charged(scenario: Scenario, seed: int) -> None:
    """Due, paid in parts and ended on any days: what the months say by hand, and in all the fee that was charged."""
    chance = random.Random(seed)
    due = scenario.today + timedelta(days=chance.randint(7, 40))
    advance = bought(scenario, due=due)
    parts: list[tuple[date, Decimal]] = []
    month, late_by_month = NOVEMBER, {}
    for _ in range(3):
        first_days = monthrange(month.year, month.month)[1]
        for day in sorted({chance.randint(1, first_days) for _ in range(chance.randint(0, 2))}):
            on = month.replace(day=day)
            if on > scenario.today and sum(amount for _, amount in parts) < 8000:
                go_to(scenario, on)
                parts.append((on, Decimal(chance.randint(1, 20) * 50)))
                scenario.pay(advance, str(parts[-1][1]))
        late_by_month[month] = late_by_hand(due, parts, until=periods.last_day(month))
        end_month(scenario, month)
        month = periods.next_month(month)
    ended = scenario.today
    if chance.random() < 0.5:
        money_out.leave(scenario, advance)
        given: Any = {"value_date": ended, "by": scenario.operations, "at": scenario.now, "reason": "Recourse"}
        closed = repurchases.repurchase(advance=advance, **given)
    else:
        scenario.pay(advance, str(FACE - sum(amount for _, amount in parts)))
        closed = scenario.settle(advance)
    by_month = income(Purpose.LATE_FEE_INCOME)
    before = Decimal(0)
    for month, so_far in late_by_month.items():
        assert by_month.get(month, Decimal(0)) == so_far - before, (month, due, parts)
        before = so_far
    assert sum(by_month.values(), Decimal(0)) == closed.late_fee == late_by_hand(due, parts, until=ended)
    assert sum(income(Purpose.FEE_INCOME).values()) + closed.late_fee == closed.fee
    assert checks.find_discrepancies() == []
    assert integrity.verify(at=scenario.now).findings == []


def late_by_hand(due: date, parts: list[tuple[date, Decimal]], *, until: date) -> Decimal:
    """Each day past due costs 0.1 % of what was open in its morning, at most 300 in all."""
    total, day = Decimal(0), due + timedelta(days=1)
    while day <= until:
        total += (FACE - sum((amount for on, amount in parts if on < day), Decimal(0))) * RATE / 100
        day += timedelta(days=1)
    return min(total.quantize(Decimal("0.01")), FACE * CAP / 100)
