"""Dilution: credit memos over invoices of a buyer in the last months. Pure, no query.

The window moves: each day a day leaves it, so that time alone can change the result.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import ZERO
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.terms import Terms
from infactor.invoices.receivables import Dilution, DilutionDay

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
SHORTEST_MONTH = timedelta(days=28)
NO_DILUTION = Dilution(ZERO, ZERO)


def dilution_result(*, dilution: Dilution, days: Sequence[DilutionDay], terms: Terms) -> RuleResult:
    """Compare credits over invoices of the window with the limits of the terms; credits without invoices are 100 %.

    `days` are the credits and invoices of the window by day, the oldest first.
    """
    credits, invoiced = max(dilution.credits, ZERO), max(dilution.invoiced, ZERO)
    share = HUNDRED if credits else ZERO
    if invoiced:
        share = (credits * HUNDRED / invoiced).quantize(Decimal("0.1"))
    outcome = _outcome(credits, invoiced, terms)
    changes_on = _next_change_on(credits, invoiced, days, terms)
    return RuleResult(Rule.DILUTION, outcome, "", share, terms.dilution_stop_pct, changes_on)


def months_before(*, day: date, months: int) -> date:
    """The same day of the month so many months before, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - ONE_DAY)


def _outcome(credits: Decimal, invoiced: Decimal, terms: Terms) -> Outcome:
    if credits <= 0:
        return Outcome.PASS
    if invoiced <= 0 or credits * HUNDRED >= terms.dilution_stop_pct * invoiced:
        return Outcome.FAIL
    return Outcome.WARN if credits * HUNDRED >= terms.dilution_warning_pct * invoiced else Outcome.PASS


def _next_change_on(credits: Decimal, invoiced: Decimal, days: Sequence[DilutionDay], terms: Terms) -> date | None:
    """The first day on which the rule starts or stops to fail, if nothing more is issued."""
    fails = _outcome(credits, invoiced, terms) is Outcome.FAIL
    for one in days:
        credits, invoiced = credits - one.credits, invoiced - one.invoiced
        if (_outcome(credits, invoiced, terms) is Outcome.FAIL) != fails:
            return _first_day_without(one.day, months=terms.dilution_months)
    return None


def _first_day_without(day: date, *, months: int) -> date:
    """The first day whose window begins after `day`."""
    candidate = day + months * SHORTEST_MONTH
    while months_before(day=candidate, months=months) <= day:
        candidate += ONE_DAY
    return candidate
