"""A month is closed in order, nothing counts in it afterwards, and what comes later counts on the first open day."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from infactor.core.models import AuditEvent
from infactor.ledger import integrity_checks, periods, posting
from infactor.ledger.models import PeriodClosing, Transaction
from infactor.ledger.periods import PeriodError
from infactor.users.models import User
from infactor.users.roles import OPERATIONS, UNDERWRITER, NotAllowed
from tests.support.factories.ledger import IN_DECEMBER, NOVEMBER, OCTOBER, close, fund, payment
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def operations() -> User:
    return staff_member(OPERATIONS)


def test_months_are_closed_one_after_the_other_from_that_of_the_first_posting(operations: User) -> None:
    assert periods.month_to_close(at=IN_DECEMBER) is None
    fund(value_date=date(2026, 10, 20))
    assert periods.month_to_close(at=IN_DECEMBER) == OCTOBER
    with pytest.raises(PeriodError, match="one after the other"):
        close(NOVEMBER, operations)
    close(OCTOBER, operations)
    with pytest.raises(PeriodError, match="October 2026 is closed already"):
        close(OCTOBER, operations)
    close(NOVEMBER, operations)
    assert periods.first_open_day() == date(2026, 12, 1)
    assert AuditEvent.objects.filter(event="ledger.month_closed", actor=operations).count() == 2


def test_a_month_is_over_by_the_houses_own_clock(operations: User, settings: Any) -> None:
    settings.BUSINESS_TIME_ZONE = "America/New_York"
    fund(value_date=date(2026, 11, 20))
    before_midnight = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    with pytest.raises(PeriodError, match="November 2026 is not over yet"):
        close(NOVEMBER, operations, at=before_midnight)
    assert close(NOVEMBER, operations, at=datetime(2026, 12, 1, 5, 30, tzinfo=UTC)).month == NOVEMBER


def test_only_operations_close_a_month(operations: User) -> None:
    fund(value_date=date(2026, 11, 20))
    with pytest.raises(NotAllowed):
        close(NOVEMBER, staff_member(UNDERWRITER))


def test_what_belongs_into_a_closed_month_counts_on_the_first_open_day_and_keeps_its_own(operations: User) -> None:
    funded = fund(value_date=date(2026, 11, 20))
    close(NOVEMBER, operations)
    late = payment("collection:1:recorded", date(2026, 11, 28))
    assert (late.value_date, late.original_value_date) == (date(2026, 12, 1), date(2026, 11, 28))
    assert late.effective_date == date(2026, 11, 28)
    undone = posting.reverse(
        transaction=funded, value_date=funded.value_date, at=IN_DECEMBER, by=None, description="A mistake"
    )
    assert (undone.value_date, undone.original_value_date) == (date(2026, 12, 1), date(2026, 11, 20))
    own = payment("collection:2:recorded", date(2026, 12, 2))
    assert (own.value_date, own.original_value_date) == (date(2026, 12, 2), None)
    assert integrity_checks.run_all() == []


def test_posted_again_after_the_closing_it_is_the_same_and_not_a_second_one(operations: User) -> None:
    first = payment("collection:1:recorded", date(2026, 11, 28))
    close(NOVEMBER, operations)
    assert payment("collection:1:recorded", date(2026, 11, 28)) == first
    late = payment("collection:2:recorded", date(2026, 11, 29))
    assert payment("collection:2:recorded", date(2026, 11, 29)) == late
    with pytest.raises(posting.ReferenceReused):
        payment("collection:2:recorded", date(2026, 11, 30))


def test_what_may_count_on_its_own_day_only_is_refused_with_a_sentence(operations: User) -> None:
    fund(value_date=date(2026, 11, 20))
    close(NOVEMBER, operations)
    with pytest.raises(posting.PeriodClosed, match="November 2026 is closed"):
        payment("collection:1:recorded", date(2026, 11, 28), may_move=False)


def test_postgresql_refuses_a_posting_in_a_closed_month_whoever_writes_it(operations: User) -> None:
    funded = fund(value_date=date(2026, 11, 20))
    close(NOVEMBER, operations)
    copied = {
        field.name: getattr(funded, field.name) for field in Transaction._meta.concrete_fields if field.name != "id"
    }
    for changes in (
        {"reference": "x", "value_date": date(2026, 11, 30)},
        {"reference": "x", "value_date": date(2026, 10, 1)},
        {"reference": "x", "value_date": date(2026, 12, 5), "original_value_date": date(2026, 12, 1)},
    ):
        with pytest.raises(IntegrityError, match=r"month is closed|which is open"), transaction.atomic():
            Transaction.objects.create(**{**copied, **changes})


def test_the_last_closed_month_is_reopened_by_two_people_and_closed_again(operations: User) -> None:
    fund(value_date=date(2026, 10, 20))
    close(OCTOBER, operations)
    close(NOVEMBER, operations)
    second: User = staff_member(OPERATIONS)
    given: Any = {"reason": "The rent was forgotten", "by": operations, "at": IN_DECEMBER}
    with pytest.raises(PeriodError, match="Only the last closed month"):
        periods.reopen(month=OCTOBER, approver=second, **given)
    with pytest.raises(NotAllowed, match="other than the requester"):
        periods.reopen(month=NOVEMBER, approver=operations, **given)
    periods.reopen(month=NOVEMBER, approver=second, **given)
    assert payment("collection:1:recorded", date(2026, 11, 28)).original_value_date is None
    assert close(NOVEMBER, operations).pk != PeriodClosing.objects.get(reopened_at__isnull=False).pk


def test_a_closing_is_never_changed_nor_skipped_nor_removed(operations: User) -> None:
    fund(value_date=date(2026, 9, 20))
    for month in (date(2026, 9, 1), OCTOBER):
        close(month, operations)
    wrong = [
        f"INSERT INTO ledger_periodclosing (month, closed_by_id, closed_at, explanations, reopening_reason) "
        f"VALUES ('2026-12-01', {operations.pk}, now(), '[]', '')",
        "UPDATE ledger_periodclosing SET month = '2026-08-01' WHERE month = '2026-10-01'",
        f"UPDATE ledger_periodclosing SET reopened_at = now(), reopened_by_id = {operations.pk}, "
        f"reopening_approved_by_id = {staff_member(OPERATIONS).pk}, reopening_reason = 'x' WHERE month = '2026-09-01'",
        "DELETE FROM ledger_periodclosing",
    ]
    for statement in wrong:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
