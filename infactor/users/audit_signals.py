"""Who signed in, signed out, or failed to, in the audit trail."""

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from infactor.core import audit
from infactor.users.models import User


@receiver(signals.user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.record(event="user.signed_in", subject=user, by=user, at=timezone.now())


@receiver(signals.user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(event="user.signed_out", subject=user, by=user, at=timezone.now())


@receiver(signals.user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Kept for accounts that exist; an unknown address is nobody's event, and allauth counts it by itself."""
    given = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=given).first()
    if user is not None:
        audit.record(event="user.sign_in_refused", subject=user, by=None, at=timezone.now())
