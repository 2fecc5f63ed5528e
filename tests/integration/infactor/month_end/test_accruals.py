"""Fees are accrued to a month's last day and reversed on the next: every month has the income of its own days."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import F, Sum
from django.db.models.functions import TruncMonth

from infactor.financing.accounting.statement import movements_of_advance, statements
from infactor.financing.advances import repurchases, write_offs
from infactor.ledger import integrity, periods
from infactor.ledger.models import Entry, Purpose, Transaction
from infactor.ledger.periods import PeriodError
from infactor.month_end import accruals
from infactor.month_end.models import FeeAccrual
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.fixture
def scenario(scenario: Scenario) -> Scenario:
    """With 1.5 % for the first 30 days and 0.5 % for each 10 days begun after them."""
    scenario.terms(
        first_fee_rate=Decimal("1.5"), first_fee_days=30, additional_fee_rate=Decimal("0.5"), additional_fee_days=10
    )
    return scenario


def go_to(scenario: Scenario, day: date) -> datetime:
    scenario.later((day - scenario.today).days)
    return scenario.now


def end_month(scenario: Scenario, month: date) -> None:
    """Accrue and close `month`, some days after its end."""
    at = go_to(scenario, max(periods.next_month(month) + timedelta(days=2), scenario.today))
    if accruals.to_post(month=month):
        accruals.accrue(month=month, by=scenario.operations, at=at)
    periods.close(month=month, explanations=[], by=scenario.operations, at=at)


def income_by_month() -> dict[date, str]:
    rows = Entry.objects.filter(account__purpose=Purpose.FEE_INCOME).annotate(
        month=TruncMonth("transaction__value_date")
    )
    sums = rows.order_by("month").values("month").annotate(income=Sum(F("credit") - F("debit")))
    return {row["month"]: str(row["income"]) for row in sums}


def test_each_month_has_the_income_of_its_own_days_and_together_it_is_the_fee(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))  # on Nov 2
    end_month(scenario, NOVEMBER)
    go_to(scenario, date(2026, 12, 27))
    scenario.pay(advance, "10000")
    end_month(scenario, DECEMBER)
    assert income_by_month() == {NOVEMBER: "150.00", DECEMBER: "150.00", JANUARY: "-300.00"}
    settled = scenario.settle(advance)
    assert str(settled.fee) == "300.00"
    assert income_by_month() == {NOVEMBER: "150.00", DECEMBER: "150.00", JANUARY: "0.00"}
    formulas = list(FeeAccrual.objects.values_list("run__month", "days", "formula"))
    assert formulas == [
        (NOVEMBER, 28, "10,000.00 × 1.5% = 150.00 for 28 days"),
        (DECEMBER, 55, "10,000.00 × (1.5% + 3 × 0.5%) = 300.00 for 55 days"),
    ]
    assert integrity.verify(at=scenario.now).findings == []


def test_it_is_posted_on_the_last_day_reversed_on_the_first_and_no_supplier_sees_it(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    seen = [(one.currency, one.closing, len(one.movements)) for one in statements(supplier=scenario.supplier)]
    at = go_to(scenario, date(2026, 12, 3))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    posted = Transaction.objects.filter(reference__startswith="accrual:").order_by("pk")
    assert [(one.value_date, str(one.total)) for one in posted] == [
        (date(2026, 11, 30), "150.00"),
        (date(2026, 12, 1), "150.00"),
    ]
    assert [
        (entry.account.name, str(entry.debit), str(entry.credit))
        for entry in posted[0].entries.select_related("account")
    ] == [(f"accrued_fees:{advance.ledger_owner} USD", "150.00", "0.00"), ("fee_income USD", "0.00", "150.00")]
    assert [(one.currency, one.closing, len(one.movements)) for one in statements(supplier=scenario.supplier)] == seen
    assert len(movements_of_advance(advance=advance)) == 1


def test_a_second_run_posts_only_what_a_late_payment_has_changed(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    first, second = (scenario.funded(scenario.invoice(buyer, face="10000")) for _ in range(2))
    at = go_to(scenario, date(2026, 12, 20))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    with pytest.raises(PeriodError, match="accrued already"):
        accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    # It came on Nov 20 and is recorded only now: settled on Nov 25, its fee is income of November without an accrual.
    scenario.pay(first, "10000", value_date=date(2026, 11, 20))
    scenario.now = scenario.now - timedelta(days=25)
    scenario.settle(first)
    scenario.now = at
    changed = accruals.to_post(month=NOVEMBER)
    assert [(one.advance, str(one.amount.total)) for one in changed] == [(first, "-150.00")]
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    assert income_by_month() == {NOVEMBER: "300.00", DECEMBER: "-150.00"}
    assert integrity.verify(at=scenario.now).findings == []
    # What is owed by the other one is accrued once more at the end of December.
    end_month(scenario, NOVEMBER)
    end_month(scenario, DECEMBER)
    assert income_by_month()[DECEMBER] == "150.00"  # 59 days: 300.00, of which 150.00 was income of November
    assert second.funded_on is not None


def test_a_fee_that_nobody_will_pay_is_not_accrued_and_one_that_was_is_taken_back(scenario: Scenario) -> None:
    buyer = scenario.buyer()
    lost, kept = (scenario.funded(scenario.invoice(buyer, face="10000")) for _ in range(2))
    at = go_to(scenario, date(2026, 12, 3))
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    given = {"value_date": scenario.today, "at": at, "reason": "Insolvent"}
    money_out.leave(scenario, lost)
    write_offs.write_off(advance=lost, by=scenario.operations, approver=scenario.approver, **given)  # type: ignore[arg-type]
    assert [(one.advance, str(one.amount.total)) for one in accruals.to_post(month=NOVEMBER)] == [(lost, "-150.00")]
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    assert [one.advance for one in accruals.fees_at_end_of(month=NOVEMBER) if any(one.to_accrue)] == [kept]


def test_a_repurchase_of_the_next_month_leaves_the_fee_of_this_one(scenario: Scenario) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    at = go_to(scenario, date(2026, 12, 12))
    given = {"value_date": scenario.today, "at": at, "reason": "Recourse"}
    money_out.leave(scenario, advance)
    repurchases.repurchase(advance=advance, by=scenario.operations, approver=scenario.approver, **given)  # type: ignore[arg-type]
    accruals.accrue(month=NOVEMBER, by=scenario.operations, at=at)
    assert income_by_month() == {NOVEMBER: "150.00", DECEMBER: "50.00"}


def test_only_operations_accrue_and_only_a_month_that_is_over(scenario: Scenario) -> None:
    scenario.funded(scenario.invoice(scenario.buyer(), face="10000"))
    with pytest.raises(PeriodError, match="once it is over"):
        accruals.accrue(month=NOVEMBER, by=scenario.operations, at=scenario.now)
    at = go_to(scenario, date(2026, 12, 3))
    with pytest.raises(NotAllowed):
        accruals.accrue(month=NOVEMBER, by=scenario.underwriter, at=at)
