"""Celery tasks of core: send due e-mail, record the heartbeat of the background processes, delete what has expired.

The heartbeat is recorded only if beat, broker and worker all work.
"""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.core import broker
from infactor.core.email import outbox
from infactor.core.health import heartbeats
from infactor.core.privacy import retention

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def send_emails() -> None:
    """Send the e-mail that is due. A message that is missed now is sent by the next run."""
    result = outbox.send_due(now=timezone.now)
    if result.sent or result.failed:
        log.info("emails_sent", sent=result.sent, failed=result.failed)


@shared_task(max_retries=0)
def heartbeat() -> None:
    """Record that beat, broker and worker are alive."""
    heartbeats.record(name=heartbeats.BACKGROUND, at=timezone.now())


@shared_task(max_retries=0)
def expire_mails_and_sessions() -> None:
    """Delete e-mails and sessions that have been kept long enough."""
    at = timezone.now()
    emptied, deleted = retention.expire_mails(at=at)
    sessions = retention.delete_ended_sessions(at=at)
    log.info("mails_and_sessions_expired", emptied=emptied, deleted=deleted, sessions=sessions)


def enqueue_send_emails() -> None:
    """Have a worker send due e-mail now. An unreachable broker is no error: beat does it within a minute."""
    broker.notify(send_emails)
