"""Ends sessions, by their own person or by a member of staff."""

from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import F

from infactor.core import audit
from infactor.users.models import User


def end(*, session: UserSession, by: User, at: datetime) -> None:
    """End one session."""
    with transaction.atomic():
        audit.record(event="user.session_ended", subject=session.user, by=by, at=at)
        session.end()


def end_all(*, user: User, by: User | None, at: datetime, reason: str = "") -> int:
    """End every session of `user`, also one that is in no list. Returns how many were listed."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
        listed = list(UserSession.objects.filter(user=user))
        for session in listed:
            session.end()
        audit.record(event="user.sessions_ended", subject=user, by=by, at=at, reason=reason)
    user.refresh_from_db(fields=["session_version"])
    return len(listed)
