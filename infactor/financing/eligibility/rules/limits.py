"""Reductions for the buyer or the supplier as a whole: contra, credits, limits, concentration. Pure, no query.

A buyer sets off against what is due first, so what it is owed, and its credits, are taken off those invoices. Within
limits, an invoice that still needs an action gives way to one that is eligible, and among them what is due first gives
way to what is due later. An invoice that is evaluated for its own request or offer gives way last. So the bases of any
of the invoices together stay within every limit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.portfolio import (
    NO_REST,
    NO_UTILIZATION,
    ZERO,
    Portfolio,
    Share,
    Shares,
    Utilization,
    UtilizationTotals,
    debtor_key,
)
from infactor.financing.eligibility.results import NOT_READ, Reduction
from infactor.financing.eligibility.rules.candidates import Candidate, grouped, take, total_of
from infactor.financing.eligibility.rules.concentration import limit_concentration
from infactor.financing.terms import Terms
from infactor.invoices.receivables import BuyerFacts

OWED = "owed"


def available_limits(*, buyer: BuyerFacts, currency: str, portfolio: Portfolio, terms: Terms) -> tuple[Reduction, ...]:
    """Contra, credits and limits of one buyer in one currency and how much is used; nothing is taken yet."""
    key = (debtor_key(buyer=buyer), currency)
    all_used = UtilizationTotals(portfolio.used_across_suppliers, portfolio.used_by_pair, portfolio.used_by_supplier)
    used = portfolio.used_of_limits or all_used
    across_suppliers = used.across_suppliers.get(key, NO_UTILIZATION)
    pair = used.by_pair.get(key, NO_UTILIZATION)
    # Numbers of another supplier's invoices are nobody else's business: only this supplier's own are named.
    buyer_utilization = Utilization(across_suppliers.amount, pair.invoice_numbers)
    concentrated = all_used.by_pair.get(key, NO_UTILIZATION)
    return (
        _contra(buyer=buyer, currency=currency, portfolio=portfolio),
        Reduction(Rule.CREDITS, ZERO, portfolio.credits.get((buyer.id, currency), ZERO)),
        _limit(Rule.BUYER_LIMIT, buyer_utilization, portfolio.buyer_limits.get(key, terms.buyer_limit)),
        _limit(Rule.PAIR_LIMIT, pair, portfolio.pair_limits.get(key, terms.pair_limit)),
        _limit(
            Rule.SUPPLIER_LIMIT,
            used.by_supplier.get(currency, NO_UTILIZATION),
            portfolio.supplier_limits.get(currency, terms.supplier_limit),
        ),
        Reduction(Rule.CONCENTRATION, ZERO, concentrated.amount, None, concentrated.invoice_numbers, "not_measured"),
    )


def allocate_reductions(
    *, candidates: Iterable[Candidate], portfolio: Portfolio, terms_by_currency: Mapping[str, Terms]
) -> Shares:
    """Share contra, credits, limits and concentration out: each candidate gets its reductions, in this order.

    Returns what each debtor brought against the limits of the supplier as a whole.
    """
    shares: Shares = {}
    by_currency: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_currency[one.invoice.currency].append(one)
    for currency, ones in by_currency.items():
        ones.sort(key=lambda one: one.priority)
        for rule in (Rule.CONTRA, Rule.CREDITS):
            _take_from_due_first(rule, ones)
        by_debtor = grouped(ones, lambda one: one.debtor)
        for rule in (Rule.BUYER_LIMIT, Rule.PAIR_LIMIT):
            for group in by_debtor:
                _reduce_to_limit(rule, group)
        rest = portfolio.rest.get(currency, NO_REST)
        for_limit = [total_of(Rule.SUPPLIER_LIMIT, group) for group in by_debtor]
        _reduce_to_limit(Rule.SUPPLIER_LIMIT, ones, rest=rest.for_limit)
        shares |= {
            (group[0].debtor, currency): _share(group, brought)
            for group, brought in zip(by_debtor, for_limit, strict=True)
        }
        limit_pct = terms_by_currency[currency].concentration_limit_pct
        limit_concentration(ones, currency=currency, portfolio=portfolio, limit_pct=limit_pct)
    return shares


def _share(group: Sequence[Candidate], for_limit: Decimal) -> Share:
    """What is left of the invoices of one debtor after the supplier's limit."""
    counted = [one for one in group if one.remaining >= one.minimum]
    left = sum((one.remaining for one in counted), ZERO)
    return Share(len(group), len(counted), for_limit, left, total_of(Rule.CONCENTRATION, counted))


def _limit(rule: Rule, used: Utilization, limit: Decimal) -> Reduction:
    return Reduction(rule, ZERO, used.amount, limit, used.invoice_numbers)


def _contra(*, buyer: BuyerFacts, currency: str, portfolio: Portfolio) -> Reduction:
    """What the supplier owes this buyer, as far as the buyer owes as much."""
    if buyer.id in portfolio.payables_unknown:
        return Reduction(Rule.CONTRA, ZERO, ZERO, skip_reason=NOT_READ)
    owed = portfolio.contra.get((buyer.id, currency), ZERO)
    return Reduction(Rule.CONTRA, ZERO, owed, skip_reason=OWED if owed else "")


def _take_from_due_first(rule: Rule, candidates: Sequence[Candidate]) -> None:
    """Take what belongs to each buyer as a whole off its invoices, those due first, whatever their priority."""
    for group in grouped(candidates, lambda one: one.invoice.buyer_key):
        limit = group[0].limit_of(rule)
        due_first = sorted(group, key=lambda one: one.priority[2:])
        take(rule, due_first, excess=limit.actual, limit=limit)


def _reduce_to_limit(rule: Rule, group: Sequence[Candidate], *, rest: Decimal = ZERO) -> None:
    """Take off `group` what is, with the `rest` that others bring, more than the limit has left."""
    limit = group[0].limit_of(rule)
    available = max((limit.limit or ZERO) - limit.actual, ZERO)
    take(rule, group, excess=total_of(rule, group) + rest - available, limit=limit)
