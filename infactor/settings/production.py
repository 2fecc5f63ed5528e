"""Settings for production: every secret comes from the environment, and nothing uses plain http."""

import os

from django.core.exceptions import ImproperlyConfigured

from infactor.settings import error_reporting, production_requirements
from infactor.settings.base import *  # noqa: F403
from infactor.settings.environment import env, require
from infactor.settings.integrations import *  # noqa: F403
from infactor.settings.integrations import INTUIT_CONSENT_ORIGIN, QUICKBOOKS_ENVIRONMENT
from infactor.settings.logs import *  # noqa: F403
from infactor.settings.logs import logging_config
from infactor.settings.security import *  # noqa: F403
from infactor.settings.security import ADMIN_HOST, content_security_policy

require(
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "REDIS_URL",
    "FIELD_ENCRYPTION_KEYS",
    "FINGERPRINT_KEY",
    "QUICKBOOKS_REDIRECT_URI",
    "EMAIL_URL",
    "DEFAULT_FROM_EMAIL",
    "SUPPORT_EMAIL",
    "PAY_TO_HOLDER",
    "PAY_TO_BANK",
    "PAY_TO_ACCOUNT",
    "PAY_TO_ROUTING",
)
if unsafe := production_requirements.problems(os.environ):
    raise ImproperlyConfigured("\n".join(f"infactor does not start: {problem}" for problem in unsafe))
if QUICKBOOKS_ENVIRONMENT not in ("sandbox", "production"):
    raise ImproperlyConfigured(
        f"infactor does not start: QUICKBOOKS_ENVIRONMENT is {QUICKBOOKS_ENVIRONMENT!r}; "
        "outside local mode it is 'sandbox' or 'production'."
    )

ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS"), *([ADMIN_HOST] if ADMIN_HOST else [])]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Rate limits and stored addresses are those of the visitor, not of the proxy.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT")
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https"

SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CSRF_COOKIE_SECURE = True
DEVICE_COOKIE_NAME = "__Host-device"
CONSENT_COOKIE_NAME = "__Host-consent"
LANGUAGE_COOKIE_NAME = "__Host-language"
LANGUAGE_COOKIE_SECURE = True

CONTENT_SECURITY_POLICY = content_security_policy(consent_origins=[INTUIT_CONSENT_ORIGIN])
vars().update(env.email("EMAIL_URL"))
LOGGING = logging_config(json=True)
if error_reporting.SENTRY_DSN:
    error_reporting.start(dsn=error_reporting.SENTRY_DSN)
