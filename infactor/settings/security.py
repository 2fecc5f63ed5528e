"""Security settings: accounts, rate limits, cookies, headers, encryption keys, content security policy."""

from typing import Any

from csp.constants import NONE, SELF

from infactor.settings.environment import env

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_FORMS = {"signup": "infactor.suppliers.signup.SignupForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = None
# Also for the buyer's page, by allauth: the first limit for guessing links, the second for each link.
ACCOUNT_RATE_LIMITS = {"buyer_page": "60/m/ip,30/m/key", "buyer_answer": "20/m/ip,10/m/key"}

# The first key encrypts, every key decrypts; `rotate_keys` rewrites all values with the first: docs/operations/keys.md.
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", default=[])
# Key of the fingerprints that make encrypted values searchable and unique. Values are looked up under the fallbacks,
# too, and `rotate_keys` computes all of them anew.
FINGERPRINT_KEY: str = env.str("FINGERPRINT_KEY", "")
FINGERPRINT_KEY_FALLBACKS: list[str] = env.list("FINGERPRINT_KEY_FALLBACKS", default=[])

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would drop the session on the redirect from Intuit.
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "infactor.core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"  # The popup reports by BroadcastChannel, not by its opener.


def content_security_policy(*, consent_origin: str) -> dict[str, Any]:
    """Allow only infactor's own files. A form may also lead to `consent_origin`, where QuickBooks asks for consent."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "form-action": [SELF, consent_origin],
            "frame-ancestors": [NONE],
            "base-uri": [NONE],
            "object-src": [NONE],
            "manifest-src": [SELF],
        }
    }
