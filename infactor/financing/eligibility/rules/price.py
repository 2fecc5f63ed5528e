"""The ceiling of the estimated annual rate: what costs more is not offered. Pure, no query."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.results import Deduction, RuleResult, cut_by_limits
from infactor.financing.pricing import late_fee, price
from infactor.financing.terms import Terms

NOT_PRICED = RuleResult(Rule.ANNUAL_RATE, Outcome.UNKNOWN, "not_priced")


def annual_rate(
    *,
    face: Decimal,
    base: Decimal,
    deductions: Iterable[Deduction],
    terms: Terms,
    due_on: date | None,
    as_of: date,
) -> RuleResult:
    """The result for the highest annual rate that would be disclosed on `as_of` for an invoice with some cash.

    With a late fee the rate rises from day to day as the due date comes nearer.
    """
    priced = price.price(face=face, base=base, terms=terms, cut_by_limits=cut_by_limits(deductions))
    late_from = late_fee.first_day(due_on=due_on, terms=terms)

    def rate_on(day: date) -> Decimal:
        return price.highest_annual_rate(priced=priced, terms=terms, funded_on=day, late_from=late_from)

    rate = rate_on(as_of)
    if rate > terms.max_annual_rate_pct:
        return RuleResult(Rule.ANNUAL_RATE, Outcome.FAIL, "", rate, terms.max_annual_rate_pct)
    fails_on = None
    if late_from is not None and late_from > as_of:
        days = [as_of + timedelta(days=offset) for offset in range(1, (late_from - as_of).days + 1)]
        place = bisect_left(days, True, key=lambda day: rate_on(day) > terms.max_annual_rate_pct)
        fails_on = days[place] if place < len(days) else None
    return RuleResult(Rule.ANNUAL_RATE, Outcome.PASS, "", rate, terms.max_annual_rate_pct, next_change_on=fails_on)
