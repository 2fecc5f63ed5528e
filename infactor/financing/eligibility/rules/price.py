"""The ceiling of the estimated annual rate: what costs more is not offered. Pure, no query."""

from collections.abc import Iterable
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.results import Deduction, RuleResult, cut_by_limits
from infactor.financing.pricing import price
from infactor.financing.terms import Terms

NOT_PRICED = RuleResult(Rule.ANNUAL_RATE, Outcome.UNKNOWN, "not_priced")


def annual_rate(*, face: Decimal, base: Decimal, deductions: Iterable[Deduction], terms: Terms) -> RuleResult:
    """The result for the highest annual rate that would be disclosed for an invoice with an advance above zero."""
    priced = price.price(face=face, base=base, terms=terms, cut_by_limits=cut_by_limits(deductions))
    rate = price.highest_annual_rate(priced=priced, terms=terms)
    outcome = Outcome.PASS if rate <= terms.max_annual_rate_pct else Outcome.FAIL
    return RuleResult(Rule.ANNUAL_RATE, outcome, "", rate, terms.max_annual_rate_pct)
