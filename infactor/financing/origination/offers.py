"""From a request to an answer: an offer is priced and judged once, and keeps the terms that it was made under."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import emails, locks, terms_in_force
from infactor.financing.eligibility import reassessment, recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import (
    OFFER_LINE_MOVES,
    OFFER_MOVES,
    REQUEST_LINE_MOVES,
    FinancingRequest,
    Offer,
    OfferLine,
    RequestLine,
)
from infactor.financing.pricing import price
from infactor.financing.value_dates import today_of
from infactor.invoices.states import State
from infactor.suppliers import access
from infactor.users import roles
from infactor.users.models import User

PRICE = "financing.price_requests"


class OfferRefused(Exception):
    """No offer can be made; `problems` says why, a sentence each. Nothing was written."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def create(
    *,
    request: FinancingRequest,
    by: User | None,
    at: datetime,
    lines: Collection[RequestLine] | None = None,
) -> Offer:
    """Offer for the waiting lines of `request` (all, or these), as the rules judge them and the terms price them now.

    `by` is staff, or None where the terms let the house do it. Raises OfferRefused where a line is not eligible any
    more: refuse or withdraw that one first.
    """
    if by is not None:
        roles.require(by, PRICE)
    with transaction.atomic():
        debtor_ids = locks.debtors_of(invoice_ids=request.lines.values_list("invoice_id", flat=True))
        supplier = locks.hold(supplier_id=request.supplier_id, debtor_ids=debtor_ids)
        waiting = request.lines.filter(status=RequestLine.Status.WAITING).order_by("pk")
        chosen = list(waiting if lines is None else waiting.filter(pk__in=[line.pk for line in lines]))
        if not chosen or (lines is not None and len(chosen) < len(lines)):
            raise OfferRefused("Nothing of this waits for a price any more.")
        invoices = lock_invoices(ids=[line.invoice_id for line in chosen])
        judged = reassessment.judge(supplier=supplier, invoices=invoices.values(), at=at, theirs=True)
        problems = [
            reassessment.why_not(one, judged[one.pk]) for one in invoices.values() if not judged[one.pk].is_ready
        ]
        if problems:
            raise OfferRefused(*problems)
        today = today_of(supplier=supplier, at=at)
        terms = terms_in_force.terms_for(supplier=supplier, currency=request.currency, on=today)
        offer = Offer.objects.create(
            supplier=supplier,
            request=request,
            currency=request.currency,
            terms=terms,
            made_on=today,
            offered_by=by,
            offered_at=at,
            expires_at=at + timedelta(days=terms.offer_days),
        )
        for line in chosen:
            invoice, ruling = invoices[line.invoice_id], judged[line.invoice_id]
            priced = price.price(face=ruling.face, base=ruling.base, terms=terms.record())
            OfferLine.objects.create(
                offer=offer,
                supplier=supplier,
                invoice=invoice,
                request_line=line,
                face=priced.face,
                base=priced.base,
                advance=priced.advance,
                reserve=priced.reserve,
                deductions=reassessment.deductions_as_json(ruling),
                recourse_on=reassessment.recourse_on(invoice, terms=terms),
            )
            move(
                line,
                to=RequestLine.Status.OFFERED,
                moves=REQUEST_LINE_MOVES,
                by=by,
                at=at,
                supplier_id=supplier.pk,
                changes={"decided_by": by, "decided_at": at},
            )
            move_invoice(invoice, to=State.PROPOSED, by=by, at=at)
        audit.record(
            event="offer.made", subject=offer, by=by, at=at, supplier_id=supplier.pk, details={"terms": terms.pk}
        )
        emails.offer_made(offer=offer)
        recalculation.ask(supplier_ids=[supplier.pk])
        return offer


def decline(*, offer: Offer, by: User, at: datetime, reason: str = "") -> Offer:
    """The supplier does not want it. Its invoices can be asked for again."""
    access.require_member(by=by, supplier=offer.supplier)
    return _end(offer, to=Offer.Status.DECLINED, by=by, at=at, reason=reason)


def withdraw(*, offer: Offer, by: User, at: datetime, reason: str) -> Offer:
    """Staff take the offer back, with a reason that the supplier reads."""
    roles.require(by, PRICE)
    if not reason.strip():
        raise OfferRefused("Say why: the supplier reads it.")
    with transaction.atomic():
        ended = _end(offer, to=Offer.Status.WITHDRAWN, by=by, at=at, reason=reason)
        emails.offer_withdrawn(offer=ended)
        return ended


def drop(*, offer: Offer, at: datetime, reason: str) -> Offer:
    """The house takes an offer back that holds an invoice which cannot be financed any more, and says why."""
    with transaction.atomic():
        ended = _end(offer, to=Offer.Status.WITHDRAWN, by=None, at=at, reason=reason)
        emails.offer_withdrawn(offer=ended)
        return ended


def expire(*, offer: Offer, at: datetime) -> Offer:
    """Its time is over. Raises OfferRefused before that, MoveRefused where it was answered meanwhile."""
    if offer.expires_at > at:
        raise OfferRefused("This offer still holds.")
    with transaction.atomic():
        ended = _end(offer, to=Offer.Status.EXPIRED, by=None, at=at, reason="expired")
        emails.offer_expired(offer=ended)
        return ended


def expired(*, at: datetime) -> QuerySet[Offer]:
    """Offers that nobody answered in time."""
    return Offer.objects.filter(status=Offer.Status.PROPOSED, expires_at__lte=at).order_by("pk")


def _end(offer: Offer, *, to: str, by: User | None, at: datetime, reason: str) -> Offer:
    with transaction.atomic():
        locks.hold(supplier_id=offer.supplier_id)
        lines = list(offer.lines.filter(status=Offer.Status.PROPOSED).order_by("pk"))
        invoices = lock_invoices(ids=[line.invoice_id for line in lines])
        ended = move(
            offer,
            to=to,
            moves=OFFER_MOVES,
            by=by,
            at=at,
            supplier_id=offer.supplier_id,
            reason=reason,
            changes={"decided_by": by, "decided_at": at, "reason": reason[:300]},
        )
        for line in lines:
            end_line(line, to=to, by=by, at=at)
            move_invoice(invoices[line.invoice_id], to=State.PROPOSAL_REJECTED, by=by, at=at, reason=reason or str(to))
        recalculation.ask_about(invoice_ids=list(invoices))
        return ended


def end_line(line: OfferLine, *, to: str, by: User | None, at: datetime) -> OfferLine:
    """One invoice of an offer is answered."""
    return move(line, to=to, moves=OFFER_LINE_MOVES, by=by, at=at, supplier_id=line.supplier_id)
