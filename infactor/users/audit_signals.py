"""Records sign-ins and changes of accounts in the audit log, and tells people what changes about theirs."""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from infactor.core import audit, second_factor
from infactor.users.models import AccountChange, User
from infactor.users.security import account_changes, devices

Kind = AccountChange.Kind


@receiver(signals.user_logged_in)
def record_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """With what was shown: "password", or the type of the factor."""
    shown = [str(one.get("type") or one["method"]) for one in get_authentication_records(request, user)]
    audit.record(event="user.signed_in", subject=user, by=user, at=timezone.now(), details={"shown": shown})


@receiver(signals.user_logged_out)
def record_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(event="user.signed_out", subject=user, by=user, at=timezone.now())


@receiver(signals.user_login_failed)
def record_failed_sign_in(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Recorded for addresses without an account, too: in equal time, and without the address."""
    given = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=given).first()
    audit.record(event="user.sign_in_refused", subject=user or User(), by=None, at=timezone.now())


@receiver(account_signals.user_logged_in)
def note_device(sender: Any, request: HttpRequest, user: User, response: HttpResponseBase, **kwargs: Any) -> None:
    """A sign-in from a device that this person has not used before is told to them."""
    if devices.remember(request=request, response=response, user=user, at=timezone.now()):
        audit.record(event="user.new_device", subject=user, by=user, at=timezone.now())
        get_adapter(request).send_notification_mail("account/email/new_device", user)


@receiver(account_signals.email_added)
def note_address_added(
    sender: Any, request: HttpRequest, user: User, email_address: EmailAddress, **kwargs: Any
) -> None:
    account_changes.record(user=user, kind=Kind.ADDRESS_ADDED, at=timezone.now())
    get_adapter(request).send_notification_mail("account/email/email_added", user, {"added_email": email_address.email})


@receiver(account_signals.email_changed)
def note_address_changed(sender: Any, user: User, from_email_address: EmailAddress | None, **kwargs: Any) -> None:
    """allauth itself writes to the address from before."""
    former = from_email_address.email if from_email_address and from_email_address.verified else ""
    account_changes.record(user=user, kind=Kind.ADDRESS_CHANGED, at=timezone.now(), former_email=former)


@receiver(account_signals.email_removed)
def note_address_removed(sender: Any, user: User, email_address: EmailAddress, **kwargs: Any) -> None:
    """An address that was never confirmed may be somebody else's: it is not written to."""
    former = email_address.email if email_address.verified else ""
    account_changes.record(user=user, kind=Kind.ADDRESS_REMOVED, at=timezone.now(), former_email=former)


@receiver([account_signals.password_changed, account_signals.password_reset, account_signals.password_set])
def note_password_changed(sender: Any, user: User, **kwargs: Any) -> None:
    account_changes.record(user=user, kind=Kind.PASSWORD_CHANGED, at=timezone.now())


@receiver(mfa_signals.authenticator_added)
def note_factor_added(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    """Setting a factor up is showing it: the session counts as one with a second factor."""
    if authenticator.type in second_factor.FACTORS:
        record_authentication(request, user, second_factor.METHOD, type=authenticator.type, id=authenticator.pk)
        account_changes.record(user=user, kind=Kind.FACTOR_ADDED, at=timezone.now())


@receiver(mfa_signals.authenticator_removed)
def note_factor_removed(sender: Any, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    if authenticator.type in second_factor.FACTORS:
        account_changes.record(user=user, kind=Kind.FACTOR_REMOVED, at=timezone.now())


@receiver(mfa_signals.authenticator_reset)
def note_codes_renewed(sender: Any, user: User, **kwargs: Any) -> None:
    account_changes.record(user=user, kind=Kind.CODES_RENEWED, at=timezone.now())


@receiver(mfa_signals.authentication_failed)
def record_refused_factor(sender: Any, user: User, **kwargs: Any) -> None:
    audit.record(event="user.second_factor_refused", subject=user, by=None, at=timezone.now())
