"""Settings of the drill: those of local mode, with a mail server and with QuickBooks behind a switch."""

from infactor.settings.environment import env
from infactor.settings.local import *  # noqa: F403

SANDBOX_PORT = env.int("DRILL_QUICKBOOKS_PORT")
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", env.int("DRILL_MAIL_PORT")
