"""Acceptance of an offer: reassessed under the lock, stored as it was disclosed, one advance for each invoice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import emails, locks
from infactor.financing.eligibility import reassessment, recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import OFFER_TRANSITIONS, Acceptance, Advance, Offer, OfferLine
from infactor.financing.origination.offers import close_line
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import supplier_today
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users.models import User

NOT_SELECTED = "not selected"


class AcceptanceError(Exception):
    """The offer was not accepted. `reasons` says why, a sentence each. Nothing was written."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class FiguresChanged(AcceptanceError):
    """The disclosure that was shown differs from what would be agreed to now. It must be shown again."""


@dataclass(frozen=True)
class ClientInfo:
    """The client from which somebody accepts."""

    ip_address: str | None = None
    user_agent: str = ""


def accept(
    *,
    offer: Offer,
    by: User,
    at: datetime,
    disclosure_digest: str,
    lines: Collection[OfferLine] | None = None,
    client: ClientInfo = ClientInfo(),
) -> list[Advance]:
    """Accept `offer`, all of it or only `lines` (the others are declined). Returns one advance for each invoice.

    `disclosure_digest` is the digest of the figures shown. The invoices are reassessed for the day on which the offer
    was priced, by the books as they are now. Only an owner may accept: it binds the company. Raises NotAllowed,
    AcceptanceError, FiguresChanged, and TransitionNotAllowed if the offer was answered meanwhile.
    """
    access.require_member(by=by, supplier=offer.supplier, owner=True)
    with transaction.atomic():
        all_lines = list(offer.lines.select_related("invoice__buyer", "request_line").order_by("pk"))
        debtor_ids = locks.debtor_ids_of_invoices(invoice_ids=[line.invoice_id for line in all_lines])
        supplier = locks.lock_supplier_and_debtors(supplier_id=offer.supplier_id, debtor_ids=debtor_ids)
        offer = Offer.objects.select_related("terms", "supplier").get(pk=offer.pk)
        selected_ids = {line.pk for line in (all_lines if lines is None else lines)}
        selected = [line for line in all_lines if line.pk in selected_ids]
        if not selected or len(selected) < len(selected_ids):
            raise AcceptanceError("Choose at least one invoice of this offer.")
        if offer.status == Offer.Status.PROPOSED and offer.expires_at <= at:
            raise AcceptanceError("This offer has expired. Request a new one: it takes a moment.")
        invoices = lock_invoices(ids=[line.invoice_id for line in all_lines])
        accepted = move(
            offer,
            to=Offer.Status.ACCEPTED,
            transitions=OFFER_TRANSITIONS,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            changes={"decided_by": by, "decided_at": at},
        )
        _reassess(accepted, selected, invoices, supplier=supplier, at=at)
        today = supplier_today(supplier=supplier, at=at)
        figures = disclosure.offer_disclosure(offer=offer, lines=selected, today=today)
        if disclosure.disclosure_digest(figures) != disclosure_digest:
            raise FiguresChanged("The figures have changed since this page was shown. Check them and accept again.")
        Acceptance.objects.create(
            offer=offer,
            accepted_by=by,
            accepted_at=at,
            ip_address=client.ip_address,
            user_agent=client.user_agent[:300],
            terms=offer.terms,
            disclosure=figures,
            disclosure_digest=disclosure_digest,
        )
        advances = []
        for line in all_lines:
            invoice = invoices[line.invoice_id]
            if line.pk in selected_ids:
                close_line(line, to=Offer.Status.ACCEPTED, by=by, at=at)
                move_invoice(invoice, to=State.PROPOSAL_ACCEPTED, by=by, at=at)
                advances.append(_create_advance(line, invoice=invoice, offer=offer, at=at))
            else:
                close_line(line, to=Offer.Status.DECLINED, by=by, at=at)
                move_invoice(invoice, to=State.PROPOSAL_REJECTED, by=by, at=at, reason=NOT_SELECTED)
        audit.record(
            event="offer.accepted",
            subject=offer,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            details={"digest": disclosure_digest},
        )
        emails.offer_accepted(offer=accepted, advances=advances)
        recalculation.request_recalculation_for_invoices(invoice_ids=list(invoices))
        return advances


def _reassess(
    offer: Offer, lines: Collection[OfferLine], invoices: dict[int, Invoice], *, supplier: Supplier, at: datetime
) -> None:
    """Raises AcceptanceError unless every selected invoice is still eligible for what was offered."""
    if blockers := financing_status.blockers(supplier=supplier, currency=offer.currency):
        raise AcceptanceError(*blockers)
    # All offers together are within the limits. If a limit was lowered since, the first to accept gets what it leaves.
    assessments = reassessment.reassess(
        supplier=supplier,
        invoices=invoices.values(),
        at=at,
        ignore_own_request=True,
        as_of=offer.priced_on,
        terms=offer.terms,
        count_accepted_only=True,
    )
    reasons = []
    for line in lines:
        invoice, assessment = invoices[line.invoice_id], assessments[line.invoice_id]
        if not assessment.is_eligible:
            reasons.append(reassessment.explain_exclusion(invoice, assessment))
        elif assessment.face != line.face or assessment.base < line.base:
            reasons.append(reassessment.explain_reduction(invoice, assessment))
    if reasons:
        raise AcceptanceError(*reasons)


def _create_advance(line: OfferLine, *, invoice: Invoice, offer: Offer, at: datetime) -> Advance:
    if invoice.buyer is None:
        raise AcceptanceError(f"Invoice {invoice}: it names no customer any more.")
    return Advance.objects.create(
        supplier=offer.supplier,
        invoice=invoice,
        buyer=root_customer(buyer=invoice.buyer),
        offer_line=line,
        terms=offer.terms,
        currency=offer.currency,
        face=line.face,
        base=line.base,
        amount=line.advance,
        reserve=line.reserve,
        fee_base=line.fee_base,
        recourse_on=line.recourse_on,
        accepted_at=at,
    )
