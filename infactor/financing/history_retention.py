"""Retention of superseded states and assessments. What financed invoices need as evidence is kept longer."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.core.bulk import delete_in_batches
from infactor.financing.models import Advance, AssessmentVersion
from infactor.invoices.models import BuyerVersion, InvoiceVersion


class Deleted(NamedTuple):
    """How many versions of each kind were deleted."""

    invoices: int
    buyers: int
    assessments: int


def delete_expired(*, at: datetime) -> Deleted:
    """Delete versions that were superseded longer ago than the settings say, in batches, the oldest first."""
    financed_invoice = Exists(Advance.objects.filter(invoice=OuterRef("subject")))
    financed_buyer = Exists(
        Advance.objects.filter(Q(buyer=OuterRef("subject")) | Q(invoice__buyer=OuterRef("subject")))
    )
    assessed = Exists(Advance.objects.filter(invoice=OuterRef("invoice")))
    state_end, assessment_end = at - settings.KEEP_STATE_VERSIONS, at - settings.KEEP_ASSESSMENT_VERSIONS
    financed_end = at - settings.KEEP_FINANCED_VERSIONS

    def expired(rows: QuerySet, *, end: datetime, is_financed: Exists) -> QuerySet:
        return rows.filter(known_until__lt=end).filter(Q(known_until__lt=financed_end) | ~Q(is_financed))

    return Deleted(
        delete_in_batches(expired(InvoiceVersion.objects.all(), end=state_end, is_financed=financed_invoice)),
        delete_in_batches(expired(BuyerVersion.objects.all(), end=state_end, is_financed=financed_buyer)),
        delete_in_batches(expired(AssessmentVersion.objects.all(), end=assessment_end, is_financed=assessed)),
    )
