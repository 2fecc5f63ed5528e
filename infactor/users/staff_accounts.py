"""Accounts of staff: invited by one email, given roles, closed, and helped when a second factor is lost.

A superuser administers these accounts. That gives no permission to decide anything, and nobody changes their own.
"""

from collections.abc import Iterable
from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from infactor.core import audit, languages, reasons
from infactor.core.email import outbox
from infactor.users import roles
from infactor.users.models import AccountChange, User
from infactor.users.security import account_changes, sessions

MANAGE = "users.change_user"
INVITE = "users.add_user"


class CannotInvite(ValueError):
    """This address cannot be invited; the message says why."""


class OwnAccount(ValueError):
    """Nobody does this to their own account."""

    def __init__(self) -> None:
        super().__init__("You cannot do this to your own account. Ask another administrator.")


def invite(*, email: str, name: str, role: str, by: User | None, at: datetime) -> User:
    """Open an account of staff in `role` and send its one link, by which the person sets a password.

    The link works once, for PASSWORD_RESET_TIMEOUT. Until then nobody can sign in, and afterwards not to admin before a
    second factor is set up. Raises CannotInvite for an address that has an account, and roles.NotAllowed.
    """
    user = roles.require(by, INVITE)
    address = email.strip().lower()
    taken = User.objects.filter(email__iexact=address).exists()
    if taken or EmailAddress.objects.filter(email__iexact=address).exists():
        raise CannotInvite(_("This address has an account already. Invite another address of this person."))
    with transaction.atomic():
        invited = User.objects.create_user(address, name=name.strip(), is_staff=True, date_joined=at)
        # The link proves the address: without it nobody gets in.
        EmailAddress.objects.create(user=invited, email=address, verified=True, primary=True)
        invited.groups.set([Group.objects.get(name=role)])
        audit.record(event="user.invited", subject=invited, by=user, at=at, details={"role": role})
        send_invitation(invited=invited)
    return invited


def invite_again(*, invited: User, by: User | None, at: datetime) -> None:
    """Send a new link to somebody who has not used theirs. Links from before keep working until they expire."""
    user = roles.require(by, INVITE)
    if invited.has_usable_password() or not invited.is_staff or not invited.is_active:
        raise CannotInvite(_("This person has used the invitation, or may not sign in."))
    with transaction.atomic():
        audit.record(event="user.invited", subject=invited, by=user, at=at)
        send_invitation(invited=invited)


def send_invitation(*, invited: User) -> None:
    adapter = get_adapter()
    key = f"{user_pk_to_url_str(invited)}-{default_token_generator.make_token(invited)}"
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    context = {"password_reset_url": adapter.get_reset_password_from_key_url(key), "hours": hours}
    adapter.send_mail("account/email/staff_invitation", invited.email, context)


def set_roles(*, staff: User, names: Iterable[str], by: User | None, at: datetime) -> None:
    """Give `staff` exactly the roles `names`. Raises roles.ConflictingRoles, OwnAccount and roles.NotAllowed."""
    user = _administrator(by, of=staff)
    wanted = sorted(set(names))
    roles.check_roles(wanted)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=staff.pk)
        before = sorted(locked.groups.values_list("name", flat=True))
        locked.groups.set(Group.objects.filter(name__in=wanted))
        audit.record(event="user.roles_set", subject=locked, by=user, at=at, details={"from": before, "to": wanted})


def set_active(*, person: User, active: bool, reason: str, by: User | None, at: datetime) -> None:
    """Let `person` sign in, or no longer; then every session of theirs ends. Raises OwnAccount and roles.NotAllowed."""
    user = _administrator(by, of=person)
    reason = reasons.require_reason(reason)
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(is_active=active)
        event = "user.activated" if active else "user.deactivated"
        audit.record(event=event, subject=person, by=user, at=at, reason=reason)
        if not active:
            sessions.end_all(user=person, by=user, at=at, reason=reason)


def end_sessions(*, person: User, reason: str, by: User | None, at: datetime) -> int:
    """Sign `person` out on every device. Raises roles.NotAllowed."""
    user = roles.require(by, MANAGE)
    return sessions.end_all(user=person, by=user, at=at, reason=reasons.require_reason(reason))


def remove_factors(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    """Remove the second factors of somebody who has lost them, and end their sessions.

    They sign in with their password, and staff set up a new factor before the first page of admin. The person is told.
    Raises OwnAccount and roles.NotAllowed.
    """
    _remove_factors(person=person, reason=reasons.require_reason(reason), by=_administrator(by, of=person), at=at)


def remove_factors_by_operator(*, person: User, at: datetime) -> None:
    """The same for whoever has a shell on the server: where nobody is left who could do it in admin."""
    _remove_factors(person=person, reason="By a command on the server.", by=None, at=at)


def _remove_factors(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        audit.record(event="user.factors_removed_by_staff", subject=person, by=by, at=at, reason=reason)
        account_changes.watch(user=person, kind=AccountChange.Kind.FACTOR_REMOVED, at=at)
        sessions.end_all(user=person, by=by, at=at, reason=reason)
        template, context = "account/email/factors_removed", {"support_email": settings.SUPPORT_EMAIL}
        with languages.writing_in(person.language):
            subject = render_to_string(f"{template}_subject.txt", context)
            body = render_to_string(f"{template}_message.txt", context)
            for number, address in enumerate([person.email, *account_changes.former_addresses(user=person, at=at)]):
                key = f"users.factors_removed:{person.pk}:{at:%Y%m%dT%H%M%S.%f}:{number}"
                outbox.enqueue(key=key, to=address, subject=subject, body=body)


def _administrator(by: User | None, *, of: User) -> User:
    user = roles.require(by, MANAGE)
    if user.pk == of.pk:
        raise OwnAccount
    return user
