"""Celery tasks of the dashboard: prepare long files, and delete them after a day."""

from celery import shared_task
from django.utils import timezone

from infactor.core import broker, prepared_files
from infactor.dashboard import data_export
from infactor.dashboard.invoices import prepared_export as prepared
from infactor.dashboard.models import DataExport
from infactor.invoices.by_hand import uploads


@shared_task(max_retries=0)
def prepare_export(pk: int) -> None:
    """Write one file, unless it is written."""
    prepared.prepare(pk=pk, now=timezone.now)


@shared_task(max_retries=0)
def prepare_data_export(pk: int) -> None:
    """Write one copy of a supplier's data, unless it is written."""
    prepared_files.prepare(DataExport, pk=pk, write=data_export.write, now=timezone.now)


@shared_task(max_retries=0)
def prepare_waiting_exports() -> None:
    """Enqueue every file that waits; delete expired files and uploads."""
    for pk in prepared.waiting_ids():
        prepare_export.delay(pk)
    prepared.delete_expired(at=timezone.now())
    uploads.delete_expired(at=timezone.now())
    for pk in prepared_files.waiting_ids(DataExport):
        prepare_data_export.delay(pk)
    prepared_files.delete_expired(DataExport, at=timezone.now())


def enqueue_export(pk: int) -> None:
    """Have a worker write the file now. An unreachable broker is no error: beat does it within a minute."""
    broker.notify(prepare_export, pk)


def enqueue_data_export(pk: int) -> None:
    """`enqueue_export` for a copy of all data."""
    broker.notify(prepare_data_export, pk)
