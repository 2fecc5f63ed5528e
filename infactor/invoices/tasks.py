"""Celery task that looks for buyers that may be the same company."""

from celery import shared_task
from django.utils import timezone

from infactor.invoices.debtors import suggestions


@shared_task(max_retries=0)
def suggest_debtors() -> None:
    """Refresh the suggestions that staff see."""
    suggestions.refresh(at=timezone.now())
