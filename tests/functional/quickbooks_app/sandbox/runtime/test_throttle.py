"""The limits of calls are those of Intuit: some for a company, some for an app in it."""

from datetime import UTC, datetime, timedelta

from quickbooks_app.sandbox.runtime.throttle import Throttle

START = datetime(2026, 11, 20, tzinfo=UTC)


def allowed(throttle: Throttle, number: int, *, apps: int = 1, apart: float = 0, is_batch: bool = False) -> int:
    """How many of some calls are allowed, made in turn by some apps, so many seconds apart."""
    return sum(
        throttle.allow("1", app=str(n % apps), at=START + timedelta(seconds=n * apart), is_batch=is_batch)
        for n in range(number)
    )


def test_an_app_makes_ten_calls_a_second_and_another_app_its_own_ten() -> None:
    assert allowed(Throttle(), 30) == 10
    assert allowed(Throttle(), 30, apps=2) == 20


def test_a_company_takes_500_calls_a_minute_of_all_apps_together() -> None:
    assert allowed(Throttle(), 590, apps=10, apart=0.1) == 500


def test_an_app_sends_40_batches_a_minute_and_a_company_takes_120() -> None:
    assert allowed(Throttle(), 60, apart=0.5, is_batch=True) == 40
    assert allowed(Throttle(), 200, apps=5, apart=0.25, is_batch=True) == 120


def test_a_call_that_is_refused_does_not_count() -> None:
    throttle = Throttle()
    allowed(throttle, 30)
    assert throttle.allow("1", app="0", at=START + timedelta(seconds=1))
    assert throttle.allow("2", app="0", at=START)
