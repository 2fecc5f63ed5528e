"""Settings of the process that serves metrics: a database to read, and none of the secrets of the others."""

import os
import secrets

from django.core.exceptions import ImproperlyConfigured

from infactor.settings import production_requirements
from infactor.settings.base import *  # noqa: F403
from infactor.settings.environment import require
from infactor.settings.integrations import *  # noqa: F403
from infactor.settings.logs import *  # noqa: F403
from infactor.settings.logs import logging_config
from infactor.settings.security import *  # noqa: F403
from infactor.settings.security import content_security_policy

require("DATABASE_URL")
if unsafe := production_requirements.database_problems(os.environ):
    raise ImproperlyConfigured("\n".join(f"infactor does not start: {problem}" for problem in unsafe))

# It serves no page and signs nothing.
SECRET_KEY = secrets.token_urlsafe(50)
FIELD_ENCRYPTION_KEYS = []
SILENCED_SYSTEM_CHECKS = ["infactor.E001"]  # which asks for keys
FINGERPRINT_KEY = ""
CONTENT_SECURITY_POLICY = content_security_policy(consent_origins=[])
LOGGING = logging_config(json=True)
