"""Overrides: results of rules that staff let an invoice or a buyer pass."""

from collections.abc import Mapping
from datetime import date, timedelta

from infactor.financing.eligibility.catalogue import OVERRIDABLE, Outcome, Rule
from infactor.financing.eligibility.results import OVERRIDDEN, RuleResult

ONE_DAY = timedelta(days=1)


def apply_overrides(
    results: tuple[RuleResult, ...], *, overrides: Mapping[Rule, date | None]
) -> tuple[RuleResult, ...]:
    """`results` with staff's overrides (rule: last day, None without end).

    What fails passes until the override ends; what would fail later fails when the override has ended.
    """
    if not overrides:
        return results
    return tuple(_overridden(result, overrides) if result.rule in overrides else result for result in results)


def _overridden(result: RuleResult, overrides: Mapping[Rule, date | None]) -> RuleResult:
    if result.rule not in OVERRIDABLE:
        return result
    last_day = overrides[result.rule]
    ends_on = None if last_day is None else last_day + ONE_DAY
    if result.outcome in (Outcome.FAIL, Outcome.NEEDS_ACTION):
        return result._replace(outcome=Outcome.PASS, reason=OVERRIDDEN, next_change_on=ends_on)
    if result.next_change_on is not None:
        return result._replace(next_change_on=None if ends_on is None else max(ends_on, result.next_change_on))
    return result
