"""How long a session lasts: it ends when nobody uses it, and after a day at most for staff. Signing out clears data."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infactor.core import audit
from infactor.users.models import User

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"  # seconds since the epoch, in the session
# The moment of the last request is written once a minute at most: each write costs a query.
PRECISION = timedelta(minutes=1)
CLEAR_SITE_DATA = '"cache", "storage"'
ENDED = _("You were signed out because this session was not used for a while, or has lasted for long. Sign in again.")


@receiver(user_logged_in)
def start_clock(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    now = int(timezone.now().timestamp())
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now


@receiver(authentication_step_completed)
def change_key(sender: Any, request: HttpRequest, reauthenticated: bool | None = None, **kwargs: Any) -> None:
    """A password or factor that is shown again gives the session a new key: a stolen one gains nothing by it."""
    if reauthenticated:
        former = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


@receiver(user_logged_out)
def mark_signed_out(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        request._signed_out = True  # type: ignore[attr-defined]


def session_limits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """End sessions that are idle or old, note the moment of each use, and tell browsers to forget after signing out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            _check(request, request.user)
        response = get_response(request)
        if getattr(request, "_signed_out", False):
            response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
        return response

    return middleware


def _check(request: HttpRequest, user: User) -> None:
    at = timezone.now()
    now = int(at.timestamp())
    idle, absolute = (
        (settings.STAFF_SESSION_IDLE, settings.STAFF_SESSION_AGE)
        if user.is_staff
        else (settings.SUPPLIER_SESSION_IDLE, settings.SUPPLIER_SESSION_AGE)
    )
    signed_in_at = int(request.session.get(SIGNED_IN_AT, now))
    seen_at = int(request.session.get(SEEN_AT, now))
    if now - seen_at > idle.total_seconds() or now - signed_in_at > absolute.total_seconds():
        audit.record(event="user.session_expired", subject=user, by=None, at=at)
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        logout(request)
        messages.info(request, ENDED)
    elif _is_used_by_a_person(request) and now - seen_at >= PRECISION.total_seconds():
        request.session[SIGNED_IN_AT], request.session[SEEN_AT] = signed_in_at, now
        UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=at)


def _is_used_by_a_person(request: HttpRequest) -> bool:
    """Pages ask by themselves for what has changed; an open page that nobody looks at does not keep a session alive."""
    return not (request.method == "GET" and request.headers.get("HX-Request"))
