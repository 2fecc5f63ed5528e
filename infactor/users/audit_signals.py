"""Records sign-ins, sign-outs and failed sign-ins in the audit log."""

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from infactor.core import audit
from infactor.users.models import User


@receiver(signals.user_logged_in)
def record_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.record(event="user.signed_in", subject=user, by=user, at=timezone.now())


@receiver(signals.user_logged_out)
def record_sign_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record(event="user.signed_out", subject=user, by=user, at=timezone.now())


@receiver(signals.user_login_failed)
def record_failed_sign_in(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Recorded for existing accounts only. allauth rate-limits unknown addresses."""
    given = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.filter(email__iexact=given).first()
    if user is not None:
        audit.record(event="user.sign_in_refused", subject=user, by=None, at=timezone.now())
