"""The inbox of webhooks: stores each event once, before any processing, and decides whether to notify a worker.

A notification may be lost, late or duplicated without harm: events are rows, and a periodic task finds waiting ones.
The module `processing` processes them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.core import keys
from quickbooks_app.leases import has_expired
from quickbooks_app.models import Connection, Inbox, Integration, ObjectPull, WebhookEvent
from quickbooks_app.webhooks.parsing import Event

NOTIFICATION_TIMEOUT = timedelta(seconds=60)  # after this time a worker that did not start is notified again
LEASE_DURATION = timedelta(seconds=120)  # of the worker that processes a connection's events
RETENTION = timedelta(days=30)
BATCH_SIZE = 10_000
State = WebhookEvent.State


# One statement makes bursts cheap: it looks up the connections and skips stored events. Inserting in order of the ids
# prevents deadlocks between two bodies with the same events.
INSERT_EVENTS_SQL = """
INSERT INTO quickbooks_app_webhookevent
    (event_id, connection_id, entity, qbk_id, operation, merged_id, changed_at, received_at, attempts,
     state, reason, handled_at)
SELECT event_id, company.id, entity, qbk_id, operation, merged_id, changed_at, %(at)s, 0,
    CASE WHEN reason = '' THEN 'waiting' ELSE 'ignored' END, reason, CASE WHEN reason <> '' THEN %(at)s END
FROM unnest(
    %(event_ids)s::text[], %(fingerprints)s::text[], %(entities)s::text[], %(qbk_ids)s::text[], %(operations)s::text[],
    %(merged_ids)s::text[], %(changed)s::timestamptz[], %(are_imported)s::boolean[], %(are_known)s::boolean[]
) AS event (event_id, fingerprint, entity, qbk_id, operation, merged_id, changed_at, is_imported, is_known)
LEFT JOIN quickbooks_app_connection AS company
    ON company.realm_fingerprint = fingerprint AND company.integration_id = ANY(%(integrations)s)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN NOT is_known THEN 'unknown'
        WHEN NOT coalesce(company.status = 'connected' AND company.integration_id = ANY(%(enabled)s), false)
            THEN 'not_connected'
        WHEN NOT is_imported AND NOT EXISTS (
            SELECT FROM quickbooks_app_objectpull AS pull
            WHERE pull.connection_id = company.id AND pull.entity = event.entity AND pull.is_enabled
                AND pull.as_of IS NOT NULL
        ) THEN 'not_pulled'
        ELSE '' END AS reason
) AS decision
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING
"""


def store_events(*, events: Sequence[Event], senders: Sequence[Integration], at: datetime) -> list[int]:
    """Store each event once, however often it arrives. Returns the ids of the connections to notify a worker for.

    `senders` are the integrations of one environment whose verifier signed them: the events reach their companies and
    no others. Events of companies that are not connected or not read, and of objects that infactor neither imports nor
    pulls for the company,
    are stored as ignored, with the reason: a reconnected company is synced anyway.
    """
    if not events:
        return []
    realms = {event.realm_id for event in events}
    fingerprints = _stored_fingerprints(realms, environment=senders[0].environment)
    enabled = [one.pk for one in senders if one.is_enabled]
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT_EVENTS_SQL,
            {
                "at": at,
                "integrations": [one.pk for one in senders],
                "enabled": enabled,
                "event_ids": [event.event_id for event in events],
                "fingerprints": [fingerprints[event.realm_id] for event in events],
                "entities": [event.entity for event in events],
                "qbk_ids": [event.qbk_id for event in events],
                "operations": [event.operation for event in events],
                "merged_ids": [event.merged_id for event in events],
                "changed": [event.changed_at for event in events],
                "are_imported": [event.is_imported for event in events],
                "are_known": [event.is_known for event in events],
            },
        )
    # Read after the insert: a worker clears its notification before it looks for events for the last time.
    imported = Q(realm_fingerprint__in={fingerprints[event.realm_id] for event in events if event.is_imported})
    others = [event for event in events if event.is_known and not event.is_imported]
    reported = imported
    if others:
        names = {event.entity for event in others}
        pulled = ObjectPull.objects.filter(connection=OuterRef("pk"), entity__in=names, is_enabled=True)
        reported |= Q(Exists(pulled), realm_fingerprint__in={fingerprints[event.realm_id] for event in others})
    companies = Connection.objects.filter(reported, integration__in=enabled, status=Connection.Status.CONNECTED)
    notified_at = dict(companies.order_by("pk").values_list("pk", "inbox__notified_at"))
    return [
        pk
        for pk, last in notified_at.items()
        if not _is_notified(last, at=at) and claim_notification(connection_id=pk, at=at)
    ]


def _stored_fingerprints(realms: set[str], *, environment: str) -> dict[str, str]:
    """The fingerprint by realm under which a connection is stored; the current one of an unknown realm.

    Only during a rotation of FINGERPRINT_KEY are there several to choose from, which costs a query.
    """
    accepted = {realm: keys.fingerprints("realm", environment, realm) for realm in realms}
    if not settings.FINGERPRINT_KEY_FALLBACKS:
        return {realm: found[0] for realm, found in accepted.items()}
    every = [fingerprint for found in accepted.values() for fingerprint in found]
    stored = set(Connection.objects.filter(realm_fingerprint__in=every).values_list("realm_fingerprint", flat=True))
    return {realm: next((one for one in found if one in stored), found[0]) for realm, found in accepted.items()}


def claim_notification(*, connection_id: int, at: datetime) -> bool:
    """Whether to notify a worker for the connection: not if one has been notified and has not finished."""
    free = Q(notified_at__isnull=True) | Q(notified_at__lte=at - NOTIFICATION_TIMEOUT)
    inbox = Inbox.objects.filter(free, pk=connection_id)
    if inbox.update(notified_at=at):
        return True
    if Inbox.objects.filter(pk=connection_id).exists():
        return False
    Inbox.objects.bulk_create([Inbox(connection_id=connection_id)], ignore_conflicts=True)
    return bool(inbox.update(notified_at=at))


def _is_notified(last: datetime | None, *, at: datetime) -> bool:
    return last is not None and last > at - NOTIFICATION_TIMEOUT


def waiting_events(*, at: datetime) -> QuerySet[WebhookEvent]:
    """The events that can be processed now."""
    return WebhookEvent.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=at), state=State.WAITING, connection__isnull=False
    )


def due_connection_ids(*, at: datetime) -> list[int]:
    """The ids of connections with events that can be processed now and that no worker holds."""
    held = Inbox.objects.filter(lease_until__isnull=False).exclude(has_expired(at=at, duration=LEASE_DURATION))
    free = waiting_events(at=at).exclude(connection__in=held.values("pk"))
    return sorted({pk for pk in free.values_list("connection_id", flat=True).distinct() if pk is not None})


def delete_expired(*, at: datetime) -> int:
    """Delete the finished events that are more than 30 days old. Returns their number."""
    expired = WebhookEvent.objects.filter(received_at__lt=at - RETENTION).exclude(state=State.WAITING)
    deleted = 0
    while pks := list(expired.values_list("pk", flat=True)[:BATCH_SIZE]):
        deleted += WebhookEvent.objects.filter(pk__in=pks).delete()[0]
    return deleted
