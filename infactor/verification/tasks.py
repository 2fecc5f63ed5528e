"""What the clock does for questions to buyers: it reminds, and it ends them."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.verification import requests

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def watch() -> None:
    """End what nobody answered in time, then remind of the rest; what is missed now is found the next time."""
    at = timezone.now()
    expired, reminded = requests.expire_due(at=at), requests.remind_due(at=at)
    if expired or reminded:
        log.info("verifications_watched", expired=expired, reminded=reminded)
