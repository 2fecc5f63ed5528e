"""A fresh access token: one refresh at a time over all processes, and what comes back saved before it is used.

No transaction stays open over the call to Intuit. Whoever wins the lease (one UPDATE) refreshes; the others wait
and read. The new tokens are written only over the version that was read, so a slow loser overwrites nothing.
A crash between Intuit's answer and our save leaves the old refresh token, which lives for a while longer.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from quickbooks_app.auth import app_credentials, oauth_client
from quickbooks_app.errors import AccessLost, Transient
from quickbooks_app.models import Connection

EARLY = timedelta(minutes=5)  # before its end a token counts as ended
LEASE = timedelta(seconds=60)  # longer than a token call may take
WAIT_FOR_OTHERS = 45.0  # seconds
POLL = 0.1
DOUBT = 2.0  # seconds until invalid_grant is believed: another process may be saving the new token


def fresh(
    connection: Connection,
    *,
    now: Callable[[], datetime],
    refused: str = "",
    sleep: Callable[[float], Any] = time.sleep,
) -> str:
    """An access token for `connection` that is good for five minutes or more, and is not the `refused` one.

    Raises AccessLost where the connection holds no living grant, Transient where no token could be had now.
    """
    patience = now() + timedelta(seconds=WAIT_FOR_OTHERS)
    while True:
        row = Connection.objects.get(pk=connection.pk)
        if _is_good(row, refused=refused, at=now()):
            return row.access_token
        if not row.refresh_token:
            raise AccessLost("QuickBooks is not connected any more.", code="no_token")
        if _take_lease(row, at=now()):
            token = _refresh(row, now=now, sleep=sleep)
            if token:
                return token
            continue  # another process was faster, or the connection was ended: the row says which
        if now() > patience:
            raise Transient("Another process has been refreshing the token for too long.", code="refresh_busy")
        sleep(POLL)


def store(connection: Connection, tokens: oauth_client.Tokens) -> bool:
    """Save `tokens` over the version that `connection` was read in; False where another process was faster.

    A connection that was ended meanwhile holds no token and gets none.
    """
    saved = Connection.objects.filter(
        pk=connection.pk, token_version=connection.token_version, status=Connection.Status.CONNECTED
    ).update(
        **_columns(tokens),
        token_version=F("token_version") + 1,
        refresh_lease_until=None,
    )
    return saved == 1


def _columns(tokens: oauth_client.Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access_token,
        "access_token_expires_at": tokens.access_token_expires_at,
        "refresh_token": tokens.refresh_token,
        "refresh_token_expires_at": tokens.refresh_token_expires_at,
        "refresh_token_hard_expires_at": tokens.refresh_token_hard_expires_at,
    }


def _is_good(row: Connection, *, refused: str, at: datetime) -> bool:
    ends = row.access_token_expires_at
    return bool(row.access_token) and row.access_token != refused and ends is not None and ends - EARLY > at


def _take_lease(row: Connection, *, at: datetime) -> bool:
    free = Q(refresh_lease_until__isnull=True) | Q(refresh_lease_until__lt=at)
    return (
        Connection.objects.filter(free, pk=row.pk, token_version=row.token_version).update(
            refresh_lease_until=at + LEASE
        )
        == 1
    )


def _refresh(row: Connection, *, now: Callable[[], datetime], sleep: Callable[[float], Any]) -> str:
    """The new access token, saved; "" where the row has changed meanwhile and must be read again."""
    try:
        tokens = oauth_client.refresh(integration=app_credentials.current(), refresh_token=row.refresh_token, at=now())
    except AccessLost:
        sleep(DOUBT)
        _release(row)
        if Connection.objects.filter(pk=row.pk, token_version=row.token_version).exists():
            raise
        return ""
    except Transient:
        _release(row)
        raise
    return tokens.access_token if store(row, tokens) else ""


def _release(row: Connection) -> None:
    Connection.objects.filter(pk=row.pk, token_version=row.token_version).update(refresh_lease_until=None)
