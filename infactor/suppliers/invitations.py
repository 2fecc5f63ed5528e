"""Invitations: an owner invites an address, whoever reads it joins with their account or signs up.

The link is signed, works once and for a week, and only for an account with that confirmed address: a link that was
forwarded lets nobody else in. Sending it again ends the former link.
"""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit, transitions
from infactor.core.signed_links import LinkSigner, UnknownLink
from infactor.suppliers import emails, people
from infactor.suppliers.access import require_member
from infactor.suppliers.models import Invitation, Membership, Supplier
from infactor.users.models import User

VALID_FOR = timedelta(days=7)
MAX_WAITING = 20
MAX_SENT = 5
Status = Invitation.Status
links = LinkSigner(salt="infactor.suppliers.invitation")

__all__ = ["CannotInvite", "CannotJoin", "UnknownLink", "accept", "cancel", "invite", "open_link", "resend", "waiting"]


class CannotInvite(ValueError):
    """This address cannot be invited now; the message says why."""


class CannotJoin(ValueError):
    """This person cannot join by this invitation; the message says why."""


def invite(*, supplier: Supplier, email: str, role: str, by: User | None, at: datetime) -> Invitation:
    """Invite whoever reads `email` to act for `supplier` in `role`. The owners hear of it.

    Raises CannotInvite for a member, for an address that is invited already, and above MAX_WAITING; roles.NotAllowed
    for anyone but an owner.
    """
    user = require_member(by=by, supplier=supplier, owner=True)
    address = email.strip().lower()
    with transaction.atomic():
        people.lock(supplier)
        if Membership.objects.filter(supplier=supplier, user__email__iexact=address).exists():
            raise CannotInvite(_("This person acts for your company already. Change their role in the list."))
        open_ones = Invitation.objects.filter(supplier=supplier, status=Status.WAITING)
        if open_ones.filter(email__iexact=address).exists():
            raise CannotInvite(_("This address is invited already. Send the invitation again, or cancel it first."))
        if open_ones.count() >= MAX_WAITING:
            raise CannotInvite(
                _("%(max_waiting)s invitations wait for an answer. Cancel one first.") % {"max_waiting": MAX_WAITING}
            )
        made = Invitation(
            supplier=supplier, email=address, role=role, invited_by=user, sent_at=at, expires_at=at + VALID_FOR
        )
        token, made.digest = links.sign(public_id=made.public_id)
        made.save()
        audit.record(
            event="invitation.sent", subject=made, by=user, at=at, supplier_id=supplier.pk, details={"role": role}
        )
        emails.invitation(invitation=made, token=token)
        emails.person_invited(invitation=made, by=user, at=at)
        return made


def resend(*, invitation: Invitation, by: User | None, at: datetime) -> Invitation:
    """Send a new link, which works for VALID_FOR; the former one ends. Raises CannotInvite, and roles.NotAllowed."""
    user = require_member(by=by, supplier=invitation.supplier, owner=True)
    with transaction.atomic():
        current = Invitation.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=invitation.pk)
        if current.status != Status.WAITING:
            raise CannotInvite(_("This invitation is no longer open."))
        if current.times_sent >= MAX_SENT:
            raise CannotInvite(
                _("It was sent several times. Cancel it, check the address, and invite the person again.")
            )
        emails.withdraw_invitation(invitation=current)
        token, current.digest = links.sign(public_id=current.public_id)
        current.sent_at, current.expires_at, current.times_sent = at, at + VALID_FOR, current.times_sent + 1
        current.save()
        audit.record(event="invitation.resent", subject=current, by=user, at=at, supplier_id=current.supplier_id)
        emails.invitation(invitation=current, token=token)
        return current


def cancel(*, invitation: Invitation, by: User | None, at: datetime) -> Invitation:
    """End an invitation: its link stops at once. Raises transitions.TransitionNotAllowed, and roles.NotAllowed."""
    user = require_member(by=by, supplier=invitation.supplier, owner=True)
    with transaction.atomic():
        ended = _end(invitation, to=Status.CANCELLED, by=user, at=at)
        emails.withdraw_invitation(invitation=ended)
        return ended


def waiting(*, supplier: Supplier) -> list[Invitation]:
    """The invitations without an answer, expired ones included, the newest first."""
    return list(Invitation.objects.filter(supplier=supplier, status=Status.WAITING).select_related("invited_by"))


def open_link(*, token: str, at: datetime) -> Invitation:
    """The invitation of a link. Raises UnknownLink for one that is wrong, used, cancelled, replaced or expired."""
    public_id, digest = links.read(token=token)
    found = Invitation.objects.select_related("supplier", "invited_by").filter(public_id=public_id, digest=digest)
    invitation = found.filter(status=Status.WAITING, expires_at__gt=at).first()
    if invitation is None:
        raise UnknownLink
    return invitation


def accept(*, token: str, by: User, at: datetime) -> Membership:
    """Let `by` act for the company. Who acts for it already keeps their role. The owners get an email.

    Raises UnknownLink, and CannotJoin for an account with another address, for staff, and while the person who invited
    is no owner any more.
    """
    with transaction.atomic():
        invitation = open_link(token=token, at=at)
        people.lock(invitation.supplier)
        invitation = open_link(token=token, at=at)
        if by.is_staff or not by.is_active:
            raise CannotJoin(_("People who work at infactor cannot act for a company."))
        addresses = EmailAddress.objects.filter(user=by, verified=True, email__iexact=invitation.email)
        if not addresses.exists():
            raise CannotJoin(_("This invitation is for another email address. Sign in with that one."))
        inviter = Membership.objects.filter(
            supplier=invitation.supplier, user=invitation.invited_by, role=Membership.Role.OWNER, user__is_active=True
        )
        if not inviter.exists():
            raise CannotJoin(
                _("The person who invited you is no longer an owner. Ask the company to invite you again.")
            )
        membership, is_new = Membership.objects.get_or_create(
            supplier=invitation.supplier, user=by, defaults={"role": invitation.role}
        )
        ended = _end(invitation, to=Status.ACCEPTED, by=by, at=at)
        if is_new:
            audit.record(
                event="membership.joined",
                subject=membership,
                by=by,
                at=at,
                supplier_id=membership.supplier_id,
                details={"role": membership.role, "invitation": ended.pk},
            )
            emails.person_joined(membership=membership, at=at)
        return membership


def _end(invitation: Invitation, *, to: Invitation.Status, by: User, at: datetime) -> Invitation:
    accepted = {"accepted_by": by} if to == Status.ACCEPTED else {}
    return transitions.move(
        invitation,
        to=to,
        transitions=Invitation.TRANSITIONS,
        by=by,
        at=at,
        supplier_id=invitation.supplier_id,
        changes={"ended_at": at, **accepted},
    )
