"""Financing requests: a supplier submits invoices; each line is offered, refused or withdrawn on its own."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.transitions import move
from infactor.financing import emails, locks, terms_in_force
from infactor.financing.eligibility import reassessment, recalculation, staleness
from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.invoice_state import lock_invoices, move_invoice, revert_invoice
from infactor.financing.models import (
    MAX_INVOICES_PER_REQUEST,
    REQUEST_LINE_TRANSITIONS,
    FinancingRequest,
    FundingTerms,
    Offer,
    OfferLine,
    RequestLine,
)
from infactor.financing.origination import offers
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users import roles
from infactor.users.models import User

AUTOMATIC_OFFER_WINDOW = timedelta(days=1)


class RequestError(Exception):
    """The request is not possible. `reasons` says why, a sentence each. Nothing was written."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def submit(
    *,
    supplier: Supplier,
    invoices: Sequence[Invoice],
    by: User,
    at: datetime,
    requested_amount: Decimal | None = None,
    selection_rationale: Mapping[str, Any] | None = None,
) -> FinancingRequest:
    """Request financing of `invoices`, which belong to one supplier and one currency and must be eligible now.

    If the request qualifies for an automatic offer, the offer is made at once, by the same assessment and under the
    same lock. Raises NotAllowed for a stranger, and RequestError with every reason against the request.
    """
    access.require_member(by=by, supplier=supplier)
    with transaction.atomic():
        ids = [invoice.pk for invoice in invoices]
        debtor_ids = locks.debtor_ids_of_invoices(invoice_ids=ids)
        locks.lock_supplier_and_debtors(supplier_id=supplier.pk, debtor_ids=debtor_ids)
        locked = lock_invoices(ids=ids)
        currency = _single_currency(locked.values(), supplier=supplier)
        if blockers := financing_status.blockers(supplier=supplier, currency=currency, on=business_day(at)):
            raise RequestError(*blockers)
        assessments = reassessment.assess_request(supplier=supplier, invoices=locked.values(), at=at)
        _require_eligible(locked.values(), assessments.as_listed)
        request = FinancingRequest.objects.create(
            supplier=supplier,
            currency=currency,
            requested_amount=requested_amount,
            selection_rationale=dict(selection_rationale or {}),
            requested_by=by,
            requested_at=at,
        )
        for invoice in locked.values():
            assessment = assessments.as_listed[invoice.pk]
            RequestLine.objects.create(
                request=request,
                supplier=supplier,
                invoice=invoice,
                previous_state=invoice.state,
                face=assessment.face,
                base=assessment.base,
            )
            move_invoice(invoice, to=State.REQUESTED, by=by, at=at)
        audit.record(event="financing.requested", subject=request, by=by, at=at, supplier_id=supplier.pk)
        today = supplier_today(supplier=supplier, at=at)
        terms = terms_in_force.terms_for(supplier=supplier, currency=currency, on=today)
        advance = sum((one.advance for one in assessments.as_offered.values()), Decimal(0))
        is_watched = any(map(_is_debtor_watched, assessments.as_offered.values()))
        if not is_watched and qualifies_for_automatic_offer(
            locked.values(), supplier=supplier, terms=terms, advance=advance, at=at
        ):
            offers.create_automatically(
                request=request, invoices=locked, assessments=assessments.as_offered, terms=terms, at=at
            )
        recalculation.request_recalculation_for_invoices(invoice_ids=ids)
        return request


def why_frozen(invoice: Invoice) -> str:
    """Why an invoice by hand can no longer be changed: financing is or was decided on. "" if not."""
    if not RequestLine.objects.filter(invoice=invoice).exclude(status=RequestLine.Status.WITHDRAWN).exists():
        return ""
    return _("You have requested financing for this invoice, so it can no longer be changed.")


def withdraw(*, line: RequestLine, by: User, at: datetime) -> RequestLine:
    """The supplier withdraws one invoice, which goes back to its previous state.

    Raises NotAllowed, and TransitionNotAllowed once the line is decided.
    """
    access.require_member(by=by, supplier=line.supplier)
    return _close(line, to=RequestLine.Status.WITHDRAWN, by=by, at=at, reason="")


def cancel_by_system(*, line: RequestLine, at: datetime, reason: str) -> RequestLine:
    """Cancel the line of an invoice that can no longer be financed, and email the supplier why."""
    with transaction.atomic():
        closed = _close(line, to=RequestLine.Status.WITHDRAWN, by=None, at=at, reason=reason)
        emails.request_cancelled(line=closed)
        return closed


def refuse(*, line: RequestLine, by: User, at: datetime, reason: str) -> RequestLine:
    """Staff decline one invoice, with a reason for the supplier. Raises NotAllowed, RequestError."""
    roles.require(by, offers.PRICE_REQUESTS)
    if not reason.strip():
        raise RequestError(_("Enter a reason: the supplier reads it."))
    with transaction.atomic():
        closed = _close(line, to=RequestLine.Status.REFUSED, by=by, at=at, reason=reason)
        emails.request_refused(line=closed)
        return closed


def refuse_lines(*, lines: Sequence[RequestLine], by: User, at: datetime, reason: str) -> list[RequestLine]:
    """Staff decline several invoices for the same reason: all of them or none."""
    if not lines:
        raise RequestError(_("Choose at least one invoice."))
    with transaction.atomic():
        return [refuse(line=line, by=by, at=at, reason=reason) for line in lines]


def qualifies_for_automatic_offer(
    invoices: Iterable[Invoice], *, supplier: Supplier, terms: FundingTerms, advance: Decimal, at: datetime
) -> bool:
    """Whether `advance`, with the recent automatic offers of the supplier, is within the limit of its terms.

    Recent offers count so that a request is not split into small ones to avoid the underwriter. On stale books, and of
    invoices by hand, nothing is automatic: a person judges what they say.
    """
    invoices = list(invoices)
    if not terms.auto_offer_limit or any(one.company_file.is_by_hand for one in invoices):
        return False
    if any(staleness.stale_books_warning(company_file=one.company_file, at=at) for one in invoices):
        return False
    recent = _recent_automatic_offers(supplier=supplier, currency=terms.currency, at=at)
    limit: Decimal = terms.auto_offer_limit
    return advance + recent <= limit


def _recent_automatic_offers(*, supplier: Supplier, currency: str, at: datetime) -> Decimal:
    """The advances of recent automatic offers that the supplier accepted or may still accept."""
    rows = OfferLine.objects.filter(
        supplier=supplier,
        status__in=[Offer.Status.PROPOSED, Offer.Status.ACCEPTED],
        offer__currency=currency,
        offer__offered_by__isnull=True,
        offer__offered_at__gt=at - AUTOMATIC_OFFER_WINDOW,
    )
    return rows.aggregate(sum=Sum("advance"))["sum"] or Decimal("0.00")


def _is_debtor_watched(assessment: Assessment) -> bool:
    """Whether staff marked the debtor: then a person prices the request."""
    return any(one.rule is Rule.DEBTOR_MARK and one.outcome is Outcome.WARN for one in assessment.results)


def _require_eligible(invoices: Iterable[Invoice], assessments: Mapping[int, Assessment]) -> None:
    reasons = [
        reassessment.explain_exclusion(one, assessments[one.pk])
        for one in invoices
        if not assessments[one.pk].is_eligible
    ]
    if reasons:
        raise RequestError(*reasons)


def _single_currency(invoices: Iterable[Invoice], *, supplier: Supplier) -> str:
    found = list(invoices)
    if not found or len(found) > MAX_INVOICES_PER_REQUEST:
        raise RequestError(
            _("Choose 1 to %(max_invoices_per_request)s invoices.")
            % {"max_invoices_per_request": MAX_INVOICES_PER_REQUEST}
        )
    if any(invoice.supplier_id != supplier.pk for invoice in found):
        raise roles.NotAllowed(_("These are not all your invoices."))
    currencies = {invoice.currency for invoice in found}
    if len(currencies) > 1:
        raise RequestError(_("Choose invoices of one currency. Each currency is financed by itself."))
    return currencies.pop()


def _close(line: RequestLine, *, to: str, by: User | None, at: datetime, reason: str) -> RequestLine:
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=line.supplier_id)
        invoice = lock_invoices(ids=[line.invoice_id])[line.invoice_id]
        closed = move(
            line,
            to=to,
            transitions=REQUEST_LINE_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=line.supplier_id,
            reason=reason,
            changes={"decided_by": by, "decided_at": at, "reason": reason[:300]},
        )
        if to == RequestLine.Status.REFUSED:
            move_invoice(invoice, to=State.REFUSED, by=by, at=at, reason=reason)
        else:
            since = closed.request.requested_at
            revert_invoice(invoice, to=closed.previous_state, since=since, by=by, at=at, reason=reason)
        recalculation.request_recalculation_for_invoices(invoice_ids=[line.invoice_id])
        return closed
