"""Celery task that checks the ledger every night."""

from celery import shared_task
from django.utils import timezone

from infactor.ledger import integrity


@shared_task(max_retries=0)
def verify_ledger() -> None:
    """Check the ledger. A failed check shows as a warning in `/readyz`, and in admin, until the next one passes."""
    integrity.verify(at=timezone.now())
