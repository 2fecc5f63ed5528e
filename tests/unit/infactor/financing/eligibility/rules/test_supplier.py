"""Before an application is approved, it is the first reason on every invoice."""

import pytest

from infactor.financing.eligibility.catalogue import RULES, Outcome, Rule
from infactor.financing.eligibility.portfolio import APPROVED
from infactor.financing.eligibility.results import RuleResult, first_blocker
from infactor.financing.eligibility.rules.supplier import application

OVERDUE = RuleResult(Rule.DAYS_TO_DUE, Outcome.FAIL, "overdue")


@pytest.mark.parametrize(
    ("status", "has_accepted", "outcome", "reason"),
    [
        (None, False, Outcome.NEEDS_ACTION, "draft"),
        ("draft", True, Outcome.NEEDS_ACTION, "draft"),
        ("submitted", True, Outcome.FAIL, "submitted"),
        ("on_hold", True, Outcome.FAIL, "on_hold"),
        ("refused", True, Outcome.FAIL, "refused"),
        ("approved", False, Outcome.NEEDS_ACTION, "agreement"),
        ("approved", True, Outcome.PASS, ""),
    ],
)
def test_only_an_approved_supplier_with_an_accepted_agreement_passes(
    status: str | None, has_accepted: bool, outcome: Outcome, reason: str
) -> None:
    result = application(status=status, has_accepted=has_accepted)
    assert (result.rule, result.outcome, result.reason) == (Rule.APPLICATION, outcome, reason)


def test_the_application_comes_before_every_other_reason() -> None:
    missing = application(status=None, has_accepted=False)
    assert first_blocker([missing, OVERDUE]) == missing
    assert first_blocker([APPROVED, OVERDUE]) == OVERDUE
    assert RULES[Rule.APPLICATION].sentence(missing.outcome, missing.reason).startswith("Finish your application")
