"""Settings for tests: the local ones, with a fast password hash and email in memory."""

import os
from datetime import timedelta

from infactor.settings.environment import env

os.environ.setdefault("PORT", "3000")

from infactor.settings.local import *  # noqa: F403
from infactor.settings.local import DATABASES, logging_config

if not env.str("DATABASE_URL", ""):
    # Tools that only read the code (mypy, import-linter) need a backend named, not a server.
    DATABASES["default"] = {"ENGINE": "django.db.backends.postgresql", "NAME": "infactor"}
if template := os.environ.get("TEST_DATABASE_TEMPLATE"):  # set by tests/conftest.py for its workers
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}
# Tests truncate the ledger between each other, which its triggers reject elsewhere.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c infactor.allow_ledger_truncate=on"

# Tests stop and move the clock; those of the second factor set their own.
SECOND_FACTOR_FRESH = timedelta(days=100 * 365)
PAY_TO_CURRENCIES = ["USD", "EUR", "GBP", "CAD", "JPY", "KWD", "MXN"]  # tests of other accounts set their own
QUICKBOOKS_PULLED_OBJECTS = []  # tests of pulls switch on what they need
QUICKBOOKS_CALLS_PER_SECOND = 1000  # tests of the rate limiter set their own
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = logging_config(json=True)
# Serve static files from their sources, so that a test run need not collect them first.
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
