"""A supplier corrects an invoice that its buyer was asked about: what was asked ends, and the buyer is told."""

from datetime import datetime

from django.db.models import Q

from infactor.core import audit
from infactor.invoices.models import Invoice
from infactor.users.models import User
from infactor.verification import email_texts, requests
from infactor.verification.models import ANSWERED, Verification

REASON = "The supplier corrected the invoice."


def on_corrected(invoice: Invoice, by: User, at: datetime) -> None:
    """Withdraw the open request, and tell the buyer that what it was asked, or answered, counts no more.

    An answer is never changed: it is about the invoice as it was, and no longer counts since that has changed.
    """
    about = Q(status__in=Verification.OPEN) | Q(status__in=ANSWERED)
    rows = Verification.objects.filter(about, invoice=invoice).select_related("supplier", "approved_by").order_by("pk")
    last = None
    for one in rows:
        was_told = one.sent_at is not None or one.status in ANSWERED
        if one.status in Verification.OPEN:
            requests.withdraw(verification=one, by=by, at=at, reason=REASON)
        last = one if was_told else last
    if last is None:
        return
    audit.record(event="verification.superseded", subject=last, by=by, at=at, supplier_id=last.supplier_id)
    if last.to:
        email_texts.enqueue_corrected(verification=last)
