"""Celery tasks that run every minute: send due e-mail, and record the heartbeat of the background processes.

The heartbeat is recorded only if beat, broker and worker all work.
"""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.core import broker
from infactor.core.email import outbox
from infactor.core.health import heartbeats

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


def enqueue_send_emails() -> None:
    """Have a worker send due e-mail now. An unreachable broker is no error: beat does it within a minute."""
    broker.notify(send_emails)
