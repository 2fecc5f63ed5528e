"""What the house does every minute whoever is looking: it sends its mails, and shows that it is alive.

A beat that rings, a broker that carries and a worker that answers are all needed for the heartbeat to be noted.
"""

import structlog
from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from infactor.core.email import outbox
from infactor.core.health import heartbeats

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def send_mails() -> None:
    """Send the mails that are due; a mail that is missed now goes the next time."""
    done = outbox.send_due(now=timezone.now)
    if done.sent or done.refused:
        log.info("mails_sent", sent=done.sent, refused=done.refused)


@shared_task(max_retries=0)
def heartbeat() -> None:
    """Beat, broker and worker are alive."""
    heartbeats.note(name=heartbeats.BACKGROUND, at=timezone.now())


def ring_mails() -> None:
    """Send now what somebody waits for. A broker that is away is no error: beat rings again."""
    try:
        send_mails.delay()
    except (OperationalError, OSError):
        log.warning("broker_unreachable")
