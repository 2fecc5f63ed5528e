"""Acceptance of an offer: reassessed under the lock, stored as it was disclosed, one advance for each invoice."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.core.transitions import TransitionNotAllowed, move
from infactor.financing import emails, locks
from infactor.financing.eligibility import reassessment, recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import (
    OFFER_TRANSITIONS,
    Acceptance,
    AcceptanceProposal,
    Advance,
    Offer,
    OfferLine,
)
from infactor.financing.origination.offers import close_line, end_proposals
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import supplier_today
from infactor.invoices.customer_hierarchy import root_customer
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, financing_status, two_people
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


UNKNOWN_CLIENT = ClientInfo()


@dataclass(frozen=True)
class Agreed:
    """An offer with the lines that are to be accepted, all checked under the locks, and the figures for them."""

    offer: Offer
    supplier: Supplier
    all_lines: Sequence[OfferLine]
    selected: Sequence[OfferLine]
    invoices: dict[int, Invoice]
    figures: disclosure.Disclosure
    digest: str


def accept(
    *,
    offer: Offer,
    by: User,
    at: datetime,
    disclosure_digest: str,
    lines: Collection[OfferLine] | None = None,
    client: ClientInfo = UNKNOWN_CLIENT,
) -> list[Advance]:
    """Accept `offer`, all of it or only `lines` (the others are declined). Returns one advance for each invoice.

    `disclosure_digest` is the digest of the figures shown. The invoices are reassessed for the day on which the offer
    was priced, by the books as they are now. Only an owner may accept: it binds the company. Where two people accept,
    nobody does alone: see `proposals`. Raises NotAllowed, AcceptanceError, FiguresChanged, and TransitionNotAllowed if
    the offer was answered meanwhile.
    """
    access.require_member(by=by, supplier=offer.supplier, owner=True)
    with transaction.atomic():
        agreed = agree(offer=offer, lines=lines, at=at, disclosure_digest=disclosure_digest)
        if two_people.is_needed(supplier=agreed.supplier):
            raise AcceptanceError(_("Two people accept offers here. Propose it, and another owner confirms it."))
        return bind(agreed, by=by, at=at, client=client)


def agree(*, offer: Offer, lines: Collection[OfferLine] | None, at: datetime, disclosure_digest: str) -> Agreed:
    """What would be agreed to now, under all locks, which the caller's transaction keeps. Nothing is written.

    Raises AcceptanceError, FiguresChanged, and TransitionNotAllowed if the offer was answered.
    """
    all_lines = list(offer.lines.select_related("invoice__buyer", "request_line").order_by("pk"))
    debtor_ids = locks.debtor_ids_of_invoices(invoice_ids=[line.invoice_id for line in all_lines])
    supplier = locks.lock_supplier_and_debtors(supplier_id=offer.supplier_id, debtor_ids=debtor_ids)
    current = Offer.objects.select_related("terms", "supplier").get(pk=offer.pk)
    selected_ids = {line.pk for line in (all_lines if lines is None else lines)}
    selected = [line for line in all_lines if line.pk in selected_ids]
    if not selected or len(selected) < len(selected_ids):
        raise AcceptanceError(_("Choose at least one invoice of this offer."))
    if current.status != Offer.Status.PROPOSED:
        raise TransitionNotAllowed(f"Offer {current.pk} was answered.")
    if current.expires_at <= at:
        raise AcceptanceError(_("This offer has expired. Request a new one: it takes a moment."))
    invoices = lock_invoices(ids=[line.invoice_id for line in all_lines])
    _reassess(current, selected, invoices, supplier=supplier, at=at)
    today = supplier_today(supplier=supplier, at=at)
    figures = disclosure.offer_disclosure(offer=current, lines=selected, today=today)
    if disclosure.disclosure_digest(figures) != disclosure_digest:
        raise FiguresChanged(_("These are the figures for your selection now. Review them, then accept."))
    return Agreed(current, supplier, all_lines, selected, invoices, figures, disclosure_digest)


def bind(
    agreed: Agreed, *, by: User, at: datetime, client: ClientInfo, proposal: AcceptanceProposal | None = None
) -> list[Advance]:
    """Accept what was agreed to, in the transaction of `agree`; with `proposal` two people have."""
    offer, supplier = agreed.offer, agreed.supplier
    accepted = move(
        offer,
        to=Offer.Status.ACCEPTED,
        transitions=OFFER_TRANSITIONS,
        by=by,
        at=at,
        supplier_id=supplier.pk,
        changes={"decided_by": by, "decided_at": at},
    )
    Acceptance.objects.create(
        offer=offer,
        accepted_by=by,
        accepted_at=at,
        ip_address=client.ip_address,
        user_agent=client.user_agent[:300],
        terms=offer.terms,
        disclosure=agreed.figures,
        disclosure_digest=agreed.digest,
        proposal=proposal,
    )
    advances = []
    for line in agreed.all_lines:
        invoice = agreed.invoices[line.invoice_id]
        if line in agreed.selected:
            close_line(line, to=Offer.Status.ACCEPTED, by=by, at=at)
            move_invoice(invoice, to=State.PROPOSAL_ACCEPTED, by=by, at=at)
            advances.append(_create_advance(line, invoice=invoice, offer=offer, at=at))
        else:
            close_line(line, to=Offer.Status.DECLINED, by=by, at=at)
            move_invoice(invoice, to=State.PROPOSAL_REJECTED, by=by, at=at, reason=NOT_SELECTED)
    if proposal is None:
        end_proposals(offer, by=by, at=at)
    details = {"digest": agreed.digest, **({"proposal": proposal.pk} if proposal is not None else {})}
    audit.record(event="offer.accepted", subject=offer, by=by, at=at, supplier_id=supplier.pk, details=details)
    emails.offer_accepted(offer=accepted, advances=advances)
    recalculation.request_recalculation_for_invoices(invoice_ids=list(agreed.invoices))
    return advances


def _reassess(
    offer: Offer, lines: Collection[OfferLine], invoices: dict[int, Invoice], *, supplier: Supplier, at: datetime
) -> None:
    """Raises AcceptanceError unless every selected invoice is still eligible for what was offered."""
    if blockers := financing_status.blockers(supplier=supplier, currency=offer.currency, on=business_day(at)):
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
        raise AcceptanceError(_("Invoice %(invoice)s: it names no customer any more.") % {"invoice": invoice})
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
        late_from=line.late_from,
        accepted_at=at,
    )
