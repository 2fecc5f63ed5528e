"""Limits on sign-in attempts that keep out who guesses, and nobody else.

allauth counts failures for each client address, and for each account. The second would let a stranger who knows an
address keep its owner out. So here the second counts for each pair of account and client, and a known device has a
count of its own.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone

from infactor.core import second_factor
from infactor.users.models import KnownDevice, User
from infactor.users.security import account_changes, devices

APP = "allauth.account"
KNOWN_DEVICE_ACTION = "login_failed_on_known_device"


class SignInProtection(DefaultAccountAdapter):  # type: ignore[misc]
    """The part of allauth's adapter that counts attempts, warns former addresses, and asks staff for a factor."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt before the password is checked. Raises a ValidationError above the limit."""
        device = devices.known_device(request=request, email=_login(credentials))
        if device is None:
            super().pre_authenticate(request, **credentials)
            return
        usage = ratelimit.consume(request, app=APP, action=KNOWN_DEVICE_ACTION, key=_device_key(device))
        self._login_failed_rl_usage = usage  # taken back by allauth where the password is right
        if not usage:
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{_login(credentials)}:{ratelimit.get_ip(request)}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """allauth's; staff who have a second factor show it, as a password alone opens nothing for them."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if getattr(user, "is_staff", False) and second_factor.has_factor(user):
            return [one for one in methods if one["id"] != "reauthenticate"]
        return methods

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Write to the person, and also to the addresses that were given up lately."""
        super().send_notification_mail(template_prefix, user, context, email)
        if isinstance(user, User):
            for address in account_changes.former_addresses(user=user, at=timezone.now()):
                if address != email:
                    super().send_notification_mail(template_prefix, user, context, address)


def _login(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email") or credentials.get("username") or "").strip().lower()


def _device_key(device: KnownDevice) -> str:
    return f"device:{device.pk}"
