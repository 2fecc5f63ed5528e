"""When QuickBooks' permission ends: 100 days after it was last used, and five years after it was given.

The supplier is told 14 days before, once, and at the end the connection needs attention without a call being made.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from quickbooks_app.connections import authorization_flow, emails
from quickbooks_app.models import Connection

WARNED_BEFORE = timedelta(days=14)
LIVES_AT_MOST = timedelta(days=5 * 365)
# Intuit tells how long is left, not until when: the end that comes of it wanders by seconds.
SAME_END = timedelta(days=1)
ENDED = "The permission that was given at QuickBooks has run out."


def ends_at(connection: Connection) -> datetime:
    """When the permission ends: the nearer of both ends."""
    ends = [connection.refresh_token_hard_expires_at or connection.connected_at + LIVES_AT_MOST]
    if connection.refresh_token_expires_at is not None:
        ends.append(connection.refresh_token_expires_at)
    return min(ends)


def ends_soon(connection: Connection, *, at: datetime) -> datetime | None:
    """When the permission ends, if that is within 14 days and the connection lives."""
    end = ends_at(connection)
    return end if connection.status == Connection.Status.CONNECTED and end - at <= WARNED_BEFORE else None


def watch(*, at: datetime) -> tuple[int, int]:
    """Warn of every end that comes near, and end what has ended; how many were warned of and ended."""
    warned = ended = 0
    for connection in _near(at=at):
        end = ends_soon(connection, at=at)
        if end is None:
            continue
        if end <= at:
            ended += _end(connection, at=at)
        else:
            warned += _warn(connection, at=at)
    return warned, ended


def _near(*, at: datetime) -> QuerySet[Connection]:
    soon = at + WARNED_BEFORE
    return Connection.objects.filter(
        Q(refresh_token_expires_at__lte=soon)
        | Q(refresh_token_hard_expires_at__lte=soon)
        | Q(refresh_token_hard_expires_at__isnull=True, connected_at__lte=soon - LIVES_AT_MOST),
        status=Connection.Status.CONNECTED,
    )


def _end(connection: Connection, *, at: datetime) -> bool:
    """End it, unless a refresh or a reconnect has given it more time since it was looked at."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if row.status != Connection.Status.CONNECTED or ends_at(row) > at:
            return False
        authorization_flow.needs_attention(connection=row, reason=ENDED, at=at)
        return True


def _warn(connection: Connection, *, at: datetime) -> bool:
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=connection.pk)
        end = ends_soon(row, at=at)
        if end is None or (row.expiry_warned_at and row.expiry_warned_at >= end - WARNED_BEFORE - SAME_END):
            return False
        Connection.objects.filter(pk=row.pk).update(expiry_warned_at=at)
        emails.expiry(connection=row, ends_at=end)
        return True
