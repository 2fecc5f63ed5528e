"""The inbox of webhooks: every event is kept once, before anything is done with it, and somebody is called.

Nobody waits for a message to arrive: a ring is lost, late or doubled without harm, because events are rows and a
sweep rings for those that wait. `draining` follows them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from infactor.core.fields import fingerprint
from quickbooks_app.models import Connection, Inbox, WebhookEvent
from quickbooks_app.webhooks import Event

RING_LOST = timedelta(seconds=60)  # a worker that was called and has not come by then is called again
KEPT = timedelta(days=30)
PRUNED_AT_ONCE = 10_000
State = WebhookEvent.State


def keep(*, events: Sequence[Event], at: datetime) -> list[int]:
    """Keep every event once, however often it comes; the ids of the connections whose events wait now.

    What is about no connected company of ours, or about an object that is not read, is kept as ignored: when a
    company is connected again, everything that has changed is read anyway.
    """
    if not events:
        return []
    prints = {
        realm_id: fingerprint("realm", settings.QUICKBOOKS_ENVIRONMENT, realm_id)
        for realm_id in {event.realm_id for event in events}
    }
    known = {
        print_: (pk, status == Connection.Status.CONNECTED)
        for print_, pk, status in Connection.objects.filter(realm_fingerprint__in=prints.values()).values_list(
            "realm_fingerprint", "pk", "status"
        )
    }
    rows = []
    for event in events:
        connection_id, is_connected = known.get(prints[event.realm_id], (None, False))
        waits = is_connected and event.is_read
        rows.append(
            WebhookEvent(
                event_id=event.event_id,
                connection_id=connection_id,
                entity=event.entity,
                qbk_id=event.qbk_id,
                operation=event.operation,
                merged_id=event.merged_id,
                changed_at=event.changed_at,
                received_at=at,
                state=State.WAITING if waits else State.IGNORED,
                handled_at=None if waits else at,
            )
        )
    WebhookEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return sorted({row.connection_id for row in rows if row.state == State.WAITING and row.connection_id})


def to_ring(*, connection_ids: Sequence[int], at: datetime) -> list[int]:
    """Those of the connections for which no worker has been called yet; they count as called from now on.

    To be asked after the events are committed: a worker takes the ring back before it looks for events.
    """
    if not connection_ids:
        return []
    rung = dict(Inbox.objects.filter(pk__in=connection_ids).values_list("pk", "rung_at"))
    lost = at - RING_LOST
    chosen = []
    for pk in connection_ids:
        if pk not in rung:
            Inbox.objects.bulk_create([Inbox(connection_id=pk)], ignore_conflicts=True)
        last = rung.get(pk)
        if last is not None and last > lost:
            continue
        free = Q(rung_at__isnull=True) | Q(rung_at__lte=lost)
        if Inbox.objects.filter(free, pk=pk).update(rung_at=at):
            chosen.append(pk)
    return chosen


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
