"""The supplier's application: until it is approved and the agreement accepted, nothing is financed. Pure, no query."""

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import APPROVED
from infactor.financing.eligibility.results import RuleResult

DRAFT, AGREEMENT = "draft", "agreement"
HELD = RuleResult(Rule.BOOKS_HOLD, Outcome.FAIL)


def application(*, status: str | None, has_accepted: bool) -> RuleResult:
    """The result for an application in `status` (None: never begun); `has_accepted` the latest agreement."""
    if status in (None, DRAFT):
        return RuleResult(Rule.APPLICATION, Outcome.NEEDS_ACTION, DRAFT)
    if status != "approved":
        return RuleResult(Rule.APPLICATION, Outcome.FAIL, str(status))
    return APPROVED if has_accepted else RuleResult(Rule.APPLICATION, Outcome.NEEDS_ACTION, AGREEMENT)
