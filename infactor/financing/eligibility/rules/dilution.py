"""How much of what a buyer was invoiced lately was credited, and the day on which time alone changes what that means.

Pure. The window is the last months of the terms; each day a day falls out of it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from infactor.financing.eligibility.portfolio import ZERO
from infactor.financing.eligibility.rules.catalogue import Answer, Rule, Ruling
from infactor.financing.terms import Terms
from infactor.invoices.receivables import Dilution, DilutionDay

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
SHORTEST_MONTH = timedelta(days=28)


def ruling(*, dilution: Dilution, days: Sequence[DilutionDay], terms: Terms) -> Ruling:
    """Credits over invoices of the same months; credits beside no invoice at all count as all of it.

    `days` is what of them was issued when, the oldest first: by it the ruling says when it fails, or fails no more.
    """
    credits, invoiced = max(dilution.credits, ZERO), max(dilution.invoiced, ZERO)
    answer = _answer(credits, invoiced, terms)
    found = HUNDRED if credits else ZERO
    if invoiced:
        found = (credits * HUNDRED / invoiced).quantize(Decimal("0.1"))
    return Ruling(Rule.DILUTION, answer, "", found, terms.dilution_stop, _turns(credits, invoiced, days, terms))


def months_before(*, day: date, months: int) -> date:
    """The same day of the month so many months before, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - ONE_DAY)


def _answer(credits: Decimal, invoiced: Decimal, terms: Terms) -> Answer:
    if credits <= 0:
        return Answer.PASS
    if invoiced <= 0 or credits * HUNDRED >= terms.dilution_stop * invoiced:
        return Answer.FAIL
    return Answer.WARN if credits * HUNDRED >= terms.dilution_warn * invoiced else Answer.PASS


def _turns(credits: Decimal, invoiced: Decimal, days: Sequence[DilutionDay], terms: Terms) -> date | None:
    """The first day on which it fails where it does not, or fails no more where it does, if nothing else is issued."""
    fails = _answer(credits, invoiced, terms) is Answer.FAIL
    for one in days:
        credits, invoiced = credits - one.credits, invoiced - one.invoiced
        if (_answer(credits, invoiced, terms) is Answer.FAIL) != fails:
            return _leaves(one.day, months=terms.dilution_months)
    return None


def _leaves(day: date, *, months: int) -> date:
    """The first day whose window begins after `day`."""
    here = day + months * SHORTEST_MONTH
    while months_before(day=here, months=months) <= day:
        here += ONE_DAY
    return here
