"""Checks of the settings and pages of this installation."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve, reverse

from infactor.core import second_factor
from infactor.core.fields import encrypted_fields
from infactor.core.keys import VERSION
from infactor.users.models import User
from quickbooks_app.auth import addresses, integrations
from quickbooks_app.models import Connection, ConsentAttempt, Integration
from quickbooks_app.production_review.outcomes import Outcome, met, met_if, not_met, to_confirm

SAMPLE = 100  # connections whose stored tokens are looked at
YEAR_SECONDS = 365 * 24 * 60 * 60
SECRETS = {
    Connection: {"access_token", "refresh_token", "realm_id"},
    ConsentAttempt: {"pending_grant"},
    Integration: {"client_secret", "webhook_verifier"},
}


def redirect_address() -> Outcome:
    """Production keys need an https address that is not this machine."""
    parts = urlsplit(settings.QUICKBOOKS_REDIRECT_URI)
    is_public = parts.scheme == "https" and parts.hostname not in (None, "localhost", "127.0.0.1")
    return met_if(
        is_public and parts.path == reverse("quickbooks:callback"),
        f"Host domain {parts.hostname}, redirect URI {settings.QUICKBOOKS_REDIRECT_URI}.",
        f"Set QUICKBOOKS_REDIRECT_URI to https://YOUR-HOST{reverse('quickbooks:callback')}.",
    )


def page(name: str) -> Outcome:
    """The page called `name` exists; the text is the address to enter at Intuit."""
    try:
        resolve(reverse(name))
    except Resolver404:
        return not_met("The page does not exist in this release.")
    return met(addresses.absolute(name))


def https() -> Outcome:
    """Pages over https only, and browsers remember that."""
    is_forced = settings.SECURE_SSL_REDIRECT or settings.SECURE_PROXY_SSL_HEADER is not None
    return met_if(
        bool(is_forced) and settings.SECURE_HSTS_SECONDS >= YEAR_SECONDS,
        "Plain http is redirected or refused, and HSTS lasts a year.",
        "Start with infactor.settings.production, behind TLS: docs/operations/install.md.",
    )


def cookies() -> Outcome:
    """Cookies that scripts and plain http cannot read."""
    is_safe = all(
        getattr(settings, f"{name}_COOKIE_{flag}") for name in ("SESSION", "CSRF") for flag in ("SECURE", "HTTPONLY")
    )
    return met_if(
        is_safe,
        "Session and CSRF cookies are Secure, HttpOnly and SameSite=Lax.",
        "Start with infactor.settings.production: cookies travel over plain http now.",
    )


def headers() -> Outcome:
    """No page of others frames ours, runs a script here, or is kept by a cache."""
    policy = getattr(settings, "CONTENT_SECURITY_POLICY", {}).get("DIRECTIVES", {})
    is_strict = policy.get("frame-ancestors") == ["'none'"] and policy.get("script-src") == ["'self'"]
    return met_if(
        is_strict and settings.X_FRAME_OPTIONS == "DENY",
        "Content-Security-Policy allows our own scripts only and no frame; pages are answered with no-store.",
        "Restore the content security policy of infactor/settings/security.py.",
    )


def no_debug() -> Outcome:
    """Error pages show no settings."""
    return met_if(not settings.DEBUG, "Error pages show nothing of the inside.", "Remove DEBUG from the environment.")


def encryption() -> Outcome:
    """Tokens, company ids and keys are encrypted in the database, each for its own row."""
    missing = [
        f"{model._meta.label}.{name}"
        for model, names in SECRETS.items()
        for name in names - {field.name for field in encrypted_fields(model)}
    ]
    stored = Connection.objects.exclude(refresh_token="").values_list("refresh_token", flat=True)[:SAMPLE]
    clear = [value for value in stored if not str(value).startswith(f"{VERSION}.")]
    return met_if(
        not missing and not clear and bool(settings.FIELD_ENCRYPTION_KEYS),
        "Tokens, company ids, client secrets and verifiers: AES-256-GCM, bound to their row.",
        "Set FIELD_ENCRYPTION_KEYS, and run rotate_keys: docs/operations/keys.md.",
    )


def keys_are_kept_apart() -> Outcome:
    """The keys of live companies stand in the settings or encrypted in the database, never in the code."""
    production = integrations.listed().filter(environment=Integration.Environment.PRODUCTION)
    if not production.exists():
        return not_met("Add the production keys under Integrations once Intuit has approved the app, and enable them.")
    return met("Client ID and secret stand in the settings, or encrypted in the database; no page shows the secret.")


def staff_factors() -> Outcome:
    """Every member of staff has a second factor: without one, admin does not open."""
    without = [one for one in User.objects.filter(is_staff=True, is_active=True) if not second_factor.has_factor(one)]
    return met_if(
        not without,
        "Every member of staff has a second factor, and shows it for each decision. Suppliers may set one up.",
        f"{len(without)} of staff have no second factor yet. They set one up when they sign in next.",
    )


def support() -> Outcome:
    """Customers reach us from every page."""
    address = settings.SUPPORT_EMAIL
    return met_if(
        bool(address) and not address.endswith((".example", "@example.com")),
        f"{address}, in the footer of every page and in every email.",
        "Set SUPPORT_EMAIL to an address that somebody reads.",
    )


def error_reports() -> Outcome:
    """Errors of our own are logged; a server may collect them."""
    if getattr(settings, "SENTRY_DSN", ""):
        return met("Logged as JSON lines, and reported to the server in SENTRY_DSN.")
    return to_confirm("Logged as JSON lines. Confirm that the host keeps them, or set SENTRY_DSN.")
