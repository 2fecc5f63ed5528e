"""Retention of what grows: API calls, import runs, solved issues, attempts to connect, documents of ended ones.

Invoices, buyers and payments are not deleted by the clock.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Max

from infactor.core.privacy.retention import delete_in_batches
from quickbooks_app.models import ApiCall, Connection, ConsentAttempt, Document, ImportIssue, ImportRun

RETENTION = timedelta(days=90)


class Deleted(NamedTuple):
    """How many rows of each kind were deleted."""

    calls: int
    runs: int
    attempts: int
    documents: int
    issues: int


def delete_expired(*, at: datetime) -> Deleted:
    """Delete expired calls, attempts, documents, solved issues and runs, but each connection's last successful run."""
    calls = ApiCall.objects.filter(at__lt=at - RETENTION)
    last_successful = (
        ImportRun.objects.filter(state=ImportRun.State.SUCCEEDED)
        .order_by()
        .values("connection")
        .annotate(last=Max("pk"))
        .values("last")
    )
    runs = ImportRun.objects.filter(finished_at__lt=at - RETENTION).exclude(pk__in=last_successful)
    attempts = ConsentAttempt.objects.filter(
        created_at__lt=at - timedelta(days=settings.RETENTION_CONSENT_DAYS), pending_grant=""
    )
    # A company that is connected again after so long is read whole.
    documents = Document.objects.filter(
        connection__status__in=[Connection.Status.DISCONNECTED, Connection.Status.RELEASED],
        connection__disconnected_at__lt=at - timedelta(days=settings.RETENTION_ENDED_BOOKS_DAYS),
    )
    issues = ImportIssue.objects.filter(resolved_at__lt=at - RETENTION)
    return Deleted(*(delete_in_batches(rows) for rows in (calls, runs, attempts, documents, issues)))
