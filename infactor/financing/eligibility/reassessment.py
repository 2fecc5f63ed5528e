"""Reassessment: evaluate chosen invoices again, from the rows as they are now, before somebody acts on them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from infactor.financing import terms_in_force
from infactor.financing.eligibility import explanations
from infactor.financing.eligibility.catalogue import REDUCTION_RULES
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.request_evaluation import RequestAssessments
from infactor.financing.eligibility.results import REDUCED
from infactor.financing.eligibility.supplier_evaluation import evaluate_supplier, evaluate_supplier_request
from infactor.financing.models import FundingTerms
from infactor.financing.pricing import late_fee
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier


def reassess(
    *,
    supplier: Supplier,
    invoices: Iterable[Invoice],
    at: datetime,
    ignore_own_request: bool = False,
    as_of: date | None = None,
    terms: FundingTerms | None = None,
    count_accepted_only: bool = False,
) -> dict[int, Assessment]:
    """The assessment of each of `invoices` by its id, from the rows as this transaction sees them; writes nothing.

    With `ignore_own_request` the invoices' own waiting requests and open offers are ignored, because they are what is
    being decided, and the invoices come first when limits are shared out. `as_of` is the supplier's day (by default
    today), and `terms` replace those of that day in their currency. With `count_accepted_only` what is merely
    requested or offered uses no limit.
    """
    day = as_of or supplier_today(supplier=supplier, at=at)
    in_force = terms_in_force.terms_in_force(supplier=supplier, on=day)
    if terms is not None:
        in_force[terms.currency] = terms
    invoice_ids = {invoice.pk for invoice in invoices}
    assessments = evaluate_supplier(
        supplier=supplier,
        in_force=in_force,
        as_of=day,
        at=at,
        under_decision=invoice_ids if ignore_own_request else (),
        invoice_ids=invoice_ids,
        count_accepted_only=count_accepted_only,
    )
    return {one.invoice_id: one for one in assessments}


def assess_request(*, supplier: Supplier, invoices: Iterable[Invoice], at: datetime) -> RequestAssessments:
    """Assess the invoices of a new request in one pass: for the request itself, and for an offer made at once.

    To be called under the lock, before the request's rows are written.
    """
    day = supplier_today(supplier=supplier, at=at)
    return evaluate_supplier_request(
        supplier=supplier,
        in_force=terms_in_force.terms_in_force(supplier=supplier, on=day),
        as_of=day,
        at=at,
        invoice_ids={invoice.pk for invoice in invoices},
    )


def explain_exclusion(invoice: Invoice, assessment: Assessment) -> str:
    """One sentence for the supplier: why this invoice cannot be financed."""
    return _("Invoice %(invoice)s: %(explanation)s") % {
        "invoice": invoice,
        "explanation": explanations.explanation(assessment),
    }


def explain_reduction(invoice: Invoice, assessment: Assessment) -> str:
    """For the supplier: less of this invoice can be financed than was offered, and what reduces it."""
    reduced = [one for one in assessment.results if one.reason == REDUCED and one.rule in REDUCTION_RULES]
    why = " ".join(explanations.sentence(one, currency=assessment.currency) for one in reduced)
    return _("Invoice %(invoice)s: less of it can be financed than was offered. %(why)s") % {
        "invoice": invoice,
        "why": why,
    }


def late_fee_date(invoice: Invoice, *, terms: FundingTerms) -> date | None:
    """The first day for which a late fee is charged for an invoice that is unpaid by then; None: there is none."""
    return late_fee.first_day(due_on=invoice.payable_date, terms=terms.record())


def recourse_date(invoice: Invoice, *, terms: FundingTerms) -> date:
    """The day on which the supplier buys back an invoice that is unpaid: so many days after the invoice date."""
    if invoice.txn_date is None:
        raise ValueError("An invoice without a date is not eligible.")
    day: date = invoice.txn_date + timedelta(days=terms.recourse_days)
    return day
