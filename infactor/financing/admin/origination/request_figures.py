"""The figures of a request for staff: its assessment now, and what an offer for it would come to."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext

from infactor.core.admin.formatting import amount_text, figure_text
from infactor.core.admin.tables import Facts
from infactor.financing import terms_in_force
from infactor.financing.admin.base.decisions import current_day
from infactor.financing.eligibility import reassessment, serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.models import FinancingRequest, FundingTerms, RequestLine
from infactor.financing.pricing import disclosure, price
from infactor.financing.pricing.disclosure import Disclosure


def assess(
    request: FinancingRequest, lines: Sequence[RequestLine], *, terms: FundingTerms | None = None
) -> Mapping[int, Assessment]:
    """The assessment of these lines' invoices now, by their ids; under `terms` instead of those in force."""
    invoices = [line.invoice for line in lines]
    if not invoices:
        return {}
    return reassessment.reassess(
        supplier=request.supplier, invoices=invoices, at=timezone.now(), ignore_own_request=True, terms=terms
    )


def terms_now(request: FinancingRequest) -> FundingTerms | None:
    """The terms in force for the supplier and the currency of the request today."""
    today = current_day(request.supplier)
    try:
        return terms_in_force.terms_for(supplier=request.supplier, currency=request.currency, on=today)
    except terms_in_force.TermsNotSet:
        return None


def figures_of(
    request: FinancingRequest,
    lines: Sequence[RequestLine],
    assessments: Mapping[int, Assessment],
    *,
    terms: FundingTerms,
) -> Disclosure:
    """The price of an offer for `lines`, which are eligible, under `terms` today."""
    found, record = [assessments[line.invoice_id] for line in lines], terms.record()
    return disclosure.build_disclosure(
        prices=[
            price.price(face=one.face, base=one.base, terms=record, cut_by_limits=cut_by_limits(one.deductions))
            for one in found
        ],
        numbers=[str(line.invoice) for line in lines],
        recourse=[reassessment.recourse_date(line.invoice, terms=terms) for line in lines],
        late_from=[reassessment.late_fee_date(line.invoice, terms=terms) for line in lines],
        deductions=[serialization.deductions_to_json(one.deductions) for one in found],
        terms=record,
        today=current_day(request.supplier),
    )


def summary(figures: Disclosure) -> Facts:
    """What the supplier gets, what it pays, and what that is in a year."""
    currency: str = figures["currency"]
    first, *_, last = figures["scenarios"]
    highest = max(Decimal(one["annual_rate"]) for one in figures["scenarios"])
    return [
        (gettext("The supplier gets now"), amount_text(Decimal(figures["cash_now"]), currency)),
        (
            gettext("It pays, if its buyers pay after %(days)s days") % {"days": first["days"]},
            amount_text(Decimal(first["cost"]), currency),
        ),
        (
            gettext("It pays, if its buyers pay after %(days)s days") % {"days": last["days"]},
            amount_text(Decimal(last["cost"]), currency),
        ),
        (gettext("Annual rate, at most"), figure_text(highest, "%")),
    ]
