"""QuickBooks' named periods mean these days."""

from datetime import date

import pytest

from quickbooks_app.sandbox.reports.periods import fiscal_year_start, period_named

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("This Week", "2026-11-15", "2026-11-21"),
        ("Last Week-to-date", "2026-11-08", "2026-11-13"),
        ("Next 4 Weeks", "2026-11-22", "2026-12-19"),
        ("This Month-to-date", "2026-11-01", "2026-11-20"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("Next Month", "2026-12-01", "2026-12-31"),
        ("This Fiscal Quarter", "2026-10-01", "2026-12-31"),
        ("Last Fiscal Quarter-to-date", "2026-07-01", "2026-08-20"),
        ("This Fiscal Year-to-date", "2026-01-01", "2026-11-20"),
        ("Next Fiscal Year", "2027-01-01", "2027-12-31"),
    ],
)
def test_a_named_period_has_these_days(name: str, first: str, last: str) -> None:
    found = period_named(name, today=FRIDAY)
    assert found is not None
    assert (found[0].isoformat(), found[1].isoformat()) == (first, last)


@pytest.mark.parametrize("name", ["all eternity", "This Century", "Next Week-to-date", "", "this"])
def test_another_name_is_no_period(name: str) -> None:
    assert period_named(name, today=FRIDAY) is None


def test_a_fiscal_year_begins_in_its_month() -> None:
    assert fiscal_year_start(date(2026, 3, 31), first_month=4) == date(2025, 4, 1)
    found = period_named("This Fiscal Quarter", today=FRIDAY, first_month=2)
    assert found == (date(2026, 11, 1), date(2027, 1, 31))


def test_the_same_day_of_a_shorter_month_is_its_last() -> None:
    assert period_named("Last Month-to-date", today=date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))
