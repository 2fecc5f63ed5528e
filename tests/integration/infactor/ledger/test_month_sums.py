"""Sums over any time are the same whether months are open or closed, and after one was reopened."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from infactor.ledger import balances, integrity_checks, month_sums, periods, trial_balance
from infactor.ledger.models import Entry, MonthSum, Purpose
from infactor.ledger.posting import credit, debit
from infactor.ledger.trial_balance import Line, Period
from infactor.users.models import User
from infactor.users.roles import OPERATIONS
from tests.support.factories.ledger import IN_DECEMBER, NOVEMBER, OCTOBER, close, fund, post
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 8, 3), date(2026, 12, 20)


@pytest.fixture
def operations() -> User:
    return staff_member(OPERATIONS)


def from_entries(period: Period) -> list[Line]:
    """The lines from every entry: what was known long after all of them."""
    return trial_balance.lines(Period(period.start, period.end, known_at=timezone.now() + timedelta(days=9999)))


def reopen(month: date, by: User) -> None:
    periods.reopen(month=month, reason="An entry is missing.", by=by, approver=staff_member(OPERATIONS), at=IN_DECEMBER)


def test_sums_of_any_time_are_those_of_the_entries(operations: User) -> None:
    chance = Random(14)
    spans = [sorted(chance.sample(range((LAST - FIRST).days + 30), 2)) for _ in range(25)]
    times = [Period(FIRST + timedelta(days=one - 10), FIRST + timedelta(days=other - 10)) for one, other in spans]
    times += [Period(OCTOBER, date(2026, 10, 31)), Period(NOVEMBER, date(2026, 12, 31)), Period(FIRST, FIRST)]
    times += [Period(OCTOBER, date.max), Period(date(9999, 12, 5), date.max)]

    def is_equal() -> bool:
        totals = {(one.currency, one.purpose): (one.debits, one.credits) for one in balances.trial_balance()}
        everything = {key: (one.debits, one.credits) for key, one in month_sums.sums(end=date(2027, 12, 31)).items()}
        return totals == everything and all(trial_balance.lines(one) == from_entries(one) for one in times)

    def post_some(count: int) -> None:
        for _ in range(count):
            one, other = chance.sample(list(Purpose), 2)
            amount = Decimal(chance.randrange(1, 90000)) / 100
            post(
                debit(one, amount, owner="advance:1"),
                credit(other, amount, owner="advance:1"),
                reference=f"event:{Entry.objects.count()}",
                currency=chance.choice(("USD", "CAD")),
                value_date=FIRST + timedelta(days=chance.randrange((LAST - FIRST).days)),
            )

    post_some(30)
    assert is_equal()
    for month in (date(2026, 8, 1), date(2026, 9, 1), OCTOBER):
        close(month, operations)
        assert is_equal(), month
    post_some(10)
    close(NOVEMBER, operations)
    assert is_equal()
    reopen(NOVEMBER, operations)
    post_some(10)
    assert is_equal()
    close(NOVEMBER, operations)
    assert is_equal()
    assert integrity_checks.run_all() == []


def test_a_first_closing_keeps_the_months_before_it_and_reopening_it_lets_go_of_all(operations: User) -> None:
    fund(value_date=date(2026, 9, 20))
    fund(owner="advance:2", value_date=date(2026, 10, 20))
    periods.PeriodClosing.objects.create(month=OCTOBER, closed_by=operations, closed_at=IN_DECEMBER)
    assert {one.month for one in MonthSum.objects.all()} == {date(2026, 9, 1), OCTOBER}
    assert integrity_checks.run_all() == []
    reopen(OCTOBER, operations)
    assert not MonthSum.objects.exists()
    assert balances.trial_balance()[0].balance == -17_000


@pytest.mark.django_db(transaction=True)
def test_a_month_is_not_closed_in_a_snapshot_from_before_the_lock(operations: User) -> None:
    fund(value_date=date(2026, 11, 2))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(IntegrityError, match="read committed"), transaction.atomic():
            close(NOVEMBER, operations)
