"""Offers: price the lines of a request, then accept no change of terms until the offer is closed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.transitions import move
from infactor.financing import dual_control, emails, locks, terms_in_force
from infactor.financing.eligibility import reassessment, recalculation, serialization
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import (
    OFFER_LINE_TRANSITIONS,
    OFFER_TRANSITIONS,
    REQUEST_LINE_TRANSITIONS,
    AcceptanceProposal,
    FinancingRequest,
    FundingTerms,
    Offer,
    OfferLine,
    RequestLine,
)
from infactor.financing.origination import deals
from infactor.financing.origination.deals import Deal
from infactor.financing.policy.terms import changed_values
from infactor.financing.pricing import price
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, checks
from infactor.users import roles
from infactor.users.models import User

PRICE_REQUESTS = "financing.price_requests"


class OfferError(Exception):
    """The offer is not possible. `reasons` says why, a sentence each. Nothing was written."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def create(
    *,
    request: FinancingRequest,
    by: User,
    at: datetime,
    lines: Collection[RequestLine] | None = None,
    deal: Deal | None = None,
    approver: User | None = None,
) -> Offer:
    """Staff make an offer for the waiting lines of `request` (all, or `lines`), assessed and priced now.

    With a `deal` it has terms of its own. One that is better for the supplier than the terms in force takes a second
    person, whatever the amount. Raises NotAllowed, ApproverRequired, DealError, and OfferError if a line is not
    eligible any more: it must be refused or withdrawn first.
    """
    roles.require(by, PRICE_REQUESTS)
    with transaction.atomic():
        debtor_ids = locks.debtor_ids_of_invoices(invoice_ids=request.lines.values_list("invoice_id", flat=True))
        supplier = locks.lock_supplier_and_debtors(supplier_id=request.supplier_id, debtor_ids=debtor_ids)
        waiting = request.lines.filter(status=RequestLine.Status.WAITING).order_by("pk")
        selected = list(waiting if lines is None else waiting.filter(pk__in=[line.pk for line in lines]))
        if not selected or (lines is not None and len(selected) < len(lines)):
            raise OfferError(_("Nothing of this request is waiting for a price any more."))
        if lapsed := checks.blockers(supplier=supplier, on=business_day(at)):
            raise OfferError(*lapsed)
        invoices = lock_invoices(ids=[line.invoice_id for line in selected])
        today = supplier_today(supplier=supplier, at=at)
        in_force = terms = terms_in_force.terms_for(supplier=supplier, currency=request.currency, on=today)
        if deal is not None:
            terms = deals.build_terms(deal=deal, in_force=in_force, request=request, by=by, at=at, today=today)
        if why := deals.reason_for_approver(deal=terms, in_force=in_force):
            dual_control.require_approver(by=by, approver=approver, reason=why)
        if terms is not in_force:
            terms.save()
            audit.record(
                event="terms.set_for_deal",
                subject=terms,
                by=by,
                at=at,
                supplier_id=supplier.pk,
                reason=terms.reason,
                details={
                    "from_version": in_force.pk,
                    "changes": changed_values(before=in_force, after=terms),
                    "approver": approver and approver.pk,
                },
            )
        assessments = reassessment.reassess(
            supplier=supplier, invoices=invoices.values(), at=at, ignore_own_request=True, terms=terms
        )
        return _create(request, selected, invoices, assessments, terms=terms, by=by, at=at)


def create_automatically(
    *,
    request: FinancingRequest,
    invoices: Mapping[int, Invoice],
    assessments: Mapping[int, Assessment],
    terms: FundingTerms,
    at: datetime,
) -> Offer:
    """Make an offer for a whole new request without staff. The caller has assessed it under the locks of `create`."""
    lines = list(request.lines.order_by("pk"))
    return _create(request, lines, invoices, assessments, terms=terms, by=None, at=at)


def _create(
    request: FinancingRequest,
    lines: Sequence[RequestLine],
    invoices: Mapping[int, Invoice],
    assessments: Mapping[int, Assessment],
    *,
    terms: FundingTerms,
    by: User | None,
    at: datetime,
) -> Offer:
    """The offer and its lines, with everything that follows from them. Raises OfferError; the locks are held."""
    reasons = [
        reassessment.explain_exclusion(one, assessments[one.pk])
        for one in invoices.values()
        if not assessments[one.pk].is_eligible
    ]
    if reasons:
        raise OfferError(*reasons)
    supplier = request.supplier
    offer = Offer.objects.create(
        supplier=supplier,
        request=request,
        currency=request.currency,
        terms=terms,
        priced_on=supplier_today(supplier=supplier, at=at),
        offered_by=by,
        offered_at=at,
        expires_at=at + timedelta(days=terms.offer_days),
    )
    for line in lines:
        invoice, assessment = invoices[line.invoice_id], assessments[line.invoice_id]
        priced = price.price(
            face=assessment.face,
            base=assessment.base,
            terms=terms.record(),
            cut_by_limits=cut_by_limits(assessment.deductions),
        )
        OfferLine.objects.create(
            offer=offer,
            supplier=supplier,
            invoice=invoice,
            request_line=line,
            face=priced.face,
            base=priced.base,
            advance=priced.advance,
            reserve=priced.reserve,
            fee_base=priced.fee_base,
            deductions=serialization.deductions_to_json(assessment.deductions),
            recourse_on=reassessment.recourse_date(invoice, terms=terms),
            late_from=reassessment.late_fee_date(invoice, terms=terms),
        )
        move(
            line,
            to=RequestLine.Status.OFFERED,
            transitions=REQUEST_LINE_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            changes={"decided_by": by, "decided_at": at},
        )
        move_invoice(invoice, to=State.PROPOSED, by=by, at=at)
    audit.record(event="offer.made", subject=offer, by=by, at=at, supplier_id=supplier.pk, details={"terms": terms.pk})
    emails.offer_made(offer=offer)
    recalculation.request_recalculation(supplier_ids=[supplier.pk])
    return offer


def decline(*, offer: Offer, by: User, at: datetime, reason: str = "") -> Offer:
    """The supplier declines the offer. Its invoices can be requested again."""
    access.require_member(by=by, supplier=offer.supplier)
    return _close(offer, to=Offer.Status.DECLINED, by=by, at=at, reason=reason)


def withdraw(*, offer: Offer, by: User, at: datetime, reason: str) -> Offer:
    """Staff withdraw the offer, with a reason for the supplier. Raises NotAllowed, OfferError."""
    roles.require(by, PRICE_REQUESTS)
    if not reason.strip():
        raise OfferError(_("Enter a reason: the supplier reads it."))
    return _withdraw(offer, by=by, at=at, reason=reason)


def withdraw_by_system(*, offer: Offer, at: datetime, reason: str) -> Offer:
    """Withdraw an offer with an invoice that can no longer be financed, and email the supplier why."""
    return _withdraw(offer, by=None, at=at, reason=reason)


def expire(*, offer: Offer, at: datetime) -> Offer:
    """Close an offer that nobody answered in time.

    Raises OfferError before its time is over, TransitionNotAllowed if it was answered meanwhile.
    """
    if offer.expires_at > at:
        raise OfferError(_("This offer has not expired yet."))
    with transaction.atomic():
        closed = _close(offer, to=Offer.Status.EXPIRED, by=None, at=at, reason="expired")
        emails.offer_expired(offer=closed)
        return closed


def expired_offers(*, at: datetime) -> QuerySet[Offer]:
    """Open offers whose time is over."""
    return Offer.objects.filter(status=Offer.Status.PROPOSED, expires_at__lte=at).order_by("pk")


def _withdraw(offer: Offer, *, by: User | None, at: datetime, reason: str) -> Offer:
    with transaction.atomic():
        closed = _close(offer, to=Offer.Status.WITHDRAWN, by=by, at=at, reason=reason)
        emails.offer_withdrawn(offer=closed)
        return closed


def _close(offer: Offer, *, to: str, by: User | None, at: datetime, reason: str) -> Offer:
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=offer.supplier_id)
        lines = list(offer.lines.filter(status=Offer.Status.PROPOSED).order_by("pk"))
        invoices = lock_invoices(ids=[line.invoice_id for line in lines])
        closed = move(
            offer,
            to=to,
            transitions=OFFER_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=offer.supplier_id,
            reason=reason,
            changes={"decided_by": by, "decided_at": at, "reason": reason[:300]},
        )
        end_proposals(closed, by=by, at=at)
        for line in lines:
            close_line(line, to=to, by=by, at=at)
            move_invoice(invoices[line.invoice_id], to=State.PROPOSAL_REJECTED, by=by, at=at, reason=reason or str(to))
        recalculation.request_recalculation_for_invoices(invoice_ids=list(invoices))
        return closed


def end_proposals(offer: Offer, *, by: User | None, at: datetime) -> None:
    """End what somebody proposed for an offer that is answered otherwise. The supplier is locked."""
    for proposal in AcceptanceProposal.objects.filter(offer=offer, status=AcceptanceProposal.Status.WAITING):
        end_proposal(proposal, to=AcceptanceProposal.Status.WITHDRAWN, by=by, at=at)


def end_proposal(proposal: AcceptanceProposal, *, to: str, by: User | None, at: datetime) -> AcceptanceProposal:
    """Move a proposal to the state `to`."""
    return move(
        proposal,
        to=to,
        transitions=AcceptanceProposal.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=proposal.supplier_id,
        changes={"decided_by": by, "decided_at": at},
    )


def close_line(line: OfferLine, *, to: str, by: User | None, at: datetime) -> OfferLine:
    """Close one line of an offer."""
    return move(line, to=to, transitions=OFFER_LINE_TRANSITIONS, by=by, at=at, supplier_id=line.supplier_id)
