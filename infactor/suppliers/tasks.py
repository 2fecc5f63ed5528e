"""Celery task of suppliers: deletes sign-ups that were never confirmed."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.suppliers import unconfirmed_signups

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def delete_unconfirmed_signups() -> None:
    """Delete sign-ups that were not confirmed within RETENTION_UNCONFIRMED_DAYS."""
    log.info("signups_deleted", signups=unconfirmed_signups.delete_expired(at=timezone.now()))
