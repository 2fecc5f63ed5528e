"""Celery task of banking: files that nobody confirms are deleted."""

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.banking import statement_files

log = structlog.get_logger(__name__)


@shared_task(max_retries=0)
def delete_unconfirmed_files() -> None:
    """Delete uploaded statement files that nobody has confirmed for two weeks."""
    log.info("statement_files_deleted", count=statement_files.delete_unconfirmed(at=timezone.now()))
