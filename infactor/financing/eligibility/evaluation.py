"""Evaluation of invoices: which can be financed, with how much, and why. Pure, no query.

The rules come in the order of the catalogue: the invoice itself, its buyer as a whole, then credits and limits, and
concentration last, on what is left. Amounts are in the invoice's currency; two currencies are never added.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from infactor.core.money import CENT, round_to_currency
from infactor.financing.eligibility.catalogue import REDUCTION_RULES, Outcome, Rule
from infactor.financing.eligibility.portfolio import ZERO, InvoiceContext, Portfolio, Shares
from infactor.financing.eligibility.results import (
    EXCLUDED,
    NOT_READ,
    REDUCED,
    Deduction,
    Reduction,
    RuleResult,
    first_blocker,
)
from infactor.financing.eligibility.rules import limits
from infactor.financing.eligibility.rules.buyer import BuyerRules
from infactor.financing.eligibility.rules.candidates import Candidate
from infactor.financing.eligibility.rules.invoice import InvoiceResults, evaluate_invoice
from infactor.financing.eligibility.rules.next_change import date_of_first_pass, first_change
from infactor.financing.eligibility.rules.overrides import apply_overrides
from infactor.financing.eligibility.rules.price import NOT_PRICED, annual_rate
from infactor.financing.terms import Terms
from infactor.invoices.receivables import ReceivableInvoice

FAIL = Outcome.FAIL
ELIGIBLE, NEEDS_ACTION, INELIGIBLE = "eligible", "needs_action", "ineligible"


class Assessment(NamedTuple):
    """What the rules say of one invoice. face - sum of deductions = base; advance = base x rate, to the cent.

    `next_change_on` is the first day on which time alone changes the decision; None: it never does.
    """

    invoice_id: int
    currency: str
    terms_version: int
    decision: str
    face: Decimal
    base: Decimal
    advance: Decimal
    deductions: tuple[Deduction, ...]
    results: tuple[RuleResult, ...]
    next_change_on: date | None

    @property
    def is_eligible(self) -> bool:
        """Whether it can be financed as it is, without a further action."""
        return self.decision == ELIGIBLE

    @property
    def deciding_rule(self) -> str:
        """The code of the rule that decides where the invoice is not eligible; else empty."""
        blocker = first_blocker(self.results)
        return blocker.rule.value if blocker else ""


def evaluate(*, invoice: ReceivableInvoice, terms: Terms | None, context: InvoiceContext, as_of: date) -> Assessment:
    """Evaluate one invoice on the supplier's day `as_of`; `terms` are None where its currency has none."""
    own = evaluate_invoice(invoice=invoice, terms=terms, context=context, as_of=as_of)
    return _assessment(invoice, terms, context, own, as_of=as_of)


def evaluate_all(*, portfolio: Portfolio, terms_by_currency: Mapping[str, Terms], as_of: date) -> dict[int, Assessment]:
    """Evaluate every invoice of a portfolio, by its id."""
    assessments = iter_evaluate(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of)
    return {one.invoice_id: one for one in assessments}


def iter_evaluate(
    *,
    portfolio: Portfolio,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    invoice_ids: Collection[int] | None = None,
    shares: Shares | None = None,
) -> Iterator[Assessment]:
    """Evaluate invoices one by one: all of them, or only `invoice_ids`. Fills `shares` in once all are shared out.

    Limits are shared out over the whole portfolio in any case. An invoice that has no share in them comes as soon as it
    is evaluated; of the others only what they bring is held until all are known. Then they are evaluated again, because
    to hold a hundred thousand results takes more memory than everything that was loaded.
    """
    buyer_rules = BuyerRules(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of)
    candidates = []
    for one in first_pass(portfolio, terms_by_currency, buyer_rules, as_of=as_of, invoice_ids=invoice_ids):
        if isinstance(one, Candidate):
            candidates.append(one)
        else:
            yield one
    found = limits.allocate_reductions(candidates=candidates, portfolio=portfolio, terms_by_currency=terms_by_currency)
    if shares is not None:
        shares |= found
    yield from assess_candidates(candidates, terms_by_currency, buyer_rules, as_of=as_of, invoice_ids=invoice_ids)


def first_pass(
    portfolio: Portfolio,
    terms_by_currency: Mapping[str, Terms],
    buyer_rules: BuyerRules,
    *,
    as_of: date,
    invoice_ids: Collection[int] | None,
) -> Iterator[Candidate | Assessment]:
    """Each invoice that shares limits as a candidate; of the others the assessments (of all, or `invoice_ids`)."""
    for invoice in portfolio.invoices:
        context, terms = buyer_rules.context_for(invoice), terms_by_currency.get(invoice.currency)
        own = evaluate_invoice(invoice=invoice, terms=terms, context=context, as_of=as_of)
        if candidate := _candidate(portfolio, invoice, terms, context, own):
            yield candidate
        elif invoice_ids is None or invoice.id in invoice_ids:
            yield _assessment(invoice, terms, context, own, as_of=as_of)


def assess_candidates(
    candidates: Iterable[Candidate],
    terms_by_currency: Mapping[str, Terms],
    buyer_rules: BuyerRules,
    *,
    as_of: date,
    invoice_ids: Collection[int] | None,
) -> Iterator[Assessment]:
    """Assess the candidates (all, or `invoice_ids`) with the reductions that they got."""
    for one in candidates:
        invoice = one.invoice
        if invoice_ids is None or invoice.id in invoice_ids:
            yield evaluate(
                invoice=invoice,
                terms=terms_by_currency.get(invoice.currency),
                context=buyer_rules.context_for(invoice, reductions=tuple(one.reductions)),
                as_of=as_of,
            )


def minimum_base(*, terms: Terms, overrides: Mapping[Rule, date | None]) -> Decimal:
    """How much must be left of an invoice after all deductions."""
    return CENT if Rule.MINIMUM_AMOUNT in overrides else max(terms.minimum_amount, CENT)


def _candidate(
    portfolio: Portfolio,
    invoice: ReceivableInvoice,
    terms: Terms | None,
    context: InvoiceContext,
    own: InvoiceResults,
) -> Candidate | None:
    """The invoice as one that shares credits, limits and concentration; None where another rule makes it ineligible."""
    decision = _decision((*_results_before_reductions(own, context), *_books_results(own, context)))
    if terms is None or decision == INELIGIBLE:
        return None
    return Candidate.of(
        invoice=invoice,
        buyer=portfolio.buyers[invoice.buyer_key],
        remaining=own.remaining,
        is_eligible=decision == ELIGIBLE,
        context=context,
        minimum=minimum_base(terms=terms, overrides=context.overrides),
    )


def _assessment(
    invoice: ReceivableInvoice, terms: Terms | None, context: InvoiceContext, own: InvoiceResults, *, as_of: date
) -> Assessment:
    """Put the results of all stages together. Without terms an invoice is ineligible by its own rules."""
    before = _results_before_reductions(own, context)
    reducing = [_result_of(one) for one in context.reductions] if own.is_complete else []
    after = _books_results(own, context)
    decision = _decision((*before, *after))
    base, advance = ZERO, ZERO
    deductions: list[Deduction] = []
    rate = NOT_PRICED

    if terms is not None and decision != INELIGIBLE:
        base, deductions = _reduce(own, context.reductions)
        advance = round_to_currency(base * terms.advance_rate / 100, terms.currency)
        minimum = minimum_base(terms=terms, overrides=context.overrides)
        if base < minimum or advance <= terms.wire_fee:
            before, reducing = _fail_as_too_little(before, reducing, deductions, base=base, minimum=minimum)
            decision, base, advance = INELIGIBLE, ZERO, ZERO
        else:
            rate = annual_rate(
                face=own.face,
                base=base,
                deductions=deductions,
                terms=terms,
                due_on=invoice.payable_date,
                as_of=as_of,
            )
            if rate.outcome is Outcome.FAIL:
                decision, base, advance = INELIGIBLE, ZERO, ZERO
    if decision == INELIGIBLE and (excluded := own.face - _total(deductions)):
        deductions.append(Deduction(EXCLUDED, excluded))

    results = (*before, *reducing, *((rate,) if own.is_complete else ()), *after)
    return Assessment(
        invoice_id=invoice.id,
        currency=invoice.currency,
        terms_version=terms.version if terms is not None else 0,
        decision=decision,
        face=own.face,
        base=base,
        advance=advance,
        deductions=tuple(deductions),
        results=results,
        next_change_on=date_of_first_pass(results) if decision == INELIGIBLE else first_change(results),
    )


def _results_before_reductions(own: InvoiceResults, context: InvoiceContext) -> tuple[RuleResult, ...]:
    """The results of the invoice and of its buyer. The business buyer's is the one that comes before the terms'."""
    if not own.is_complete:
        return own.before_buyer_rules
    business_buyer, *of_buyer = apply_overrides(context.buyer_results, overrides=context.overrides)
    return (*own.before_buyer_rules, business_buyer, *own.after_buyer_rules, *of_buyer)


def _books_results(own: InvoiceResults, context: InvoiceContext) -> tuple[RuleResult, ...]:
    return (context.freshness,) if own.is_complete else ()


def _decision(results: tuple[RuleResult, ...]) -> str:
    outcomes = [result.outcome for result in results]
    if FAIL in outcomes:
        return INELIGIBLE
    return NEEDS_ACTION if Outcome.NEEDS_ACTION in outcomes else ELIGIBLE


def _reduce(own: InvoiceResults, reductions: Sequence[Reduction]) -> tuple[Decimal, list[Deduction]]:
    """The base that is left after `reductions`, and all deductions from the face."""
    base, deductions = own.remaining, list(own.deductions)
    for reduction in reductions:
        if taken := min(reduction.amount, base):
            deductions.append(Deduction(reduction.rule, taken))
            base -= taken
    return base, deductions


def _result_of(reduction: Reduction) -> RuleResult:
    reason = REDUCED if reduction.amount else reduction.skip_reason
    numbers = reduction.invoice_numbers if reduction.amount else ()
    if reason == NOT_READ:
        return RuleResult(reduction.rule, Outcome.UNKNOWN, reason)
    return RuleResult(reduction.rule, Outcome.PASS, reason, reduction.actual, reduction.limit, details=numbers)


def _fail_as_too_little(
    before: tuple[RuleResult, ...],
    reducing: list[RuleResult],
    deductions: Iterable[Deduction],
    *,
    base: Decimal,
    minimum: Decimal,
) -> tuple[tuple[RuleResult, ...], list[RuleResult]]:
    """The results where too little is left: the reduction that took the most fails.

    Where tax or what the buyer did not confirm took the most, the minimum amount itself fails.
    """
    largest = max(deductions, key=lambda line: line.amount, default=None)
    if largest is not None and largest.what in REDUCTION_RULES:
        failed = [
            one._replace(outcome=Outcome.FAIL, reason="too_little_left") if one.rule == largest.what else one
            for one in reducing
        ]
        return before, failed
    reason = f"after_{largest.what}" if largest is not None else ""
    too_small = RuleResult(Rule.MINIMUM_AMOUNT, Outcome.FAIL, reason, base, minimum)
    return tuple(too_small if one.rule is Rule.MINIMUM_AMOUNT else one for one in before), reducing


def _total(deductions: Iterable[Deduction]) -> Decimal:
    return sum((line.amount for line in deductions), ZERO)
