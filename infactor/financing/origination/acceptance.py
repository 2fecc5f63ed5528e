"""A supplier accepts an offer: judged once more under the lock, kept exactly as it was shown, an advance an invoice."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from infactor.core import audit
from infactor.core.transitions import move
from infactor.financing import emails, locks
from infactor.financing.eligibility import reassessment, recalculation
from infactor.financing.invoice_state import lock_invoices, move_invoice
from infactor.financing.models import OFFER_MOVES, Acceptance, Advance, Offer, OfferLine
from infactor.financing.origination.offers import end_line
from infactor.financing.pricing import disclosure
from infactor.financing.value_dates import today_of
from infactor.invoices.customer_hierarchy import top_of
from infactor.invoices.models import Invoice
from infactor.invoices.states import State
from infactor.suppliers import access, financing_status
from infactor.suppliers.models import Supplier
from infactor.users.models import User

NOT_CHOSEN = "not chosen"


class NotAccepted(Exception):
    """The offer was not accepted; `problems` says why, a sentence each. Nothing was written."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class FiguresChanged(NotAccepted):
    """What was shown is not what would be agreed to now: it is to be looked at again."""


@dataclass(frozen=True)
class Origin:
    """From where somebody accepts."""

    ip_address: str | None = None
    user_agent: str = ""


def accept(
    *,
    offer: Offer,
    by: User,
    at: datetime,
    shown: str,
    lines: Collection[OfferLine] | None = None,
    origin: Origin = Origin(),
) -> list[Advance]:
    """Accept `offer`, all of it or these lines (the others are declined). One advance for each invoice accepted.

    `shown` is the digest of the figures that the person saw. The rules are asked once more, for the day on which the
    offer was made, about the books as they are now. Raises NotAllowed, NotAccepted, FiguresChanged, and MoveRefused
    where somebody else answered first.
    """
    access.require_member(by=by, supplier=offer.supplier)
    with transaction.atomic():
        all_lines = list(offer.lines.select_related("invoice__buyer", "request_line").order_by("pk"))
        debtor_ids = locks.debtors_of(invoice_ids=[line.invoice_id for line in all_lines])
        supplier = locks.hold(supplier_id=offer.supplier_id, debtor_ids=debtor_ids)
        offer = Offer.objects.select_related("terms", "supplier").get(pk=offer.pk)
        wanted = {line.pk for line in (all_lines if lines is None else lines)}
        chosen = [line for line in all_lines if line.pk in wanted]
        if not chosen or len(chosen) < len(wanted):
            raise NotAccepted("Choose at least one invoice of this offer.")
        if offer.status == Offer.Status.PROPOSED and offer.expires_at <= at:
            raise NotAccepted("This offer has expired. Ask for a new one: it takes a moment.")
        invoices = lock_invoices(ids=[line.invoice_id for line in all_lines])
        accepted = move(
            offer,
            to=Offer.Status.ACCEPTED,
            moves=OFFER_MOVES,
            by=by,
            at=at,
            supplier_id=supplier.pk,
            changes={"decided_by": by, "decided_at": at},
        )
        _judge(accepted, chosen, invoices, supplier=supplier, at=at)
        figures = disclosure.offer_figures(offer=offer, lines=chosen, today=today_of(supplier=supplier, at=at))
        if disclosure.digest(figures) != shown:
            raise FiguresChanged("The figures have changed since you looked. Look at them, and accept again.")
        Acceptance.objects.create(
            offer=offer,
            by=by,
            at=at,
            ip_address=origin.ip_address,
            user_agent=origin.user_agent[:300],
            terms=offer.terms,
            figures=figures,
            digest=shown,
        )
        advances = []
        for line in all_lines:
            invoice = invoices[line.invoice_id]
            if line.pk in wanted:
                end_line(line, to=Offer.Status.ACCEPTED, by=by, at=at)
                move_invoice(invoice, to=State.PROPOSAL_ACCEPTED, by=by, at=at)
                advances.append(_advance(line, invoice=invoice, offer=offer, at=at))
            else:
                end_line(line, to=Offer.Status.DECLINED, by=by, at=at)
                move_invoice(invoice, to=State.PROPOSAL_REJECTED, by=by, at=at, reason=NOT_CHOSEN)
        audit.record(
            event="offer.accepted", subject=offer, by=by, at=at, supplier_id=supplier.pk, details={"digest": shown}
        )
        emails.offer_accepted(offer=accepted, advances=advances)
        recalculation.ask_about(invoice_ids=list(invoices))
        return advances


def _judge(
    offer: Offer, lines: Collection[OfferLine], invoices: dict[int, Invoice], *, supplier: Supplier, at: datetime
) -> None:
    """Raises NotAccepted unless every chosen invoice is still worth what was offered."""
    if blockers := financing_status.blockers(supplier=supplier, currency=offer.currency):
        raise NotAccepted(*blockers)
    # Offers were made within the limits, together. Where a limit is lower by now, who accepts first has what it leaves.
    judged = reassessment.judge(
        supplier=supplier,
        invoices=invoices.values(),
        at=at,
        theirs=True,
        as_of=offer.made_on,
        terms=offer.terms,
        bought_only=True,
    )
    problems = []
    for line in lines:
        invoice, ruling = invoices[line.invoice_id], judged[line.invoice_id]
        if not ruling.is_ready:
            problems.append(reassessment.why_not(invoice, ruling))
        elif ruling.face != line.face or ruling.base < line.base:
            problems.append(reassessment.why_less(invoice, ruling))
    if problems:
        raise NotAccepted(*problems)


def _advance(line: OfferLine, *, invoice: Invoice, offer: Offer, at: datetime) -> Advance:
    if invoice.buyer is None:
        raise NotAccepted(f"Invoice {invoice}: it has no buyer any more.")
    return Advance.objects.create(
        supplier=offer.supplier,
        invoice=invoice,
        buyer=top_of(buyer=invoice.buyer),
        offer_line=line,
        terms=offer.terms,
        currency=offer.currency,
        face=line.face,
        base=line.base,
        amount=line.advance,
        reserve=line.reserve,
        recourse_on=line.recourse_on,
        accepted_at=at,
    )
