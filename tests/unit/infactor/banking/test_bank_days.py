"""A bank works on the days of its own calendar, and today is the day where infactor is."""

from datetime import UTC, date, datetime, time

import pytest

from infactor.banking import bank_days
from tests.support.payment_orders import euro_account, us_account


def test_the_federal_reserve_keeps_a_holiday_on_sunday_the_day_after_and_one_on_saturday_not_at_all() -> None:
    account = us_account()
    assert bank_days.is_bank_day(account, date(2026, 7, 3))  # Independence Day is a Saturday
    assert not bank_days.is_bank_day(account, date(2027, 7, 5))  # it was a Sunday
    assert bank_days.closed_because(account, date(2027, 7, 5)) == "Independence Day (observed)"
    assert bank_days.next_bank_day(account, date(2026, 11, 25)) == date(2026, 11, 27)
    assert bank_days.next_bank_day(account, date(2026, 12, 31)) == date(2027, 1, 4)


def test_euro_payments_rest_on_the_days_of_the_central_bank_and_other_banks_on_those_of_their_region() -> None:
    euro = euro_account()
    assert bank_days.is_bank_day(euro, date(2026, 10, 3)) is False  # a Saturday
    assert bank_days.next_bank_day(euro, date(2026, 4, 2)) == date(2026, 4, 7)
    assert bank_days.is_bank_day(euro, date(2026, 1, 6))
    assert not bank_days.is_bank_day(euro_account(holiday_calendar="DE", holiday_subdivision="BY"), date(2026, 1, 6))
    assert not bank_days.is_bank_day(us_account(holiday_calendar="JP"), date(2026, 12, 31))  # banks only
    assert not bank_days.is_bank_day(us_account(holiday_calendar="SA"), date(2026, 11, 6))  # a Friday
    assert bank_days.is_bank_day(us_account(holiday_calendar=""), date(2026, 12, 25))


def test_a_calendar_or_region_that_does_not_exist_is_named() -> None:
    for code, region, said in (
        ("XX", "", "There is no holiday calendar of “XX”."),
        ("DE", "XX", "DE has no state or region “XX”. It has BB, BE, BW,"),
        ("FED", "NY", "the same in every state"),
    ):
        with pytest.raises(bank_days.UnknownCalendar) as refused:
            bank_days.calendar_of(code, region)
        assert said in str(refused.value)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 3, 4, 30, tzinfo=UTC), date(2026, 11, 3)),  # 23:30 on Monday, after the cut-off
        (datetime(2026, 11, 2, 21, 0, tzinfo=UTC), date(2026, 11, 2)),  # 16:00, the cut-off itself
        (datetime(2026, 11, 2, 21, 0, 1, tzinfo=UTC), date(2026, 11, 3)),
        (datetime(2026, 11, 25, 22, 0, tzinfo=UTC), date(2026, 11, 27)),  # before Thanksgiving
        (datetime(2026, 11, 8, 4, 0, tzinfo=UTC), date(2026, 11, 9)),  # Saturday where infactor is
    ],
)
def test_a_file_is_carried_out_today_before_the_cut_off_where_infactor_is(at: datetime, day: date) -> None:
    assert bank_days.execution_day(us_account(cut_off=time(16)), at) == day
