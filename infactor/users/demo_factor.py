"""The second factor of demo staff: a key that is public in this file, so it exists in local mode only."""

from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.conf import settings

from infactor.users.models import User
from infactor.users.security.recovery_codes import HashedRecoveryCodes

SECRET = "LOCALMODEONLYLOCALMODEONLYLOCALM"  # noqa: S105


class NotInLocalMode(Exception):
    """The demo's key opens nothing outside local mode."""


def give(*, user: User) -> None:
    """Give `user` an authenticator app with the demo's key. Raises NotInLocalMode."""
    _require_local_mode()
    TOTP.activate(user, SECRET)
    HashedRecoveryCodes.activate(user)


def code(*, at: datetime) -> tuple[str, int]:
    """The code of the demo's staff at `at`, and for how many seconds it is shown. Raises NotInLocalMode."""
    _require_local_mode()
    period = app_settings.TOTP_PERIOD
    counter, passed = divmod(int(at.timestamp()), period)
    return format_hotp_value(hotp_value(SECRET, counter)), period - passed


def _require_local_mode() -> None:
    if not getattr(settings, "LOCAL_MODE", False):
        raise NotInLocalMode("The demo's second factor is for local mode only.")
