"""The day on which time alone changes a decision. Pure, no query."""

from collections.abc import Iterable
from datetime import date

from infactor.financing.eligibility.catalogue import Outcome
from infactor.financing.eligibility.results import RuleResult


def date_of_first_pass(results: tuple[RuleResult, ...]) -> date | None:
    """The day from which nothing fails, where time alone brings it and no other result changes until then."""
    last: date | None = None
    other_change: date | None = None
    for _, outcome, _, _, _, day, _ in results:
        if outcome is not Outcome.FAIL:
            if day is not None and (other_change is None or day < other_change):
                other_change = day
        elif day is None:
            return None
        elif last is None or day > last:
            last = day
    return None if last is None or (other_change is not None and other_change <= last) else last


def first_change(results: Iterable[RuleResult]) -> date | None:
    """The first day on which time alone changes a result; None: it never does."""
    return min([one[5] for one in results if one[5] is not None], default=None)
