"""Payments say whether a promise is kept; a broken one becomes one task."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from infactor.core.business_day import business_day
from infactor.desk.collecting import accounts, promises
from infactor.desk.collecting.promises import State
from infactor.desk.models import Promise, Task
from infactor.desk.rights import DeskError
from infactor.financing.advances import repurchases
from infactor.financing.collections import payments
from infactor.financing.models import Advance
from infactor.users.permissions import OPERATIONS
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db


@pytest.fixture
def advance(scenario: Scenario) -> Advance:
    """Funded, of 1,000.00, due in ten days from a Monday."""
    due = scenario.today + timedelta(days=10)
    return scenario.funded(scenario.invoice(scenario.buyer("Northwind"), invoice_no="77", payable_date=due))


def promise(scenario: Scenario, advance: Advance, amount: str = "400", *, days: int = 3) -> Promise:
    account = accounts.account_of(advance.buyer)
    return promises.record(
        account=account,
        invoices=accounts.open_invoices(of=account)[account],
        amount=Decimal(amount),
        promised_on=business_day(scenario.now) + timedelta(days=days),
        said_by="Pat",
        by=scenario.operations,
        at=scenario.now,
    )


def state(scenario: Scenario, one: Promise) -> State:
    return promises.standings([one], today=business_day(scenario.now))[one.pk].state


def test_a_promise_is_kept_by_payments_in_time_however_late_they_are_matched(
    scenario: Scenario, advance: Advance
) -> None:
    one = promise(scenario, advance)
    day = one.promised_on
    scenario.pay(advance, "150")
    assert state(scenario, one) == State.OPEN
    scenario.later(6)
    assert state(scenario, one) == State.BROKEN
    scenario.pay(advance, "250", value_date=day)
    assert state(scenario, one) == State.KEPT


def test_a_payment_from_before_or_after_or_that_came_back_keeps_no_promise(
    scenario: Scenario, advance: Advance
) -> None:
    scenario.pay(advance, "100")
    scenario.later(1)
    one = promise(scenario, advance)
    returned = scenario.pay(advance, "400")
    assert state(scenario, one) == State.KEPT
    payments.record_return(
        collection=returned, value_date=scenario.today, reason="R01 no funds", by=scenario.operations, at=scenario.now
    )
    scenario.later(7)
    scenario.pay(advance, "900")
    assert Advance.objects.get(pk=advance.pk).status == Advance.Status.COLLECTED
    assert state(scenario, one) == State.BROKEN


def test_one_payment_keeps_one_of_two_promises(scenario: Scenario, advance: Advance) -> None:
    first, second = promise(scenario, advance, days=3), promise(scenario, advance, days=4)
    scenario.pay(advance, "400")
    scenario.later(8)
    assert [state(scenario, one) for one in (first, second)] == [State.KEPT, State.BROKEN]


def test_nobody_breaks_a_promise_for_what_is_not_owed_any_more(scenario: Scenario, advance: Advance) -> None:
    one = promise(scenario, advance)
    scenario.later(1)
    money_out.leave(scenario, advance)
    repurchases.repurchase(
        advance=advance, value_date=scenario.today, reason="agreed", by=scenario.operations, at=scenario.now
    )
    scenario.later(9)
    assert state(scenario, one) == State.LAPSED


def test_a_weekend_is_no_day_on_which_the_bank_tells(scenario: Scenario, advance: Advance) -> None:
    one = promise(scenario, advance, days=4)  # a Friday
    scenario.later(7)
    assert state(scenario, one) == State.OPEN  # the statement of Friday comes in on Monday
    scenario.later(1)
    assert state(scenario, one) == State.BROKEN


def test_a_broken_promise_becomes_one_task_that_ends_when_the_payment_turns_up(
    scenario: Scenario, advance: Advance
) -> None:
    one = promise(scenario, advance)
    assert promises.follow_up(at=scenario.now) == 0
    scenario.later(8)
    assert [promises.follow_up(at=scenario.now) for _ in range(2)] == [1, 0]
    task = Task.objects.get()
    assert (task.promise, task.owner, task.due_on) == (one, scenario.operations, business_day(scenario.now))
    assert task.title.startswith("Broken promise: Northwind promised $400.00 until Nov 5")
    scenario.pay(advance, "400", value_date=one.promised_on)
    promises.follow_up(at=scenario.now)
    task.refresh_from_db()
    assert (task.status, task.reason) == (Task.Status.DROPPED, "Kept: a later payment or closing says so.")


def test_a_task_of_a_promise_goes_to_the_role_where_who_recorded_it_has_left(
    scenario: Scenario, advance: Advance
) -> None:
    promise(scenario, advance)
    scenario.operations.is_active = False
    scenario.operations.save()
    scenario.later(8)
    promises.follow_up(at=scenario.now)
    task = Task.objects.get()
    assert (task.owner, task.role) == (None, OPERATIONS)


def test_a_withdrawn_promise_is_no_task_and_nothing_else_of_it_changes(scenario: Scenario, advance: Advance) -> None:
    one = promise(scenario, advance)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Promise.objects.update(amount=1)
    promises.withdraw(promise=one, reason="meant for another buyer", by=scenario.operations, at=scenario.now)
    scenario.later(8)
    assert promises.follow_up(at=scenario.now) == 0
    one.refresh_from_db()
    assert state(scenario, one) == State.WITHDRAWN
    with pytest.raises(DeskError, match="already"):
        promises.withdraw(promise=one, reason="once more", by=scenario.operations, at=scenario.now)


def test_a_promise_of_too_much_or_in_the_past_or_by_who_may_not_is_refused(
    scenario: Scenario, advance: Advance
) -> None:
    for amount, days, why in (("1000.01", 3, "up to what is open"), ("0", 3, "above zero"), ("5", -1, "has passed")):
        with pytest.raises(DeskError, match=why):
            promise(scenario, advance, amount, days=days)
    with pytest.raises(DeskError):
        promise(scenario, advance, "1.001")
    scenario.operations = scenario.underwriter
    with pytest.raises(NotAllowed):
        promise(scenario, advance)
