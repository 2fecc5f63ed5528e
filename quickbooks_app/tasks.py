"""Celery's side of the import: a task works on the run that its id names; beat finds what is due.

The broker is only a doorbell. A message that is lost, late or doubled changes nothing: the run is a row, and
`dispatch_due` rings again for every row that waits.
"""

import uuid

import structlog
from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from infactor.financing.tasks import ring as ring_financing
from quickbooks_app import retention, runs
from quickbooks_app.connections import authorization_flow, expiry
from quickbooks_app.models import Connection
from quickbooks_app.sync import run_worker
from quickbooks_app.sync.run_worker import Ended
from quickbooks_app.webhooks import inbox, processing

log = structlog.get_logger(__name__)

GATHER_SECONDS = 2  # in a burst, what comes in within them is read at once


# A message that waits longer is dropped: beat has rung again by then, and rings do not heap up.
@shared_task(max_retries=3, default_retry_delay=30, expires=120)
def import_connection(run_id: int) -> None:
    """Work on one run for a slice; ring again where there is more to do."""
    ended = run_worker.work(run_id=run_id, owner=uuid.uuid4().hex, now=timezone.now)
    log.info("import_slice_ended", run=run_id, ended=ended.value)
    if ended is Ended.MORE:
        import_connection.delay(run_id)
    if ended is Ended.DONE:
        _tell_financing(Connection.objects.filter(runs=run_id))


@shared_task(max_retries=0)
def dispatch_due() -> None:
    """Ask for the runs whose time has come, and ring for every run that nobody works on."""
    now = timezone.now()
    runs.request_due(at=now)
    for run_id in runs.due(at=now):
        import_connection.delay(run_id)


def ring(run_id: int) -> None:
    """Ring for a run whose row is committed. A broker that is away is no error to the person: beat rings again."""
    try:
        import_connection.delay(run_id)
    except (OperationalError, OSError):
        log.warning("broker_unreachable", run=run_id)


@shared_task(max_retries=3, default_retry_delay=30)
def drain_inbox(connection_id: int) -> None:
    """Follow what webhooks told of one company; come back soon where more has come in meanwhile."""
    has_more = processing.drain(connection_id=connection_id, now=timezone.now)
    _tell_financing(Connection.objects.filter(pk=connection_id))
    if has_more and inbox.ring(connection_id=connection_id, at=timezone.now()):
        ring_inbox(connection_id, countdown=GATHER_SECONDS)


def _tell_financing(connections: QuerySet[Connection]) -> None:
    """Facts of these may have changed; whether any did is for financing to see."""
    for supplier_id in connections.values_list("supplier_id", flat=True):
        ring_financing(supplier_id)


@shared_task(max_retries=0)
def sweep_inboxes() -> None:
    """Ring for every company whose events wait and that nobody works on: a ring may have been lost."""
    for connection_id in inbox.due(at=timezone.now()):
        drain_inbox.delay(connection_id)


@shared_task(max_retries=0)
def prune_inboxes() -> None:
    """Delete webhooks that ended long ago."""
    log.info("webhooks_pruned", events=inbox.prune(at=timezone.now()))


def ring_inbox(connection_id: int, *, countdown: int = 0) -> None:
    """Ring for a company whose events are committed; beat rings again where the broker is away."""
    try:
        drain_inbox.apply_async((connection_id,), countdown=countdown)
    except (OperationalError, OSError):
        log.warning("broker_unreachable", connection=connection_id)


@shared_task(max_retries=0)
def watch_expiry() -> None:
    """Warn of permissions that end soon, and ask to reconnect where one has ended."""
    warned, ended = expiry.watch(at=timezone.now())
    log.info("expiry_watched", warned=warned, ended=ended)


@shared_task(max_retries=0)
def forget_choices() -> None:
    """Erase what was held for people who were asked about another company and did not answer."""
    authorization_flow.forget_choices(at=timezone.now())


@shared_task(max_retries=0)
def prune_history() -> None:
    """Delete calls and ended runs that are older than 90 days."""
    calls, ended_runs = retention.prune(at=timezone.now())
    log.info("history_pruned", calls=calls, runs=ended_runs)
