"""Retention of what grows: calls, runs, versions, issues, attempts, answers to staff, documents of ended companies.

The latest version of a document is kept while its company is connected. What financed invoices need as evidence, latest
and superseded versions alike, is kept longer. Invoices, buyers and payments are not deleted by the clock.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, Q

from infactor.core.bulk import delete_in_batches
from infactor.financing.models import Advance
from infactor.invoices.models import CreditMemo, PaymentAllocation
from quickbooks_app.models import (
    ApiCall,
    BooksAnswer,
    Connection,
    ConsentAttempt,
    Document,
    DocumentVersion,
    ImportIssue,
    ImportRun,
)

RETENTION = timedelta(days=90)


class Deleted(NamedTuple):
    """How many rows of each kind were deleted."""

    calls: int
    runs: int
    versions: int
    attempts: int
    documents: int
    issues: int
    books_answers: int


def delete_expired(*, at: datetime) -> Deleted:
    """Delete in batches what has expired, except each connection's last successful run."""
    calls = ApiCall.objects.filter(at__lt=at - RETENTION)
    last_successful = (
        ImportRun.objects.filter(state=ImportRun.State.SUCCEEDED)
        .order_by()
        .values("connection")
        .annotate(last=Max("pk"))
        .values("last")
    )
    runs = ImportRun.objects.filter(finished_at__lt=at - RETENTION).exclude(pk__in=last_successful)
    versions = DocumentVersion.objects.filter(known_until__lt=at - settings.KEEP_DOCUMENT_VERSIONS).filter(
        Q(known_until__lt=at - settings.KEEP_FINANCED_VERSIONS) | ~_is_evidence(prefix="document__")
    )
    attempts = ConsentAttempt.objects.filter(
        created_at__lt=at - timedelta(days=settings.RETENTION_CONSENT_DAYS), pending_grant=""
    )
    # A company that is connected again after so long is read whole.
    documents = Document.objects.filter(
        connection__status__in=[Connection.Status.DISCONNECTED, Connection.Status.RELEASED],
        connection__disconnected_at__lt=at - timedelta(days=settings.RETENTION_ENDED_BOOKS_DAYS),
    ).filter(Q(connection__disconnected_at__lt=at - settings.KEEP_FINANCED_VERSIONS) | ~_is_evidence())
    issues = ImportIssue.objects.filter(resolved_at__lt=at - RETENTION)
    books_answers = BooksAnswer.objects.filter(asked_at__lt=at - RETENTION)
    expired = (calls, runs, versions, attempts, documents, issues, books_answers)
    return Deleted(*(delete_in_batches(rows) for rows in expired))


def _is_evidence(*, prefix: str = "") -> Q:
    """Whether a document is of a financed invoice, of its customer, or of what was paid or credited on it.

    `prefix` leads to the document from its versions.
    """
    file, qbk_id = OuterRef(f"{prefix}connection__company_file"), OuterRef(f"{prefix}qbk_id")
    advances = Advance.objects.filter(invoice__company_file=file)
    evidence = {
        "Invoice": advances.filter(invoice__qbk_invoice_id=qbk_id),
        "Customer": advances.filter(Q(invoice__buyer__reference=qbk_id) | Q(buyer__reference=qbk_id)),
        "Payment": PaymentAllocation.objects.filter(
            payment__company_file=file, payment__reference=qbk_id, invoice__advances__isnull=False
        ),
        "CreditMemo": CreditMemo.objects.filter(
            company_file=file, reference=qbk_id, buyer__invoices__advances__isnull=False
        ),
    }
    found = Q()
    for entity, rows in evidence.items():
        found |= Q(Q(**{f"{prefix}entity": entity}), Exists(rows))
    return found
