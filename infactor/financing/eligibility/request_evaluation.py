"""Evaluation of the invoices of a new request: as they are listed, and as for an offer. Pure, no query."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import NamedTuple

from infactor.financing.eligibility.evaluation import Assessment, assess_candidates, first_pass
from infactor.financing.eligibility.portfolio import Portfolio, Shares
from infactor.financing.eligibility.rules import limits
from infactor.financing.eligibility.rules.buyer import BuyerRules
from infactor.financing.eligibility.rules.candidates import Candidate
from infactor.financing.terms import Terms


class RequestAssessments(NamedTuple):
    """The invoices of a new request, by id: as they share limits with all others, and as an offer for them would be.

    For an offer they are under decision: they come first when limits are shared out.
    """

    as_listed: dict[int, Assessment]
    as_offered: dict[int, Assessment]


def evaluate_request(
    *,
    portfolio: Portfolio,
    terms_by_currency: Mapping[str, Terms],
    as_of: date,
    invoice_ids: Collection[int],
    shares: list[Shares] | None = None,
) -> RequestAssessments:
    """Evaluate the invoices of a new request both ways in one pass over the portfolio. Adds the shares of both."""
    buyer_rules = BuyerRules(portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of)
    passed = list(first_pass(portfolio, terms_by_currency, buyer_rules, as_of=as_of, invoice_ids=invoice_ids))
    candidates = [one for one in passed if isinstance(one, Candidate)]
    without_share = {one.invoice_id: one for one in passed if isinstance(one, Assessment)}
    as_listed, as_offered = dict(without_share), dict(without_share)
    under_decision = [one.under_decision(one.invoice.id in invoice_ids) for one in candidates]
    for shared, found in ((candidates, as_listed), (under_decision, as_offered)):
        brought = limits.allocate_reductions(
            candidates=shared, portfolio=portfolio, terms_by_currency=terms_by_currency
        )
        if shares is not None:
            shares.append(brought)
        assessments = assess_candidates(shared, terms_by_currency, buyer_rules, as_of=as_of, invoice_ids=invoice_ids)
        found |= {one.invoice_id: one for one in assessments}
    return RequestAssessments(as_listed, as_offered)
