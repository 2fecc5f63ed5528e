"""An early check of a company that someone claims to have disconnected in QuickBooks."""

from datetime import datetime

from django.core.cache import cache

from quickbooks_app.connections import grants
from quickbooks_app.connections.authorization_flow import REALM_ID_PATTERN
from quickbooks_app.models import Connection, Integration

MIN_INTERVAL_SECONDS = 15 * 60


def find_by_realm(*, realm_id: str) -> Connection | None:
    """The connection of this company in any environment, None if there is none."""
    if not REALM_ID_PATTERN.match(realm_id):
        return None
    fingerprints = [
        one
        for environment in Integration.Environment.values
        for one in grants.realm_fingerprints(environment=environment, realm_id=realm_id)
    ]
    return Connection.objects.filter(realm_fingerprint__in=fingerprints).first()


def schedule_early_check(*, realm_id: str, at: datetime) -> bool:
    """Sync the company at the next dispatch: if its grant has ended, the sync finds out.

    Anyone can forge the id, so it has no other effect, and at most one in fifteen minutes. True if the sync is earlier.
    """
    connection = find_by_realm(realm_id=realm_id)
    if connection is None or connection.status != Connection.Status.CONNECTED:
        return False
    if not cache.add(f"quickbooks:early-check:{connection.pk}", True, MIN_INTERVAL_SECONDS):
        return False
    return Connection.objects.filter(pk=connection.pk, next_sync_at__gt=at).update(next_sync_at=at) == 1
