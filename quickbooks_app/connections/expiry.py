"""Expiry of grants: 100 days after the last use of the refresh token, and five years after consent.

The supplier is warned once, 14 days before. After the expiry the connection needs attention, without a call to Intuit.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from quickbooks_app.connections import authorization_flow, emails
from quickbooks_app.models import Connection

WARNING_PERIOD = timedelta(days=14)
MAX_GRANT_LIFETIME = timedelta(days=5 * 365)
# Intuit returns the remaining seconds, not a time, so the calculated end varies slightly between calls.
END_TOLERANCE = timedelta(days=1)
EXPIRED_REASON = gettext_noop("QuickBooks' permission has expired.")


def grant_ends_at(connection: Connection) -> datetime:
    """When the grant expires: the earlier of both limits."""
    ends = [connection.refresh_token_hard_expires_at or connection.connected_at + MAX_GRANT_LIFETIME]
    if connection.refresh_token_expires_at is not None:
        ends.append(connection.refresh_token_expires_at)
    return min(ends)


def upcoming_grant_end(connection: Connection, *, at: datetime) -> datetime | None:
    """When the grant of a connected company expires, None if that is more than 14 days ahead."""
    end = grant_ends_at(connection)
    return end if connection.status == Connection.Status.CONNECTED and end - at <= WARNING_PERIOD else None


def check_all(*, at: datetime) -> tuple[int, int]:
    """Warn of upcoming expiries, and mark connections whose grant has expired. Returns the number of each."""
    warned = expired = 0
    for connection in _ending_connections(at=at):
        end = upcoming_grant_end(connection, at=at)
        if end is None:
            continue
        if end <= at:
            expired += _expire(connection, at=at)
        else:
            warned += _warn(connection, at=at)
    return warned, expired


def _ending_connections(*, at: datetime) -> QuerySet[Connection]:
    soon = at + WARNING_PERIOD
    return Connection.objects.filter(
        Q(refresh_token_expires_at__lte=soon)
        | Q(refresh_token_hard_expires_at__lte=soon)
        | Q(refresh_token_hard_expires_at__isnull=True, connected_at__lte=soon - MAX_GRANT_LIFETIME),
        status=Connection.Status.CONNECTED,
    )


def _expire(connection: Connection, *, at: datetime) -> bool:
    """Mark the connection unless a refresh or a reconnect has extended its grant."""
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if row.status != Connection.Status.CONNECTED or grant_ends_at(row) > at:
            return False
        authorization_flow.mark_needs_attention(connection=row, reason=EXPIRED_REASON, at=at)
        return True


def _warn(connection: Connection, *, at: datetime) -> bool:
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",)).select_related("supplier").get(pk=connection.pk)
        end = upcoming_grant_end(row, at=at)
        if end is None or (row.expiry_warned_at and row.expiry_warned_at >= end - WARNING_PERIOD - END_TOLERANCE):
            return False
        Connection.objects.filter(pk=row.pk).update(expiry_warned_at=at)
        emails.enqueue_expiry_email(connection=row, ends_at=end)
        return True
