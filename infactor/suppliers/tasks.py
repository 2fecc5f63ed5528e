"""Celery tasks of suppliers: delete sign-ups that were never confirmed, and old notifications."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.suppliers import notifications, unconfirmed_signups

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def delete_unconfirmed_signups() -> None:
    """Delete sign-ups that were not confirmed within RETENTION_UNCONFIRMED_DAYS."""
    log.info("signups_deleted", signups=unconfirmed_signups.delete_expired(at=timezone.now()))


@shared_task(max_retries=0)
def delete_old_notifications() -> None:
    """Delete notifications that are older than RETENTION_NOTIFICATION_DAYS."""
    log.info("notifications_deleted", notifications=notifications.delete_old(at=timezone.now()))
