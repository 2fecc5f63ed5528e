"""OAuth 2.0 with Intuit: the consent address, codes and refresh tokens into tokens, and tokens given back."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
from oauthlib.oauth2 import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from quickbooks_app.auth.app_credentials import SCOPE, TIMEOUT, Integration
from quickbooks_app.errors import AccessLost, Rejected, Transient

# Asks Intuit to say when the grant ends for good (five years after consent).
HEADERS = {"Accept": "application/json", "x-include-refresh-token-hard-expires-in": "true"}

REFUSALS = {"invalid_grant", "invalid_request", "invalid_client", "unauthorized_client", "invalid_scope"}

# The last two come of JSON that is no object, which oauthlib does not look at before using it.
NO_ANSWER = (requests.RequestException, ValueError, TypeError, AttributeError)


@dataclass(frozen=True)
class Tokens:
    """What a token call gives: both tokens and when each ends (UTC). Never printed."""

    access_token: str = field(repr=False)
    access_token_expires_at: datetime
    refresh_token: str = field(repr=False)
    refresh_token_expires_at: datetime | None
    refresh_token_hard_expires_at: datetime | None


def consent_url(*, integration: Integration, state: str) -> str:
    """Where the supplier is asked for consent."""
    session = _session(integration, scope=[SCOPE])
    url, _ = session.authorization_url(integration.endpoints().authorization_endpoint, state=state)
    return str(url)


def exchange(*, integration: Integration, code: str, at: datetime) -> Tokens:
    """Tokens for the code of a consent. A code is good once; exchanging it twice kills the tokens of both.

    Raises Rejected where Intuit refuses the code, Transient where no usable answer came.
    """
    session = _session(integration)
    try:
        answer = session.fetch_token(
            integration.endpoints().token_endpoint,
            code=code,
            auth=HTTPBasicAuth(integration.client_id, integration.client_secret),
            headers=HEADERS,
            timeout=TIMEOUT,
        )
    except OAuth2Error as problem:
        if problem.error in REFUSALS:
            raise Rejected("QuickBooks refused the code.", code=problem.error) from problem
        raise Transient("QuickBooks gave no token.", code=problem.error or "oauth") from problem
    except NO_ANSWER as problem:
        raise Transient("QuickBooks did not answer.", code="no_answer") from problem
    return _tokens(answer, at=at)


def refresh(*, integration: Integration, refresh_token: str, at: datetime) -> Tokens:
    """A new access token. The refresh token that comes with it may be another one, and replaces the old.

    Raises AccessLost where Intuit says that the grant is dead, Transient where no usable answer came.
    """
    session = _session(integration)
    try:
        answer = session.refresh_token(
            integration.endpoints().token_endpoint,
            refresh_token=refresh_token,
            auth=HTTPBasicAuth(integration.client_id, integration.client_secret),
            headers=HEADERS,
            timeout=TIMEOUT,
        )
    except OAuth2Error as problem:
        if problem.error == "invalid_grant":
            raise AccessLost("The permission for infactor was ended in QuickBooks.", code="invalid_grant") from problem
        raise Transient("QuickBooks gave no token.", code=problem.error or "oauth") from problem
    except NO_ANSWER as problem:
        raise Transient("QuickBooks did not answer.", code="no_answer") from problem
    return _tokens(answer, at=at)


def revoke(*, integration: Integration, token: str) -> bool:
    """Give a grant back; both its tokens die. False where Intuit did not confirm it (it may be dead already)."""
    try:
        answer = requests.post(
            integration.endpoints().revocation_endpoint,
            json={"token": token},
            auth=HTTPBasicAuth(integration.client_id, integration.client_secret),
            headers={"Accept": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
        )
    except requests.RequestException:
        return False
    return answer.status_code == 200 and not answer.content.lstrip().startswith(b"<")  # a web page confirms nothing


def _session(integration: Integration, *, scope: list[str] | None = None) -> OAuth2Session:
    """`scope` is for consent only: oauthlib refuses an answer that writes it differently, good token or not."""
    session = OAuth2Session(integration.client_id, redirect_uri=integration.redirect_uri, scope=scope)
    session.max_redirects = 0  # a token endpoint that leads elsewhere is not followed
    return session


def _tokens(answer: dict[str, Any], *, at: datetime) -> Tokens:
    try:
        # Only told for information: a new refresh token must not be lost for want of its dates.
        end, hard = (answer.get(f"x_refresh_token_{name}") for name in ("expires_in", "hard_expires_in"))
        return Tokens(
            access_token=str(answer["access_token"]),
            access_token_expires_at=at + timedelta(seconds=int(answer["expires_in"])),
            refresh_token=str(answer["refresh_token"]),
            refresh_token_expires_at=at + timedelta(seconds=int(end)) if end else None,
            refresh_token_hard_expires_at=at + timedelta(seconds=int(hard)) if hard else None,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as problem:
        raise Transient("QuickBooks' token answer cannot be read.", code="unreadable") from problem
