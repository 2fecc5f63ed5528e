"""Intuit's OAuth 2.0 client: the consent URL, codes exchanged, tokens refreshed, grants revoked, keys checked."""

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from django.utils.translation import gettext_noop
from oauthlib.oauth2 import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from quickbooks_app.auth.app_credentials import SCOPE, TIMEOUT, AppCredentials
from quickbooks_app.errors import AuthorizationLost, Rejected, Transient

# While a person waits for the answer, and a thread of the web process with them.
INTERACTIVE_TIMEOUT = (3, 8)  # seconds: to connect, and between two reads of the response
# Asks Intuit to return the final end of the grant, five years after consent.
HEADERS = {"Accept": "application/json", "x-include-refresh-token-hard-expires-in": "true"}

PERMANENT_ERRORS = {"invalid_grant", "invalid_request", "invalid_client", "unauthorized_client", "invalid_scope"}

# oauthlib raises the last two for JSON that is not an object.
UNUSABLE_RESPONSE_ERRORS = (requests.RequestException, ValueError, TypeError, AttributeError)


class KeyState(enum.Enum):
    """What Intuit says about the keys of an app."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    NO_ANSWER = "no answer"


@dataclass(frozen=True)
class Tokens:
    """The result of a token call: both tokens and when each expires (UTC). Never printed."""

    access_token: str = field(repr=False)
    access_token_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_token_expires_at: datetime | None
    refresh_token_hard_expires_at: datetime | None


def consent_url(*, credentials: AppCredentials, state: str) -> str:
    """The URL of Intuit's consent page."""
    session = _session(credentials, scope=[SCOPE])
    url, _ = session.authorization_url(credentials.endpoints().authorization_endpoint, state=state)
    return str(url)


def exchange_code(*, credentials: AppCredentials, code: str, at: datetime) -> Tokens:
    """Exchange the code of a consent for tokens. A second exchange of the same code revokes the tokens of the first.

    Raises Rejected if Intuit refuses the code, Transient without a usable response.
    """
    session = _session(credentials)
    try:
        response = session.fetch_token(
            credentials.endpoints().token_endpoint,
            code=code,
            auth=HTTPBasicAuth(credentials.client_id, credentials.client_secret),
            headers=HEADERS,
            timeout=INTERACTIVE_TIMEOUT,
        )
    except OAuth2Error as error:
        if error.error in PERMANENT_ERRORS:
            raise Rejected(gettext_noop("QuickBooks refused the code."), code=error.error) from error
        raise Transient(gettext_noop("QuickBooks returned no token."), code=error.error or "oauth") from error
    except UNUSABLE_RESPONSE_ERRORS as error:
        raise Transient(gettext_noop("QuickBooks did not answer."), code="no_answer") from error
    return _parse_tokens(response, at=at)


def refresh_tokens(*, credentials: AppCredentials, refresh_token: str, at: datetime) -> Tokens:
    """A new access token. If Intuit also returns a new refresh token, it replaces the old one.

    Raises AuthorizationLost if Intuit has ended the grant, Transient without a usable response.
    """
    session = _session(credentials)
    try:
        response = session.refresh_token(
            credentials.endpoints().token_endpoint,
            refresh_token=refresh_token,
            auth=HTTPBasicAuth(credentials.client_id, credentials.client_secret),
            headers=HEADERS,
            timeout=TIMEOUT,
        )
    except OAuth2Error as error:
        if error.error == "invalid_grant":
            raise AuthorizationLost(
                gettext_noop("QuickBooks ended infactor's permission."), code="invalid_grant"
            ) from error
        raise Transient(gettext_noop("QuickBooks returned no token."), code=error.error or "oauth") from error
    except UNUSABLE_RESPONSE_ERRORS as error:
        raise Transient(gettext_noop("QuickBooks did not answer."), code="no_answer") from error
    return _parse_tokens(response, at=at)


def revoke(*, credentials: AppCredentials, token: str) -> bool:
    """Revoke a grant with both its tokens. False if Intuit did not confirm it; the grant may have ended before."""
    try:
        response = requests.post(
            credentials.endpoints().revocation_endpoint,
            json={"token": token},
            auth=HTTPBasicAuth(credentials.client_id, credentials.client_secret),
            headers={"Accept": "application/json"},
            timeout=INTERACTIVE_TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        return False
    return response.status_code == 200 and not response.content.lstrip().startswith(b"<")  # HTML confirms nothing


def check_keys(*, credentials: AppCredentials) -> KeyState:
    """Whether Intuit knows the keys: it refuses a made-up refresh token by another error than unknown keys.

    It does not tell development keys from production keys.
    """
    try:
        response = requests.post(
            credentials.endpoints().token_endpoint,
            data={"grant_type": "refresh_token", "refresh_token": "infactor-checks-the-keys"},
            auth=HTTPBasicAuth(credentials.client_id, credentials.client_secret),
            headers={"Accept": "application/json"},
            timeout=INTERACTIVE_TIMEOUT,
            allow_redirects=False,
        )
        error = response.json()["error"]
    except (requests.RequestException, ValueError, TypeError, KeyError):
        return KeyState.NO_ANSWER
    if error in ("invalid_client", "unauthorized_client"):
        return KeyState.UNKNOWN
    return KeyState.KNOWN if error == "invalid_grant" else KeyState.NO_ANSWER


def _session(credentials: AppCredentials, *, scope: list[str] | None = None) -> OAuth2Session:
    """`scope` is for the consent URL only: oauthlib rejects a token response that formats the scope differently."""
    session = OAuth2Session(credentials.client_id, redirect_uri=credentials.redirect_uri, scope=scope)
    session.max_redirects = 0  # never follow a redirect of the token endpoint
    return session


def _parse_tokens(response: dict[str, Any], *, at: datetime) -> Tokens:
    try:
        # The expiry of the refresh token is informative: its absence must not lose the token.
        expires_in, hard_expires_in = (
            response.get(f"x_refresh_token_{name}") for name in ("expires_in", "hard_expires_in")
        )
        return Tokens(
            access_token=str(response["access_token"]),
            access_token_expires_at=at + timedelta(seconds=int(response["expires_in"])),
            refresh_token=str(response["refresh_token"]),
            refresh_token_expires_at=at + timedelta(seconds=int(expires_in)) if expires_in else None,
            refresh_token_hard_expires_at=at + timedelta(seconds=int(hard_expires_in)) if hard_expires_in else None,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Transient(gettext_noop("QuickBooks' token response cannot be read."), code="unreadable") from error
