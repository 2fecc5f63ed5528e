"""Load and evaluate the invoices of one supplier."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from infactor.financing.eligibility import evaluation, portfolio_loader, request_evaluation
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.portfolio import Shares
from infactor.financing.eligibility.recalculation.partial import load_part
from infactor.financing.eligibility.request_evaluation import RequestAssessments
from infactor.financing.models import FundingTerms
from infactor.suppliers.models import Supplier


def evaluate_supplier(
    *,
    supplier: Supplier,
    in_force: Mapping[str, FundingTerms],
    as_of: date,
    at: datetime,
    under_decision: Collection[int] = (),
    invoice_ids: Collection[int] | None = None,
    count_accepted_only: bool = False,
) -> Iterator[Assessment]:
    """Evaluate the invoices of `supplier` (all, or `invoice_ids`) by the terms `in_force`, by currency.

    Few invoices are evaluated from their debtors and kept sums of the others, where that is enough. See
    `portfolio_loader.load_portfolio` for the other arguments.
    """
    terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
    if invoice_ids is not None:
        part = load_part(
            supplier=supplier,
            in_force=in_force,
            as_of=as_of,
            at=at,
            invoice_ids=invoice_ids,
            under_decision=under_decision,
            count_accepted_only=count_accepted_only,
        )
        if part is not None:
            shares: Shares = {}
            found = list(
                evaluation.iter_evaluate(
                    portfolio=part.portfolio,
                    terms_by_currency=terms_by_currency,
                    as_of=as_of,
                    invoice_ids=invoice_ids,
                    shares=shares,
                )
            )
            if part.is_enough(shares=[shares], terms_by_currency=terms_by_currency):
                return iter(found)
    portfolio = portfolio_loader.load_portfolio(
        supplier=supplier,
        terms_by_currency=terms_by_currency,
        as_of=as_of,
        at=at,
        under_decision=under_decision,
        invoice_ids=invoice_ids,
        count_accepted_only=count_accepted_only,
    )
    return evaluation.iter_evaluate(
        portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of, invoice_ids=invoice_ids
    )


def evaluate_supplier_request(
    *,
    supplier: Supplier,
    in_force: Mapping[str, FundingTerms],
    as_of: date,
    at: datetime,
    invoice_ids: Collection[int],
) -> RequestAssessments:
    """Load the portfolio once and evaluate the invoices of a new request, before its rows exist.

    As with `evaluate_supplier`, a part of the portfolio may be enough.
    """
    terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
    part = load_part(supplier=supplier, in_force=in_force, as_of=as_of, at=at, invoice_ids=invoice_ids)
    if part is not None:
        shares: list[Shares] = []
        found = request_evaluation.evaluate_request(
            portfolio=part.portfolio,
            terms_by_currency=terms_by_currency,
            as_of=as_of,
            invoice_ids=invoice_ids,
            shares=shares,
        )
        if part.is_enough(shares=shares, terms_by_currency=terms_by_currency):
            return found
    portfolio = portfolio_loader.load_portfolio(
        supplier=supplier, terms_by_currency=terms_by_currency, as_of=as_of, at=at, invoice_ids=invoice_ids
    )
    return request_evaluation.evaluate_request(
        portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of, invoice_ids=invoice_ids
    )
