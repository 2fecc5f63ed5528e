"""What is taken off invoices for the buyer or the supplier as a whole: credits, limits, concentration. Pure.

A buyer lays its credits against what is due first, whatever is asked of its invoices: so are they taken off. Of limits
and shares, invoices that still need a step leave room for those that are ready, among them those due first; what is
being judged for a request or an offer of its own keeps its room before all others. So the bases of any of the invoices
together stay within every limit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from infactor.core.money import rounded
from infactor.financing.eligibility.portfolio import (
    NOTHING_COMMITTED,
    ZERO,
    Committed,
    Exposure,
    Portfolio,
    Sums,
    debtor_key,
)
from infactor.financing.eligibility.rules.catalogue import Reduction, Rule
from infactor.financing.terms import Terms
from infactor.invoices.receivables import BuyerFacts, ReceivableInvoice


@dataclass(slots=True, kw_only=True)
class Candidate:
    """An invoice that no rule of its own keeps out, and what is left of it; `cuts` are what was taken so far."""

    id: int
    buyer: int
    debtor: str
    currency: str
    left: Decimal
    minimum: Decimal
    order: tuple[bool, bool, date, date, int]
    approved: Mapping[Rule, date | None]
    rooms: dict[Rule, Reduction]
    cuts: dict[Rule, Reduction] = field(default_factory=dict)


def candidate(
    *,
    invoice: ReceivableInvoice,
    buyer: BuyerFacts,
    left: Decimal,
    is_ready: bool,
    exposure: Exposure,
    minimum: Decimal,
) -> Candidate:
    """`invoice` as a candidate, `left` of which is left after its own deductions and `least` of which must stay."""
    order = (
        exposure.is_released,
        is_ready,
        invoice.payable_date or date.max,
        invoice.txn_date or date.max,
        invoice.id,
    )
    return Candidate(
        id=invoice.id,
        buyer=invoice.buyer_key,
        debtor=debtor_key(buyer=buyer),
        currency=invoice.currency,
        left=left,
        minimum=minimum,
        order=order,
        approved=exposure.approved,
        rooms={cut.rule: cut for cut in exposure.cuts},
    )


def rooms(*, buyer: BuyerFacts, currency: str, portfolio: Portfolio, terms: Terms) -> tuple[Reduction, ...]:
    """What is open, limited and in use around the invoices of one buyer in one currency; nothing is taken yet."""
    key = (debtor_key(buyer=buyer), currency)
    limit = portfolio.buyer_limits.get(key, terms.buyer_limit)
    every = Sums(portfolio.committed_house, portfolio.committed_pair, portfolio.committed_supplier)
    taken = portfolio.taken or every
    house = taken.house.get(key, NOTHING_COMMITTED)
    pair = taken.pair.get(key, NOTHING_COMMITTED)
    own = taken.supplier.get(currency, NOTHING_COMMITTED)
    shared = every.pair.get(key, NOTHING_COMMITTED)
    return (
        Reduction(Rule.CREDITS, ZERO, portfolio.credits.get((buyer.id, currency), ZERO)),
        # Numbers of another supplier's invoices are nobody else's business.
        _room(Rule.BUYER_LIMIT, Committed(house.amount, pair.numbers), limit),
        _room(Rule.PAIR_LIMIT, pair, portfolio.pair_limits.get(key, terms.pair_limit)),
        _room(Rule.SUPPLIER_LIMIT, own, portfolio.supplier_limits.get(currency, terms.supplier_limit)),
        Reduction(Rule.CONCENTRATION, ZERO, shared.amount, None, shared.numbers),
    )


def allocate(
    *, candidates: Iterable[Candidate], portfolio: Portfolio, terms_by_currency: Mapping[str, Terms]
) -> dict[int, tuple[Reduction, ...]]:
    """The cuts of each candidate in the order of the rules, by the invoice's id."""
    by_currency: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_currency[one.currency].append(one)
    found: dict[int, tuple[Reduction, ...]] = {}
    for currency, ones in by_currency.items():
        ones.sort(key=lambda one: one.order)
        for group in _grouped(ones, lambda one: str(one.buyer)).values():
            due_first = sorted(group, key=lambda one: one.order[2:])
            _take(Rule.CREDITS, due_first, excess=group[0].rooms[Rule.CREDITS].actual)
        debtors = _grouped(ones, lambda one: one.debtor)
        for rule in (Rule.BUYER_LIMIT, Rule.PAIR_LIMIT):
            for group in debtors.values():
                _keep_within(rule, group)
        _keep_within(Rule.SUPPLIER_LIMIT, ones)
        share = terms_by_currency[currency].concentration_share
        _concentrate(ones, currency=currency, portfolio=portfolio, share=share)
        found |= {one.id: tuple(one.cuts[rule] for rule in one.rooms) for one in ones}
    return found


def _room(rule: Rule, committed: Committed, limit: Decimal) -> Reduction:
    return Reduction(rule, ZERO, committed.amount, limit, committed.numbers)


def _grouped(ones: Iterable[Candidate], key: Callable[[Candidate], str]) -> dict[str, list[Candidate]]:
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for one in ones:
        groups[key(one)].append(one)
    return groups


def _keep_within(rule: Rule, group: Sequence[Candidate]) -> None:
    """Take off `group` what is more than a limit leaves over what is committed already."""
    room = group[0].rooms[rule]
    free = max((room.limit or ZERO) - room.actual, ZERO)
    _take(rule, group, excess=_sum(rule, group) - free)


def _concentrate(ones: Sequence[Candidate], *, currency: str, portfolio: Portfolio, share: Decimal) -> None:
    """Take off each debtor what is more than its share of all that is left and committed, measured before this cut.

    What is too small by now has no part in it. A supplier's only debtor is judged by its limit instead.
    """
    alive = [one for one in ones if one.left >= one.minimum]
    committed = portfolio.committed_supplier.get(currency, NOTHING_COMMITTED).amount
    groups = _grouped(alive, lambda one: one.debtor)
    known = {key for (key, code), held in portfolio.committed_pair.items() if code == currency and held.amount > 0}
    total = sum((one.left for one in alive), committed)
    most = rounded(total * share / 100, currency, rounding=ROUND_DOWN)
    is_alone = len(known | set(groups)) <= 1
    for one in ones:
        room = one.rooms[Rule.CONCENTRATION]
        one.cuts[Rule.CONCENTRATION] = room._replace(skipped="only_buyer") if is_alone else room._replace(limit=most)
    if is_alone:
        return
    for group in groups.values():
        held = group[0].rooms[Rule.CONCENTRATION].actual
        excess = _sum(Rule.CONCENTRATION, group) - max(most - held, ZERO)
        _take(Rule.CONCENTRATION, group, excess=excess, bound=most)


def _sum(rule: Rule, group: Sequence[Candidate]) -> Decimal:
    return sum((one.left for one in group if rule not in one.approved), ZERO)


def _take(rule: Rule, group: Sequence[Candidate], *, excess: Decimal, bound: Decimal | None = None) -> None:
    """Take `excess` off the invoices of `group`, which are in order, from the first to the last."""
    for one in group:
        room = one.rooms[rule]
        if bound is not None:
            room = room._replace(limit=bound)
        if rule in one.approved:
            one.cuts[rule] = room._replace(skipped="approved")
            continue
        taken = max(min(one.left, excess), ZERO)
        one.left -= taken
        excess -= taken
        one.cuts[rule] = room._replace(amount=taken) if taken else room
