"""Load and evaluate the invoices of one supplier."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from infactor.financing.eligibility import evaluation, portfolio_loader
from infactor.financing.eligibility.evaluation import Assessment, RequestAssessments
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

    See `portfolio_loader.load_portfolio` for the other arguments.
    """
    terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
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
    """Load the portfolio once and evaluate the invoices of a new request, before its rows exist."""
    terms_by_currency = {currency: terms.record() for currency, terms in in_force.items()}
    portfolio = portfolio_loader.load_portfolio(
        supplier=supplier, terms_by_currency=terms_by_currency, as_of=as_of, at=at, invoice_ids=invoice_ids
    )
    return evaluation.evaluate_request(
        portfolio=portfolio, terms_by_currency=terms_by_currency, as_of=as_of, invoice_ids=invoice_ids
    )
