"""Celery task that expires verification requests and sends reminders."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from celery import shared_task
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from infactor.core import broker
from infactor.invoices import source_pdf
from infactor.users.roles import NotAllowed
from infactor.verification import bulk_requests, reminders, requests

log = structlog.get_logger(__name__)


PDF_WITHIN = timedelta(minutes=15)
# Beat starts a run every five minutes, which then takes what this one left.
LONGEST_RUN = timedelta(minutes=4)
LOCK = "infactor.verification.keep_pdfs"


@shared_task(max_retries=0)
def keep_pdfs() -> None:
    """Fetch the PDFs of invoices whose buyers were asked lately, unless they are kept. What fails is tried again.

    One run at a time: another one ends at once.
    """
    with _alone() as is_alone:
        if is_alone:
            _keep_pdfs()


def _keep_pdfs() -> None:
    ends = time.monotonic() + LONGEST_RUN.total_seconds()
    for asked in bulk_requests.without_pdf(at=timezone.now(), within=PDF_WITHIN):
        if time.monotonic() >= ends:
            return
        known = f"{LOCK}:{asked.pk}"
        if asked.approved_by is None or cache.get(known) or not bulk_requests.lacks_pdf(asked):
            continue
        try:
            source_pdf.keep(invoice=asked.invoice, by=asked.approved_by, now=timezone.now)
        except (source_pdf.NoPdf, NotAllowed) as problem:
            log.info("pdf_not_kept", verification=asked.pk, problem=str(problem))
        except Exception as failure:
            # One that fails in a way nobody thought of must not keep the others from theirs.
            log.exception("pdf_failed", verification=asked.pk, error=type(failure).__name__)
        else:
            # The same bytes as those kept for an earlier question are no new document, but need no second fetch.
            cache.set(known, True, timeout=PDF_WITHIN.total_seconds())


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other run goes on. A session's lock: it outlives no process, and no transaction is open for long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [LOCK])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [LOCK])


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
