"""Candidates: the invoices among which credits, limits and concentration are shared out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from infactor.financing.eligibility.catalogue import Rule
from infactor.financing.eligibility.portfolio import ZERO, InvoiceContext, debtor_key
from infactor.financing.eligibility.results import OVERRIDDEN, Reduction
from infactor.invoices.receivables import BuyerFacts, ReceivableInvoice


@dataclass(slots=True, kw_only=True)
class Candidate:
    """An invoice that no other rule makes ineligible.

    `remaining` is what is left of it so far, `minimum` what must be left in the end, and `priority` its place in the
    order of sharing. `limits` are the rules with nothing taken yet, which all invoices of a buyer have in common;
    `reductions` what each has taken so far, in their order.
    """

    invoice: ReceivableInvoice
    debtor: str
    remaining: Decimal
    minimum: Decimal
    priority: tuple[bool, bool, date, date, int]
    overrides: Mapping[Rule, date | None]
    limits: Sequence[Reduction]
    reductions: list[Reduction] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        *,
        invoice: ReceivableInvoice,
        buyer: BuyerFacts,
        remaining: Decimal,
        is_eligible: bool,
        context: InvoiceContext,
        minimum: Decimal,
    ) -> "Candidate":
        """`invoice` as a candidate. Those that come last give way first: see `limits`."""
        priority = (
            context.is_under_decision,
            is_eligible,
            invoice.payable_date or date.max,
            invoice.txn_date or date.max,
            invoice.id,
        )
        return cls(
            invoice=invoice,
            debtor=debtor_key(buyer=buyer),
            remaining=remaining,
            minimum=minimum,
            priority=priority,
            overrides=context.overrides,
            limits=context.reductions,
        )

    def under_decision(self, is_under_decision: bool) -> "Candidate":
        """A copy from which nothing is taken yet, with its place in the order of sharing."""
        return replace(self, priority=(is_under_decision, *self.priority[1:]), reductions=[])

    def limit_of(self, rule: Rule) -> Reduction:
        """The limit of `rule` with nothing taken yet."""
        return next(one for one in self.limits if one.rule is rule)


def grouped(candidates: Iterable[Candidate], key: Callable[[Candidate], str | int]) -> list[list[Candidate]]:
    """The candidates by `key`, each group in their order."""
    groups: dict[str | int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        groups[key(one)].append(one)
    return list(groups.values())


def total_of(rule: Rule, group: Iterable[Candidate]) -> Decimal:
    """What `group` brings against a limit: an invoice with an override of `rule` does not count."""
    return sum((one.remaining for one in group if rule not in one.overrides), ZERO)


def take(rule: Rule, group: Sequence[Candidate], *, excess: Decimal, limit: Reduction) -> None:
    """Take `excess` off the invoices of `group`, from the first to the last, and note what `rule` took of each.

    `limit` is what all of them note, with nothing taken yet.
    """
    for one in group:
        if rule in one.overrides:
            one.reductions.append(limit._replace(skip_reason=OVERRIDDEN))
            continue
        taken = max(min(one.remaining, excess), ZERO)
        one.remaining -= taken
        excess -= taken
        one.reductions.append(limit._replace(amount=taken) if taken else limit)
