"""Known devices: browsers in which a person has signed in before, recognised by a random cookie.

A device is a browser profile, not a computer: clearing cookies or another browser makes it a new one.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from infactor.users.models import KnownDevice, User

REMEMBERED_FOR = timedelta(days=400)  # the longest that browsers keep a cookie
# The first sign-in after an account was opened is no news to its owner.
NEW_ACCOUNT = timedelta(days=1)
MAX_TOKEN_LENGTH = 100


def known_device(*, request: HttpRequest, email: str) -> KnownDevice | None:
    """The device of this request, if the person with the address `email` has signed in on it before."""
    token_hash = _token_hash(request)
    if not token_hash:
        return None
    return KnownDevice.objects.filter(user__email__iexact=email, token_hash=token_hash).first()


def remember(*, request: HttpRequest, response: HttpResponseBase, user: User, at: datetime) -> bool:
    """Remember that `user` has signed in on this device. Returns whether its owner should hear of it as a new one.

    The cookie is the same for everybody who uses this browser; it names nobody.
    """
    token_hash = _token_hash(request)
    known = KnownDevice.objects.filter(user=user)
    if token_hash and known.filter(token_hash=token_hash).update(last_seen_at=at):
        _set_cookie(response, request.COOKIES[settings.DEVICE_COOKIE_NAME])
        return False
    known.filter(last_seen_at__lt=at - REMEMBERED_FOR).delete()
    is_news = known.exists() or user.date_joined < at - NEW_ACCOUNT
    token = request.COOKIES[settings.DEVICE_COOKIE_NAME] if token_hash else secrets.token_urlsafe(32)
    times = {"first_seen_at": at, "last_seen_at": at}
    KnownDevice.objects.get_or_create(user=user, token_hash=_hash(token), defaults=times)  # a double click comes twice
    _set_cookie(response, token)
    return is_news


def _token_hash(request: HttpRequest) -> str:
    token = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    return _hash(token) if 0 < len(token) <= MAX_TOKEN_LENGTH else ""


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _set_cookie(response: HttpResponseBase, token: str) -> None:
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        token,
        max_age=REMEMBERED_FOR,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
