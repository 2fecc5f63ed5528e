"""Results and deductions as compact JSON, as the database stores them, and back.

A result is [rule, outcome, reason, actual, limit, next change on, details] without empty values at its end. Amounts
and percentages are text, so that none becomes a float on its way.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.results import Deduction, RuleResult


def dumps(*, assessment: Assessment) -> str:
    """The results and deductions of one assessment as JSON text."""
    breakdown = {"results": [_shortened(one) for one in assessment.results], "deductions": assessment.deductions}
    return msgspec.json.encode(breakdown).decode()


def loads(stored: Mapping[str, Any]) -> tuple[tuple[RuleResult, ...], tuple[Deduction, ...]]:
    """Results and deductions from a column that `dumps` filled; none from an empty one.

    A result of a rule that no longer exists is left out.
    """
    if not stored:
        return (), ()
    known = {rule.value for rule in Rule}
    results = tuple(_result(*one) for one in stored.get("results", ()) if one[0] in known)
    return results, deductions_from_json(stored.get("deductions", ()))


def deductions_to_json(deductions: Sequence[Deduction]) -> list[list[str]]:
    """From face to base, as an offer stores it: [[what, amount], ...], the amounts as text."""
    return [[str(one.what), f"{one.amount:.2f}"] for one in deductions]


def deductions_from_json(stored: Sequence[Sequence[str]]) -> tuple[Deduction, ...]:
    """Deductions from [[what, amount], ...], the amounts as text."""
    return tuple(Deduction(what, Decimal(amount)) for what, amount in stored)


def _shortened(result: RuleResult) -> tuple[object, ...]:
    """Without the empty values at its end. A zero was measured, and stays."""
    if result.details:
        return result
    if result.next_change_on is not None:
        return result[:6]
    if result.limit is not None:
        return result[:5]
    if result.actual is not None:
        return result[:4]
    return result[:3] if result.reason else result[:2]


def _result(
    rule: str,
    outcome: str,
    reason: str = "",
    actual: str | int | None = None,
    limit: str | int | None = None,
    next_change_on: str | None = None,
    details: Sequence[str] = (),
) -> RuleResult:
    return RuleResult(
        Rule(rule),
        Outcome(outcome),
        reason,
        Decimal(actual) if isinstance(actual, str) else actual,
        Decimal(limit) if isinstance(limit, str) else limit,
        date.fromisoformat(next_change_on) if next_change_on else None,
        tuple(details),
    )
