"""Celery's side of buyers: which of them look like one company is looked for by the clock."""

from celery import shared_task
from django.utils import timezone

from infactor.invoices.debtors import suggestions


@shared_task(max_retries=0)
def propose_debtors() -> None:
    """Bring up to date what is proposed to staff."""
    suggestions.refresh(at=timezone.now())
