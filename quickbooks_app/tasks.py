"""Celery's side of the import: a task works on the run that its id names; beat finds what is due.

The broker is only a doorbell. A message that is lost, late or doubled changes nothing: the run is a row, and
`dispatch_due` rings again for every row that waits.
"""

import uuid

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from quickbooks_app import importing, runs
from quickbooks_app.importing import Ended

log = structlog.get_logger(__name__)


@shared_task(max_retries=3, default_retry_delay=30)
def import_connection(run_id: int) -> None:
    """Work on one run for a slice; ring again where there is more to do."""
    ended = importing.work(run_id=run_id, owner=uuid.uuid4().hex, now=timezone.now)
    log.info("import_slice_ended", run=run_id, ended=ended.value)
    if ended is Ended.MORE:
        import_connection.delay(run_id)


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
    except OperationalError:
        log.warning("broker_unreachable", run=run_id)
