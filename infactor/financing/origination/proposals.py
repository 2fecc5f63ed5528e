"""Two people accept: one proposes the acceptance of an offer, an owner other than them confirms it.

Both agree to the same disclosure. The figures are those of a day, so a proposal waits until that day ends where the
supplier is, or the offer expires. What has changed by then must be proposed anew.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing import locks, proposal_emails
from infactor.financing.models import AcceptanceProposal, Advance, Offer, OfferLine
from infactor.financing.origination import acceptance
from infactor.financing.origination.acceptance import UNKNOWN_CLIENT, AcceptanceError, ClientInfo, FiguresChanged
from infactor.financing.origination.offers import end_proposal
from infactor.financing.value_dates import supplier_today
from infactor.suppliers import access, two_people
from infactor.suppliers.models import Supplier
from infactor.users.models import User

Status = AcceptanceProposal.Status


class ProposalChanged(AcceptanceError):
    """The figures are others than those that were proposed. The proposal has ended."""


def waiting(*, offer: Offer, at: datetime) -> AcceptanceProposal | None:
    """The proposal of `offer` that can still be confirmed."""
    rows = AcceptanceProposal.objects.filter(offer=offer, status=Status.WAITING, until__gt=at)
    return rows.select_related("proposed_by").first()


def waiting_by_offer(*, offers: Collection[Offer], at: datetime) -> dict[int, AcceptanceProposal]:
    """The proposals that can still be confirmed, by the key of their offer. One query, none without offers."""
    if not offers:
        return {}
    rows = AcceptanceProposal.objects.filter(offer__in=offers, status=Status.WAITING, until__gt=at)
    return {one.offer_id: one for one in rows.select_related("proposed_by").defer("disclosure")}


def latest(*, offer: Offer) -> AcceptanceProposal | None:
    """The last proposal of `offer`, whatever became of it."""
    rows = AcceptanceProposal.objects.filter(offer=offer)
    return rows.select_related("proposed_by", "decided_by").first()


def propose(
    *,
    offer: Offer,
    by: User,
    at: datetime,
    disclosure_digest: str,
    lines: Collection[OfferLine] | None = None,
    client: ClientInfo = UNKNOWN_CLIENT,
) -> AcceptanceProposal:
    """Propose to accept `offer` or only `lines`; the checks are those of an acceptance. Again returns the first.

    An owner or Finance may propose. Raises AcceptanceError where one person is enough, where no other owner could
    confirm, or while somebody else's proposal waits; FiguresChanged, NotAllowed, TransitionNotAllowed as `accept`.
    """
    user = access.require_member(by=by, supplier=offer.supplier)
    with transaction.atomic():
        agreed = acceptance.agree(offer=offer, lines=lines, at=at, disclosure_digest=disclosure_digest)
        if not two_people.is_needed(supplier=agreed.supplier):
            raise AcceptanceError(_("One owner is enough to accept this offer."))
        if not two_people.has_confirmer(supplier=agreed.supplier, besides=user):
            raise AcceptanceError(
                _(
                    "Another owner has to confirm what you propose, and there is none. Invite a second owner, or ask "
                    "a person for Finance to propose it."
                )
            )
        earlier = AcceptanceProposal.objects.filter(offer=offer, status=Status.WAITING).first()
        if earlier is not None and earlier.until > at:
            if earlier.proposed_by_id == user.pk and earlier.disclosure_digest == disclosure_digest:
                return earlier
            raise AcceptanceError(_("An acceptance is proposed already. Withdraw it first to propose another one."))
        if earlier is not None:
            end_proposal(earlier, to=Status.EXPIRED, by=None, at=at)
        made = AcceptanceProposal.objects.create(
            supplier=agreed.supplier,
            offer=agreed.offer,
            lines=[line.pk for line in agreed.selected],
            disclosure=agreed.figures,
            disclosure_digest=disclosure_digest,
            proposed_by=user,
            proposed_at=at,
            until=min(agreed.offer.expires_at, _end_of_day(agreed.supplier, at)),
            ip_address=client.ip_address,
            user_agent=client.user_agent[:300],
        )
        audit.record(
            event="acceptance.proposed",
            subject=made,
            by=user,
            at=at,
            supplier_id=agreed.supplier.pk,
            details={"offer": agreed.offer.pk, "digest": disclosure_digest},
        )
        proposal_emails.proposed(proposal=made)
        return made


def confirm(
    *, proposal: AcceptanceProposal, by: User, at: datetime, disclosure_digest: str, client: ClientInfo = UNKNOWN_CLIENT
) -> list[Advance]:
    """Accept what was proposed, as the second person. Returns one advance for each invoice.

    Raises ProposalChanged if the figures are others now: the proposal has ended. Raises AcceptanceError for who
    proposed it, after `until`, and if the proposer may not act for the company any more; NotAllowed for anyone but an
    owner; TransitionNotAllowed if it was confirmed or withdrawn meanwhile.
    """
    user = access.require_member(by=by, supplier=proposal.supplier, owner=True)
    try:
        with transaction.atomic():
            locks.lock_supplier_and_debtors(supplier_id=proposal.supplier_id)
            current = AcceptanceProposal.objects.select_related("offer__supplier", "proposed_by").get(pk=proposal.pk)
            _require_another_person(current, by=user, at=at)
            lines = list(OfferLine.objects.filter(offer=current.offer_id, pk__in=current.lines))
            proposed = current.disclosure_digest
            agreed = acceptance.agree(offer=current.offer, lines=lines, at=at, disclosure_digest=proposed)
            if disclosure_digest != proposed:
                raise AcceptanceError(_("The page showed other figures than those proposed. Review them again."))
            done = end_proposal(current, to=Status.CONFIRMED, by=user, at=at)
            return acceptance.bind(agreed, by=user, at=at, client=client, proposal=done)
    except FiguresChanged as changed:
        with transaction.atomic():
            locks.lock_supplier_and_debtors(supplier_id=proposal.supplier_id)
            end_proposal(proposal, to=Status.CHANGED, by=user, at=at)
        raise ProposalChanged(_("The figures have changed since they were proposed. Propose them again.")) from changed


def withdraw(*, proposal: AcceptanceProposal, by: User, at: datetime) -> AcceptanceProposal:
    """End a proposal: the person who made it, or an owner. Raises NotAllowed, TransitionNotAllowed."""
    own = proposal.proposed_by_id == by.pk
    user = access.require_member(by=by, supplier=proposal.supplier, owner=not own)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=proposal.supplier_id)
        ended = end_proposal(proposal, to=Status.WITHDRAWN, by=user, at=at)
        proposal_emails.withdrawn(proposal=ended)
        return ended


def _require_another_person(proposal: AcceptanceProposal, *, by: User, at: datetime) -> None:
    """Raises AcceptanceError unless `by` may be the second person for `proposal`."""
    if proposal.proposed_by_id == by.pk:
        raise AcceptanceError(_("You proposed this yourself. Another owner has to confirm it."))
    if proposal.status == Status.WAITING and proposal.until <= at:
        raise AcceptanceError(_("This proposal was for an earlier day. Propose it again with today's figures."))
    if not two_people.is_eligible(user=proposal.proposed_by, supplier=proposal.supplier):
        raise AcceptanceError(_("Whoever proposed this may not act for the company any more. Propose it again."))


def _end_of_day(supplier: Supplier, at: datetime) -> datetime:
    today = supplier_today(supplier=supplier, at=at)
    return datetime.combine(today + timedelta(days=1), time(), tzinfo=supplier.zone)
