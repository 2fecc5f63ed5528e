"""The second factor of staff in tests: `force_login` signs staff in with one, as nobody comes to admin without."""

import time
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings
from django.test import Client

TIME_TO_TYPE = 3  # seconds; a code is not taken after its end
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Login = Callable[..., None]


def give_factor(user: Any) -> Authenticator:
    """`user` with an authenticator app whose key is SECRET."""
    known = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    return known or TOTP.activate(user, SECRET).instance


def code(*, secret: str = SECRET) -> str:
    """The code that an app with the key `secret` shows now. Near its end the next one is waited for."""
    left = 30 - time.time() % 30
    if left < TIME_TO_TYPE:
        time.sleep(left)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def show_factor(client: Client, user: Any, *, at: float | None = None) -> None:
    """Mark the session of `client` as one in which `user` has shown the factor at `at`, now if None."""
    session = client.session
    record = {"method": "mfa", "type": "totp", "at": time.time() if at is None else at}
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


def with_second_factor(force_login: Login) -> Login:
    """Django's `force_login`, which gives staff a factor and has them show it."""

    def signed_in(client: Client, user: Any, backend: str | None = None) -> None:
        force_login(client, user, backend)
        if user.is_staff:
            give_factor(user)
            show_factor(client, user)

    return signed_in


def sign_in_without_factor(client: Client, user: Any) -> None:
    """Sign `user` in by the password alone, as far as that goes."""
    client.force_login(user)
    Authenticator.objects.filter(user=user).delete()
    session = client.session
    session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)
    session.save()
    assert settings.SESSION_COOKIE_NAME in client.cookies
