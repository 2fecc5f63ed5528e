"""Celery task that expires verification requests and sends reminders."""

from datetime import timedelta

import structlog
from celery import shared_task
from django.utils import timezone

from infactor.core import broker
from infactor.invoices import source_pdf
from infactor.users.roles import NotAllowed
from infactor.verification import bulk_requests, reminders, requests

log = structlog.get_logger(__name__)


PDF_WITHIN = timedelta(minutes=15)


@shared_task(max_retries=0)
def keep_pdfs() -> None:
    """Fetch the PDFs of invoices whose buyers were asked lately, unless they are kept. What fails is tried again."""
    at = timezone.now()
    for asked in bulk_requests.without_pdf(at=at, within=PDF_WITHIN):
        if asked.approved_by is None:
            continue
        try:
            source_pdf.keep(invoice=asked.invoice, by=asked.approved_by, now=timezone.now)
        except (source_pdf.NoPdf, NotAllowed) as problem:
            log.info("pdf_not_kept", verification=asked.pk, problem=str(problem))


def enqueue_keep_pdfs() -> None:
    """Have a worker fetch them now. An unreachable broker is no error: beat does it within minutes."""
    broker.notify(keep_pdfs)


@shared_task(max_retries=0)
def process_due() -> None:
    """Expire unanswered requests, then send reminders for the others. The next run does what this one misses."""
    at = timezone.now()
    expired, reminded = requests.expire_due(at=at), reminders.remind_due(at=at)
    if expired or reminded:
        log.info("verifications_processed", expired=expired, reminded=reminded)
    enqueue_keep_pdfs()
