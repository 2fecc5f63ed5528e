"""Looking at a company sooner than planned, because somebody says that it was disconnected in QuickBooks."""

from datetime import datetime

from django.core.cache import cache

from quickbooks_app.auth import app_credentials
from quickbooks_app.connections import grants
from quickbooks_app.connections.authorization_flow import REALM
from quickbooks_app.models import Connection

AT_MOST_EVERY = 15 * 60  # seconds


def find(*, realm_id: str) -> Connection | None:
    """The connection that holds this company now."""
    if not REALM.match(realm_id):
        return None
    identity = grants.identity_of(environment=app_credentials.current().environment, realm_id=realm_id)
    return Connection.objects.filter(realm_fingerprint=identity).first()


def look_soon(*, realm_id: str, at: datetime) -> bool:
    """Let the company be read at the next dispatch: if its grant is dead, that read will say so.

    Anybody may have written the id, so nothing else follows from it, and it follows once in fifteen minutes.
    """
    connection = find(realm_id=realm_id)
    if connection is None or connection.status != Connection.Status.CONNECTED:
        return False
    if not cache.add(f"quickbooks:look-soon:{connection.pk}", True, AT_MOST_EVERY):
        return False
    return Connection.objects.filter(pk=connection.pk, next_sync_at__gt=at).update(next_sync_at=at) == 1
