"""The dilution rule: the shares that warn or fail, and how they fall with time."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import ZERO
from infactor.invoices.receivables import Dilution, DilutionDay
from tests.support.factories.portfolios import failing, one, result_of


@pytest.mark.parametrize(
    ("credits", "answer"),
    [
        ("0", Outcome.PASS),
        ("49.99", Outcome.PASS),
        ("50", Outcome.WARN),
        ("99.99", Outcome.WARN),
        ("100", Outcome.FAIL),
    ],
)
def test_credits_over_invoices_warn_at_five_and_stop_at_ten_percent(credits: str, answer: Outcome) -> None:
    around = {"dilution": {(1, "USD"): Dilution(Decimal(credits), Decimal(1000))}}
    assert result_of(one(around=around), Rule.DILUTION).outcome is answer


def test_credits_beside_no_invoice_stop() -> None:
    around = {"dilution": {(1, "USD"): Dilution(Decimal(1), Decimal(0))}}
    assert failing(one(around=around)) == {Rule.DILUTION}


def diluted(*days: tuple[str, int, int]) -> dict[str, Any]:
    """Credits and invoices by issue date, all within the last three months."""
    found = [DilutionDay(date.fromisoformat(day), Decimal(credits), Decimal(sold)) for day, credits, sold in days]
    whole = Dilution(sum((one.credits for one in found), ZERO), sum((one.invoiced for one in found), ZERO))
    return {"dilution": {(1, "USD"): whole}, "dilution_days": {(1, "USD"): found}}


@pytest.mark.parametrize(
    ("days", "answer", "turns"),
    [
        # A credit of August 31 leaves the three-month window on December 1.
        ([("2026-08-31", 300, 0), ("2026-09-15", 0, 1000)], Outcome.FAIL, date(2026, 12, 1)),
        # The older invoices leave the window before the credit: 60 of 1,000 becomes 60 of 500.
        ([("2026-08-25", 0, 500), ("2026-09-30", 60, 500)], Outcome.WARN, date(2026, 11, 26)),
        # A warning does not stop an invoice, so its end is no change of the decision.
        ([("2026-08-25", 60, 0), ("2026-09-30", 0, 1000)], Outcome.WARN, None),
        # Credit and invoice leave the window together; September 30 is still in it on December 31.
        ([("2026-09-30", 300, 1000)], Outcome.FAIL, date(2027, 1, 1)),
    ],
)
def test_the_day_on_which_credits_or_invoices_are_too_old_to_count_is_told(
    days: list[tuple[str, int, int]], answer: Outcome, turns: date | None
) -> None:
    found = result_of(one(around=diluted(*days)), Rule.DILUTION)
    assert (found.outcome, found.next_change_on) == (answer, turns)
