"""What a person reads who cannot sign in or change the account: what is wrong, when to try again, the way to reset."""

from math import ceil

from allauth.core.internal import ratelimit
from django.conf import settings
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text

RESET = reverse_lazy("account_reset_password")


def _formatted(text: Text, **values: object) -> SafeString:
    return format_html(str(text), **values)


def _minutes() -> int:
    """After so many minutes at most, failed attempts to sign in are forgotten."""
    limits = settings.ACCOUNT_RATE_LIMITS
    rates = [
        rate
        for name in ("login_failed", "login_failed_on_known_device")
        for rate in ratelimit.parse_rates(limits[name])
    ]
    longest: float = max(rate.duration for rate in rates)
    return ceil(longest / 60)


_linked = lazy(_formatted, SafeString)
# In place of allauth's, by its codes; docs.allauth.org/en/latest/account/adapter.html.
ERROR_MESSAGES = {
    "too_many_login_attempts": _linked(
        _('Too many failed attempts. Try again in {minutes} minutes, or <a href="{reset}">reset your password</a>.'),
        minutes=lazy(_minutes, int)(),
        reset=RESET,
    ),
    "email_password_mismatch": _linked(
        _(
            "This email address and password do not belong together. Check both, or "
            '<a href="{reset}">reset your password</a>.'
        ),
        reset=RESET,
    ),
    "incorrect_password": _linked(
        _('This is not your password. Try again, or <a href="{reset}">reset your password</a>.'), reset=RESET
    ),
    "enter_current_password": _linked(
        _('This is not your current password. Try again, or <a href="{reset}">reset it</a>.'), reset=RESET
    ),
    "duplicate_email": _("You already use this email address."),
    "max_email_addresses": _("You can have at most %d email addresses. Remove one first."),
    "cannot_remove_primary_email": _("You sign in with this email address. Make another one your own first."),
    "rate_limited": _("You have asked for this several times. Wait a few minutes, then try again."),
}
