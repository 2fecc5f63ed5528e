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
    order of sharing. `limits` are the rules with nothing taken yet, `reductions` what each has taken so far.
    """

    id: int
    buyer: int
    debtor: str
    currency: str
    remaining: Decimal
    minimum: Decimal
    priority: tuple[bool, bool, date, date, int]
    overrides: Mapping[Rule, date | None]
    limits: dict[Rule, Reduction]
    reductions: dict[Rule, Reduction] = field(default_factory=dict)

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
            id=invoice.id,
            buyer=invoice.buyer_key,
            debtor=debtor_key(buyer=buyer),
            currency=invoice.currency,
            remaining=remaining,
            minimum=minimum,
            priority=priority,
            overrides=context.overrides,
            limits={limit.rule: limit for limit in context.reductions},
        )

    def under_decision(self, is_under_decision: bool) -> "Candidate":
        """A copy from which nothing is taken yet, with its place in the order of sharing."""
        return replace(self, priority=(is_under_decision, *self.priority[1:]), reductions={})


def grouped(candidates: Iterable[Candidate], key: Callable[[Candidate], str | int]) -> list[list[Candidate]]:
    """The candidates by `key`, each group in their order."""
    groups: dict[str | int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        groups[key(one)].append(one)
    return list(groups.values())


def total_of(rule: Rule, group: Iterable[Candidate]) -> Decimal:
    """What `group` brings against a limit: an invoice with an override of `rule` does not count."""
    return sum((one.remaining for one in group if rule not in one.overrides), ZERO)


def take(rule: Rule, group: Sequence[Candidate], *, excess: Decimal) -> None:
    """Take `excess` off the invoices of `group`, from the first to the last, and note what `rule` took of each."""
    for one in group:
        limit = one.limits[rule]
        if rule in one.overrides:
            one.reductions[rule] = limit._replace(skip_reason=OVERRIDDEN)
            continue
        taken = max(min(one.remaining, excess), ZERO)
        one.remaining -= taken
        excess -= taken
        one.reductions[rule] = limit._replace(amount=taken) if taken else limit
