"""The inbox of webhooks: every event is kept once, before anything is done with it, and somebody is called.

Nobody waits for a message to arrive: a ring is lost, late or doubled without harm, because events are rows and a
sweep rings for those that wait. `draining` follows them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from infactor.core.fields import fingerprint
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.webhooks.parsing import Event

RING_LOST = timedelta(seconds=60)  # a worker that was called and has not come by then is called again
KEPT = timedelta(days=30)
PRUNED_AT_ONCE = 10_000
State = WebhookEvent.State


# One statement, so that a burst costs as little as it can: whether a company is connected is looked up in the same
# moment, and an event that is here already is passed over. In order of their ids, so that two bodies with the same
# events never wait for each other.
KEEP = """
INSERT INTO quickbooks_app_webhookevent
    (event_id, connection_id, entity, qbk_id, operation, merged_id, changed_at, received_at, attempts,
     state, handled_at)
SELECT event_id, company.id, entity, qbk_id, operation, merged_id, changed_at, %(at)s, 0,
    CASE WHEN waits THEN 'waiting' ELSE 'ignored' END, CASE WHEN NOT waits THEN %(at)s END
FROM unnest(
    %(event_ids)s::text[], %(prints)s::text[], %(entities)s::text[], %(qbk_ids)s::text[], %(operations)s::text[],
    %(merged_ids)s::text[], %(changed)s::timestamptz[], %(are_read)s::boolean[]
) AS told (event_id, print, entity, qbk_id, operation, merged_id, changed_at, is_read)
LEFT JOIN quickbooks_app_connection AS company ON company.realm_fingerprint = print
CROSS JOIN LATERAL (SELECT is_read AND coalesce(company.status = 'connected', false) AS waits) AS chosen
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING
"""


def keep(*, events: Sequence[Event], at: datetime) -> list[int]:
    """Keep every event once, however often it comes; the ids of the connections that a worker is to be called for.

    What is about no connected company of ours, or about an object that is not read, is kept as ignored: when a
    company is connected again, everything that has changed is read anyway.
    """
    if not events:
        return []
    realms = {event.realm_id for event in events}
    prints = {realm_id: fingerprint("realm", settings.QUICKBOOKS_ENVIRONMENT, realm_id) for realm_id in realms}
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP,
            {
                "at": at,
                "event_ids": [event.event_id for event in events],
                "prints": [prints[event.realm_id] for event in events],
                "entities": [event.entity for event in events],
                "qbk_ids": [event.qbk_id for event in events],
                "operations": [event.operation for event in events],
                "merged_ids": [event.merged_id for event in events],
                "changed": [event.changed_at for event in events],
                "are_read": [event.is_read for event in events],
            },
        )
    # Looked at behind the insert, never before: a worker takes the ring back before its last look for events.
    told = {prints[event.realm_id] for event in events if event.is_read}
    companies = Connection.objects.filter(realm_fingerprint__in=told, status=Connection.Status.CONNECTED)
    rung = dict(companies.order_by("pk").values_list("pk", "inbox__rung_at"))
    return [pk for pk, last in rung.items() if not _is_rung(last, at=at) and ring(connection_id=pk, at=at)]


def ring(*, connection_id: int, at: datetime) -> bool:
    """Whether a worker is to be called for the connection: not where one has been, and has not looked yet."""
    free = Q(rung_at__isnull=True) | Q(rung_at__lte=at - RING_LOST)
    inbox = Inbox.objects.filter(free, pk=connection_id)
    if inbox.update(rung_at=at):
        return True
    if Inbox.objects.filter(pk=connection_id).exists():
        return False
    Inbox.objects.bulk_create([Inbox(connection_id=connection_id)], ignore_conflicts=True)
    return bool(inbox.update(rung_at=at))


def _is_rung(last: datetime | None, *, at: datetime) -> bool:
    return last is not None and last > at - RING_LOST


def waiting(*, at: datetime) -> QuerySet[WebhookEvent]:
    """The events that could be followed now."""
    return WebhookEvent.objects.filter(
        Q(not_before__isnull=True) | Q(not_before__lte=at), state=State.WAITING, connection__isnull=False
    )


def due(*, at: datetime) -> list[int]:
    """The ids of connections with events that could be followed now and that nobody follows."""
    free = waiting(at=at).exclude(connection__inbox__lease_until__gte=at)
    return sorted({pk for pk in free.values_list("connection_id", flat=True).distinct() if pk is not None})


def prune(*, at: datetime) -> int:
    """Delete the events that ended more than 30 days ago; how many."""
    ended = WebhookEvent.objects.filter(received_at__lt=at - KEPT).exclude(state=State.WAITING)
    deleted = 0
    while pks := list(ended.values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        deleted += WebhookEvent.objects.filter(pk__in=pks).delete()[0]
    return deleted
