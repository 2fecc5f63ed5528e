"""Access tokens and the rotation of refresh tokens: one refresh at a time over all processes, saved before use.

No transaction stays open during the call to Intuit. One UPDATE acquires the lease. Its holder refreshes the token;
other processes wait and read the result. New tokens are saved only over the version that was read, so a slow process
overwrites nothing. After a crash between Intuit's response and the save, the old refresh token still works for a while.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_noop

from quickbooks_app.auth import app_credentials, oauth_client
from quickbooks_app.errors import AuthorizationLost, Transient
from quickbooks_app.leases import has_expired
from quickbooks_app.models import Connection

EXPIRY_MARGIN = timedelta(minutes=5)  # a token counts as expired this long before its expiry
LEASE_DURATION = timedelta(seconds=60)  # longer than a token call may take
MAX_WAIT_SECONDS = 45.0
POLL_INTERVAL = 0.1  # seconds
INVALID_GRANT_GRACE = 2.0  # seconds before invalid_grant is final: another process may be saving the new token


def get_access_token(
    connection: Connection,
    *,
    now: Callable[[], datetime],
    rejected_token: str = "",
    sleep: Callable[[float], Any] = time.sleep,
) -> str:
    """An access token of `connection` that is valid for at least five minutes and is not `rejected_token`.

    Raises AuthorizationLost if the connection holds no valid grant, Transient if no token is available now.
    """
    waited = 0.0  # counted, since the clock may be set back meanwhile
    while True:
        row = Connection.objects.get(pk=connection.pk)
        if _is_usable(row, rejected_token=rejected_token, at=now()):
            return row.access_token
        if not row.refresh_token:
            raise AuthorizationLost(gettext_noop("QuickBooks is no longer connected."), code="no_token")
        if _acquire_lease(row, at=now()):
            token = _rotate_refresh_token(row, now=now, sleep=sleep)
            if token:
                return token
            continue  # another process saved first, or the connection was ended: read the row again
        if waited >= MAX_WAIT_SECONDS:
            raise Transient(
                gettext_noop("Another process has been refreshing the token for too long."), code="refresh_busy"
            )
        sleep(POLL_INTERVAL)
        waited += POLL_INTERVAL


def save_tokens(connection: Connection, tokens: oauth_client.Tokens) -> bool:
    """Save `tokens` over the token version of `connection`. False if another process saved first.

    A connection that has been ended holds no tokens and gets none.
    """
    saved = Connection.objects.filter(
        pk=connection.pk, token_version=connection.token_version, status=Connection.Status.CONNECTED
    ).update(
        **_token_columns(tokens),
        token_version=F("token_version") + 1,
        refresh_lease_until=None,
    )
    return saved == 1


def _token_columns(tokens: oauth_client.Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "access_token_expires_at": tokens.access_token_expires_at,
        "refresh_token": tokens.refresh_token,
        "refresh_token_expires_at": tokens.refresh_token_expires_at,
        "refresh_token_hard_expires_at": tokens.refresh_token_hard_expires_at,
    }


def _is_usable(row: Connection, *, rejected_token: str, at: datetime) -> bool:
    expires_at = row.access_token_expires_at
    return (
        bool(row.access_token)
        and row.access_token != rejected_token
        and expires_at is not None
        and expires_at - EXPIRY_MARGIN > at
    )


def _acquire_lease(row: Connection, *, at: datetime) -> bool:
    free = Q(refresh_lease_until__isnull=True) | has_expired(
        at=at, duration=LEASE_DURATION, field="refresh_lease_until"
    )
    return (
        Connection.objects.filter(free, pk=row.pk, token_version=row.token_version).update(
            refresh_lease_until=at + LEASE_DURATION
        )
        == 1
    )


def _rotate_refresh_token(row: Connection, *, now: Callable[[], datetime], sleep: Callable[[float], Any]) -> str:
    """Refresh and save both tokens. Returns the access token, or "" if the row has changed and must be read again."""
    try:
        tokens = oauth_client.refresh_tokens(
            credentials=app_credentials.in_use(row.integration), refresh_token=row.refresh_token, at=now()
        )
    except AuthorizationLost:
        sleep(INVALID_GRANT_GRACE)
        _release_lease(row)
        if Connection.objects.filter(pk=row.pk, token_version=row.token_version).exists():
            raise
        return ""
    except Transient:
        _release_lease(row)
        raise
    return tokens.access_token if save_tokens(row, tokens) else ""


def _release_lease(row: Connection) -> None:
    Connection.objects.filter(pk=row.pk, token_version=row.token_version).update(refresh_lease_until=None)
