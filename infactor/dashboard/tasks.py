"""Celery tasks of the dashboard: prepare long files, and delete them after a day."""

from celery import shared_task
from django.utils import timezone

from infactor.core import broker
from infactor.dashboard.invoices import prepared_export as prepared


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
    broker.notify(prepare_export, pk)
