"""Which invoices can be financed, with how much, and why: every rule with its number. Pure, no query.

The invoice itself is asked first, then what holds of its buyer as a whole, then limits, and concentration last on what
is left. Amounts are in the invoice's currency, and never of two currencies together.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from infactor.core.money import CENT, rounded
from infactor.financing.eligibility.portfolio import ZERO, Exposure, Portfolio
from infactor.financing.eligibility.rules import limits
from infactor.financing.eligibility.rules.buyer import Surroundings
from infactor.financing.eligibility.rules.catalogue import (
    CUTS,
    LEFT_OUT,
    Answer,
    Deduction,
    Reduction,
    Rule,
    Ruling,
)
from infactor.financing.eligibility.rules.invoice import Judged, judge, let_pass
from infactor.financing.terms import Terms
from infactor.invoices.receivables import ReceivableInvoice

READY, ONE_STEP, NO = "ready", "todo", "no"


class Assessment(NamedTuple):
    """What the rules say of one invoice. face - sum of deductions = base; advance = base x rate, to the cent.

    `changes_on` is the first day on which time alone makes the verdict another one; None: it never does.
    """

    invoice_id: int
    currency: str
    terms_version: int
    verdict: str
    face: Decimal
    base: Decimal
    advance: Decimal
    deductions: tuple[Deduction, ...]
    rulings: tuple[Ruling, ...]
    changes_on: date | None

    @property
    def is_ready(self) -> bool:
        return self.verdict == READY

    @property
    def main_rule(self) -> str:
        """The rule that decides, where one holds the invoice back: the first that fails, else the first to do."""
        for answer in (Answer.FAIL, Answer.ONE_STEP):
            for ruling in self.rulings:
                if ruling.answer is answer:
                    return ruling.rule.value
        return ""


def check(*, invoice: ReceivableInvoice, terms: Terms | None, exposure: Exposure, as_of: date) -> Assessment:
    """Judge one invoice on the supplier's day `as_of`. `terms` are those of its currency, None where there are none."""
    judged = judge(invoice=invoice, terms=terms, exposure=exposure, as_of=as_of)
    return _conclude(invoice, terms, exposure, judged)


def assess(*, portfolio: Portfolio, terms_by_currency: Mapping[str, Terms], as_of: date) -> dict[int, Assessment]:
    """Judge every invoice of a portfolio, by its id; what belongs to a buyer or the supplier is shared among them."""
    judged = assess_each(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of)
    return {one.invoice_id: one for one in judged}


def assess_each(
    *,
    portfolio: Portfolio,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    among: Collection[int] | None = None,
) -> Iterator[Assessment]:
    """The same one by one, in the order of the portfolio: all of them, or those `among`.

    Each is judged twice, before and after the cuts are shared out: to keep a hundred thousand in between takes more
    memory than everything that was read.
    """
    surrounded = Surroundings(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of)
    candidates = []
    for invoice in portfolio.invoices:
        exposure, terms = surrounded.of(invoice), terms_by_currency.get(invoice.currency)
        judged = judge(invoice=invoice, terms=terms, exposure=exposure, as_of=as_of)
        verdict = _verdict(_rulings(judged, exposure))
        if terms is not None and verdict != NO:
            candidates.append(
                limits.candidate(
                    invoice=invoice,
                    buyer=portfolio.buyers[invoice.buyer_key],
                    left=judged.left,
                    is_ready=verdict == READY,
                    exposure=exposure,
                    minimum=least(terms=terms, approved=exposure.approved),
                )
            )
    cuts = limits.allocate(candidates=candidates, portfolio=portfolio, terms_by_currency=terms_by_currency)
    for invoice in portfolio.invoices:
        if among is not None and invoice.id not in among:
            continue
        yield check(
            invoice=invoice,
            terms=terms_by_currency.get(invoice.currency),
            exposure=surrounded.of(invoice, cuts=cuts.get(invoice.id)),
            as_of=as_of,
        )


def least(*, terms: Terms, approved: Mapping[Rule, date | None]) -> Decimal:
    """How much must be left of an invoice after everything that is taken off it."""
    return CENT if Rule.MINIMUM_AMOUNT in approved else max(terms.minimum_amount, CENT)


def _rulings(judged: Judged, exposure: Exposure) -> tuple[Ruling, ...]:
    """Every rule but the cuts, in their order. The first around an invoice is the business buyer's."""
    if not judged.second:
        return judged.first
    if len(judged.second) == 1:
        return (*judged.first, *judged.second)
    around = let_pass(exposure.around, approved=exposure.approved)
    return (*judged.first, around[0], *judged.second, *around[1:], exposure.freshness)


def _verdict(rulings: tuple[Ruling, ...]) -> str:
    answers = {ruling.answer for ruling in rulings}
    if Answer.FAIL in answers:
        return NO
    return ONE_STEP if Answer.ONE_STEP in answers else READY


def _conclude(invoice: ReceivableInvoice, terms: Terms | None, exposure: Exposure, judged: Judged) -> Assessment:
    rulings = _rulings(judged, exposure)
    verdict = _verdict(rulings)
    left, deductions = judged.left, list(judged.deductions)
    if verdict == NO or terms is None:
        left, deductions = judged.face, []
    else:
        for cut in exposure.cuts:
            if taken := min(cut.amount, left):
                deductions.append(Deduction(cut.rule, taken))
                left -= taken
    advance = ZERO
    if terms is not None and verdict != NO:
        advance = rounded(left * terms.advance_rate / 100, terms.currency)
    answers = [_of_cut(cut) for cut in exposure.cuts] if len(judged.second) > 1 else []
    if verdict != NO and terms is not None:
        floor = least(terms=terms, approved=exposure.approved)
        if left < floor or advance <= 0:
            rulings, answers = _too_little(rulings, answers, deductions=deductions, left=left, least=floor)
            verdict, advance = NO, ZERO
    if verdict == NO and left:
        deductions.append(Deduction(LEFT_OUT, left))
        left = ZERO
    if answers:
        rulings = (*rulings[:-1], *answers, rulings[-1])
    return Assessment(
        invoice_id=invoice.id,
        currency=invoice.currency,
        terms_version=terms.version if terms is not None else 0,
        verdict=verdict,
        face=judged.face,
        base=left,
        advance=advance,
        deductions=tuple(deductions),
        rulings=rulings,
        changes_on=_passes_on(rulings) if verdict == NO else _first_change(rulings),
    )


def _of_cut(cut: Reduction) -> Ruling:
    why = cut.skipped or ("cut" if cut.amount else "")
    return Ruling(cut.rule, Answer.PASS, why, cut.actual, cut.limit, names=cut.names if cut.amount else ())


def _too_little(
    rulings: tuple[Ruling, ...],
    answers: list[Ruling],
    *,
    deductions: list[Deduction],
    left: Decimal,
    least: Decimal,
) -> tuple[tuple[Ruling, ...], list[Ruling]]:
    """The cut that took the most fails; where it was tax or what was not confirmed, the minimum amount itself does."""
    most = max(deductions, key=lambda line: line.amount).what if deductions else ""
    if most in CUTS:
        return rulings, [
            one._replace(answer=Answer.FAIL, why="too_little_left") if one.rule == most else one for one in answers
        ]
    failed = Ruling(Rule.MINIMUM_AMOUNT, Answer.FAIL, f"after_{most}" if most else "", left, least)
    return tuple(failed if one.rule is Rule.MINIMUM_AMOUNT else one for one in rulings), answers


def _passes_on(rulings: tuple[Ruling, ...]) -> date | None:
    """The day on which nothing fails any more, where time alone brings it and nothing else changes until then."""
    ends = [ruling.changes_on for ruling in rulings if ruling.answer is Answer.FAIL]
    last = max((day for day in ends if day is not None), default=None)
    other = _first_change(tuple(ruling for ruling in rulings if ruling.answer is not Answer.FAIL))
    if last is None or None in ends or (other is not None and other <= last):
        return None
    return last


def _first_change(rulings: tuple[Ruling, ...]) -> date | None:
    return min((ruling.changes_on for ruling in rulings if ruling.changes_on is not None), default=None)
