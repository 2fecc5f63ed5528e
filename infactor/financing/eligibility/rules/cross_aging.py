"""Cross-aging: when too much of a buyer's balance is late, none of its invoices is bought. Pure, no query."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import ZERO, AgingTotals
from infactor.financing.eligibility.results import RuleResult
from infactor.financing.terms import Terms
from infactor.invoices.receivables import ReceivableInvoice

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
MAX_INVOICE_NUMBERS = 5


class _OpenItem(NamedTuple):
    """A dated invoice that the debtor owes."""

    issued_on: date
    balance: Decimal
    invoice_id: int
    number: str


def cross_aging(*, owed: Sequence[ReceivableInvoice], elsewhere: AgingTotals, terms: Terms, as_of: date) -> RuleResult:
    """Compare the late share of a debtor's balance with the limit of the terms.

    `owed` are the supplier's open invoices of one debtor in one currency; `elsewhere` is what the debtor owes other
    suppliers. A result that fails names the fewest late invoices whose payment would bring the share below the limit.
    """
    max_age = timedelta(days=terms.cross_aging_days)
    items = _open_items(owed)
    late = [item for item in items if as_of - item.issued_on > max_age]
    totals = AgingTotals(
        balance=elsewhere.balance + sum((invoice.balance or ZERO for invoice in owed), ZERO),
        late=elsewhere.late + sum((item.balance for item in late), ZERO),
    )
    reason = "elsewhere" if elsewhere.late else ""
    share, limit = _late_share(totals), terms.cross_aging_pct
    if _is_over(totals, limit):
        numbers = _fewest_to_pay(late, totals, limit)
        return RuleResult(Rule.CROSS_AGING, Outcome.FAIL, reason, share, limit, details=numbers)
    tipping_item = _first_to_reach_limit(items[len(late) :], totals, limit)
    fails_on = tipping_item.issued_on + max_age + ONE_DAY if tipping_item else None
    return RuleResult(Rule.CROSS_AGING, Outcome.PASS, reason, share, limit, fails_on)


def _open_items(owed: Sequence[ReceivableInvoice]) -> list[_OpenItem]:
    """The dated invoices, the oldest first. One without a date counts in the balance, but is never late."""
    return sorted(
        _OpenItem(one.txn_date, one.balance or ZERO, one.id, one.number) for one in owed if one.txn_date is not None
    )


def _late_share(totals: AgingTotals) -> Decimal:
    return (totals.late * HUNDRED / totals.balance).quantize(Decimal("0.1")) if totals.balance > 0 else ZERO


def _is_over(totals: AgingTotals, limit: Decimal) -> bool:
    """Whether the late share reaches `limit` percent. By multiplication: a rounded share could miss it by a cent."""
    return totals.balance > 0 and totals.late * HUNDRED >= limit * totals.balance


def _fewest_to_pay(late: Sequence[_OpenItem], totals: AgingTotals, limit: Decimal) -> tuple[str, ...]:
    """Numbers of the largest late invoices, as many as must be paid until the share is below the limit."""
    numbers = []
    for item in sorted(late, key=lambda one: (-one.balance, one.invoice_id)):
        numbers.append(item.number)
        totals = AgingTotals(totals.balance - item.balance, totals.late - item.balance)
        if not _is_over(totals, limit):
            break
    return tuple(numbers[:MAX_INVOICE_NUMBERS])


def _first_to_reach_limit(on_time: Sequence[_OpenItem], totals: AgingTotals, limit: Decimal) -> _OpenItem | None:
    """The invoice that brings the share to the limit if nobody pays anything; None: the share stays below it."""
    for item in on_time:
        totals = totals._replace(late=totals.late + item.balance)
        if _is_over(totals, limit):
            return item
    return None
