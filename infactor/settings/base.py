"""Settings of every environment: apps, middleware, templates, database, static files."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy

from infactor.settings.environment import BASE_DIR, VAR_DIR, env

PORT = env.int("PORT", 3000)
SECRET_KEY = env.str("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = False
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "infactor.core.apps.AdminSite",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_structlog",
    "lucide",
    "infactor.core",
    "infactor.users",
    "infactor.documents",
    "infactor.suppliers",
    "infactor.invoices",
    "infactor.ledger",
    "infactor.banking",
    "infactor.verification",
    "infactor.financing",
    "infactor.month_end",
    "infactor.correspondence",
    "infactor.desk",
    "infactor.reports",
    "infactor.dashboard",
    "quickbooks_app",
]

MIDDLEWARE = [
    "infactor.core.health.probes.answer_probes",
    "infactor.core.short_path.ShortPath",  # before all that webhooks do not need: MACHINE_MIDDLEWARE
    "csp.middleware.CSPMiddleware",  # before those that answer by themselves: static files, redirects to https
    "django.middleware.security.SecurityMiddleware",
    "infactor.core.middleware.refuse_trace",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "infactor.core.middleware.no_store",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "infactor.core.middleware.forget_language",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "infactor.core.middleware.admin_host",
    "infactor.users.security.session_limits.session_limits",
    "infactor.users.languages.personal_language",  # after the session may have ended
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "infactor.core.concurrency.LeaveAThread",
    "infactor.suppliers.viewing_middleware.ViewingMiddleware",  # last: it changes where the request leads
]
# What machines send passes these alone. None of them may act on views (process_view): the short path has no such step.
MACHINE_PATHS = r"quickbook/webhook(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?"
MACHINE_MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "infactor.core.middleware.refuse_trace",
    "infactor.core.middleware.no_store",
    "infactor.core.middleware.for_known_hosts",
    "infactor.core.middleware.admin_host",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "infactor.urls"
WSGI_APPLICATION = "infactor.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "infactor.core.context_processors.site_context",
                "infactor.suppliers.context_processors.current_supplier",
                "quickbooks_app.connections.banners.quickbooks_banners",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "infactor.core.templatetags.formatting",
                "infactor.core.templatetags.recorded",
                "infactor.help_center.templatetags.help_center",
            ],
        },
    }
]
FORM_RENDERER = "infactor.core.forms.FormRenderer"
# In the session: the cookie of Django's default storage has a name of its own, without the prefix `__Host-`.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# When to give up on a database that is away, silent or slow, for whoever waits. See infactor/wsgi.py for web.
DATABASE_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 30_000,  # milliseconds without an acknowledgement
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
DATABASE_STATEMENT_SECONDS = env.int("DATABASE_STATEMENT_SECONDS", 0)
if DATABASE_STATEMENT_SECONDS:
    DATABASE_OPTIONS["options"] = f"-c statement_timeout={DATABASE_STATEMENT_SECONDS}s"
DATABASES: dict[str, Any] = {}
if env.str("DATABASE_URL", ""):
    given = env.db("DATABASE_URL")
    DATABASES["default"] = {
        **given,
        "OPTIONS": DATABASE_OPTIONS | given.get("OPTIONS", {}),
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }

# In the database, which every page needs anyway: a Redis that is away would take sign-in and buyers' pages down, or
# switch their rate limits off. Beyond MAX_ENTRIES the expired ones are deleted.
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

LANGUAGE_CODE = "en"
# Each has a catalogue in infactor/locale and formats in infactor/formats: CONTRIBUTING.md.
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "infactor" / "locale"]
TIME_ZONE = "UTC"
# Bank days and reports follow infactor's own calendar.
BUSINESS_TIME_ZONE = env.str("BUSINESS_TIME_ZONE", "America/New_York")
# From which hour of that zone on staff get their digest.
STAFF_DIGEST_HOUR = env.int("STAFF_DIGEST_HOUR", 7)
if not 0 <= STAFF_DIGEST_HOUR <= 23:
    raise ImproperlyConfigured(f"infactor does not start: STAFF_DIGEST_HOUR is {STAFF_DIGEST_HOUR}, which is no hour.")
USE_I18N = True
FORMAT_MODULE_PATH = "infactor.formats"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site uses infactor's files
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("dashboard:home")
SUPPORT_EMAIL = env.str("SUPPORT_EMAIL", "support@infactor.example")
# Who stands above letters and statements: the name, and the lines of the postal address.
HOUSE_NAME = env.str("HOUSE_NAME", "infactor")
HOUSE_ADDRESS = [line.strip() for line in env.str("HOUSE_ADDRESS", "").split("|") if line.strip()]
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "infactor <no-reply@infactor.example>")
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = 20

# Lets operators ask /readyz from another machine.
OPERATOR_TOKEN = env.str("OPERATOR_TOKEN", "")

# How long superseded documents, states of invoices and customers, and assessments are kept: docs/operations/history.md.
KEEP_DOCUMENT_VERSIONS = timedelta(days=env.int("KEEP_DOCUMENT_VERSIONS_DAYS", 730))
KEEP_STATE_VERSIONS = timedelta(days=env.int("KEEP_STATE_VERSIONS_DAYS", 1096))
KEEP_ASSESSMENT_VERSIONS = timedelta(days=env.int("KEEP_ASSESSMENT_VERSIONS_DAYS", 400))
KEEP_FINANCED_VERSIONS = timedelta(days=env.int("KEEP_FINANCED_VERSIONS_DAYS", 2557))
if max(KEEP_DOCUMENT_VERSIONS, KEEP_STATE_VERSIONS, KEEP_ASSESSMENT_VERSIONS) > KEEP_FINANCED_VERSIONS:
    raise ImproperlyConfigured(
        "infactor does not start: KEEP_FINANCED_VERSIONS_DAYS is less than another KEEP_…_VERSIONS_DAYS. "
        "What financed invoices need as evidence is never deleted before the rest."
    )

# The largest document that is kept. A reverse proxy must let a little more pass.
DOCUMENT_MAX_BYTES = env.int("DOCUMENT_MAX_MEGABYTES", 10) * 1_000_000

# How many messages the people of one supplier may write to staff in 24 hours.
MESSAGES_PER_DAY = env.int("MESSAGES_PER_DAY", 50)

# Within how many working days staff decide an application, as suppliers read it.
APPLICATION_DECIDED_WITHIN_DAYS = env.int("APPLICATION_DECIDED_WITHIN_DAYS", 1)

# For how many days after its last day an onboarding check of a supplier still counts.
CHECK_GRACE = timedelta(days=env.int("CHECK_GRACE_DAYS", 30))

# Lists with more rows are prepared as a file by a worker instead of being streamed by a web process.
EXPORT_MAX_ROWS = env.int("EXPORT_MAX_ROWS", 20_000)

# Whether /design exists, a page with every component in every state. On in local and test mode only.
DESIGN_PAGE = False
