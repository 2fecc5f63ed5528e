"""Settings for local mode: embedded services, demo data, email as files. Listens on this machine only."""

import os

from infactor.settings.base import *  # noqa: F403
from infactor.settings.environment import VAR_DIR, env, require
from infactor.settings.integrations import *  # noqa: F403
from infactor.settings.integrations import CONSENT_ORIGINS, PAY_TO, SANDBOX_PORT
from infactor.settings.logs import *  # noqa: F403
from infactor.settings.logs import logging_config
from infactor.settings.security import *  # noqa: F403
from infactor.settings.security import content_security_policy

PORT = env.int("PORT", 3000)
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
DEBUG = env.bool("DEBUG", False)
DESIGN_PAGE = True
LOCAL_MODE = True
# Whether a new database gets eleven weeks of demo financing history.
DEMO_FINANCING = env.bool("DEMO_FINANCING", True)

# Public in this file, so fit for local mode only.
SECRET_KEY = env.str("SECRET_KEY", "local-only-" + "x" * 50)
FIELD_ENCRYPTION_KEYS = env.list("FIELD_ENCRYPTION_KEYS", default=["bG9jYWwtbW9kZS1vbmx5LW5ldmVyLXByb2R1Y3Rpb24="])
FINGERPRINT_KEY = env.str("FINGERPRINT_KEY", "local-only")

# Browsers share cookies between the ports of a host, so the names hold the port.
SESSION_COOKIE_NAME = f"infactor_session_{PORT}"
CSRF_COOKIE_NAME = f"infactor_csrf_{PORT}"
LANGUAGE_COOKIE_NAME = f"infactor_language_{PORT}"
DEVICE_COOKIE_NAME = f"infactor_device_{PORT}"
CONSENT_COOKIE_NAME = f"infactor_consent_{PORT}"

QUICKBOOKS_ENVIRONMENT = env.str("QUICKBOOKS_ENVIRONMENT", "local")
QUICKBOOKS_REDIRECT_URI = env.str("QUICKBOOKS_REDIRECT_URI", f"http://localhost:{PORT}/quickbook/connect")
if QUICKBOOKS_ENVIRONMENT == "local":
    QUICKBOOKS_CLIENT_ID = env.str("QUICKBOOKS_CLIENT_ID", "infactor-local")
    QUICKBOOKS_CLIENT_SECRET = env.str("QUICKBOOKS_CLIENT_SECRET", "infactor-local-secret")
    QUICKBOOKS_WEBHOOK_VERIFIER = env.str("QUICKBOOKS_WEBHOOK_VERIFIER", "infactor-local-verifier")
    # The sandbox uses plain http on the loopback address, which oauthlib refuses without this.
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
else:
    require("QUICKBOOKS_CLIENT_ID", "QUICKBOOKS_CLIENT_SECRET")

# An account that does not exist.
SAMPLE_ACCOUNT = {
    "holder": "infactor (sample)",
    "bank": "Sample Bank",
    "account": "000000000000",
    "routing": "000000000",
}
PAY_TO = {name: value or SAMPLE_ACCOUNT[name] for name, value in PAY_TO.items()}

CONTENT_SECURITY_POLICY = content_security_policy(consent_origins=sorted(set(CONSENT_ORIGINS.values())))

EMAIL_BACKEND = "infactor.core.email.backend.ConsoleAndFileBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
LOGGING = logging_config(json=False)
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
