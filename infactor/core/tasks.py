"""Celery tasks of core: send email, prepare lists as files, record the heartbeat, delete what has expired.

The heartbeat is recorded only if beat, broker and worker all work.
"""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.core import broker, prepared_files
from infactor.core.email import outbox
from infactor.core.health import heartbeats
from infactor.core.lists import files
from infactor.core.models import ListExport
from infactor.core.privacy import retention

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def send_emails() -> None:
    """Send the email that is due. A message that is missed now is sent by the next run."""
    result = outbox.send_due(now=timezone.now)
    if result.sent or result.failed:
        log.info("emails_sent", sent=result.sent, failed=result.failed)


@shared_task(max_retries=0)
def heartbeat() -> None:
    """Record that beat, broker and worker are alive."""
    heartbeats.record(name=heartbeats.BACKGROUND, at=timezone.now())


@shared_task(max_retries=0)
def expire_mails_and_sessions() -> None:
    """Delete emails and sessions that have been kept long enough."""
    at = timezone.now()
    emptied, deleted = retention.expire_mails(at=at)
    sessions = retention.delete_ended_sessions(at=at)
    log.info("mails_and_sessions_expired", emptied=emptied, deleted=deleted, sessions=sessions)


@shared_task(max_retries=0)
def prepare_list_export(pk: int) -> None:
    """Write one list of staff as a file, unless it is written."""
    prepared_files.prepare(ListExport, pk=pk, write=files.write, now=timezone.now)


@shared_task(max_retries=0)
def prepare_waiting_list_exports() -> None:
    """Enqueue every list that waits, and delete expired files."""
    for pk in prepared_files.waiting_ids(ListExport):
        prepare_list_export.delay(pk)
    prepared_files.delete_expired(ListExport, at=timezone.now())


def enqueue_list_export(pk: int) -> None:
    """Have a worker write the file now. An unreachable broker is no error: beat does it within a minute."""
    broker.notify(prepare_list_export, pk)


def enqueue_send_emails() -> None:
    """Have a worker send due email now. An unreachable broker is no error: beat does it within a minute."""
    broker.notify(send_emails)
