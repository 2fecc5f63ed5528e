"""Security settings: accounts, rate limits, cookies, headers, encryption keys, content security policy."""

from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from infactor.settings.environment import env

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["infactor.users.security.signed_in.SignedInBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "infactor.users.security.passwords.GuessablePasswordValidator"},
    {"NAME": "infactor.users.security.passwords.LeakedPasswordValidator"},
]
# SHA-1 sums of leaked passwords, one a line and sorted, as Have I Been Pwned publishes them. Empty: other lists only.
LEAKED_PASSWORDS_FILE = env.str("LEAKED_PASSWORDS_FILE", "")
# Links that set a password work once, and for this long: those of a reset and of an invitation.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

# Its mails go through the outbox. allauth also asks it to write to addresses without an account, which it does not do:
# it does the same work, so that the time of an answer tells nothing.
ACCOUNT_ADAPTER = "infactor.users.adapter.AccountAdapter"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_FORMS = {
    "login": "infactor.users.sign_in_form.SignInForm",
    "signup": "infactor.suppliers.signup.SignupForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# In the browser in which the account was created, and nowhere else: who has the link alone still needs the password.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_MAX_EMAIL_ADDRESSES = 2  # the one in use, and the one that replaces it
# A password or a second factor before every change of address or factor, and for this long after.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# An email for every change of how a person signs in.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {
    # For the buyer's page, by allauth: the first limit for guessing links, the second for each link.
    "buyer_page": "60/m/ip,30/m/key",
    "buyer_answer": "20/m/ip,10/m/key",
    # Failed attempts only, by client and by pair of client and account; infactor.users.security.sign_in_limits.
    "login": None,
    "login_failed": "10/m/ip,5/300s/key",
    "login_failed_on_known_device": "10/300s/key",
    # What costs much, by person; core.rate_limits.
    "search": "60/m/user",
    "find": "60/m/user",
    "export": "10/m/user,60/h/user",
    "price": "20/m/user",
    "quote": "60/m/user",  # a slider asks for one whenever it rests
    "upload": "20/m/user,100/h/user",
    "connect": "10/m/user,30/h/user",
    "invite": "10/m/user,40/d/user",
    "sync_now": "5/m/user,30/h/user",
    "write_books": "60/m/user,600/h/user",
}

MFA_ADAPTER = "infactor.users.security.mfa_adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "infactor.users.security.passkey_form.PasskeyForm"}
MFA_RECOVERY_CODES_SHOW_ONCE = True  # users.security.recovery_codes stores hashes
MFA_TOTP_ISSUER = "infactor"
MFA_TOTP_TOLERANCE = 0  # a code lives for half a minute: servers and telephones set their clocks by the network
# Signing in needs a confirmed address anyway. Without this, who has a factor could not change the address.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Whether suppliers need a second factor, as staff always do. Otherwise it is offered to them.
SUPPLIERS_NEED_SECOND_FACTOR = env.bool("SUPPLIERS_NEED_SECOND_FACTOR", False)
# How long a second factor counts as just shown, for the decisions of staff that ask for it anew.
SECOND_FACTOR_FRESH = timedelta(minutes=env.int("SECOND_FACTOR_FRESH_MINUTES", 15))

# After a change of address, password or factor: warnings also go to the former address for so many days, and a bank
# account that the person enters in these days waits for so many days.
ACCOUNT_CHANGE_WATCH = timedelta(days=env.int("ACCOUNT_CHANGE_WATCH_DAYS", 7))
BANK_COOLING_OFF_AFTER_CHANGE = timedelta(days=env.int("BANK_COOLING_OFF_AFTER_CHANGE_DAYS", 7))

# The first key encrypts, every key decrypts; `rotate_keys` rewrites all values with the first: docs/operations/keys.md.
FIELD_ENCRYPTION_KEYS: list[str] = env.list("FIELD_ENCRYPTION_KEYS", default=[])
# Key of the fingerprints that make encrypted values searchable and unique. Values are looked up under the fallbacks,
# too, and `rotate_keys` computes all of them anew.
FINGERPRINT_KEY: str = env.str("FINGERPRINT_KEY", "")
FINGERPRINT_KEY_FALLBACKS: list[str] = env.list("FINGERPRINT_KEY_FALLBACKS", default=[])

# Without use, and at most. Staff's sessions are shorter: they open every supplier's data.
STAFF_SESSION_IDLE, STAFF_SESSION_AGE = timedelta(minutes=30), timedelta(hours=12)
SUPPLIER_SESSION_IDLE, SUPPLIER_SESSION_AGE = timedelta(hours=12), timedelta(days=7)
USERSESSIONS_TRACK_ACTIVITY = True  # infactor.users.security.session_limits writes it, once a minute
SESSION_COOKIE_AGE = int(SUPPLIER_SESSION_IDLE.total_seconds())
# Remembers that somebody has signed in with this browser before.
DEVICE_COOKIE_NAME = "infactor_device"
# Binds the way back from QuickBooks' consent page to the browser that set out.
CONSENT_COOKIE_NAME = "infactor_consent"
# The language that somebody chose who is not signed in.
LANGUAGE_COOKIE_NAME = "infactor_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = False  # in production it is
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would drop the session on the redirect from Intuit.
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed
CSRF_COOKIE_SAMESITE = "Lax"
# The host name on which admin is; it is then on no other, and nothing else is there. Empty: on every host.
ADMIN_HOST = env.str("ADMIN_HOST", "")
CSRF_FAILURE_VIEW = "infactor.core.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REDIRECT_EXEMPT = [r"^quickbook/webhook(/[0-9a-f-]{36})?$"]  # for machines: it refuses plain http by itself
SECURE_REFERRER_POLICY = "same-origin"
# A page sees whether the popup that it opened is still there. The popup reports by BroadcastChannel, not by its opener.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"


def content_security_policy(*, consent_origins: list[str]) -> dict[str, Any]:
    """Allow only infactor's own files. A form may also lead to `consent_origins`, where QuickBooks asks for consent."""
    return {
        "DIRECTIVES": {
            "default-src": [NONE],
            "script-src": [SELF],
            "style-src": [SELF],
            "img-src": [SELF, "data:"],
            "font-src": [SELF],
            "connect-src": [SELF],
            "form-action": [SELF, *consent_origins],
            "frame-ancestors": [NONE],
            "base-uri": [NONE],
            "object-src": [NONE],
            "manifest-src": [SELF],
        }
    }
