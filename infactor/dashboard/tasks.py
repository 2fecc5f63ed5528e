"""Celery tasks of the dashboard: prepare long files, and delete them after a day."""

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from infactor.dashboard.invoices import prepared_export as prepared

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def prepare_export(pk: int) -> None:
    """Write one file, unless it is written."""
    prepared.prepare(pk=pk, now=timezone.now)


@shared_task(max_retries=0)
def prepare_waiting_exports() -> None:
    """Enqueue every file that waits, and delete expired ones."""
    for pk in prepared.waiting_ids():
        prepare_export.delay(pk)
    prepared.delete_expired(at=timezone.now())


def enqueue_export(pk: int) -> None:
    """Have a worker write the file now. An unreachable broker is no error: beat does it within a minute."""
    try:
        prepare_export.delay(pk)
    except (OperationalError, OSError):
        log.warning("broker_unreachable", export=pk)
