"""Celery task that expires verification requests and sends reminders."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.verification import requests

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def process_due() -> None:
    """Expire unanswered requests, then send reminders for the others. The next run does what this one misses."""
    at = timezone.now()
    expired, reminded = requests.expire_due(at=at), requests.remind_due(at=at)
    if expired or reminded:
        log.info("verifications_processed", expired=expired, reminded=reminded)
