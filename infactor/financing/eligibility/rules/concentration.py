"""Concentration: one buyer may be at most a share (25 % by default) of everything that a supplier finances. Pure."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from infactor.core.money import round_to_currency
from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.portfolio import NO_REST, NO_UTILIZATION, ZERO, Portfolio
from infactor.financing.eligibility.results import Reduction
from infactor.financing.eligibility.rules.candidates import Candidate, grouped, take, total_of


def limit_concentration(
    candidates: Sequence[Candidate], *, currency: str, portfolio: Portfolio, limit_pct: Decimal
) -> None:
    """Take off each debtor what is above `limit_pct` percent of everything that is left or in use in `currency`.

    The total is measured before this reduction, and without invoices that are too small by now. It does not apply to a
    supplier with a single debtor: there the buyer's limit counts instead.
    """
    counted = [one for one in candidates if one.remaining >= one.minimum]
    too_small = [one for one in candidates if one.remaining < one.minimum]
    groups = grouped(counted, lambda one: one.debtor)
    if _is_only_debtor(groups, currency=currency, portfolio=portfolio):
        for one in candidates:
            one.reductions.append(one.limit_of(Rule.CONCENTRATION)._replace(skip_reason="only_buyer"))
        return

    in_use = portfolio.used_by_supplier.get(currency, NO_UTILIZATION).amount
    rest = portfolio.rest.get(currency, NO_REST)
    total = sum((one.remaining for one in counted), in_use) + rest.left
    max_amount = most_of_one_debtor(total, currency=currency, limit_pct=limit_pct)
    for group in grouped(too_small, lambda one: one.debtor):
        limit = _limit_of(group, max_amount)
        for one in group:
            one.reductions.append(limit)
    for group in groups:
        limit = _limit_of(group, max_amount)
        available = max(max_amount - limit.actual, ZERO)
        take(Rule.CONCENTRATION, group, excess=total_of(Rule.CONCENTRATION, group) - available, limit=limit)


def most_of_one_debtor(total: Decimal, *, currency: str, limit_pct: Decimal) -> Decimal:
    """How much of `total` may be of one debtor."""
    return round_to_currency(total * limit_pct / 100, currency, rounding=ROUND_DOWN)


def _limit_of(group: Sequence[Candidate], max_amount: Decimal) -> Reduction:
    """The limit of the invoices of one debtor, with nothing taken yet."""
    return group[0].limit_of(Rule.CONCENTRATION)._replace(limit=max_amount, skip_reason="")


def _is_only_debtor(groups: Sequence[Sequence[Candidate]], *, currency: str, portfolio: Portfolio) -> bool:
    """Whether all that is left or in use in `currency` is of one debtor."""
    in_use = {debtor for (debtor, code), used in portfolio.used_by_pair.items() if code == currency and used.amount > 0}
    rest = portfolio.rest.get(currency, NO_REST)
    return len(in_use | {group[0].debtor for group in groups}) + rest.debtors <= 1
